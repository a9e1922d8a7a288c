/** What the WGSL sources say of themselves, without a device. */

import { assert, assertEquals } from "@std/assert";
import { type OpName, OPS } from "../../../lib/backend/ops.ts";
import { readSources } from "../../../lib/backend/webgpu/kernels.ts";
import {
  PARAMETER_BYTES,
  signatureOf,
} from "../../../lib/backend/webgpu/pipelines.ts";
import { programOf } from "../../../lib/backend/webgpu/programs.ts";
import {
  bindingsOf,
  entryPointOf,
  moduleOf,
  parametersOf,
} from "../../../lib/backend/webgpu/source.ts";
import { specialize } from "../../../lib/backend/webgpu/specialize.ts";
import { withOpTable } from "../../../tools/op_tables.ts";

const { files: FILES, kernels: KERNELS } = readSources();

const FOLDER = new URL("../../../kernels/", import.meta.url);

/** Put before kernels, not kernels themselves. */
const SHARED = ["along_time", "common", "matmul_blocks"];

/** Kernels that are called by name, not for an op of the table. */
const CALLED = [
  ...["sum", "sumPartials", "columnSum"],
  ...["tokenLerpForward2", "tokenLerpForward3", "tokenLerpBackward3"],
  ...["matmulPlain", "matmulTiled", "matmulSum", "matvec", "vecmat", "sample"],
];

Deno.test("readSources() holds every file of kernels/wgsl", async () => {
  const files: string[] = [];
  for await (const { name } of Deno.readDir(new URL("wgsl", FOLDER))) {
    if (name !== "mod.ts") files.push(name.replace(".wgsl", ""));
  }
  assertEquals([...Object.keys(FILES), ...SHARED].sort(), files.sort());
});

Deno.test("readSources() has kernels within WebGPU's default limits", () => {
  for (const [name, kernel] of KERNELS) {
    const source = specialize(moduleOf(kernel));
    const { writes, floats } = signatureOf(source);
    assert(writes.length <= 8, `${name} binds ${writes.length} memories`);
    assert(floats.length * 4 <= PARAMETER_BYTES, name);
    assert(source.includes(`\nfn ${entryPointOf(kernel)}(`), name);
    assert(!/\batomic|subgroup|\bf16\b/.test(source), name);
    assertEquals(source.match(/@compute/g)?.length, 1, name);
  }
});

Deno.test("moduleOf() binds what the lines before kernels say", () => {
  for (const [name, kernel] of KERNELS) {
    if (kernel.pattern === "whole") continue;
    const { writes, floats } = signatureOf(moduleOf(kernel));
    assertEquals(writes.length, bindingsOf(kernel).length, name);
    assertEquals(floats.length, parametersOf(kernel).length, name);
    for (const memory of bindingsOf(kernel)) {
      const used = new RegExp(`\\b${memory.replace("#", "")}\\[`);
      const { text, sums } = kernel;
      assert(sums.length > 0 && memory === "partials" || used.test(text), name);
    }
  }
});

Deno.test("programOf() finds the kernels of every op, and all are used", () => {
  const ops = (Object.keys(OPS) as OpName[])
    .filter((op) => op !== "sum" && op !== "sumOfSquares");
  const used = new Set(CALLED);
  for (const op of ops) {
    for (const { kernel } of programOf(op).steps) used.add(kernel.name);
  }
  assertEquals([...used].sort(), [...KERNELS.keys()].sort());
});

Deno.test("kernels/README.md has the table of ops", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", FOLDER));
  assertEquals(withOpTable(readme), readme);
});
