import { assert, assertEquals } from "@std/assert";
import { Control, LINE, WORD } from "../../../lib/backend/cpu/control.ts";
import { DENO_HOST } from "../../../lib/backend/cpu/deno_host.ts";
import { tilingOf } from "../../../lib/backend/cpu/gemm.ts";
import {
  compileKernels,
  instantiateKernels,
} from "../../../lib/backend/cpu/kernels.ts";
import { KERNEL } from "../../../lib/backend/cpu/jobs.ts";
import { SharedMemory } from "../../../lib/backend/cpu/memory.ts";
import { Thread } from "../../../lib/backend/cpu/thread.ts";

Deno.test("Thread work() takes the tiles that others have not begun, and no other work", () => {
  const shared = new SharedMemory(), { memory } = shared;
  const module = compileKernels(), threads = 3;
  const { gemmScratchBytes } = instantiateKernels(module, memory);
  const taken = shared.reserve(4 * LINE * threads);
  const all = Array.from({ length: threads }, (_, index) => {
    const scratch = shared.reserve(gemmScratchBytes);
    return new Thread({
      ...{ memory, module, index, threads, scratch, taken, spins: 1 },
      packed: 0,
    }, DENO_HOST.openBlas);
  });
  const m = 300, k = 5, n = 1100;
  const [out, a, b, filled] = [m * n, m * k, k * n, 999].map((length) =>
    shared.reserve(4 * length)
  );
  const at = (address: number, length: number) =>
    shared.f32.subarray(address / 4, address / 4 + length);
  at(a, m * k).fill(2);
  at(b, k * n).fill(3);
  const { tiles, rows, columns } = tilingOf(m, n);
  assert(tiles > threads);
  const { words, jobs } = new Control(memory);
  words[WORD.jobs] = 2;
  jobs[0].head.set([KERNEL.matmul, tiles, 1]);
  jobs[0].words.set([out, a, b, m, k, n, 0, 0, 0, rows, columns, n]);
  jobs[1].head.set([KERNEL.fill, 999, 333]);
  const seven = new Uint32Array(Float32Array.of(7).buffer);
  jobs[1].words.set([filled, 999, ...seven]);

  all[1].work();
  assert(at(out, m * n).every((value) => value === 30));
  // The second job's slices go round: the third is this thread's.
  const slices = [0, 333, 666].map((start) => shared.f32[filled / 4 + start]);
  assertEquals(slices, [0, 0, 7]);

  at(out, m * n).fill(-1);
  all[0].work();
  all[2].work();
  assert(at(out, m * n).every((value) => value === -1));
  assert(at(filled, 999).every((value) => value === 7));
});
