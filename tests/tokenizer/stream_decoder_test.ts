import { assert, assertEquals } from "@std/assert";
import { StreamDecoder } from "../../lib/tokenizer/stream_decoder.ts";
import { Random } from "../../lib/random.ts";
import { tokenizerOf } from "./trained.ts";

const tokenizer = await tokenizerOf("a ação e a nação, a ação\n");

Deno.test("StreamDecoder gives the whole text, never half a character", () => {
  const text = "\ufeffação 👩‍👩‍👧 日本 — é".normalize("NFC").slice(1);
  const decoder = new StreamDecoder(tokenizer);
  let shown = "";
  for (const id of tokenizer.encode(text)) {
    const piece = decoder.push(id);
    assert(piece.isWellFormed() && !piece.includes("\ufffd"));
    shown += piece;
  }
  shown += decoder.flush();
  assertEquals(shown, tokenizer.decode(tokenizer.encode(text)));
});

Deno.test("StreamDecoder agrees with decode() on any ids", () => {
  const random = new Random(13);
  for (let i = 0; i < 300; i++) {
    const ids = Array.from(
      { length: 20 },
      () => random.next() % tokenizer.vocab.size,
    );
    for (const keepSpecial of [false, true]) {
      const decoder = new StreamDecoder(tokenizer, { keepSpecial });
      const pieces = ids.map((id) => decoder.push(id));
      assertEquals(
        pieces.join("") + decoder.flush(),
        tokenizer.decode(ids, { keepSpecial }),
      );
    }
  }
});
