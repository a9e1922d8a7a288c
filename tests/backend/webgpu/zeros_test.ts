/** Zeros that are left out: what would add to them sets its values. */

import { assertEquals, assertLess, assertThrows } from "@std/assert";
import { PLANS } from "../../../lib/backend/plan.ts";
import { ReferenceBackend } from "../../../lib/backend/reference/reference_backend.ts";
import { kernelNamed, kernelsOf } from "../../../lib/backend/webgpu/kernels.ts";
import { settingOf } from "../../../lib/backend/webgpu/source.ts";
import { WebGpuBackend } from "../../../lib/backend/webgpu/webgpu_backend.ts";
import { assertClose, type Case, run } from "../../contract/case.ts";
import { OP_CASES } from "../../contract/cases/ops.ts";
import { gpuTest } from "./adapter.ts";

/** Ops of which a kernel can set what it adds to. */
const OPS = Object.keys(PLANS).filter((op) =>
  op !== "tokenLerpBackward" && op in OP_CASES && op.endsWith("Backward") &&
  kernelsOf(op).some(({ once }) => once.length > 0)
) as (keyof typeof OP_CASES)[];

/** A case whose outputs are filled with zeros just before the call. */
function afterZeros(one: Case): Case {
  return {
    ...one,
    call(backend, memories, ids) {
      for (const name of one.outputs) {
        if (name in memories) {
          backend.run("fill", { out: memories[name] }, { value: 0 });
        }
      }
      one.call(backend, memories, ids);
    },
  };
}

gpuTest("gradients that were zero are the same, set or added to", async () => {
  let fills = 0;
  using backend = await WebGpuBackend.create({
    software: true,
    recorder: ({ kernel }) => void (fills += Number(kernel === "fill")),
  });
  for (const op of OPS) {
    const before = fills;
    const cases = Deno.env.has("PTBR_SLM_TEST_LONG")
      ? OP_CASES[op]
      : OP_CASES[op].slice(0, 2);
    for (const one of cases.map(afterZeros)) {
      const want = await run(new ReferenceBackend("f64"), one);
      const got = await run(backend, one);
      for (const output of one.outputs) {
        const name = `${op} ${one.name}: ${output}`;
        assertClose(got[output], want[output], one.tolerance, name);
      }
    }
    const outputs = cases.reduce((sum, one) => sum + one.outputs.length, 0);
    assertLess(fills - before, outputs, `${op} sets nothing`);
  }
});

/** The names of calls on paper. */
function callsOf(make: (backend: WebGpuBackend) => void): string[] {
  const names: string[] = [];
  using backend = WebGpuBackend.onPaper({
    recorder: ({ kernel }) => void names.push(kernel),
  });
  make(backend);
  assertEquals(backend.counts.dispatches, names.length);
  return names;
}

Deno.test("zeros are made unless the first call that touches them sets them all", () => {
  const names = callsOf((backend) => {
    const [x, y, z] = [256, 256, 256].map((length) => backend.alloc(length));
    const zero = (out: typeof x, value = 0) =>
      backend.run("fill", { out }, { value });
    zero(x);
    backend.run("tanhBackward", { dx: x, dy: y, y: z }); // sets x
    zero(x, 1);
    backend.run("tanhBackward", { dx: x, dy: y, y: z });
    zero(x);
    backend.run("tanhBackward", { dx: x, dy: x, y: z }); // reads it, too
    zero(x);
    backend.run("tanhBackward", { dx: y, dy: x, y: z });
    const half = backend.slice(x, 0, 128);
    zero(x);
    backend.run("tanhBackward", { dx: half, dy: y, y: z });
    zero(half);
    backend.run("tanhBackward", { dx: x, dy: y, y: z });
    zero(x);
    zero(x); // once is enough, but twice is what was asked for
    backend.run("add", { out: x, x: y });
    zero(z); // nobody touches it
  });
  const fills = (name: string, times: number) => [
    ...Array<string>(times).fill("fill"),
    name,
  ];
  assertEquals(names, [
    "tanhBackward",
    ...fills("tanhBackward", 1),
    ...fills("tanhBackward", 1),
    ...fills("tanhBackward", 1),
    ...fills("tanhBackward", 1),
    ...fills("tanhBackward", 1),
    ...fills("add", 2),
    "fill",
  ]);
});

Deno.test("every kernel that adds once can set what it adds to", () => {
  for (const op of OPS) {
    for (const { name } of kernelsOf(op)) {
      const { text, once } = kernelNamed(name);
      settingOf(text.slice(text.lastIndexOf(`fn ${name}(`)), once);
    }
  }
  const refused = { "dx[i] += dx[i + 1u];": "not only", "y[i] += 1.0;": "not" };
  for (const [source, reason] of Object.entries(refused)) {
    assertThrows(() => settingOf(source, ["dx"]), TypeError, reason);
  }
});
