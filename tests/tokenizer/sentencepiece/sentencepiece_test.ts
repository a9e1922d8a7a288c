import { assertEquals, assertThrows } from "@std/assert";
import { fromSentencePiece } from "../../../lib/tokenizer/interchange/hugging_face_sentencepiece.ts";
import { parseTokenizer } from "../../../lib/tokenizer/interchange/parse_tokenizer.ts";
import { decodeKeeping, encodeKept } from "../../../lib/dataset/broken_utf8.ts";
import { Random } from "../../../lib/random.ts";
import { SentencePieceTokenizer } from "../../../lib/tokenizer/sentencepiece/sentencepiece_tokenizer.ts";
import type { SentencePieceVocab } from "../../../lib/tokenizer/sentencepiece/sentencepiece_vocab.ts";
import { identityOf } from "../../../lib/tokenizer/tokenizer.ts";
import {
  parseVocab,
  tokenizerOf,
} from "../../../lib/tokenizer/vocab/any_tokenizer.ts";
import { TEXT } from "../interchange/vocabularies.ts";
import { randomPieces } from "../trained.ts";
import { learntFile } from "./learnt.ts";

const PREFIXES = ["always", "unless-blank"] as const;
const FILES = {
  always: learntFile(TEXT, "always"),
  "unless-blank": learntFile(TEXT, "unless-blank"),
};

function vocabOf(prefix: typeof PREFIXES[number]): SentencePieceVocab {
  return fromSentencePiece(JSON.stringify(FILES[prefix])).vocab;
}

/** The whole text at once, the most urgent pair of all, the leftmost first. */
function plainly(prefix: typeof PREFIXES[number], text: string): number[] {
  const { vocab, merges } = FILES[prefix].model;
  const marked = text.replaceAll(" ", "▁");
  const isBegun = prefix === "unless-blank" && marked.startsWith("▁");
  const source = text === "" || isBegun ? marked : `▁${marked}`;
  const names = [...source].flatMap((character) =>
    character in vocab ? [character] : [
      ...new TextEncoder().encode(character),
    ].map((byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`)
  );
  const ranks = new Map(merges.map((pair, rank) => [pair.join(" "), rank]));
  for (;;) {
    let best = Infinity, at = 0;
    for (let i = 1; i < names.length; i++) {
      const rank = ranks.get(`${names[i - 1]} ${names[i]}`) ?? Infinity;
      if (rank < best) [best, at] = [rank, i];
    }
    if (best === Infinity) return names.map((name) => vocab[name]);
    names.splice(at - 1, 2, names[at - 1] + names[at]);
  }
}

const PIECES = [
  ...TEXT.slice(0, 300).split(/(?<= )/),
  ..." |  |   |\n|\t|▁|▁▁|é|e\u0301|🇧🇷|中|ﬁ|\0|\ufeff|\u{10ffff}|<0x0A>|<s>"
    .split("|"),
];

Deno.test("encode() gives the ids of merging a whole text at once", () => {
  const random = new Random(11);
  for (const prefix of PREFIXES) {
    const tokenizer = new SentencePieceTokenizer(vocabOf(prefix));
    for (let i = 0; i < 1500; i++) {
      const text = randomPieces(random, random.next() % 20, PIECES);
      const ids = [...tokenizer.encode(text)];
      assertEquals(ids, plainly(prefix, text), JSON.stringify(text));
      const shown = text.replaceAll("▁", " ");
      assertEquals(
        tokenizer.decode(ids),
        prefix === "always" ? shown : shown.replace(/^ /, ""),
      );
    }
    const long = `${TEXT.slice(0, 500)}${"à".repeat(3000)}${" ".repeat(999)}`;
    assertEquals([...tokenizer.encode(long)], plainly(prefix, long));
    assertEquals(
      [...tokenizer.encode("a\ud800")],
      [...tokenizer.encode("a\ufffd")],
    );
  }
});

Deno.test("a vocabulary of SentencePiece is read, framed and kept", async () => {
  for (const prefix of PREFIXES) {
    const { vocab, format, notes } = parseTokenizer(
      JSON.stringify(FILES[prefix]),
    );
    assertEquals(format, "hf");
    assertEquals(notes.at(-1), '[BOS] is "<s>" and [EOS] is "</s>" here');
    assertEquals(vocab.specialId("[EOS]"), 2);
    const again = parseVocab(vocab.toString());
    assertEquals(again.toString(), vocab.toString());
    const padded = again.padded(vocab.size + 5);
    assertEquals(padded.size, vocab.size + 5);
    assertEquals(await identityOf(padded), await identityOf(vocab));
    const [tokenizer, same] = [vocab, padded].map(tokenizerOf);
    const ids = tokenizer.encode(TEXT);
    assertEquals(same.encode(TEXT), ids);
    const bytes = ids.reduce((sum, id) => sum + same.byteLength(id), 0);
    assertEquals(bytes, new TextEncoder().encode(` ${TEXT}`).length);
    assertEquals(same.decode(ids), TEXT);
    assertEquals(same.decode(ids, { isPart: true }), ` ${TEXT}`);
    assertEquals(
      same.decode([1, ...ids, 2], { keepSpecial: true }),
      `<s> ${TEXT}</s>`,
    );
  }
});

Deno.test("the rest of a text gets no blank before it, nor do bytes that are kept", () => {
  for (const prefix of PREFIXES) {
    const tokenizer = new SentencePieceTokenizer(vocabOf(prefix));
    const bytesOf = (ids: Uint16Array) =>
      [...ids].flatMap((id) => [...tokenizer.bytesOf(id)]);
    const part = "dia e \u{10ffff}";
    const utf8 = [...new TextEncoder().encode(part)];
    assertEquals(bytesOf(tokenizer.encode(part)), [0x20, ...utf8]);
    assertEquals(bytesOf(tokenizer.encodePart(part)), utf8);
    const broken = [...utf8, 0xe7, ...utf8, 0xff, 0xc3];
    const text = decodeKeeping(Uint8Array.from(broken));
    assertEquals(bytesOf(encodeKept(text, tokenizer)), [0x20, ...broken]);
  }
});

Deno.test("fromSentencePiece() refuses what would change ids, and faults", () => {
  const file = FILES.always;
  const { vocab: ids, merges } = file.model;
  const refuses = (parts: object, model: object, reason: string) => {
    const changed = { ...file, ...parts, model: { ...file.model, ...model } };
    assertThrows(
      () => fromSentencePiece(JSON.stringify(changed)),
      SyntaxError,
      reason,
    );
  };
  const size = Object.keys(ids).length;
  const { "<0x41>": id, ...withoutByte } = ids;
  const added = { id: size, content: "<x>", special: false };
  refuses({ normalizer: null }, {}, "its normalizer or pre_tokenizer is not");
  refuses(
    { pre_tokenizer: FILES["unless-blank"].pre_tokenizer },
    {},
    "its normalizer or pre_tokenizer is not",
  );
  const metaspace = FILES["unless-blank"].pre_tokenizer as object;
  refuses(
    { normalizer: null, pre_tokenizer: { ...metaspace, split: true } },
    {},
    "its normalizer or pre_tokenizer is not",
  );
  refuses({ decoder: { type: "ByteLevel" } }, {}, "its decoder is not that");
  refuses({ added_tokens: [added] }, {}, '"<x>" is no special token');
  refuses({}, { dropout: 0.1 }, 'its model uses "dropout"');
  refuses({}, { ignore_merges: true }, 'its model uses "ignore_merges"');
  refuses({}, { type: "Unigram" }, 'its model is "Unigram", not "BPE"');
  refuses(
    {},
    { vocab: { ...withoutByte, x1: id } },
    "byte 65 has no token",
  );
  refuses({}, { vocab: { ...ids, "": size } }, "a token has no name");
  refuses({}, { vocab: { ...ids, "\ud800": size } }, "is not UTF-8");
  refuses({}, { vocab: { ...ids, " ": size } }, "are the same bytes");
  refuses({}, { vocab: { ...ids, zz: 70_000 } }, "the highest that 16 bits");
  refuses({}, { vocab: { ...ids, zz: size + 1 } }, `id ${size} has no token`);
  const more = (...pair: string[]) => ({ merges: [...merges, pair] });
  refuses({}, more(...merges[0]), "is there twice");
  refuses({}, more("a", "not there"), "which is no token");
  refuses({}, more("<0x41>", "a"), "which is no text");
  refuses({}, more("<s>", "a"), "which is no text");
  refuses({}, more("▁", "z"), "makes no token");
});

Deno.test("a tokenizer.json of SentencePiece's kind is checked", () => {
  const file = JSON.parse(vocabOf("always").toString());
  const faults: [object, string][] = [
    [{ id_to_token: 1 }, '"id_to_token" is not a list'],
    [{ id_to_token: [] }, "id_to_token has 0 entries"],
    [{ id_to_token: [[256]] }, "id_to_token[0] is not a list of bytes"],
    [{ byte_tokens: [1] }, '"byte_tokens" is not a list of 256 ids'],
    [{ byte_tokens: file.byte_tokens.toReversed() }, "byte 0 has no token"],
    [{ prefix: "never" }, '"prefix" is none of always, unless-blank'],
    [{ merges: [[1, 2, 3]] }, "merges[0] is not a pair of ids"],
    [{ special_tokens: null }, '"special_tokens" is missing'],
    [
      { id_to_token: [...file.id_to_token, [0xc3]] },
      `token ${file.id_to_token.length} is not UTF-8`,
    ],
    [
      { id_to_token: [...file.id_to_token, Array(2000).fill(97)] },
      "its tokens are too long",
    ],
  ];
  for (const [fault, reason] of faults) {
    assertThrows(
      () => parseVocab(JSON.stringify({ ...file, ...fault })),
      SyntaxError,
      reason,
    );
  }
});
