/** States that are carried on: what a step leaves, and when nothing is. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { Checkpoint } from "../../lib/checkpoint/native/mpk_reader.ts";
import { RWKVConfig } from "../../lib/model/config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import { CarriedStates } from "../../lib/train/carried_states.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import { TrainingConfig } from "../../lib/training_config.ts";

const CONFIG = new RWKVConfig({ vocabSize: 8, dModel: 8, dFfn: 16 });
const RECIPE = new TrainingConfig({
  batchSize: 2,
  gradientAccumulation: 2,
  warmupSteps: 0,
  learningRate: 0.01,
  carryState: true,
});

/** A trainer, and a way to see what it carries on. */
function tried() {
  const backend = new ReferenceBackend();
  const model = new RWKV(CONFIG, backend, { training: true });
  model.initialize(1);
  const trainer = new Trainer(model, RECIPE);
  const states = async () => {
    const path = `${await Deno.makeTempDir()}/checkpoint_1.mpk`;
    await trainer.saveCheckpoint(path, {
      dataPosition: 0,
      tokenizerSha256: "0".repeat(64),
    });
    using checkpoint = await Checkpoint.open(path);
    return checkpoint.readStates();
  };
  return { backend, model, trainer, states };
}

function batchOf(first: number, anew: readonly boolean[]) {
  const inputs = Uint16Array.from({ length: 6 }, (_, i) => (first + i) % 8);
  return { rows: 2, inputs, targets: inputs.map((id) => 7 - id), anew };
}

Deno.test("Trainer.trainStep() carries on a state a micro-batch, rows that begin anew without", async () => {
  const { trainer, states } = tried();
  const nothing = await states();
  assertEquals(nothing.length, 2);
  await trainer.trainStep(() => batchOf(1, [true, true]));
  const one = await states();
  assert(one[0].some(({ wkv }) => wkv.some((value) => value > 0)));
  assertEquals(one[0], one[1]);
  // The second row begins anew in one of them, and so has another state.
  const anew = [[false, false], [false, true]];
  await trainer.trainStep(() => batchOf(3, anew.shift()!));
  const [same, other] = await states();
  const width = CONFIG.dModel;
  // Before its first recurrence a block's input is its tokens' alone.
  const sums = (row: number) => 3 * width * row;
  assertEquals(
    same[0].wkv.slice(0, sums(1)),
    other[0].wkv.slice(0, sums(1)),
  );
  assert(`${same[0].wkv.slice(sums(1))}` !== `${other[0].wkv.slice(sums(1))}`);
});

Deno.test("Trainer.trainStep() keeps no state of a step that was aborted or skipped", async () => {
  const { backend, model, trainer, states } = tried();
  const nothing = await states();
  await trainer.trainStep(() => batchOf(1, [true, true]));
  const one = await states();
  const abort = new AbortController();
  const aborted = await trainer.trainStep(() => {
    abort.abort(); // before the second micro-batch
    return batchOf(3, [false, false]);
  }, abort.signal);
  assertEquals(aborted, undefined);
  assertEquals(await states(), one);
  backend.values(model.parameters.groups[0].grad)[0] = NaN;
  const skipped = await trainer.trainStep(() => batchOf(3, [false, false]));
  assertEquals(skipped?.skipped, true);
  assertEquals(await states(), nothing);
  await trainer.trainStep(() => batchOf(1, [true, true]));
  trainer.forgetStates();
  assertEquals(await states(), nothing);
});

Deno.test("CarriedStates.restore() refuses states of another shape", async () => {
  const model = new RWKV(CONFIG, new ReferenceBackend());
  const states = new CarriedStates(model, RECIPE);
  const saved = await states.save();
  states.restore(saved);
  const message = "Cannot restore a state: it is of another shape";
  assertThrows(() => states.restore(saved.slice(1)), RangeError, message);
  const wider = new RWKVConfig({ vocabSize: 8, dModel: 16, dFfn: 16 });
  const other = new CarriedStates(
    new RWKV(wider, new ReferenceBackend()),
    RECIPE,
  );
  const theirs = await other.save();
  assertThrows(() => states.restore(theirs), RangeError, message);
});
