/** Weights that are not read: the same numbers, and the same refusals. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { CpuBackend } from "../../../lib/backend/cpu/cpu_backend.ts";
import { DENO_HOST } from "../../../lib/backend/cpu/deno_host.ts";
import { Checkpoint } from "../../../lib/checkpoint/native/mpk_reader.ts";
import { saveWeights } from "../../../lib/checkpoint/native/mpk_writer.ts";
import type { StoredType } from "../../../lib/checkpoint/quantized/packing.ts";
import { RWKVConfig } from "../../../lib/model/config.ts";
import { productWeights, RWKV } from "../../../lib/model/rwkv.ts";
import { Tape } from "../../../lib/tensor/tape.ts";

const CONFIG = new RWKVConfig({
  ...{ architecture: "rwkv7", vocabSize: 96, dModel: 64, dFfn: 128 },
  ...{ nLayers: 2, headSize: 32 },
});

const linux = Deno.build.os === "linux";

function newBackend() {
  return CpuBackend.create({
    threads: 2,
    blas: "none",
    host: DENO_HOST,
  });
}

/** A file of a model whose maps are stored so. */
async function written(type: StoredType, spoil?: number): Promise<string> {
  using backend = await newBackend();
  const model = new RWKV(CONFIG, backend);
  model.initialize(5);
  const parameters = new Map([...model.parameters].map((p) => [p.name, p]));
  const shapes = new Map([...model.parameters].map((p) => [p.name, p.shape]));
  const products = new Set(productWeights(CONFIG));
  const path = `${await Deno.makeTempDir()}/model_final.mpk`;
  await saveWeights(path, {
    config: CONFIG,
    shapes,
    readWeight: async (name) => {
      const values = await backend.read(parameters.get(name)!.data);
      if (spoil !== undefined && name === "head.weight") values[7] = spoil;
      return values;
    },
    typeOf: (name) => products.has(name) ? type : "F32",
  });
  return path;
}

async function logitsOf(model: RWKV): Promise<Float32Array> {
  const { backend } = model, tape = new Tape(backend, { recording: false });
  const ids = backend.allocIndices(3);
  backend.writeIndices(ids, [5, 1, 9]);
  const hidden = model.forward(tape, ids, { batch: 1, time: 3 });
  return await backend.read(model.logits(tape, hidden).data);
}

for (const type of ["F32", "F16", "BF16"] as const) {
  Deno.test({
    name: `Checkpoint.map() gives what reading gives: ${type}`,
    ignore: !linux,
    async fn() {
      const path = await written(type), before = await Deno.readFile(path);
      using backend = await newBackend();
      using checkpoint = await Checkpoint.open(path);
      const { formats } = checkpoint;
      const read = new RWKV(CONFIG, backend, { formats });
      checkpoint.loadInto(read);
      const present = await checkpoint.map(backend);
      assertEquals(
        [...present.keys()].sort(),
        [...checkpoint.shapes.keys()].sort(),
      );
      // The memory grows with the file in it.
      backend.alloc(2 ** 24);
      const mapped = new RWKV(CONFIG, backend, { formats, present });
      checkpoint.loadInto(mapped, undefined, { present });
      assertEquals(await logitsOf(mapped), await logitsOf(read));
      // What is written stays in the process.
      const [first] = [...mapped.parameters].filter((p) => !p.packed);
      backend.write(first.data, new Float32Array(first.length).fill(3));
      assertEquals(await Deno.readFile(path), before);
    },
  });
}

Deno.test({
  name: "Checkpoint.map() leaves what is not as it should be to reading",
  ignore: !linux,
  async fn() {
    using backend = await newBackend();
    const whole = await written("F32");
    {
      using checkpoint = await Checkpoint.open(whole);
      // Another file under its name.
      await Deno.copyFile(whole, `${whole}.2`);
      await Deno.rename(`${whole}.2`, whole);
      assertEquals((await checkpoint.map(backend)).size, 0);
    }
    const bytes = await Deno.readFile(whole);
    bytes[bytes.length >> 1] ^= 1;
    await Deno.writeFile(whole, bytes);
    const spoilt = await written("F32", NaN);
    for (const [path, words] of [[whole, "checksum"], [spoilt, "finite"]]) {
      using checkpoint = await Checkpoint.open(path);
      const present = await checkpoint.map(backend);
      assertEquals(present.size, 0);
      const model = new RWKV(CONFIG, backend);
      const { message } = await assertRejects(
        // deno-lint-ignore require-await
        async () => checkpoint.loadInto(model),
        SyntaxError,
      );
      assert(message.includes(words), message);
    }
  },
});
