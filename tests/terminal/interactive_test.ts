/** generate --interactive as a person has it: keys, history, commands, Ctrl-C. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { saveModel } from "../../lib/checkpoint/native/mpk_writer.ts";
import { writeVocab } from "../../lib/tokenizer/vocab_text.ts";
import { newModel, tokenizer } from "../generate/small_models.ts";
import { inProjectFolder, taskLine } from "./project_folder.ts";
import { NO_TERMINAL, type Reaction, runOnTerminal } from "./pty.ts";

const ignore = NO_TERMINAL !== undefined;
if (ignore) console.warn(`skipped: ${NO_TERMINAL}`);

/** Texts that never end by themselves, without chance. */
const WAY = [
  ...["--temperature", "0", "--backend", "cpu", "--threads", "1"],
  "--logit-bias",
  ["[BOS]", "[EOS]"].map((name) => `${tokenizer.vocab.specialId(name)}=-100`)
    .join(","),
];
const SIGN = />\s\S*$/;

/** What is typed once the sign of a line stands there. */
const typed = (type: string): Reaction => ({ when: SIGN, type });

/** Gives the rows of the screen after some keys. */
type Talk = (
  reactions: readonly Reaction[],
  args: readonly string[],
) => Promise<readonly string[]>;

/** Lets work be done in a folder that has a model. */
async function withModel(work: (talk: Talk) => Promise<void>): Promise<void> {
  await inProjectFolder({}, async (cwd) => {
    const model = await newModel(new ReferenceBackend());
    await Deno.mkdir(`${cwd}/model`);
    await saveModel(`${cwd}/model/model_final.mpk`, model);
    await writeVocab(`${cwd}/model/tokenizer.json`, tokenizer.vocab);
    await work(async (reactions, args) => {
      const line = taskLine("generate", "--model", "model", "--interactive");
      const env = { LC_ALL: "C", NO_COLOR: "1" };
      const how = { cwd, env, reactions };
      const run = await runOnTerminal([...line, ...WAY, ...args], how);
      assertEquals(run.code, 0, run.sent);
      assertEquals([run.screen.rows.at(-1), run.screen.cursor.column], ["", 0]);
      return run.screen.rows;
    });
  });
}

Deno.test({
  name:
    "generate --interactive keeps the text, takes turns back, has a history",
  ignore,
  fn: () =>
    withModel(async (talk) => {
      const rows = await talk([
        typed("o rio\r"),
        typed("/settings\r"),
        typed("/undo\r"),
        typed("/settings\r"),
        typed("\x1b[A\x1b[A\x1b[A\x1b[A\r"), // what was typed four lines before
        typed("/settings\r"),
        typed("/set stop corre\r"),
        typed("/again\r"),
        typed("o mar\\\r"),
        { when: /…\s\S*$/, type: "e a chuva\r" },
        typed('"""o rio\r'),
        { when: /…\s\S*$/, type: 'corre"""\r' },
        typed("/set temprature 1\r"),
        typed("/set temperature abc\r"),
        typed("/reset\r"),
        typed("/again\r"),
        typed("\r"),
        typed("\x04"),
      ], ["--max-tokens", "8"]);
      const after = (sign: string, nth = 0) => {
        const at = rows.flatMap((row, i) => row === sign ? [i] : [])[nth];
        assert(
          at !== undefined,
          `${sign} is not to be seen:\n${rows.join("\n")}`,
        );
        return rows[at + 1];
      };
      // Without chance a turn that was taken back is written as before.
      assertEquals(after("> o rio", 1), after("> o rio"));
      const tokens = rows.filter((row) => / tokens? so far$/.test(row));
      const [first, undone, second] = tokens.map((row) => parseInt(row));
      assertEquals([undone, second], [1, first]);
      assert(first > 8 && first < 16);
      assert(rows.includes('stop is "corre" now'));
      assert(rows.includes("… e a chuva"));
      assert(rows.includes('… corre"""'));
      assertEquals(
        after("> /set temprature 1"),
        "there is no setting temprature; did you mean temperature?",
      );
      assertMatch(after("> /set temperature abc"), /^temperature /);
      assertEquals(after("> /reset"), "a new text begins");
      assertEquals(after("> /again", 1), "there is no turn to write anew");
    }),
});

Deno.test({
  name: "generate --interactive interrupts a reply by Ctrl-C, then leaves",
  ignore,
  fn: () =>
    withModel(async (talk) => {
      const rows = await talk([
        typed("o rio\r"),
        // While it writes; what is typed then is not shown within the text.
        { when: /[a-z]{2}[^>]*$/, type: "zzz\x03", after: 700 },
        { when: /interrupted[^]*zzz/, type: "\x03" },
        typed("um\\\r"),
        { when: /…\s\S*$/, type: "\x03" },
        typed("/help\r"),
        typed("/quit\r"),
      ], ["--max-tokens", "1000000", "--lang", "en"]);
      const text = rows.join("\n");
      assertMatch(
        text,
        /^> o rio\n[^]+\ninterrupted\n> zzz\^C\n> um\\\n… \^C\n> /m,
      );
      assertMatch(text, /\/undo +take the last turn back/);
      assertEquals(text.match(/zzz/g)?.length, 1);
    }),
});

Deno.test({
  name: "generate --interactive goes on from a state and saves its own",
  ignore,
  fn: () =>
    withModel(async (talk) => {
      const save = ["--save-state", "state.bin", "--max-tokens", "4"];
      const leave = [typed("\x03"), typed("\x03")];
      const rows = await talk(leave, [...save, "--prompt", "o rio"]);
      assert(rows.some((row) => row.startsWith("o rio")), rows.join("\n"));
      assertEquals(rows.slice(-5, -1), [
        "> ^C",
        "Ctrl-C once more leaves",
        "> ^C",
        "State saved as state.bin; --load-state goes on from there",
      ]);
      const keys = [typed("/settings\r"), typed("\x04")];
      const again = await talk(keys, ["--load-state", "state.bin"]);
      const told = again.find((row) => / tokens? so far$/.test(row));
      const prompt = 1 + tokenizer.encode("o rio").length;
      assertEquals(told, `${prompt + 4} tokens so far`);
    }),
});
