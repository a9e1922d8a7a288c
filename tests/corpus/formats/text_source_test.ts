/** Files of every form as text, whole, in parts, and in ways that they may not be. */

import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { readJsonLines } from "../../../lib/corpus/documents/json_lines.ts";
import {
  bookOf,
  PACKED,
  PACKED_TEXT,
  PACKERS,
  parquetOf,
  readOut,
  zipOf,
} from "./made_files.ts";

const folder = await Deno.makeTempDir();
globalThis.addEventListener(
  "unload",
  () => Deno.removeSync(folder, { recursive: true }),
);

let files = 0;

/** Writes a file with a name of its own. */
function put(ending: string, bytes: Uint8Array | string): string {
  const path = `${folder}/${files++}${ending}`;
  if (typeof bytes === "string") Deno.writeTextFileSync(path, bytes);
  else Deno.writeFileSync(path, bytes);
  return path;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);
const texts = Array.from(
  { length: 450 },
  (_, i) => i % 9 === 4 ? undefined : `Documento "${i}", ação.\n`.repeat(i % 7),
);
const page = "<h1>Cap&iacute;tulo</h1><p>Bom\n dia, <b>rio</b>.";
const book = bookOf([page, "<p>Fim.</p>"]);
/** What each form is as it stands in a file, and what is read of it. */
const FORMS: Record<string, [file: Uint8Array, text: string]> = {
  ".txt": [bytesOf("Um.\n\nDois é.\n"), "Um.\n\nDois é.\n"],
  ".md": [bytesOf("# Um\n"), "# Um\n"],
  ".html": [bytesOf(page), "Capítulo\nBom dia, rio.\n"],
  ".htm": [Uint8Array.of(0x3c, 0x70, 0x3e, 0xe3), "ã\n"],
  ".jsonl": [bytesOf('{"text":"Um"}\n'), '{"text":"Um"}\n'],
  ".epub": [zipOf(book), "Fim.\nCapítulo\nBom dia, rio.\n"],
  ".parquet": [
    parquetOf(texts),
    texts.map((text, i) =>
      `${JSON.stringify({ id: `n${i}`, text: text ?? "" })}\n`
    ).join(""),
  ],
};

Deno.test("openText() reads every form, plain and packed, from any place", async () => {
  for (const [ending, [bytes, text]] of Object.entries(FORMS)) {
    const whole = new Uint8Array(bytesOf(text));
    const packed = {
      "": bytes,
      ".gz": PACKERS.gz(bytes),
      ".ZST": PACKERS.zst(bytes),
    };
    for (const [packing, content] of Object.entries(packed)) {
      const path = put(ending + packing, content);
      assertEquals(await readOut({ path }), text, path);
      const from = Math.floor(whole.length / 2);
      assertEquals(
        await readOut({ path }, { from, pieces: 7 }),
        new TextDecoder().decode(whole.subarray(from)),
        path,
      );
      assertEquals(await readOut({ path }, { from: whole.length + 9 }), "");
    }
  }
  for (const [packing, base64] of Object.entries(PACKED)) {
    const bytes = Uint8Array.fromBase64(base64);
    assertEquals(
      await readOut({ path: put(`.txt.${packing}`, bytes) }),
      PACKED_TEXT,
    );
    const twice = Uint8Array.of(...bytes, ...bytes);
    assertEquals(
      await readOut({ path: put(`.txt.${packing}`, twice) }),
      PACKED_TEXT + PACKED_TEXT,
    );
  }
});

Deno.test("openText() takes the column that is asked for, in any groups and pages", async () => {
  for (const rowGroupSize of [1, 7, 1000]) {
    for (const pageSize of [1, 300, 2 ** 20]) {
      for (const codec of ["SNAPPY", "UNCOMPRESSED"] as const) {
        const bytes = parquetOf(texts.slice(0, 60), {
          ...{ textField: "content", codec, rowGroupSize, pageSize },
        });
        const file = { path: put(".parquet", bytes), textField: "content" };
        const read = await Array.fromAsync(readJsonLines(file));
        const wanted = texts.slice(0, 60).map((text) => text?.trimEnd())
          .filter(Boolean);
        assertEquals(read, wanted, `${rowGroupSize} ${pageSize} ${codec}`);
      }
    }
  }
  await assertRejects(
    () => readOut({ path: put(".parquet", parquetOf(texts)), textField: "x" }),
    SyntaxError,
    'it has no column "x" of text, but "id", "text": a recipe',
  );
  await assertRejects(
    () =>
      readOut({ path: put(".parquet", parquetOf(texts)), textField: "score" }),
    SyntaxError,
    'it has no column "score" of text, but "id", "text": a recipe',
  );
});

Deno.test("openText() says what is wrong with files that are something else", async () => {
  const nothing = new Uint8Array(), text = bytesOf("Era uma vez um rio.\n");
  const cases: [ending: string, bytes: Uint8Array, reason: string][] = [
    [".txt.gz", text, "it is no gzip data"],
    [".txt.zst", text, "it is no Zstandard data"],
    [".txt.bz2", text, "it is no bzip2 data"],
    [".txt.xz", text, "it is no xz data"],
    [".parquet", text, "it is no parquet file"],
    [".epub", text, "it is no EPUB, or cut off"],
    [".epub", zipOf({ "a.txt": "x" }), "it is no EPUB"],
    [".epub", zipOf(bookOf([])), "it has no page of text"],
    [".epub", zipOf({ ...book, "OEBPS/livro.opf": "<a><b>" }), "is damaged"],
    [
      ".epub",
      zipOf({ ...book, "META-INF/container.xml": "<rootfile full-path='x'/>" }),
      "it names files that it has not",
    ],
    [
      ".epub",
      zipOf({
        ...book,
        "META-INF/encryption.xml":
          '<e><CipherReference URI="OEBPS/texto%201.xhtml"/></e>',
      }),
      "it is encrypted",
    ],
    ...["gz", "zst", "bz2", "xz"].map((
      packing,
    ): [string, Uint8Array, string] => [
      `.txt.${packing}`,
      nothing,
      "it has no data",
    ]),
    [".parquet", nothing, "it has no data"],
    [".epub", nothing, "it is no EPUB, or cut off"],
    [
      ".txt.gz",
      Uint8Array.of(...PACKERS.gz(text), 1, 2, 3, 4),
      "something else follows",
    ],
    [
      ".txt.zst",
      Uint8Array.of(...PACKERS.zst(text), 1, 2, 3, 4),
      "something else follows",
    ],
  ];
  for (const [ending, bytes, reason] of cases) {
    await assertRejects(
      () => readOut({ path: put(ending, bytes) }),
      SyntaxError,
      reason,
      `${ending}, ${reason}`,
    );
  }
  assertEquals(await readOut({ path: put(".html", nothing) }), "");
});

/** The forms of which a file cannot be cut without it being seen. */
const CHECKED: Record<string, Uint8Array> = {
  ".epub": FORMS[".epub"][0],
  ".parquet": FORMS[".parquet"][0],
  ".txt.gz": PACKERS.gz(bytesOf("Um rio.\n".repeat(99))),
  ".txt.zst": PACKERS.zst(bytesOf("Um rio.\n".repeat(99))),
  ".txt.bz2": Uint8Array.fromBase64(PACKED.bz2),
  ".txt.xz": Uint8Array.fromBase64(PACKED.xz),
};

Deno.test("openText() finds every file that is cut off", async () => {
  for (const [ending, bytes] of Object.entries(CHECKED)) {
    const step = Math.ceil(bytes.length / 60);
    for (let length = 1; length < bytes.length; length += step) {
      await assertRejects(
        () => readOut({ path: put(ending, bytes.subarray(0, length)) }),
        SyntaxError,
        "",
        `${ending}, ${length} of ${bytes.length} bytes`,
      );
    }
  }
});

Deno.test("openText() reads damaged files in its own words, or as they are", async () => {
  const isLong = Deno.env.has("PTBR_SLM_TEST_LONG");
  for (const [ending, bytes] of Object.entries(CHECKED)) {
    const tries = isLong ? bytes.length * 8 : 60;
    for (let i = 0; i < tries; i++) {
      const bit = isLong ? i : (i * 2654435761) % (bytes.length * 8);
      const damaged = bytes.slice();
      damaged[bit >> 3] ^= 1 << (bit & 7);
      const path = put(ending, damaged);
      const error = await readOut({ path }).then(() => undefined, (e) => e);
      await Deno.remove(path);
      if (error === undefined) continue;
      const known = error instanceof SyntaxError || error instanceof RangeError;
      assert(
        known && /^(?:it|what|its) /.test(error.message),
        `${bit} ${error}`,
      );
    }
  }
});

Deno.test("openText() keeps what is not UTF-8 in a table for whoever reads it", async () => {
  const bytes = parquetOf(["Não.", "Sim."], { codec: "UNCOMPRESSED" });
  const at = bytes.findIndex((byte, i) =>
    byte === 0xc3 && bytes[i + 1] === 0xa3
  );
  bytes[at] = 0xff;
  await assertRejects(
    () => Array.fromAsync(readJsonLines({ path: put(".parquet", bytes) })),
    SyntaxError,
    "line 1 is not UTF-8 text",
  );
});

/** Blocks of 128 KiB of one byte, four bytes each. */
function zstdBomb(blocks: number): Uint8Array {
  const head = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58];
  const block = [0x02, 0x00, 0x10, 0x61];
  const bytes = new Uint8Array(head.length + 4 * blocks);
  bytes.set(head);
  for (let i = 0; i < blocks; i++) bytes.set(block, head.length + 4 * i);
  bytes[bytes.length - 4] |= 1;
  return bytes;
}

Deno.test("openText() stops at what becomes far more than it is", async () => {
  const path = put(".txt.zst", zstdBomb(2 ** 14)); // 64 KiB become 2 GiB
  await assertRejects(
    () => readOut({ path }, { pieces: 2 ** 20 }),
    RangeError,
    "it becomes more than 200 times as long unpacked",
  );
  const window = zstdBomb(1);
  window[5] = 0xff; // some 3.75 TiB
  await assertRejects(
    () => readOut({ path: put(".txt.zst", window) }),
    RangeError,
    "it asks for more than 128 MiB",
  );
  const page = new Uint8Array(70 << 20).fill(0x20);
  await assertRejects(
    () => readOut({ path: put(".html.gz", PACKERS.gz(page)) }),
    RangeError,
    "it ",
  );
  await assertRejects(
    () => readOut({ path: put(".epub", zipOf(bookOf([], { x: page }))) }),
    SyntaxError,
    "it has no page of text",
  );
  const large = zipOf({ ...book, "OEBPS/texto 0.xhtml": page });
  await assertRejects(
    () => readOut({ path: put(".epub", large) }),
    RangeError,
    "it has a file of more than",
  );
});

Deno.test("openText() refuses a table's page that would be too large before it is unpacked", async () => {
  const bytes = parquetOf(["Um."], { codec: "UNCOMPRESSED" });
  const good = await readOut({ path: put(".parquet", bytes) });
  assertNotEquals(good, "");
  const text = new TextDecoder("latin1").decode(bytes);
  // What a page's head says first: its kind, then its length unpacked.
  const at = text.indexOf("\x15\x00\x15", 4);
  assert(at > 0);
  const grown = Uint8Array.of(
    ...bytes.subarray(0, at + 3),
    ...[0xfe, 0xff, 0xff, 0xff, 0x0f],
    ...bytes.subarray(at + 4),
  );
  await assertRejects(
    () => readOut({ path: put(".parquet", grown) }),
    Error,
    "it ",
  );
});
