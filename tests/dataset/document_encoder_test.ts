import { assertEquals, assertRejects } from "@std/assert";
import {
  BATCH_UNITS,
  type EncodedDocument,
  encodeDocuments,
} from "../../lib/dataset/document_encoder.ts";
import type { TextDocument } from "../../lib/dataset/documents.ts";
import { BATCHES_A_THREAD } from "../../lib/workers.ts";
import { placeOf } from "../../lib/dataset/split.ts";
import { tokenizerOf } from "../tokenizer/trained.ts";

const tokenizer = await tokenizerOf("o mar e a casa, a casa e o mar\n");

/** Documents of all lengths, one of several batches' length among them. */
function* documents(): Generator<TextDocument> {
  for (let i = 0; i < 300; i++) {
    const text = `casa ${i} `.repeat(i === 7 ? 40_000 : 1 + i * 3);
    yield { text, sourceBytes: text.length + i };
  }
  yield { text: "\u200b", sourceBytes: 3 };
}

async function encoded(threads: number): Promise<EncodedDocument[]> {
  const all: EncodedDocument[] = [];
  for await (
    const batch of encodeDocuments(documents(), tokenizer, { threads })
  ) {
    all.push(...batch);
  }
  return all;
}

Deno.test("encodeDocuments() gives the same documents in order on any number of threads", async () => {
  const expected = [...documents()].map(({ text, sourceBytes }) => ({
    tokens: tokenizer.encode(text).join(),
    words: text === "\u200b" ? 1 : text.trimEnd().split(" ").length,
    place: placeOf(text),
    continues: false,
    sourceBytes,
    keptBytes: 0,
  }));
  for (const threads of [1, 2, 3]) {
    const found = await encoded(threads);
    assertEquals(found.length, expected.length);
    for (const [i, document] of found.entries()) {
      assertEquals(
        { ...document, tokens: document.tokens.join() },
        expected[i],
      );
    }
  }
});

Deno.test("encodeDocuments() reads only as far as it is asked", async () => {
  let read = 0;
  function* endless(): Generator<TextDocument> {
    for (;;) {
      read++;
      yield { text: "a ".repeat(BATCH_UNITS / 2), sourceBytes: BATCH_UNITS };
    }
  }
  for (const threads of [1, 2]) {
    read = 0;
    const batches = encodeDocuments(endless(), tokenizer, { threads });
    for (let i = 0; i < 3; i++) await batches.next();
    await batches.return(undefined);
    assertEquals(
      read <= 3 + threads * BATCHES_A_THREAD,
      true,
      `${read} documents`,
    );
  }
});

Deno.test("encodeDocuments() passes on what reading throws", async () => {
  function* broken(): Generator<TextDocument> {
    yield* documents();
    throw new SyntaxError("it is not UTF-8 text");
  }
  for (const threads of [1, 2]) {
    await assertRejects(
      () => Array.fromAsync(encodeDocuments(broken(), tokenizer, { threads })),
      SyntaxError,
      "it is not UTF-8 text",
    );
  }
});

Deno.test("encodeDocuments() gives nothing for no documents", async () => {
  for (const threads of [1, 2]) {
    const batches = encodeDocuments([], tokenizer, { threads });
    assertEquals(await Array.fromAsync(batches), []);
  }
});
