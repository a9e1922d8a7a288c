/**
 * Models of the Rust program: what its code computed, by hand once more, and
 * its compressed files.
 *
 * @module
 */

import { decode, encode } from "@msgpack/msgpack";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertRejects,
} from "@std/assert";
import { ReferenceBackend } from "../../../lib/backend/reference/reference_backend.ts";
import { ForeignModel } from "../../../lib/checkpoint/import/foreign_model.ts";
import { loadModel } from "../../../lib/checkpoint/native/mpk_reader.ts";
import { saveModel } from "../../../lib/checkpoint/native/mpk_writer.ts";
import { logitsAfter } from "../../../lib/generate/logits.ts";
import type { RWKVFields } from "../../../lib/model/config.ts";
import { classicLogits } from "../classic_by_hand.ts";
import { written } from "../foreign_files.ts";
import { tinyModel, weightsOf } from "../models.ts";
import { NO_REAL_DATA, REAL_DATA } from "../../real_data.ts";

const TINY_LAYOUT = `${REAL_DATA}/burn/tiny-layout.mpk`;

/** A file of ours as the Rust program would have written it. */
async function oldFile(fields: Partial<RWKVFields>): Promise<Uint8Array> {
  const path = await Deno.makeTempDir() + "/model_final.mpk";
  await saveModel(path, tinyModel({ ...fields, architecture: "classic" }));
  // deno-lint-ignore no-explicit-any
  const { metadata, item, _b } = decode(await Deno.readFile(path)) as any;
  return encode({ metadata, item, _b });
}

async function compareClassic(
  bytes: Uint8Array,
  path: string,
  ids: readonly number[],
): Promise<void> {
  // deno-lint-ignore no-explicit-any
  const { item } = decode(bytes) as any;
  for (const timeMixing of [undefined, "channels", "attention"] as const) {
    using foreign = await ForeignModel.open(path, { timeMixing });
    assertEquals(foreign.format, "burn");
    assertEquals(foreign.config.timeMixing, timeMixing ?? "channels");
    assertEquals(foreign.notes.length, 1);
    const to = await Deno.makeTempDir();
    await foreign.save(`${to}/model_final.mpk`);
    const model = await loadModel(to, new ReferenceBackend());
    const expected = classicLogits(item, ids, timeMixing ?? "channels");
    const logits = await logitsAfter(model, ids);
    expected.forEach((value, i) =>
      assertAlmostEquals(logits[i], value, 1e-4 * (1 + Math.abs(value)))
    );
  }
}

for (const embeddingNorm of [true, false]) {
  Deno.test(`ForeignModel computes what the Rust program did, ln_pre ${embeddingNorm}`, async () => {
    const bytes = await oldFile({ embeddingNorm });
    const path = await written(bytes, ".mpk");
    await compareClassic(bytes, path, [3, 1, 4, 1, 5, 9, 2, 6]);
    using same = await ForeignModel.open(path.replace(".mpk", ".bin"));
    assertEquals(same.format, "burn");
    const channels = classicLogits(
      // deno-lint-ignore no-explicit-any
      (decode(bytes) as any).item,
      [3, 1, 4],
      "channels",
    );
    const attention = classicLogits(
      // deno-lint-ignore no-explicit-any
      (decode(bytes) as any).item,
      [3, 1, 4],
      "attention",
    );
    assert(channels.some((value, i) => Math.abs(value - attention[i]) > 0.01));
  });
}

Deno.test({
  name:
    "ForeignModel computes what Burn's layout says in halves (needs PTBR_SLM_TEST_DATA)",
  ignore: NO_REAL_DATA,
  fn: async () => {
    const bytes = await Deno.readFile(TINY_LAYOUT);
    await compareClassic(bytes, TINY_LAYOUT, [1, 7, 15, 0, 3]);
  },
});

async function gzipped(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

Deno.test("ForeignModel reads .mpk.gz and leaves nothing behind", async () => {
  const bytes = await oldFile({});
  const path = await written(await gzipped(bytes), ".mpk.gz");
  const scratch = await Deno.makeTempDir();
  {
    using foreign = await ForeignModel.open(path, { scratch });
    const model = foreign.load(new ReferenceBackend());
    using plain = await ForeignModel.open(await written(bytes));
    const same = plain.load(new ReferenceBackend());
    assertEquals(await weightsOf(model), await weightsOf(same));
  }
  assertEquals([...Deno.readDirSync(scratch)], []);
});

Deno.test("ForeignModel.open() refuses a .mpk.gz cut at any byte", async () => {
  const bytes = await gzipped(await oldFile({ dModel: 1, dFfn: 1 }));
  const scratch = await Deno.makeTempDir();
  const path = await written(bytes, ".mpk.gz");
  for (let length = bytes.length - 1; length > 1; length -= 7) {
    await Deno.truncate(path, length);
    await assertRejects(
      () => ForeignModel.open(path, { scratch }),
      SyntaxError,
      `Cannot read model "${path}": `,
    );
  }
  const wrongSum = bytes.slice();
  wrongSum[bytes.length - 6] ^= 1;
  await Deno.writeFile(path, wrongSum);
  await assertRejects(
    () => ForeignModel.open(path, { scratch }),
    SyntaxError,
  );
  assertEquals([...Deno.readDirSync(scratch)], []);
});

Deno.test("ForeignModel.open() stops a gzip bomb", async () => {
  const bomb = await gzipped(new Uint8Array(2 ** 27)); // 130 kB
  assertLess(bomb.length, 2 ** 18);
  const scratch = await Deno.makeTempDir();
  const path = await written(bomb, ".mpk.gz");
  const before = Deno.memoryUsage().rss, start = performance.now();
  await assertRejects(
    () => ForeignModel.open(path, { scratch }),
    SyntaxError,
    "it inflates beyond",
  );
  assertLess(Deno.memoryUsage().rss - before, 128e6);
  assertLess(performance.now() - start, 10_000);
  assertEquals([...Deno.readDirSync(scratch)], []);
});
