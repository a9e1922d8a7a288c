/**
 * Exported and imported vocabularies beside Hugging Face's own libraries, the
 * one in Rust and the one in JavaScript: the same ids for every line. Without
 * the packages the tests are skipped, and say why.
 *
 * @module
 */

import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import { BPETokenizer } from "../../../lib/tokenizer/bpe/bpe_tokenizer.ts";
import type { BPEVocab } from "../../../lib/tokenizer/bpe/bpe_vocab.ts";
import { toCharacters } from "../../../lib/tokenizer/interchange/byte_characters.ts";
import { toGpt2 } from "../../../lib/tokenizer/interchange/gpt2.ts";
import {
  fromHuggingFace,
  toHuggingFace,
} from "../../../lib/tokenizer/interchange/hugging_face.ts";
import {
  fromSentencePiece,
  toSentencePiece,
} from "../../../lib/tokenizer/interchange/hugging_face_sentencepiece.ts";
import {
  fromTiktoken,
  toTiktoken,
} from "../../../lib/tokenizer/interchange/tiktoken.ts";
import { PTBRNormalizer } from "../../../lib/tokenizer/normalizer.ts";
import { Random } from "../../../lib/random.ts";
import { SentencePieceTokenizer } from "../../../lib/tokenizer/sentencepiece/sentencepiece_tokenizer.ts";
import { learntFile } from "../sentencepiece/learnt.ts";
import { randomPieces } from "../trained.ts";
import { TEXT, trained } from "./vocabularies.ts";
import { NO_REAL_DATA, readReal } from "../../real_data.ts";

/** What is used of npm:tokenizers. */
interface Rust {
  Tokenizer: {
    new (model: unknown): RustTokenizer;
    fromString(json: string): RustTokenizer;
  };
  BPE: {
    init(vocab: Record<string, number>, merges: [string, string][]): unknown;
  };
  byteLevelPreTokenizer(prefixSpace: boolean, useRegex: boolean): unknown;
}

interface RustTokenizer {
  setPreTokenizer(splitting: unknown): void;
  encodeBatch(
    texts: string[],
    options: { addSpecialTokens: boolean },
  ): Promise<{ getIds(): number[] }[]>;
  encode(text: string): Promise<{ getTokens(): string[] }>;
  decode(ids: number[], skipSpecial: boolean): Promise<string>;
}

/** What is used of npm:@huggingface/tokenizers. */
interface JavaScript {
  Tokenizer: new (json: unknown, config: unknown) => {
    encode(
      text: string,
      options?: { add_special_tokens: boolean },
    ): { ids: number[]; tokens: string[] };
    decode(ids: number[], options: { skip_special_tokens: boolean }): string;
  };
}

/** A package, or why it cannot be had. */
async function load<T>(specifier: string): Promise<[T?, string?]> {
  try {
    return [await import(specifier)];
  } catch (error) {
    const [reason] = String(error).split("\n");
    return [undefined, reason];
  }
}

const [rust, noRust] = await load<Rust>("npm:tokenizers@0.23.2");
const [javaScript, noJavaScript] = await load<JavaScript>(
  "npm:@huggingface/tokenizers@0.2.0",
);
const SKIPPED = noRust ?? noJavaScript;
const WHY = SKIPPED === undefined ? "" : ` (skipped: ${SKIPPED})`;

/** A test that needs both packages. */
function beside(what: string, fn: () => Promise<void>, needed = true): void {
  const ignore = SKIPPED !== undefined || !needed;
  Deno.test({ name: what + WHY, ignore, fn });
}

const DOM_CASMURRO = "tokenizer/dom_casmurro.txt";
const ITS_HF = "tokenizer/hf_0.23.2_dom_casmurro.tokenizer.json";

/** Pieces that splitting and normalising can get wrong. */
const PIECES = [
  ...TEXT.slice(0, 400).split(/(?<= )/),
  ..."a\u0303o|c\u0327a|👩‍👩‍👧‍👦|🇧🇷|e\u0301|한국어|日本|ﬁ|½|٣|१२|ª|º|'s|'ll|'S|[|]|{}"
    .split("|"),
  ..." |  |   |\n|\n\n|\t|\r\n|\u00a0|\u2003|\u3000|\u0085|\u2028|\v|\0"
    .split("|"),
  ..."\ufeff|\u200b|\u200d|\u00ad|\u{e0001}|\u{10ffff}|ſ|ǆ|İ|ß|–|—|“|”|…|€"
    .split("|"),
  ..."kkkkkkkk|não-é|1.234,56|R$|http://a.br/?x=1&y=2|__proto__|\\n".split("|"),
];

/** Random lines of them, the same every time. */
function lines(count: number): string[] {
  const random = new Random(5);
  return Array.from(
    { length: count },
    () => randomPieces(random, 1 + random.next() % 24, PIECES),
  );
}

/** Asserts that both libraries and ours agree on every line. */
async function assertSameIds(
  vocab: BPEVocab,
  json: string,
  texts: string[],
): Promise<void> {
  const tokenizer = new BPETokenizer(vocab);
  const theirs = rust!.Tokenizer.fromString(json);
  const others = new javaScript!.Tokenizer(JSON.parse(json), {});
  const encodings = await theirs.encodeBatch(texts, {
    addSpecialTokens: false,
  });
  for (const [i, text] of texts.entries()) {
    const ids = [...tokenizer.encode(text)];
    const where = JSON.stringify(text);
    assertEquals([...encodings[i].getIds()], ids, where);
    // As the notes of the file say, its \s lacks U+0085 and has U+FEFF.
    if (!/[\u0085\ufeff]/.test(text)) {
      const options = { add_special_tokens: false };
      assertEquals(others.encode(text, options).ids, ids, where);
    }
    if (i % 50 === 0) {
      assertEquals(await theirs.decode(ids, false), tokenizer.decode(ids));
    }
  }
}

beside(
  "toHuggingFace() gives both libraries our ids on 4,000 lines",
  async () => {
    const vocab = await trained();
    assertGreater(vocab.merges.length, 100);
    const [{ content }] = toHuggingFace(vocab).files;
    await assertSameIds(vocab, content, [...TEXT.split("\n"), ...lines(4000)]);
  },
);

beside(
  "fromSentencePiece() and toSentencePiece() keep the ids of 8,000 lines",
  async () => {
    const texts = [...TEXT.split("\n"), TEXT, ...lines(4000)]
      .filter((text) => !/<s>/.test(text));
    for (const prefix of ["always", "unless-blank"] as const) {
      const json = JSON.stringify(learntFile(TEXT, prefix));
      const { vocab } = fromSentencePiece(json);
      const [{ content }] = toSentencePiece(vocab).files;
      assertEquals(
        fromSentencePiece(content).vocab.toString(),
        vocab.toString(),
      );
      const tokenizer = new SentencePieceTokenizer(vocab);
      for (const file of [json, content]) {
        const theirs = rust!.Tokenizer.fromString(file);
        const encodings = await theirs.encodeBatch(texts, {
          addSpecialTokens: false,
        });
        for (const [i, text] of texts.entries()) {
          const ids = [...tokenizer.encode(text)];
          assertEquals([...encodings[i].getIds()], ids, JSON.stringify(text));
          if (i % 20 > 0) continue;
          assertEquals(await theirs.decode(ids, false), tokenizer.decode(ids));
        }
      }
    }
  },
);

beside(
  "toHuggingFace() without a normaliser carries text as it is",
  async () => {
    const vocab = await trained(PTBRNormalizer.off());
    const [{ content }] = toHuggingFace(vocab).files;
    await assertSameIds(vocab, content, lines(1000));
  },
);

beside("toHuggingFace() carries the normaliser, raw text and all", async () => {
  const vocab = await trained(new PTBRNormalizer({ mojibake: false }));
  const [{ content }] = toHuggingFace(vocab).files;
  const marks = Array.from(
    { length: 0x3100 },
    (_, code) => `a${String.fromCharCode(code)}\n b`,
  );
  await assertSameIds(vocab, content, [
    ...lines(1500),
    ...marks,
    "\r\u200b\n",
  ]);
});

beside(
  "toHuggingFace() gives our ids for text that is normalised",
  async () => {
    const normalizer = new PTBRNormalizer();
    const vocab = await trained(normalizer);
    const [{ content }] = toHuggingFace(vocab).files;
    const texts = lines(1000).map((line) => normalizer.normalize(line));
    await assertSameIds(vocab, content, texts);
  },
);

beside("toHuggingFace() frames texts and names special tokens", async () => {
  const vocab = await trained();
  const [{ content }] = toHuggingFace(vocab).files;
  const theirs = rust!.Tokenizer.fromString(content);
  const others = new javaScript!.Tokenizer(JSON.parse(content), {});
  const tokens = (await theirs.encode("a")).getTokens();
  assertEquals(tokens, ["[BOS]", "a", "[EOS]"]);
  assertEquals(others.encode("a").tokens, tokens);
  const ids = [2, ...new BPETokenizer(vocab).encode("Olá"), 3];
  assertEquals(await theirs.decode(ids, true), "Olá");
  assertEquals(others.decode(ids, { skip_special_tokens: true }), "Olá");
});

beside("toGpt2() gives the library in Rust our ids", async () => {
  const vocab = await trained(PTBRNormalizer.off());
  const [ids, merges] = toGpt2(vocab).files.map(({ content }) => content);
  const pairs = merges.trimEnd().split("\n").slice(1)
    .map((line) => line.split(" ") as [string, string]);
  const model = rust!.BPE.init(JSON.parse(ids), pairs);
  const theirs = new rust!.Tokenizer(model);
  theirs.setPreTokenizer(rust!.byteLevelPreTokenizer(false, true));
  const tokenizer = new BPETokenizer(vocab);
  const texts = lines(2000);
  const encodings = await theirs.encodeBatch(texts, {
    addSpecialTokens: false,
  });
  for (const [i, text] of texts.entries()) {
    assertEquals([...encodings[i].getIds()], [...tokenizer.encode(text)]);
  }
});

beside(
  "fromHuggingFace() keeps the ids of a vocabulary learnt there (needs PTBR_SLM_TEST_DATA)",
  async () => {
    const file = JSON.parse(readReal(ITS_HF));
    assertThrows(
      () => fromHuggingFace(JSON.stringify(file)),
      SyntaxError,
      "byte 0 has no token",
    );
    // It was learnt without the bytes that the text lacks: they are added.
    const { vocab: ids } = file.model;
    for (let byte = 0; byte < 256; byte++) {
      ids[toCharacters(Uint8Array.of(byte))] ??= Object.keys(ids).length;
    }
    file.decoder = file.pre_tokenizer;
    const json = JSON.stringify(file);
    const { vocab } = fromHuggingFace(json);
    assertEquals(vocab.merges.length, 17_600);
    const texts = readReal(DOM_CASMURRO).split("\n").slice(0, 1500);
    await assertSameIds(vocab, json, [...texts, ...lines(1000)]);
    const [{ content }] = toHuggingFace(vocab).files;
    await assertSameIds(vocab, content, texts);
    const [ranks] = toTiktoken(vocab).files;
    assertEquals(fromTiktoken(ranks.content).vocab.merges, vocab.merges);
  },
  !NO_REAL_DATA,
);
