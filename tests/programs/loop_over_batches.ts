/** Batches come shuffled, in an order that one number can restore. */

import { DataLoader, MmapDataset } from "@ptbr-slm/ptbr-slm/dataset";
import { assertEquals } from "@std/assert";

const path = await Deno.makeTempFile();
const tokens = Uint16Array.from({ length: 41 }, (_, i) => i);
await Deno.writeFile(path, new Uint8Array(tokens.buffer));
using dataset = MmapDataset.open(path);
const options = { batchSize: 2, contextLength: 4, seed: 42, epochs: 2 };
const loader = new DataLoader(dataset, options);

let batches = 0;
for await (const { inputs, targets } of loader) {
  assertEquals(targets, inputs.map((id) => id + 1));
  batches++;
}
assertEquals([batches, loader.position, loader.epoch], [10, 20, 2]);

const again = new DataLoader(dataset, options);
again.position = 18;
for await (const batch of again) assertEquals(batch.rows, 2);
assertEquals(again.position, 20);
await Deno.remove(path);
