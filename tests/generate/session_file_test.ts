/** A session survives a file, and no other model takes it. */

import { assertEquals, assertThrows } from "@std/assert";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { greedy } from "../../lib/generate/sampler.ts";
import { Session } from "../../lib/generate/session.ts";
import {
  decodeSession,
  encodeSession,
} from "../../lib/generate/session_file.ts";
import { ARCHITECTURES } from "../../lib/model/architecture.ts";
import { RWKVConfig } from "../../lib/model/config.ts";
import { config, newModel } from "./small_models.ts";

async function savedBytes(shape: RWKVConfig) {
  using session = new Session(await newModel(new ReferenceBackend(), shape));
  await session.feed([3, 1, 4, 1, 5]);
  const saved = await session.save();
  return { saved, bytes: encodeSession(saved, shape) };
}

for (const architecture of ARCHITECTURES) {
  Deno.test(`decodeSession() reads a session of ${architecture}`, async () => {
    const shape = new RWKVConfig({ ...config, architecture, headSize: 8 });
    const { saved, bytes } = await savedBytes(shape);
    const path = await Deno.makeTempFile();
    await Deno.writeFile(path, bytes);
    const read = decodeSession(await Deno.readFile(path), shape);
    await Deno.remove(path);
    assertEquals(read, saved);

    const model = await newModel(new ReferenceBackend(), shape);
    using one = new Session(model), another = new Session(model);
    one.restore(saved);
    another.restore(read);
    for (let i = 0; i < 5; i++) {
      assertEquals(await another.next(greedy()), await one.next(greedy()));
    }
  });
}

Deno.test("decodeSession() reads a session before its first token", async () => {
  using session = new Session(await newModel(new ReferenceBackend()));
  const saved = await session.save();
  assertEquals(decodeSession(encodeSession(saved, config), config), saved);
});

Deno.test("decodeSession() takes no notice of what only training reads", async () => {
  const { saved, bytes } = await savedBytes(config);
  const longer = new RWKVConfig({ ...config, maxSeqLen: 8, dropout: 0 });
  assertEquals(decodeSession(bytes, longer), saved);
});

Deno.test("decodeSession() refuses what is damaged or cut short", async () => {
  const { bytes } = await savedBytes(config);
  for (let at = 0; at < bytes.length; at += 7) {
    const damaged = bytes.slice();
    damaged[at] ^= 16;
    assertThrows(
      () => decodeSession(damaged, config),
      SyntaxError,
      "Cannot read a session: ",
    );
    assertThrows(
      () => decodeSession(bytes.subarray(0, at), config),
      SyntaxError,
      "Cannot read a session: ",
    );
  }
  assertThrows(
    () => decodeSession(new Uint8Array([...bytes, 0]), config),
    SyntaxError,
    "checksum",
  );
});

Deno.test("decodeSession() refuses a session of another model", async () => {
  const { bytes, saved } = await savedBytes(config);
  for (
    const [change, reason] of [
      [{ nLayers: 3 }, "nLayers 2, not 3"],
      [{ dModel: 8 }, "dModel 16, not 8"],
      [{ architecture: "classic" }, "architecture rwkv4, not classic"],
      [{ vocabSize: config.vocabSize + 1 }, "vocabSize"],
    ] as const
  ) {
    const other = new RWKVConfig({ ...config, ...change });
    assertThrows(() => decodeSession(bytes, other), RangeError, reason);
  }
  assertThrows(
    () => encodeSession(saved, new RWKVConfig({ ...config, nLayers: 3 })),
    RangeError,
    "Cannot write a session: it is of another shape",
  );
});

Deno.test("decodeSession() refuses a session of other weights, where they are named", async () => {
  const { saved } = await savedBytes(config);
  const bytes = encodeSession(saved, config, { weights: "a1" });
  assertEquals(decodeSession(bytes, config, { weights: "a1" }), saved);
  for (const weights of ["b2", undefined]) {
    assertThrows(
      () => decodeSession(bytes, config, { weights }),
      RangeError,
      "other weights",
    );
  }
});
