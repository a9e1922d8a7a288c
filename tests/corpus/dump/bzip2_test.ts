import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertRejects,
} from "@std/assert";
import seekBzip from "seek-bzip";
import { decodeBzip2, isBzip2 } from "../../../lib/corpus/dump/bzip2.ts";
import { bzip2 } from "./bzip2_encoder.ts";
import { NO_REAL_DATA, REAL_DATA } from "../../real_data.ts";

const VECTORS = `${REAL_DATA}/bz2`;

/** What `bzip2 -dc` makes of the vectors. */
const SHA256: Record<string, string> = {
  "100KB1.bz2":
    "b4f9200db62a70ecce9e94e5a596a8c64610761e05489848810d7c50cdacbc08",
  "300KB1.bz2":
    "2def20f79373affefb4338369451991785b658e3eb2074f93a5fac9a4ed7b472",
  "300KB2.bz2":
    "2def20f79373affefb4338369451991785b658e3eb2074f93a5fac9a4ed7b472",
  "300KB5.bz2":
    "2def20f79373affefb4338369451991785b658e3eb2074f93a5fac9a4ed7b472",
  "400KB1.bz2":
    "7d48a41567c0fd117ededa25b628b4c27c41fd6c4f0598d39b31fac86043f1d9",
  "800KB1.bz2":
    "c2d5ace0150a458e1a3e8ca707e6406ba58e6abf6a0c231859d140165afaca8d",
  "900KB1.bz2":
    "3c559b33e1ef3d8e4070912adaed2021893b20ae3022bb060e0a90609abd8c6e",
  "e.txt.bz2":
    "b2fdec07c4f495548588e2c178bb9d1dbdb76ba8190ea633dc96722cac77cb2c",
  "empty.bz2":
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "hello.bz2":
    "a948904f2f0f479b8f8197694b30184b0d2ed1c1cd2a1ec0fb85d299a192a447",
  "hello_world.bz2":
    "a948904f2f0f479b8f8197694b30184b0d2ed1c1cd2a1ec0fb85d299a192a447",
  "pass-random1.bz2":
    "2eea061995fd69c02f928c1380b79e7894cb9ea578b37ffa990e71623189807d",
  "pass-random2.bz2":
    "f9d71ac94235087c89c86dc09bbd3753e0ad1f5dfc749811c6982781a5ba09fe",
  "random.data.bz2":
    "a832364876d5f66bb4f35fe9c4e64d2fae05cad3a4e21c7a73dd8cc22aee8447",
};

const TEXT = "Um pequeno texto, um pequeno teste. aaaaaaaaaaaaaaaaaaaaaaa\n";
const LONG = TEXT.repeat(12) + "x".repeat(3000);

async function decode(
  bytes: Uint8Array,
  chunk = bytes.length || 1,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += chunk) {
    chunks.push(bytes.slice(at, at + chunk));
  }
  const stream = ReadableStream.from(decodeBzip2(ReadableStream.from(chunks)));
  return new Uint8Array(await new Response(stream as BodyInit).arrayBuffer());
}

async function decodeText(bytes: Uint8Array, chunk?: number): Promise<string> {
  return new TextDecoder().decode(await decode(bytes, chunk));
}

function concat(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

Deno.test("decodeBzip2() decodes what bzip2 itself wrote", async () => {
  // printf 'Olá, bzip2!\n' | bzip2
  assertEquals(
    await decodeText(Uint8Array.fromHex(OLA_BZIP2)),
    "Olá, bzip2!\n",
  );
});

const OLA_BZIP2 =
  "425a68393141592653596f5b09c5000002dd940010600410000000902440102000080020003100d001000682b3e889db03bbc5dc914e14241bd6c27140";

Deno.test("decodeBzip2() decodes blocks at every bit offset and chunk size", async () => {
  for (const blockBytes of [1, 7, 100, 4000]) {
    const text = blockBytes === 1 ? TEXT : LONG;
    const bytes = bzip2(text, { blockBytes });
    for (const chunk of [1, 3, 1000, bytes.length]) {
      assertEquals(await decodeText(bytes, chunk), text);
    }
  }
});

Deno.test("decodeBzip2() agrees with seek-bzip", async () => {
  for (const level of [1, 5, 9]) {
    const bytes = bzip2(LONG, { level, blockBytes: 1234 });
    assertEquals(
      await decode(bytes),
      // It reads bytes alone, though its types ask for a Buffer.
      new Uint8Array(seekBzip.decode(bytes as never)),
    );
  }
});

Deno.test("decodeBzip2() decodes many streams of different levels", async () => {
  const empty = bzip2("");
  const bytes = concat(
    empty,
    bzip2("um ", { level: 1 }),
    empty,
    bzip2("dois ", { level: 9 }),
    bzip2("três", { level: 2 }),
    empty,
  );
  assertEquals(await decodeText(bytes), "um dois três");
  assertEquals(await decodeText(bytes, 1), "um dois três");
});

Deno.test("decodeBzip2() sees through a magic number inside a block", async () => {
  for (const magic of [0x314159265359, 0x177245385090]) {
    const hidden = magic.toString(2).padStart(48, "0") + "0";
    // √π's digits hold runs of ones that no selector may have.
    if (/1{6}/.test(hidden)) continue;
    for (const count of [1, 2, 40]) {
      const bytes = bzip2(LONG, { hidden: hidden.repeat(count) });
      assertEquals(await decodeText(bytes), LONG);
      assertEquals(await decodeText(bytes, 50), LONG);
    }
  }
});

Deno.test("decodeBzip2() reports data cut off anywhere", async () => {
  const bytes = concat(bzip2(TEXT, { blockBytes: 30 }), bzip2(TEXT));
  const first = bzip2(TEXT, { blockBytes: 30 }).length;
  for (let length = 0; length < bytes.length; length++) {
    if (length === first) continue; // a whole stream
    await assertRejects(
      () => decode(bytes.subarray(0, length)),
      SyntaxError,
      "Cannot decode bzip2: ",
    );
  }
});

Deno.test("decodeBzip2() never takes a flipped bit for other data", async () => {
  const text = "abracadabra";
  const bytes = bzip2(text);
  let refused = 0;
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const damaged = bytes.slice();
    damaged[bit >> 3] ^= 0x80 >> (bit & 7);
    const decoded = await decodeText(damaged).catch((error) => {
      assert(error instanceof SyntaxError, String(error));
      assertEquals(error.message.split("\n").length, 1);
      refused++;
      return text;
    });
    // Some bits do not matter: padding, the code tables that are not used.
    assertEquals(decoded, text);
  }
  assertGreater(refused, bytes.length * 8 / 2);
});

Deno.test("decodeBzip2() says what follows the data and where", async () => {
  const bytes = bzip2("abc");
  for (const garbage of ["\0", "BZ", "BZh0", "garbage"]) {
    await assertRejects(
      () => decode(concat(bytes, new TextEncoder().encode(garbage))),
      SyntaxError,
      `Cannot decode bzip2: trailing garbage at byte ${bytes.length}`,
    );
  }
  await assertRejects(
    () => decode(new TextEncoder().encode("<mediawiki>")),
    SyntaxError,
    "Cannot decode bzip2: this is not bzip2 at byte 0",
  );
  await assertRejects(
    () => decode(new Uint8Array()),
    SyntaxError,
    "Cannot decode bzip2: there is no data",
  );
});

Deno.test("decodeBzip2() refuses randomised blocks by name", async () => {
  const bytes = bzip2("abc");
  bytes[14] |= 0x80;
  await assertRejects(() => decode(bytes), SyntaxError, "randomised");
});

Deno.test("decodeBzip2() is lazy and tells its source when it stops", async () => {
  let pulled = 0, cancelled = false;
  const block = bzip2(TEXT);
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled++;
      controller.enqueue(block);
    },
    cancel() {
      cancelled = true;
    },
  });
  for await (const _ of decodeBzip2(source)) break;
  assertLess(pulled, 8);
  assert(cancelled);
});

Deno.test("decodeBzip2() stops at hostile blocks in no time", async () => {
  // Nothing but magic numbers: each looks like the end of the block before.
  const magic = Uint8Array.fromHex("314159265359");
  const many = new Uint8Array(3_000_000);
  for (let at = 0; at < many.length; at += 6) many.set(magic, at);
  const start = performance.now();
  await assertRejects(
    () => decode(concat(new TextEncoder().encode("BZh9"), many)),
    SyntaxError,
  );
  for (let seed = 0; seed < 200; seed++) {
    const bytes = bzip2(TEXT);
    for (let i = 14; i < bytes.length; i++) {
      if ((i * 7919 + seed * 104729) % 11 === 0) bytes[i] = (i * seed) & 255;
    }
    await decode(bytes).catch((error) => assert(error instanceof SyntaxError));
  }
  assertLess(performance.now() - start, 4000);
});

Deno.test("isBzip2() knows the first four bytes", () => {
  assert(isBzip2(bzip2("")));
  assertEquals(isBzip2(new TextEncoder().encode("BZh0")), false);
  assertEquals(isBzip2(new TextEncoder().encode("BZh")), false);
});

for (const [name, expected] of Object.entries(SHA256)) {
  Deno.test({
    name: `decodeBzip2() decodes ${name} (needs PTBR_SLM_TEST_DATA)`,
    ignore: NO_REAL_DATA,
    async fn() {
      const bytes = await Deno.readFile(`${VECTORS}/${name}`);
      const digest = await crypto.subtle.digest("SHA-256", await decode(bytes));
      assertEquals(new Uint8Array(digest).toHex(), expected);
    },
  });
}

Deno.test({
  name: "decodeBzip2() keeps each stream's level (needs PTBR_SLM_TEST_DATA)",
  ignore: NO_REAL_DATA,
  async fn() {
    const names = ["100KB1.bz2", "300KB5.bz2", "e.txt.bz2", "300KB2.bz2"];
    const parts = await Promise.all(
      names.map((name) => Deno.readFile(`${VECTORS}/${name}`)),
    );
    assertEquals(
      (await decode(concat(...parts), 5000)).length,
      102_400 + 307_200 + 100_003 + 307_200,
    );
  },
});

Deno.test({
  name:
    "decodeBzip2() refuses the vectors that must fail (needs PTBR_SLM_TEST_DATA)",
  ignore: NO_REAL_DATA,
  async fn() {
    let count = 0;
    for await (const { name } of Deno.readDir(VECTORS)) {
      if (!name.startsWith("fail-")) continue;
      count++;
      const bytes = await Deno.readFile(`${VECTORS}/${name}`);
      await assertRejects(() => decode(bytes), SyntaxError);
    }
    assert(count > 0);
  },
});

Deno.test("decodeBzip2() can be iterated without a stream", async () => {
  const parts = await Array.fromAsync(
    decodeBzip2(ReadableStream.from([bzip2("abcabc", { blockBytes: 3 })])),
  );
  assertEquals(parts.map((part) => new TextDecoder().decode(part)), [
    "abc",
    "abc",
  ]);
});
