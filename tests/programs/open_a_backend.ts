/** The best backend that is there, or the one that is asked for. */

import { chooseBackend, openBackend } from "@ptbr-slm/ptbr-slm/backend";
import { assert, assertEquals } from "@std/assert";

const { backend, reason } = await chooseBackend("auto", {
  threads: 2,
  blas: "none", // no C BLAS; by itself one is looked for
  hasGpu: false, // by itself found out
});
using _ = backend;
assertEquals(backend.description, "cpu: 2 threads, SIMD kernels");
assert(reason.includes("no GPU"));

using plain = await openBackend("reference");
const x = plain.alloc(2), y = plain.alloc(2);
plain.write(x, new Float32Array([-1, 3]));
plain.run("squaredReluForward", { y, x });
assertEquals(await plain.read(y), new Float32Array([0, 9]));
