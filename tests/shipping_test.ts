/** The program in one file: what is compiled, and what is bundled. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { tokenize } from "../lib/stages/tokenize.ts";
import { trainTokenizer } from "../lib/stages/train_tokenizer.ts";
import { compilation, TARGETS } from "../tools/compile_all.ts";

const { tasks } = JSON.parse(await Deno.readTextFile("deno.json"));
const COMPILE: string = tasks.compile.command;

/** Modules that look beside themselves, though they are no Workers. */
const NO_WORKERS = [
  "lib/backend/cpu/web_host.ts", // Deno's threads are others
  "lib/backend/cpu/blas_places.ts",
  "lib/commands/shared/command.ts",
];

/** The Worker that is not its own module's, by who starts it. */
const HEARTBEAT = [
  "lib/commands/shared/heartbeat.ts",
  "lib/commands/shared/heartbeat_worker.ts",
] as const;

/** What the bundle may do in its test. */
const GRANTED = ["--allow-read=.", "--allow-write=."];

/** The project's own modules that a program is made of, with their code. */
async function graphOf(entry: string): Promise<Map<string, string>> {
  const graph = new Map<string, string>();
  const waiting = [entry];
  for (const path of waiting) {
    if (graph.has(path)) continue;
    const source = await Deno.readTextFile(path);
    graph.set(path, source);
    if (!path.endsWith(".ts")) continue;
    // Examples in comments import too, what the module itself does not.
    const code = source.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
    graph.set(path, code);
    const base = new URL(path, "file:///");
    for (const [, to] of code.matchAll(/(?:from|import\(?)\s*"(\.[^"]+)"/g)) {
      waiting.push(new URL(to, base).pathname.slice(1));
    }
  }
  return graph;
}

Deno.test("the compile task embeds every module that is a Worker", async () => {
  const graph = await graphOf("cli.ts");
  const included = [...COMPILE.matchAll(/--include (\S+\.ts)/g)]
    .map(([, path]) => path);
  // Whoever starts a module anew, itself or another, needs its address.
  const workers = [...graph]
    .filter(([, code]) => /\bimport\.meta\.(?:url|resolve)\b/.test(code))
    .map(([path]) => path === HEARTBEAT[0] ? HEARTBEAT[1] : path)
    .filter((path) => !NO_WORKERS.includes(path));
  assert(workers.length >= 5);
  assertEquals(included.toSorted(), workers.toSorted());
  for (const path of NO_WORKERS) assert(graph.has(path));
});

Deno.test("nothing starts a Worker but modules that are one, and workers.ts", async () => {
  for (const [path, code] of await graphOf("cli.ts")) {
    if (path === HEARTBEAT[0]) continue; // which does without in a bundle
    const addresses = [...code.matchAll(/new Worker\(\s*([^,]+),/g)];
    for (const [, address] of addresses) {
      const isKnown = /^(?:new URL\(import\.meta\.url\)|url|module|script)$/;
      assert(isKnown.test(address.trim()), `${path}: ${address}`);
    }
  }
});

Deno.test("tasks of Workers have names of their own", async () => {
  const names: string[] = [];
  for (const [path, code] of await graphOf("cli.ts")) {
    const tasks = [...code.matchAll(/= workerTask\(\{\s*([^]*?)\n\}\)/g)];
    for (const [, task] of tasks) {
      const [, name] = /^\s*name: "([^"]+)",$/m.exec(task) ?? [];
      assert(name !== undefined, path);
      names.push(name);
    }
  }
  assert(names.length >= 4);
  assertEquals(new Set(names).size, names.length);
});

Deno.test("compilation() is the compile task, for another system", () => {
  const plain = COMPILE.split(" ").slice(1);
  assertEquals(TARGETS.length, 5);
  for (const target of TARGETS) {
    const { args, output } = compilation(COMPILE, target);
    const at = args.indexOf("--target");
    assertEquals(args[at + 1], target);
    assertEquals(args[args.indexOf("--output") + 1], output);
    assertEquals(output.endsWith(".exe"), target.includes("windows"));
    const rest = args.toSpliced(at, 2);
    const isOutput = rest.indexOf("--output") + 1;
    assertEquals(rest.with(isOutput, "ptbr-slm"), plain);
  }
  assertThrows(() => compilation("deno run cli.ts", TARGETS[0]), SyntaxError);
});

Deno.test("the bundle works by itself, its Workers too", async () => {
  const folder = await Deno.makeTempDir();
  const bundle = `${folder}/ptbr-slm.js`;
  const deno = async (args: string[], cwd: string) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args,
      cwd,
      env: { NO_COLOR: "1" },
    }).output();
    const said = new TextDecoder().decode(stderr);
    assertEquals(code, 0, said);
    return new TextDecoder().decode(stdout);
  };
  try {
    const [, ...args] = tasks.bundle.command.split(" ");
    await deno(
      args.map((arg: string) => /^dist\//.test(arg) ? bundle : arg),
      ".",
    );
    const input = `${folder}/rio.txt`, path = `${folder}/tokenizer.json`;
    const text = "O rio nasce na serra e atravessa o sertão.\n\n";
    await Deno.writeTextFile(input, text.repeat(10_000));
    await trainTokenizer({ corpus: input, output: path, vocabSize: 280 });
    await tokenize({
      input,
      output: `${folder}/1`,
      tokenizer: path,
      threads: 1,
    });
    const run = (...args: string[]) =>
      deno(["run", "--no-prompt", ...GRANTED, bundle, ...args], folder);
    const options = { input, output: "2", tokenizer: path, threads: 2 };
    const said = await Promise.all([
      run("version"),
      run("demo", "--help"),
      run(
        "tokenize",
        ...Object.entries(options).flatMap((
          [name, value],
        ) => [`--${name}`, `${value}`]),
      ),
    ]);
    assert(said[0].startsWith("ptbr-slm "));
    assert(said[1].startsWith("demo: "));
    assertEquals(
      await Deno.readFile(`${folder}/2/train.bin`),
      await Deno.readFile(`${folder}/1/train.bin`),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
