/** The built module is that of the sources; the exponential is accurate. */

import { assert, assertEquals } from "@std/assert";
import { CONTROL_BYTES } from "../../../lib/backend/cpu/control.ts";
import { compileKernels } from "../../../lib/backend/cpu/kernels.ts";
import { SharedMemory } from "../../../lib/backend/cpu/memory.ts";
import { CpuBackend } from "../../../lib/backend/cpu/cpu_backend.ts";
import { buildModule } from "../../../tools/build_simd.ts";

Deno.test("kernels/simd/module.ts is what the sources build", async () => {
  const path = new URL("../../../kernels/simd/module.ts", import.meta.url);
  assert(
    await Deno.readTextFile(path) === await buildModule(),
    "run `deno task build-simd`",
  );
});

Deno.test("the kernels' constants fit into the control block", () => {
  const { memory } = new SharedMemory();
  const { exports } = new WebAssembly.Instance(compileKernels(), {
    env: { memory },
  });
  const end = (exports.dataEnd as WebAssembly.Global).value;
  assert(end > 3072 && end <= CONTROL_BYTES, `${end}`);
});

/** -e^x as the exponent that wkvForward leaves after one token from p = 0. */
async function exponentials(x: Float32Array): Promise<Float32Array> {
  using backend = await CpuBackend.create({ threads: 1, blas: "none" });
  const width = x.length;
  const [y, k, v, decay, bonus, state] = [1, 1, 1, 1, 1, 3].map((rows) =>
    backend.alloc(rows * width)
  );
  backend.run("fill", { out: k }, { value: -3.4e38 });
  backend.write(decay, x);
  const shape = { batch: 1, time: 1, width };
  backend.run("wkvForward", { y, k, v, decay, bonus, state }, shape);
  return (await backend.read(state)).subarray(2 * width).map((p) => -p);
}

Deno.test("exp4() is within 2 ulp", async () => {
  const x = Float32Array.from(
    { length: 200_000 },
    (_, i) => -87.2 + i * (175.9 / 200_000),
  );
  const got = await exponentials(x);
  let worst = 0;
  for (let i = 0; i < x.length; i++) {
    const want = Math.exp(x[i]);
    const ulp = 2 ** (Math.floor(Math.log2(want)) - 23);
    worst = Math.max(worst, Math.abs(got[i] - want) / ulp);
  }
  assert(worst <= 2, `${worst} ulp`);
});

Deno.test("exp4() is right at its ends", async () => {
  const x = new Float32Array([-Infinity, -1e38, -1000, -88, -0, 0, 88.7]);
  const got = await exponentials(x);
  assertEquals([...got.subarray(0, 6)], [0, 0, 0, 0, 1, 1]);
  assert(Math.abs(got[6] / Math.exp(x[6]) - 1) < 3e-7);
});
