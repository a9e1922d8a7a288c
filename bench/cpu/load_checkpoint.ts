/**
 * What checksums cost when a checkpoint is loaded: the same file with and
 * without them, and as the newest of a folder, in turns.
 *
 *     deno run -A bench/cpu/load_checkpoint.ts --size 85m --folder /dev/shm
 *
 * @module
 */

import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { CHECKSUMS } from "../../lib/checkpoint/encoding/msgpack_writer.ts";
import { Checkpoint } from "../../lib/checkpoint/native/mpk_reader.ts";
import { type ModelSize, RWKVConfig } from "../../lib/model/config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import { TrainingConfig } from "../../lib/training_config.ts";
import { inTurn, median, readOptions } from "../shared.ts";

const options = readOptions({ size: "85m", folder: "/tmp", rounds: "7" });

using backend = await CpuBackend.create({ threads: 1, blas: "none" });
const config = RWKVConfig.ofSize(options.size as ModelSize);
const model = new RWKV(config, backend, { training: true });
model.initialize(1);
const trainer = new Trainer(model, new TrainingConfig());

const folder = await Deno.makeTempDir({ dir: options.folder });
const newest = `${folder}/checkpoint_2.mpk`, plain = `${folder}/plain.mpk`;
await trainer.saveCheckpoint(newest, {
  dataPosition: 0,
  tokenizerSha256: "0".repeat(64),
});
await Deno.copyFile(newest, `${folder}/checkpoint_1.mpk`);
await Deno.copyFile(newest, plain);
await dropChecksums(plain);

const load = (path: string) =>
  Checkpoint.use(path, { onDamaged: () => {} }, (checkpoint) => {
    trainer.loadCheckpoint(checkpoint);
    return Promise.resolve(checkpoint.hasChecksums);
  });
const paths = { "without checksums": plain, "with": newest, folder };
const times = await inTurn(
  Object.values(paths),
  Number(options.rounds),
  async (path) => {
    const start = performance.now();
    const hasChecksums = await load(path);
    const time = performance.now() - start;
    if (hasChecksums !== (path !== plain)) throw new Error(`not ${path}`);
    return time;
  },
);
await Deno.remove(folder, { recursive: true });

const base = times[0];
for (const [i, name] of Object.keys(paths).entries()) {
  // Neighbours in time, as other programs take their share by turns.
  const ratio = median(times[i].map((time, round) => time / base[round]));
  console.log(
    `${name}: ${median(times[i]).toFixed(0)} ms, ${ratio.toFixed(3)} times`,
  );
}

/** Takes the last field out of a file. */
async function dropChecksums(path: string): Promise<void> {
  using file = await Deno.open(path, { read: true, write: true });
  const { size } = await file.stat();
  const tail = new Uint8Array(Math.min(size, 2 ** 16));
  await file.seek(size - tail.length, Deno.SeekMode.Start);
  await file.read(tail);
  const at = new TextDecoder("latin1").decode(tail).lastIndexOf(CHECKSUMS);
  if (at < 1) throw new Error(`${path} has no checksums at its end`);
  await file.truncate(size - tail.length + at - 1); // its length is one byte
  const head = new Uint8Array(1);
  await file.seek(0, Deno.SeekMode.Start);
  await file.read(head);
  await file.seek(0, Deno.SeekMode.Start);
  await file.write(Uint8Array.of(head[0] - 1)); // a map of so many fields
}
