/**
 * Every command on a terminal, by its task and with the task's permissions, on
 * small data, in the order data flows: nothing is asked, nothing is left of the
 * bar, no lines are glued, and Ctrl-C ends it in good order.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { commands } from "../../lib/commands/mod.ts";
import { DumpServer } from "../corpus/download/dump_server.ts";
import {
  BOOK,
  inProjectFolder,
  LAW_PAGE,
  taskLine,
  TINY_MODEL,
} from "./project_folder.ts";
import {
  NO_TERMINAL,
  runOnTerminal,
  type TerminalOptions,
  type TerminalRun,
} from "./pty.ts";

const ignore = NO_TERMINAL !== undefined;
if (ignore) console.warn(`skipped: ${NO_TERMINAL}`);

/** One run of a task. */
interface Step extends Pick<TerminalOptions, "columns" | "reactions"> {
  readonly task: string;
  /** Its arguments, with no blanks within. */
  readonly args: string;
  /** The exit code, 0 unless given. */
  readonly code?: number;
  /** What has to be seen. */
  readonly shows?: RegExp;
}

const RECIPE = `filters = { preset = "none" }
[[sources]]
name = "books"
path = "books_clean"
[[sources]]
name = "laws"
path = "laws"
`;

const FILES = {
  "laws_pages/lei.htm": LAW_PAGE,
  "books/livro.txt": BOOK,
  "recipe.toml": RECIPE,
  "tiny.toml": TINY_MODEL,
};

const TRAINING =
  "--data tokens --model-config tiny.toml --batch-size 2 --grad-accum 1";

/** So that there is always something to interrupt. */
const LONG = `${TRAINING} --max-steps 100000 --eval-every 100000`;

const STEPS: readonly Step[] = [
  { task: "help", args: "", shows: /process-wiki/ },
  { task: "help", args: "train --lang pt-BR", shows: /Opções comuns/ },
  { task: "version", args: "", shows: /^ptbr-slm \d/m },
  { task: "completion", args: "bash", shows: /complete -F/ },
  { task: "doctor", args: "", shows: /CPU/ },
  { task: "doctor", args: "--lang pt", columns: 40 },
  {
    task: "download",
    args: "ptwiki --date 1",
    code: 2,
    shows: /error: .*--date/,
  },
  {
    task: "process-wiki",
    args: "--input data/sample --output x",
    code: 1,
    shows: /^error: /m,
  },
  {
    task: "process-wiki",
    args:
      "--input data/sample/amostra-pages-articles-multistream.xml.bz2 --output wiki",
    shows: /\b70\b/,
  },
  {
    task: "process-laws",
    args: "--input laws_pages --output laws",
    shows: /1/,
  },
  {
    task: "clean-corpus",
    args: "--input books --output books_clean --verbose",
  },
  { task: "audit-corpus", args: "--input wiki,books_clean", shows: /wiki/ },
  { task: "build-corpus", args: "--recipe recipe.toml --output corpus" },
  {
    task: "train-tokenizer",
    args: "--corpus wiki --output tokenizer.json --vocab-size 600",
    shows: /\b600\b/,
  },
  {
    task: "evaluate-tokenizer",
    args: "--tokenizer tokenizer.json --input books_clean",
  },
  {
    task: "export-tokenizer",
    args: "--tokenizer tokenizer.json --format hf --output hf",
  },
  { task: "import-tokenizer", args: "--input hf --output imported" },
  {
    task: "tokenize",
    args: "--input wiki --output tokens --tokenizer tokenizer.json" +
      " --val-fraction 0.05",
  },
  { task: "inspect-dataset", args: "--data tokens" },
  { task: "verify", args: "--path tokens" },
  {
    task: "train",
    args: `${TRAINING} --output model --max-steps 6 --eval-every 3`,
    shows: /Done/,
  },
  {
    task: "train",
    args:
      `${TRAINING} --output narrow --max-steps 150 --eval-every 150 --lang pt`,
    columns: 40,
  },
  {
    task: "train",
    args: `${LONG} --output stopped`,
    reactions: [{ when: /tokens\/s/, type: "\x03" }],
    code: 130,
    shows: /resume --checkpoint stopped/,
  },
  {
    task: "train",
    args: `${LONG} --output killed`,
    // Both at once: the first is not done when the second comes.
    reactions: [{ when: /tokens\/s/, type: "\x03" }, {
      when: /\^C/,
      type: "\x03",
      after: 600, // sooner it would count as the same press
    }],
    code: 130,
  },
  {
    task: "resume",
    args: "--checkpoint stopped --data tokens --output stopped",
    reactions: [{ when: /tokens\/s/, type: "\x03" }],
    code: 130,
    shows: /resume --checkpoint stopped/,
  },
  {
    task: "finetune",
    args: "--model model --data books_clean --output tuned --mix tokens" +
      " --max-steps 4 --grad-accum 1 --lora-rank 2 --val-fraction 0.3",
    shows: /Done: tuned\/adapter\.safetensors[^]*text: /,
  },
  {
    task: "dashboard",
    args: "model --port 0",
    reactions: [{ when: /Ctrl-C ends it/, type: "\x03" }],
    shows: /^http:\/\/127\.0\.0\.1:\d+\/$/m,
  },
  { task: "evaluate", args: "--model model --data tokens" },
  {
    task: "evaluate",
    args: "--model model --data tokens/train.bin --seq-len 2 --batch-size 1" +
      " --backend reference",
    reactions: [{ when: /\d %/, type: "\x03" }],
    code: 130,
    shows: /^interrupted$/m,
  },
  { task: "test-model", args: "--model model" },
  {
    task: "test-model",
    args: `--model model --backend reference --prompt ${"rio".repeat(20_000)}`,
    reactions: [{ when: /test-model/, type: "\x03", after: 300 }],
    code: 130,
    shows: /^interrupted$/m,
  },
  { task: "generate", args: "--model model --prompt O --max-tokens 20" },
  {
    task: "generate",
    args: "--model model --temperature -1",
    code: 2,
    shows: /^error: --temperature must be .*0.*, not -1$/m,
  },
  {
    task: "serve",
    args: "model --port 0",
    reactions: [{ when: /curl http/, type: "\x03" }],
    shows: /^http:\/\/127\.0\.0\.1:\d+\/$/m,
  },
  {
    task: "serve",
    args: "model --host 0.0.0.0",
    code: 1,
    shows: /^error: Cannot listen on 0\.0\.0\.0 without a key/m,
  },
  { task: "logits", args: "--model model --tokens 34,105 --output logits.bin" },
  {
    task: "quantize",
    args: "--model model --adapter tuned --format q8 --output small" +
      " --evaluate tokens",
    shows: /small\/model_final\.mpk: q8, [^]*tokens: .* bits per byte/,
  },
  {
    task: "export-model",
    args: "--model model --format safetensors --output exported",
  },
  {
    task: "import-model",
    args:
      "--input exported/model.safetensors --output again --tokenizer tokenizer.json",
  },
];

/** Tasks with a test of their own below. */
const APART = ["demo"];

/** What bars are made of, at any width. */
const BAR = /\[#*-*\] |(?<= )\d+ % {2}/;

/** How a bar is taken back. */
const CLEAR = "\r\x1b[K";

/** Nothing of the bar is left, no line is glued to it, the cursor stands free. */
function assertTidy({ sent, screen }: TerminalRun): void {
  const shown = `${screen.rows.join("\n")}\n---\n${JSON.stringify(sent)}`;
  assertEquals(screen.rows.at(-1), "", `the last line has no end:\n${shown}`);
  assertEquals(screen.cursor.column, 0, shown);
  for (const row of screen.rows) {
    assert(!/\[#+-*\]|\[#*-{3,}\]/.test(row), `a bar is left:\n${shown}`);
    assert(!/tokens\/s\p{L}/u.test(row), `glued:\n${shown}`);
  }
  for (const line of sent.split("\r\n")) {
    // Bars are drawn over one another; what comes last stays.
    const bars = line.split(CLEAR);
    const last = bars.pop()!;
    const isBar = bars.some((bar) => BAR.test(bar));
    assert(!isBar || !BAR.test(last), `a line is glued to a bar:\n${shown}`);
  }
}

for (const { name } of commands) {
  Deno.test(`${name} is tried on a terminal`, () => {
    assert(APART.includes(name) || STEPS.some(({ task }) => task === name));
  });
}

Deno.test({
  name: "commands leave a terminal as it should be",
  ignore,
  fn: (test) =>
    inProjectFolder(FILES, async (folder) => {
      for (const { task, args, code = 0, shows, ...how } of STEPS) {
        await test.step(`${task} ${args}`.slice(0, 120).trimEnd(), async () => {
          const words = args.split(" ").filter((word) => word !== "");
          const run = await runOnTerminal(taskLine(task, ...words), {
            ...how,
            cwd: folder,
            env: environment(folder),
          });
          assertEquals(run.code, code, run.sent);
          assertTidy(run);
          if (shows !== undefined) {
            assertMatch(run.screen.rows.join("\n"), shows);
          }
          if (how.columns === 40) assertFits(run);
        });
      }
    }),
});

Deno.test({
  name: "download leaves a terminal as it should be",
  ignore,
  fn: () =>
    inProjectFolder({}, async (folder) => {
      const body = crypto.getRandomValues(new Uint8Array(60_000));
      await using server = new DumpServer({
        body,
        etag: '"1"',
        files: { "/ptwiki/": '<a href="20260101/">20260101/</a>' },
      });
      // Dumps come from this machine; all else is as the task has it.
      const line = taskLine("download", "ptwiki", "--mirror", server.base)
        .map((word) =>
          word.startsWith("--allow-net=") ? "--allow-net=127.0.0.1" : word
        );
      const run = await runOnTerminal([...line, "--output", "dumps"], {
        cwd: folder,
        env: environment(folder),
      });
      assertEquals(run.code, 0, run.sent);
      assertTidy(run);
      assertMatch(run.screen.rows.join("\n"), /20260101/);
    }),
});

Deno.test({
  name: "demo shows its stages, and Ctrl-C ends it",
  ignore,
  fn: () =>
    inProjectFolder({}, async (folder) => {
      const run = await runOnTerminal(taskLine("demo"), {
        cwd: folder,
        env: environment(folder),
        reactions: [{ when: /tokens\/s/, type: "\x03" }],
      });
      assertEquals(run.code, 130, run.sent);
      assertTidy(run);
      const stages = run.screen.rows.filter((row) => /^\[\d\/\d\] /.test(row));
      assertEquals(stages.map((row) => row.slice(0, 5)), [
        ...["[1/7]", "[2/7]", "[3/7]", "[4/7]"],
      ]);
    }),
});

Deno.test({
  name: "deno task passes Ctrl-C on once, and the exit code back",
  ignore,
  fn: () =>
    inProjectFolder(FILES, async (folder) => {
      const how = { cwd: folder, env: environment(folder) };
      const onTask = (args: string, reactions: TerminalOptions["reactions"]) =>
        runOnTerminal([Deno.execPath(), "task", ...args.split(" ")], {
          ...how,
          reactions,
        });
      const made = [
        "train-tokenizer --corpus books --output tokenizer.json --vocab-size 300",
        "tokenize --input books --output tokens --tokenizer tokenizer.json",
      ];
      for (const args of made) {
        const run = await onTask(args, []);
        assertEquals(run.code, 0, run.sent);
      }
      const run = await onTask(`train ${LONG} --output model`, [
        { when: /tokens\/s/, type: "\x03" },
      ]);
      assertEquals(run.code, 130, run.sent);
      assertTidy(run);
      // The first Ctrl-C saves; a second would not have come so far.
      assertMatch(run.screen.rows.join("\n"), /resume --checkpoint model/);
    }),
});

Deno.test({
  name: "commands send no colours, under NO_COLOR Deno neither",
  ignore,
  fn: () =>
    inProjectFolder({}, async (folder) => {
      const env = { ...environment(folder), NO_COLOR: "1" };
      for (
        const line of [
          taskLine("process-wiki", "--input", "none", "--output", "x"),
          [Deno.execPath(), "task", "version"],
          [Deno.execPath(), "task", "trian"],
        ]
      ) {
        const { sent } = await runOnTerminal(line, { cwd: folder, env });
        assertEquals(sent.match(COLOUR), null, JSON.stringify(sent));
      }
      const coloured = await runOnTerminal(
        taskLine("doctor"),
        { cwd: folder, env: environment(folder) },
      );
      assertEquals(coloured.sent.match(COLOUR), null);
    }),
});

/** A colour other than the usual one. */
// deno-lint-ignore no-control-regex
const COLOUR = /\x1b\[[1-9][\d;]*m/;

/** As on a machine that was never used, in English. */
function environment(folder: string): Record<string, string | undefined> {
  return {
    NO_COLOR: undefined,
    LC_ALL: "C",
    XDG_CACHE_HOME: `${folder}/cache`,
    OPENBLAS_CORETYPE: undefined,
  };
}

/** No bar goes on in a second row, where it could not be taken back. */
function assertFits({ sent }: TerminalRun): void {
  const bars = sent.split("\r\n").flatMap((line) => line.split(CLEAR))
    .filter((part) => BAR.test(part));
  for (const bar of bars) assert([...bar].length < 40, bar);
}
