/** What jobs carry, by the table of ops. */

import { assert, assertEquals } from "@std/assert";
import {
  JOB_WORDS,
  JOBS,
  KERNEL,
  KERNELS,
  placeOf,
} from "../../../lib/backend/cpu/jobs.ts";
import {
  compileKernels,
  instantiateKernels,
} from "../../../lib/backend/cpu/kernels.ts";
import { SharedMemory } from "../../../lib/backend/cpu/memory.ts";

Deno.test("JOBS fit into a job, and name each of their words once", () => {
  for (const [job, words] of Object.entries(JOBS)) {
    const names = words.map((word) => word.slice(0, word.indexOf(":")));
    assert(words.length <= JOB_WORDS, `${job}: ${words.length} words`);
    assertEquals(new Set(names).size, names.length, `${job}: ${names}`);
  }
});

Deno.test("JOBS have memories, extents and numbers in order, lists at length", () => {
  assertEquals(JOBS.Fill, ["out: usize", "length: usize", "value: f32"]);
  assertEquals(JOBS.TokenLerpForward.slice(5, 7), [
    "ys5: usize",
    "mixes0: usize",
  ]);
  assertEquals(placeOf("tokenLerpForward", "x"), 12);
  assertEquals(placeOf("adamW", "clipNorm"), 6);
});

Deno.test("KERNELS are functions of the module, each named once", () => {
  const { memory } = new SharedMemory();
  const { kernels } = instantiateKernels(compileKernels(), memory);
  for (const [number, name] of KERNELS.entries()) {
    assertEquals(KERNEL[name], number);
    const is = name === "matmul" ? "undefined" : "function";
    assertEquals(typeof kernels[number], is, name);
  }
});
