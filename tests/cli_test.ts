/**
 * The command line as a whole: help, exit codes, and that tasks, examples and
 * documents name what exists.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { helpOf } from "../lib/commands/shared/command.ts";
import { UsageError } from "../lib/commands/shared/options.ts";
import { parseOptions } from "../lib/commands/shared/parse_options.ts";
import { commands } from "../lib/commands/mod.ts";
import { VERSION } from "../lib/version.ts";
import { refuses, run, succeeds } from "./commands/run_cli.ts";

const DENO_JSON = JSON.parse(await Deno.readTextFile("deno.json"));

/** Splits a command line, keeping quoted words together. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|\S+/g)].map(([all, quoted]) =>
    quoted ?? all
  );
}

for (const command of commands) {
  Deno.test(`${command.name} --help shows examples that can be parsed`, async () => {
    const { code, stdout } = await run([command.name, "--help"]);
    assertEquals(code, 0);
    assertStringIncludes(stdout, "Examples:");
    for (const example of command.examples) {
      assertStringIncludes(stdout, example);
      await parseOptions(command, words(example));
    }
  });

  Deno.test(`deno.json has a task for ${command.name} with exact permissions`, () => {
    const { command: line } = DENO_JSON.tasks[command.name];
    assert(line.endsWith(` cli.ts ${command.name}`), line);
    assert(
      !/ -A\b| --allow-all| --allow-run| --allow-env(?!=XDG_CACHE_HOME,XDG_RUNTIME_DIR,OPENBLAS_CORETYPE,VIRTUAL_ENV,CONDA_PREFIX,PATH(?:,PTBR_SLM_API_KEY|,OMPI_COMM_WORLD_SIZE,PMI_SIZE,PMIX_RANK)? |=HF_TOKEN )| --allow-net(?!=)/
        .test(line),
    );
  });
}

Deno.test("commands refuse the options that would do nothing", async () => {
  for (
    const [name, option] of [
      ["clean-corpus", "threads"],
      ["tokenize", "seed"],
      ["train-tokenizer", "backend"],
      ["export-model", "threads"],
      ["resume", "seed"],
    ]
  ) {
    const command = commands.find((command) => command.name === name)!;
    await assertRejects(
      () => parseOptions(command, [`--${option}`, "1"]),
      UsageError,
      `Unknown option --${option}`,
    );
    assert(!helpOf(command).includes(`--${option} `), name);
  }
});

Deno.test("README names commands and options that exist", async () => {
  for (const file of ["README.md", "README.pt-BR.md"]) {
    const readme = await Deno.readTextFile(file);
    const lines = [...readme.matchAll(/deno task ([\w-]+)([^`\n#]*)/g)];
    assert(lines.length > 5, file);
    for (const [, name, rest] of lines) {
      assert(name in DENO_JSON.tasks, `${file}: deno task ${name}`);
      const command = commands.find((command) => command.name === name);
      if (command !== undefined && rest.trim().startsWith("--")) {
        await parseOptions(command, words(rest));
      }
    }
  }
});

/** Options that name what an earlier step has made. */
const MADE_BEFORE = ["model", "data", "checkpoint", "corpus"];

Deno.test("examples read what the README or other examples make", async () => {
  const made = [
    await Deno.readTextFile("README.md"),
    ...commands.flatMap(({ examples }) => examples),
  ].join("\n");
  const strange: string[] = [];
  for (const command of commands) {
    for (const example of command.examples) {
      const said = words(example);
      for (const name of MADE_BEFORE) {
        const at = said.indexOf(`--${name}`);
        // By commas, with weights behind them or names before; with an adapter.
        const paths = at < 0
          ? []
          : said[at + 1].split(/=\d+,|,|=\d+$|\+/).map((path) =>
            path.replace(/^\w+=/, "")
          );
        strange.push(
          ...paths.filter((path) =>
            !path.startsWith("my_books/") && // what people bring
            !made.includes(`--output ${path.replace(/\/[^/]*\.\w+$/, "")}`) &&
            !made.includes(`--output ${path}`)
          ).map((path) => `${command.name} --${name} ${path}`),
        );
      }
    }
  }
  assertEquals(strange, []);
});

Deno.test("cli lists the commands and exits 2 without one", async () => {
  const { code, stdout } = await run([]);
  assertEquals(code, 2);
  for (const { name, summary } of commands) {
    assertStringIncludes(stdout, name);
    // Long ones go on in the next line.
    assertStringIncludes(stdout.replaceAll(/\s+/g, " "), summary);
  }
  assertEquals((await run(["--help"])).code, 0);
});

Deno.test("cli refuses an unknown command and says which is near", async () => {
  for (
    const args of [
      ["trian"],
      ["help", "trian"],
      ["trian", "--data", "x"],
      ["--quiet", "trian"],
      ["trian", "--help"],
    ]
  ) {
    await refuses(args, 2, 'Unknown command "trian"; did you mean train?');
  }
  await refuses(["versoin"], 2, "did you mean version?");
  await refuses(["zzz"], 2, 'Unknown command "zzz"; see --help');
  await refuses(["--seed", "3"], 2, "Unknown option --seed; see --help");
});

Deno.test("cli gives help in every way it is asked for", async () => {
  const { stdout } = await succeeds(["train", "--help"]);
  assertStringIncludes(stdout, "--learning-rate");
  for (
    const args of [
      ["help", "train"],
      ["-h", "train"],
      ["--help", "train"],
      ["train", "-h"],
      ["train", "--data", "-h"],
      ["train", "--no-such", "-h"],
      ["help", "train", "--lang", "en"],
      ["--lang", "en", "help", "train"],
    ]
  ) {
    assertEquals((await succeeds(args)).stdout, stdout, args.join(" "));
  }
  const { stdout: list } = await succeeds(["help"]);
  for (
    const args of [["--help"], ["-h"], ["help", "help"], ["help", "version"]]
  ) {
    assertEquals((await succeeds(args)).stdout, list, args.join(" "));
  }
  assertStringIncludes(list, "130 interrupted");
});

Deno.test("cli says its version, which is that of deno.json", async () => {
  assertEquals(VERSION, DENO_JSON.version);
  for (const arg of ["version", "--version", "-V"]) {
    const { stdout } = await succeeds([arg]);
    assertEquals(stdout, `ptbr-slm ${VERSION} (Deno ${Deno.version.deno})\n`);
  }
});

Deno.test("cli says under --json what failed, as an object too", async () => {
  for (
    const [args, code, error] of [
      [["generate", "--model", "/nothing"], 1, "/nothing"],
      [["quantize"], 2, "quantize needs --model"],
      [["nothing"], 2, 'Unknown command "nothing"'],
    ] as const
  ) {
    const done = await run([...args, "--json", "--lang", "pt"]);
    assertEquals(done.code, code);
    // Programs read English, whatever people do.
    assertEquals(done.result.code, code);
    assertStringIncludes(done.result.error as string, error);
    assertEquals(done.stdout.trimEnd().split("\n").length, 1);
    assertMatch(done.stderr, /^erro: [^\n]+\n$/);
  }
});

Deno.test("cli shows a stack only with --debug", async () => {
  const args = ["generate", "--model", "/nothing"];
  const { code, stderr } = await run(args);
  assertEquals(code, 1);
  assertEquals(stderr.trimEnd().split("\n").length, 1);
  const debug = await run(args, ["--debug"]);
  assertStringIncludes(debug.stderr, "\n    at ");
});

Deno.test("doctor reports what the machine has", async () => {
  const { code, result, stderr } = await run(["doctor", "--json"]);
  assertEquals(code, 0, stderr);
  assertEquals(result.deno, Deno.version.deno);
  assert((result.memory as number) > 0);
  assertEquals(
    (result.sizes as { size: string; parameters: number }[]).map((
      { size, parameters },
    ) => [size, parameters]),
    [["micro", 19_804_160], ["mini", 35_219_712], ["85m", 134_191_104]],
  );
});

Deno.test("the compile task embeds what the program reads of its own", async () => {
  const line: string = DENO_JSON.tasks.compile.command;
  const included = [...line.matchAll(/--include (\S+)/g)].map(([, path]) =>
    path
  );
  for (const path of included) await Deno.stat(path);
  const demo = await Deno.readTextFile("lib/commands/demo.ts");
  const own = [...demo.matchAll(/= "((?:data\/sample|configs)\/[^"]+)"/g)];
  assertEquals(own.length, 2);
  for (const [, path] of own) {
    assert(included.some((folder) => path.startsWith(`${folder}/`)), path);
  }
});

Deno.test("a --config file chooses the language, and --lang wins over it", async () => {
  const config = await Deno.makeTempFile({ dir: ".", suffix: ".toml" });
  try {
    await Deno.writeTextFile(config, 'lang = "pt-BR"\nmodel = "none"\n');
    const args = ["generate", "--config", config];
    const { code, stderr } = await run(args);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "erro: Não é possível ler o checkpoint");
    const english = "error: Cannot read checkpoint";
    await refuses([...args, "--lang", "en"], 1, english);
  } finally {
    await Deno.remove(config);
  }
});

Deno.test("a failure is an object however --json was asked for", async () => {
  const config = await Deno.makeTempFile({ dir: ".", suffix: ".toml" });
  try {
    await Deno.writeTextFile(config, 'json = true\nmodel = "none"\n');
    for (
      const args of [["--model", "none", "--json=true"], ["--config", config]]
    ) {
      const { code, stdout } = await run(["generate", ...args]);
      assertEquals(JSON.parse(stdout).code, code);
    }
  } finally {
    await Deno.remove(config);
  }
});
