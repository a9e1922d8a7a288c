/** Documents read in company cost what each costs read token by token. */

import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import type { Backend } from "../../lib/backend/backend.ts";
import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { WebGpuBackend } from "../../lib/backend/webgpu/webgpu_backend.ts";
import { DocumentEvaluator } from "../../lib/evaluation/document_evaluator.ts";
import { framedDocument } from "../../lib/evaluation/documents.ts";
import { POSITIONS } from "../../lib/evaluation/cost.ts";
import { ARCHITECTURES } from "../../lib/model/architecture.ts";
import { RWKVConfig } from "../../lib/model/config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import { Tape } from "../../lib/tensor/tape.ts";
import { crossEntropyLoss } from "../../lib/train/cross_entropy.ts";
import { Random } from "../../lib/random.ts";
import { gpuTest } from "../backend/webgpu/adapter.ts";

const VOCABULARY = 40;
const FRAME = { start: 0, end: 1 };
/** Bytes of each id. */
const BYTES = Array.from({ length: VOCABULARY }, (_, id) => id < 2 ? 0 : id);

/** Documents of these lengths, whose ids are drawn. */
function documentsOf(lengths: readonly number[]) {
  return lengths.map((length, number) => {
    const random = new Random(number, length);
    const ids = Array.from(
      { length },
      () => 2 + random.next() % (VOCABULARY - 2),
    );
    const bytes = ids.reduce((sum, id) => sum + BYTES[id], 0);
    const about = { name: `${number}`, source: 0, bytes };
    return framedDocument(about, ids, FRAME);
  });
}

/** Weights that say something, at every architecture. */
function newModel(backend: Backend, architecture: string): RWKV {
  const config = new RWKVConfig({
    architecture: architecture as RWKVConfig["architecture"],
    vocabSize: VOCABULARY,
    dModel: 16,
    dFfn: 32,
    nLayers: 2,
    headSize: 8,
  });
  const model = new RWKV(config, backend);
  model.initialize(3);
  const random = new Random(5);
  for (const { data, length } of model.parameters) {
    const noise = Float32Array.from({ length }, () => 0.3 * random.normal());
    backend.write(data, noise);
  }
  return model;
}

/** -ln p of each token but the first, one token a pass. */
async function plainLosses(
  model: RWKV,
  ids: Uint16Array,
  resetEvery = Infinity,
): Promise<number[]> {
  const { backend } = model, state = model.newState(1);
  const tape = new Tape(backend, { recording: false });
  const input = backend.allocIndices(1);
  const losses: number[] = [];
  for (let i = 0; i + 1 < ids.length; i++) {
    if (i % resetEvery === 0) state.reset();
    backend.writeIndices(input, [ids[i]]);
    tape.reset();
    const hidden = model.forward(tape, input, { batch: 1, time: 1, state });
    const logits = await backend.read(model.logits(tape, hidden).data);
    losses.push(crossEntropyLoss(logits, [ids[i + 1]]));
  }
  return losses;
}

async function compare(
  model: RWKV,
  documents: ReturnType<typeof documentsOf>,
  { rows, resetEvery }: { rows: number; resetEvery?: number },
): Promise<void> {
  const evaluator = new DocumentEvaluator(model, { rows, resetEvery });
  const found = await evaluator.evaluate(documents, BYTES);
  for (const [i, document] of documents.entries()) {
    const ids = new Uint16Array(document.length);
    document.read(0, ids);
    const losses = await plainLosses(model, ids, resetEvery);
    const { nats, tokens, bytes, parts } = found[i];
    assertEquals([tokens, bytes], [losses.length, document.bytes]);
    const sum = losses.reduce((sum, loss) => sum + loss, 0);
    assertAlmostEquals(nats, sum, 1e-4 * sum);
    // The parts of a document are those of its bytes.
    const want = POSITIONS.map(() => ({ nats: 0, tokens: 0, bytes: 0 }));
    let at = 0;
    for (const [j, loss] of losses.entries()) {
      const part = want[POSITIONS.findLastIndex((from) => from <= at)];
      part.nats += loss;
      part.tokens++;
      part.bytes += BYTES[ids[j + 1]];
      at += BYTES[ids[j + 1]];
    }
    assertEquals(parts?.length, want.length);
    for (const [j, part] of want.entries()) {
      assertEquals(parts![j].tokens, part.tokens);
      assertEquals(parts![j].bytes, part.bytes);
      assertAlmostEquals(parts![j].nats, part.nats, 1e-3 + 1e-4 * part.nats);
    }
  }
}

for (const architecture of ARCHITECTURES) {
  Deno.test(`DocumentEvaluator reads each document as if alone: ${architecture}`, async () => {
    using backend = await CpuBackend.create({ threads: 2, blas: "none" });
    const model = newModel(backend, architecture);
    const documents = documentsOf([3, 700, 1, 40, 290, 17, 256, 5]);
    await compare(model, documents, { rows: 3 });
  });
}

Deno.test("DocumentEvaluator forgets as often as it is told", async () => {
  const model = newModel(new ReferenceBackend(), "rwkv4");
  const documents = documentsOf([30, 100, 7]);
  await compare(model, documents, { rows: 2, resetEvery: 24 });
});

Deno.test("DocumentEvaluator can be used again, and ended", async () => {
  const model = newModel(new ReferenceBackend(), "rwkv7");
  const evaluator = new DocumentEvaluator(model, { rows: 4 });
  const documents = documentsOf([30, 60, 7, 9, 20]);
  const first = await evaluator.evaluate(documents, BYTES);
  assertEquals(await evaluator.evaluate(documents, BYTES), first);
  const told: number[] = [];
  const onProgress = (done: number) => void told.push(done);
  await evaluator.evaluate(documents, BYTES, { onProgress });
  assertEquals(told.at(-1), 30 + 60 + 7 + 9 + 20 + 5);
  const signal = AbortSignal.abort(new Error("enough"));
  await assertRejects(
    () => evaluator.evaluate(documents, BYTES, { signal }),
    Error,
    "enough",
  );
});

gpuTest("DocumentEvaluator reads documents on a GPU", async () => {
  using backend = await WebGpuBackend.create({ software: true });
  const model = newModel(backend, "rwkv7");
  await compare(model, documentsOf([3, 300, 40]), { rows: 2 });
});
