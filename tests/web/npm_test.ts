/**
 * The package for npm, as programs of Node 24 and Bun use it. Where npx cannot
 * bring them, their test is left out and says so.
 */

import { assert, assertEquals } from "@std/assert";
import { buildNpm } from "../../tools/build_npm.ts";
import { PROGRAMS_ANYWHERE } from "./programs_anywhere.ts";

/** The runtimes, as npx knows them. */
const RUNTIMES = ["node@24", "bun@1.4.5"];

const PROGRAM = `
import { CpuBackend, Generator, ReferenceBackend, RWKV, RWKVConfig } from "ptbr-slm/model";
import { BPETokenizer, BPETrainer } from "ptbr-slm/tokenizer";
import { WikiCleaner } from "ptbr-slm/cleaning";

const text = new WikiCleaner().clean("O '''rio''' corre e o [[dia]] passa.");
const bytes = new TextEncoder().encode(text.repeat(9));
const { vocab } = await new BPETrainer().train([{ name: "rio", bytes }]);
const shape = { vocabSize: vocab.size, dModel: 64, nLayers: 1, dFfn: 64 };
const texts = [];
for (const backend of [await CpuBackend.create(), new ReferenceBackend()]) {
  const model = new RWKV(new RWKVConfig(shape), backend);
  model.initialize(5);
  const generator = new Generator(model, new BPETokenizer(vocab));
  const settings = { maxTokens: 8, temperature: 0, seed: 1 };
  let written = "";
  for await (const piece of generator.generate(text, settings)) written += piece;
  texts.push(written);
}
console.log(JSON.stringify([text, ...texts]));
`;

/** What the programs of `tests/programs` ask of `@std/assert`. */
const ASSERT = `
import strict from "node:assert/strict";
export const assert = strict.ok;
export const assertEquals = strict.deepEqual;
export const assertRejects = (work, kind) => strict.rejects(work, kind);
`;

async function run(...args: string[]): Promise<string | undefined> {
  const command = "npx";
  const { state } = Deno.permissions.querySync({ name: "run", command });
  if (state !== "granted") return undefined;
  try {
    const { success, stdout } = await new Deno.Command(command, {
      args: ["--yes", ...args],
      signal: AbortSignal.timeout(120_000),
    }).output();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch {
    return undefined; // there is no npx
  }
}

/** A compiler that knows WebGPU, and one that does not. */
const COMPILERS = ["typescript@5.9.3", "typescript@7.0.2"];

const missing = new Set<string>();
for (const runtime of [...RUNTIMES, ...COMPILERS]) {
  const command = COMPILERS.includes(runtime)
    ? ["--package", runtime, "tsc"]
    : [runtime];
  if (await run(...command, "--version") === undefined) missing.add(runtime);
}

const folder = await Deno.makeTempDir();
const home = `${folder}/node_modules/ptbr-slm`;
let built: Promise<Map<string, number>> | undefined;

for (const runtime of RUNTIMES) {
  const isMissing = missing.has(runtime);
  Deno.test({
    name: `the package works in ${runtime}${isMissing ? " (not there)" : ""}`,
    ignore: isMissing,
    fn: async () => {
      const sizes = await (built ??= buildNpm(home));
      assert(sizes.get("types/lib/model/mod.d.ts")! > 1000);
      const path = `${folder}/program.mjs`;
      await Deno.writeTextFile(path, PROGRAM);
      const said = await run(runtime, path);
      assert(said !== undefined, `${runtime} fails`);
      const [text, onCpu, onReference] = JSON.parse(said);
      assertEquals(text, "O rio corre e o dia passa.");
      assert(onCpu.length > 0);
      assertEquals(onCpu, onReference);
    },
  });
}

for (const runtime of RUNTIMES) {
  const isMissing = missing.has(runtime);
  Deno.test({
    name: `programs run in ${runtime}${isMissing ? " (not there)" : ""}`,
    ignore: isMissing,
    fn: async () => {
      await (built ??= buildNpm(home));
      const assertions = `${folder}/node_modules/@std/assert`;
      await Deno.mkdir(assertions, { recursive: true });
      await Deno.writeTextFile(`${assertions}/index.js`, ASSERT);
      await Deno.writeTextFile(
        `${assertions}/package.json`,
        JSON.stringify({ type: "module", exports: "./index.js" }),
      );
      const names = Object.keys(PROGRAMS_ANYWHERE);
      for (const name of names) {
        const source = await Deno.readTextFile(`tests/programs/${name}.ts`);
        await Deno.writeTextFile(
          `${folder}/${name}.ts`,
          source.replaceAll("@ptbr-slm/ptbr-slm/", "ptbr-slm/"),
        );
      }
      const all = names.map((name) => `await import("./${name}.ts");\n`);
      await Deno.writeTextFile(
        `${folder}/all.mjs`,
        `${all.join("")}console.log("all");\n`,
      );
      assertEquals(await run(runtime, `${folder}/all.mjs`), "all\n");
    },
  });
}

const CHECKED = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    types: [],
    lib: ["esnext", "dom", "dom.iterable"],
    target: "esnext",
    module: "esnext",
    moduleResolution: "bundler",
  },
  files: ["program.ts"],
};

for (const compiler of COMPILERS) {
  const isMissing = missing.has(compiler);
  const left = isMissing ? " (not there)" : "";
  Deno.test({
    name: `${compiler} takes all of the package's types${left}`,
    ignore: isMissing,
    fn: async () => {
      await (built ??= buildNpm(home));
      const program = `import "ptbr-slm";\n${PROGRAM}`;
      await Deno.writeTextFile(`${folder}/program.ts`, program);
      const config = JSON.stringify(CHECKED);
      await Deno.writeTextFile(`${folder}/tsconfig.json`, config);
      const args = ["--package", compiler, "tsc", "--project", folder];
      assert(await run(...args) !== undefined, "there are errors");
    },
  });
}
