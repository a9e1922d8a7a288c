/** Steps after the first few take no memory and leave no garbage behind. */

import { assert, assertEquals } from "@std/assert";
import { ARCHITECTURES } from "../../lib/model/architecture.ts";

const ROOT = new URL("../../", import.meta.url);

/** Run with a garbage collector that can be called. */
const SCRIPT = `
  import { CpuBackend } from "ROOT/lib/backend/cpu/cpu_backend.ts";
  import { RWKVConfig } from "ROOT/lib/model/config.ts";
  import { TrainingConfig } from "ROOT/lib/training_config.ts";
  import { RWKV } from "ROOT/lib/model/rwkv.ts";
  import { Trainer } from "ROOT/lib/train/trainer.ts";

  const backend = await CpuBackend.create({ threads: 2, blas: "none" });
  const config = new RWKVConfig({
    architecture: Deno.args[0], vocabSize: 300, dModel: 32, nLayers: 2,
    dFfn: 64, headSize: 16, dropout: 0.1,
  });
  const model = new RWKV(config, backend, { training: true });
  model.initialize(1);
  const recompute = Deno.args[1] === "recompute";
  const trainer = new Trainer(
    model,
    new TrainingConfig({ gradientAccumulation: 2 }),
    { recompute },
  );
  const ids = Uint16Array.from({ length: 33 }, (_, i) => 7 * i % 300);
  const batch = { rows: 2, inputs: ids.slice(0, 32), targets: ids.slice(1) };
  const seen = async (steps) => {
    for (let i = 0; i < steps; i++) await trainer.trainStep(() => batch);
    gc();
    return {
      engine: backend.bytesUsed,
      wasm: trainer.optimizer.firstMoments.owner.memory.buffer.byteLength,
      allocations: trainer.tape.allocations,
      heap: Deno.memoryUsage().heapUsed,
    };
  };
  const before = await seen(20), after = await seen(30);
  console.log(JSON.stringify({ before, after }));
  Deno.exit(0);
`;

/** What 30 steps may add to the heap: compiled code, not one object a token. */
const HEAP_BYTES = 100_000;

async function run(args: string[]) {
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(
      path,
      SCRIPT.replaceAll("ROOT/", ROOT.href),
    );
    const { stdout, stderr, code } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--config=deno.json", "--no-check", "--no-prompt"],
        ...["--allow-read", "--v8-flags=--expose-gc", path, ...args],
      ],
      cwd: ROOT,
    }).output();
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(path);
  }
}

for (const architecture of ARCHITECTURES) {
  for (const way of ["plain", "recompute"]) {
    Deno.test(`Trainer trainStep() takes no more memory, ${architecture} ${way}`, async () => {
      const { before, after } = await run([architecture, way]);
      const { heap: heapBefore, ...memoryBefore } = before;
      const { heap: heapAfter, ...memoryAfter } = after;
      assertEquals(memoryAfter, memoryBefore);
      const grown = heapAfter - heapBefore;
      assert(grown < HEAP_BYTES, `the heap grew by ${grown} bytes`);
    });
  }
}
