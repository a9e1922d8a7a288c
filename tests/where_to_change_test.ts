/** `docs/where-to-change-what.md` counts right. */

import { assert, assertEquals } from "@std/assert";
import { type OpName, TABLE } from "../lib/backend/ops.ts";
import { ARCHITECTURES } from "../lib/model/architecture.ts";

const PAGE = await Deno.readTextFile("docs/where-to-change-what.md");

/** The count that the page gives for a change. */
function counted(change: string): number {
  const [, files] = new RegExp(`^\\| ${change} +\\| (\\d+) `, "m").exec(PAGE)!;
  return Number(files);
}

/** Sources that people write, with their texts. */
async function sources(
  folder: string,
): Promise<[path: string, text: string][]> {
  const found: [string, string][] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await sources(path));
    else if (/\.(?:ts|wgsl)$/.test(name) && name !== "module.ts") {
      found.push([path, await Deno.readTextFile(path)]);
    }
  }
  return found;
}

/** Files of a folder that name something, comments left out. */
function naming(
  all: readonly [path: string, text: string][],
  word: RegExp,
): string[] {
  return all.filter(([, text]) =>
    word.test(text.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, ""))
  ).map(([path]) => path);
}

Deno.test("an op is named by no more files than the page says", async () => {
  const all = (await Promise.all(
    ["lib/backend", "lib/ops", "kernels/simd", "kernels/wgsl"].map(sources),
  )).flat();
  const names = (Object.keys(TABLE) as OpName[])
    .flatMap((op) => /^(\w+)Forward$/.exec(op)?.[1] ?? []);
  assert(names.length > 15);
  for (const name of names) {
    const files = naming(
      all,
      new RegExp(`\\b${name}(?:Forward|Backward)\\b|"${name}"`),
    )
      // Exceptions to a job a kernel have a line there.
      .filter((path) => !/^lib\/backend\/(?:cpu|webgpu)\//.test(path))
      // A long backward is a file beside its forward.
      .filter((path) => !path.endsWith("_backward.ts"));
    // Two of the seven do not name it: `kernels/wgsl/mod.ts` has the name of its
    // file, the cases of the contract are tests.
    assert(files.length <= counted("an op") - 2, `${name}: ${files}`);
    assert(files.includes("lib/backend/ops.ts"));
  }
});

Deno.test("an architecture is known in no more files than the page says", async () => {
  const all = await sources("lib");
  assertEquals(counted("an architecture"), 3);
  for (const name of ARCHITECTURES) {
    const files = naming(all, new RegExp(`["']${name}["']|\\b${name},`));
    // Besides its record: the default, what converts classic to rwkv4, and the
    // old program's files, which do not say what they are.
    const elsewhere = files.filter((path) =>
      !path.startsWith("lib/model/") &&
      !["classic", "rwkv4"].includes(name)
    );
    assertEquals(elsewhere, [], name);
    assert(
      files.filter((path) => path.startsWith("lib/model/")).length <= 4,
      `${name}: ${files}`,
    );
  }
});

Deno.test("every command has its file, its line and its task", async () => {
  const list = await Deno.readTextFile("lib/commands/mod.ts");
  const { tasks } = JSON.parse(await Deno.readTextFile("deno.json"));
  const files: string[] = [];
  for await (const { name, isFile } of Deno.readDir("lib/commands")) {
    if (isFile && name !== "mod.ts" && !name.endsWith(".pt.ts")) {
      files.push(name);
    }
  }
  assertEquals(counted("a command"), 5);
  for (const file of files) {
    assert(list.includes(`"./${file}"`), file);
    const command = file.replace(".ts", "").replaceAll("_", "-");
    assert(command in tasks, command);
  }
});
