/**
 * The exchange formats against themselves: round trips and bad input.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { BPETokenizer } from "../../../lib/tokenizer/bpe/bpe_tokenizer.ts";
import { BPETrainer } from "../../../lib/tokenizer/bpe/bpe_trainer.ts";
import { BPEVocab } from "../../../lib/tokenizer/bpe/bpe_vocab.ts";
import { fromGpt2, toGpt2 } from "../../../lib/tokenizer/interchange/gpt2.ts";
import {
  fromHuggingFace,
  toHuggingFace,
} from "../../../lib/tokenizer/interchange/hugging_face.ts";
import { saySplitting } from "../../../lib/tokenizer/interchange/splittings.ts";
import { SAYABLE_RULES } from "../../../lib/tokenizer/interchange/normalizer_rules.ts";
import { parseTokenizer } from "../../../lib/tokenizer/interchange/parse_tokenizer.ts";
import {
  fromTiktoken,
  toTiktoken,
} from "../../../lib/tokenizer/interchange/tiktoken.ts";
import { PTBRNormalizer } from "../../../lib/tokenizer/normalizer.ts";
import { forEachWord } from "../../../lib/tokenizer/pre_tokenizer.ts";
import { bytesAnd, ORIGINAL_FILE, trained, vocabWith } from "./vocabularies.ts";
import { NO_REAL_DATA, readReal } from "../../real_data.ts";

/** The vocabulary with other rules, all else the same. */
function withRules(vocab: BPEVocab, normalizer: PTBRNormalizer): BPEVocab {
  return new BPEVocab({ ...vocab, normalizer: normalizer.settings });
}

const EXPORTS = { hf: toHuggingFace, gpt2: toGpt2, tiktoken: toTiktoken };

Deno.test("every format gives the vocabulary back, id for id", async () => {
  const vocab = await trained();
  const plain = withRules(vocab, PTBRNormalizer.off()).toString();
  const [hf] = toHuggingFace(vocab).files;
  assertEquals(fromHuggingFace(hf.content).vocab.toString(), vocab.toString());
  const [ids, merges] = toGpt2(vocab).files;
  assertEquals(fromGpt2(ids.content, merges.content).vocab.toString(), plain);
  const [ranks] = toTiktoken(vocab).files;
  const { vocab: again } = fromTiktoken(ranks.content, vocab.specialTokens);
  assertEquals(again.toString(), plain);
});

Deno.test("toHuggingFace() carries every choice of the rules it can say", async () => {
  const vocab = await trained();
  for (let chosen = 0; chosen < 2 ** SAYABLE_RULES.length; chosen++) {
    const rules = SAYABLE_RULES.filter((_, i) => (chosen >> i) & 1);
    const chosenVocab = withRules(vocab, PTBRNormalizer.only(...rules));
    const { files: [{ content }], notes } = toHuggingFace(chosenVocab);
    assertEquals(notes.length, 1);
    const again = fromHuggingFace(content).vocab;
    assertEquals(again.normalizer, chosenVocab.normalizer);
  }
});

Deno.test("exports note the rules and special tokens they cannot say", async () => {
  const vocab = await trained(new PTBRNormalizer({ dashes: false }));
  const notes = (format: keyof typeof EXPORTS) =>
    EXPORTS[format](vocab).notes.join("\n");
  assertStringIncludes(
    notes("hf"),
    "no normaliser rule for mojibake:",
  );
  assertStringIncludes(notes("hf"), '"[SEP]" written in it, programs');
  assertStringIncludes(notes("gpt2"), "quotes, nfc:");
  assertStringIncludes(notes("gpt2"), '"[PAD]", "[UNK]"');
  assertStringIncludes(notes("tiktoken"), "quotes, nfc:");
  assertStringIncludes(notes("tiktoken"), "[PAD]=0,[UNK]=1,[BOS]=2");
  const bare = vocabWith(bytesAnd(), []);
  assertEquals(toHuggingFace(bare).notes, []);
  assertEquals(toGpt2(bare).notes, []);
});

Deno.test("exports refuse what would change ids", () => {
  const original = BPEVocab.parse(ORIGINAL_FILE);
  const twins = vocabWith(bytesAnd("de", "de"), [[100, 101]]);
  const again = vocabWith(bytesAnd("de"), [[100, 101], [100, 101]]);
  const name = vocabWith(bytesAnd("de", "x"), [[100, 101]], [["de", 257]]);
  for (const [format, convert] of Object.entries(EXPORTS)) {
    const faults: [BPEVocab, string][] = [
      [original, "splits text as the original program did"],
      [twins, "tokens 256 and 257 are the same bytes"],
      [again, "merge 1 is there twice"],
    ];
    if (format !== "tiktoken") {
      faults.push([name, 'tokens 256 and 257 would both be named "de"']);
    }
    for (const [vocab, reason] of faults) {
      assertThrows(
        () => convert(vocab),
        RangeError,
        `Cannot export to ${format}: `,
      );
      assertThrows(() => convert(vocab), RangeError, reason);
    }
  }
  assertThrows(
    () => toGpt2(vocabWith(bytesAnd("de"), [])),
    RangeError,
    "no merge makes token 256",
  );
});

Deno.test("toTiktoken() refuses merges that do not follow from ids", () => {
  const faults: [BPEVocab, string][] = [
    [vocabWith(bytesAnd("de", "es"), [[101, 115], [100, 101]]), "merge 0 does"],
    [vocabWith(bytesAnd("de"), []), "merge 0 does not follow"],
    [
      vocabWith(bytesAnd("des", "de"), [[100, 101], [257, 115]]),
      "token 256 is not made of two tokens before it",
    ],
  ];
  for (const [vocab, reason] of faults) {
    assertThrows(
      () => toTiktoken(vocab),
      RangeError,
      `Cannot export to tiktoken: ${reason}`,
    );
  }
});

Deno.test("toHuggingFace() carries names that objects treat apart", () => {
  const proto = "__proto__";
  const parts = ["_", "__", "__p", "__pr", "__pro", "__prot", "__proto"];
  const tokens = bytesAnd(...parts.slice(1), "__proto_", proto, "10");
  const merges: [number, number][] = [[95, 95]];
  [..."proto__"].forEach((char, i) => {
    merges.push([256 + i, char.charCodeAt(0)]);
  });
  merges.push([49, 48]);
  const vocab = vocabWith(tokens, merges);
  for (const convert of [toHuggingFace, toGpt2]) {
    const files = convert(vocab).files.map(({ content }) => content);
    const { vocab: again } = convert === toHuggingFace
      ? fromHuggingFace(files[0])
      : fromGpt2(files[0], files[1]);
    assertEquals(again.toString(), vocab.toString());
  }
});

/** A good Hugging Face file with some of it replaced. */
function hfWith(
  parts: Record<string, unknown>,
  model: Record<string, unknown> = {},
): string {
  const vocab = vocabWith(bytesAnd("de"), [[100, 101]]);
  const file = JSON.parse(toHuggingFace(vocab).files[0].content);
  return JSON.stringify({
    ...file,
    ...parts,
    model: { ...file.model, ...model },
  });
}

Deno.test("fromHuggingFace() accepts what does not change ids", () => {
  const added = { id: 257, content: "<s>", special: true, lstrip: true };
  const { vocab, notes } = fromHuggingFace(hfWith({
    added_tokens: [added],
    normalizer: { type: "Sequence", normalizers: [{ type: "NFC" }] },
    post_processor: { type: "RobertaProcessing" },
    truncation: { max_length: 3 },
  }, { merges: ["d e"], unk_token: "<unk>" }));
  assertEquals(vocab.merges, [[100, 101]]);
  assertEquals(vocab.specialId("<s>"), 257);
  assertEquals(vocab.normalizer, PTBRNormalizer.only("nfc").settings);
  assertEquals(notes.length, 3);
  assertStringIncludes(notes[0], '"<s>" take blanks');
});

Deno.test("fromHuggingFace() refuses what would change ids, and faults", () => {
  const { vocab: ids } = JSON.parse(hfWith({})).model;
  const without = (name: string) =>
    Object.fromEntries(Object.entries(ids).filter(([key]) => key !== name));
  const special = { id: 0, content: "<s>", special: true };
  const faults: [string, string][] = [
    ["{", "it is not JSON"],
    ["[]", "the file is not a JSON object"],
    ["{}", '"model" is not a JSON object'],
    [hfWith({}, { type: "Unigram" }), 'its model is "Unigram", not "BPE"'],
    [hfWith({}, { dropout: 0.1 }), 'its model uses "dropout"'],
    [hfWith({}, { byte_fallback: true }), 'its model uses "byte_fallback"'],
    [hfWith({ pre_tokenizer: null }), 'its "pre_tokenizer" is not GPT-2\'s'],
    [
      hfWith({ pre_tokenizer: { type: "ByteLevel", add_prefix_space: true } }),
      'its "pre_tokenizer" is not GPT-2\'s',
    ],
    [
      hfWith({ normalizer: { type: "NFKC" } }),
      'its normalizer, "NFKC", is neither NFC nor',
    ],
    [hfWith({ normalizer: { type: 1 } }), '"normalizer" is of no type'],
    [hfWith({ decoder: { type: "WordPiece" } }), 'its decoder is "WordPiece"'],
    [hfWith({ added_tokens: 1 }), '"added_tokens" is not a list'],
    [
      hfWith({ added_tokens: [{ ...special, special: false, lstrip: true }] }),
      'added token "<s>" takes blanks with it',
    ],
    [hfWith({ added_tokens: [special, special] }), '"<s>" is there twice'],
    [hfWith({ added_tokens: [special] }), "two tokens have id 0"],
    [
      hfWith({ added_tokens: [{ ...special, id: 70_000 }] }),
      'token "<s>" has id 70000; the highest that 16 bits hold is 65535',
    ],
    [
      hfWith({ added_tokens: [{ ...special, id: 300 }] }),
      "id 257 has no token",
    ],
    [
      hfWith({}, { vocab: { ...ids, "a b": 257 } }),
      "is not of byte characters",
    ],
    [hfWith({}, { vocab: { ...ids, "": 257 } }), "a token has no name"],
    [hfWith({}, { vocab: { ...ids, a: -1 } }), "no whole number as its id"],
    [hfWith({}, { vocab: without("ô") }), "id 244 has no token"],
    [
      hfWith({}, { vocab: { ...without("ô"), dede: 244 } }),
      "byte 244 has no token",
    ],
    [hfWith({}, { merges: {} }), '"model.merges" is not a list'],
    [hfWith({}, { merges: ["d e s"] }), "merge 0 is not a pair of tokens"],
    [hfWith({}, { merges: [["d", "es"]] }), 'merge 0 names "es", which is no'],
    [hfWith({}, { merges: [["d", "s"]] }), "merge 0 makes no token"],
    [
      hfWith({}, { merges: [["d", "e"], ["d", "e"]] }),
      "merge 1 is there twice",
    ],
    [
      hfWith({ added_tokens: [{ ...special, id: 257 }] }, {
        merges: [["d", "<s>"]],
      }),
      'merge 0 names the special token "<s>"',
    ],
  ];
  for (const [json, reason] of faults) {
    const error = assertThrows(() => fromHuggingFace(json), SyntaxError);
    assertStringIncludes(
      (error as Error).message,
      "Cannot read a tokenizer: ",
    );
    assertStringIncludes((error as Error).message, reason);
  }
});

/** A file as GPT-NeoX's: runs of blanks above the vocabulary, one end. */
function neoxFile(): string {
  const added = (id: number, content: string, special: boolean) => ({
    id,
    content,
    special,
    normalized: !special,
  });
  return hfWith({
    added_tokens: [
      added(257, "<|endoftext|>", true),
      added(258, "   ", false),
      added(259, "  ", false),
    ],
    normalizer: { type: "NFC" },
  });
}

Deno.test("fromHuggingFace() cuts text at added tokens, the longest first", () => {
  const { vocab } = fromHuggingFace(neoxFile());
  const again = BPEVocab.parse(vocab.toString());
  for (const tokenizer of [new BPETokenizer(vocab), new BPETokenizer(again)]) {
    const ids = [...tokenizer.encode("de     de")];
    assertEquals(ids, [256, 258, 259, 256]);
    assertEquals(tokenizer.decode(ids), "de     de");
    assertEquals([...tokenizer.encode(" de")], [32, 256]);
    assertEquals(tokenizer.count("de     de"), 4);
  }
  const [{ content }] = toHuggingFace(vocab).files;
  assertEquals(fromHuggingFace(content).vocab.toString(), vocab.toString());
  for (const convert of [toGpt2, toTiktoken]) {
    assertThrows(() => convert(vocab), RangeError, "how the tokenizer splits");
  }
});

Deno.test("fromHuggingFace() carries every splitting it knows", () => {
  const words = {
    gpt2: ["Ab", " 1234", "\n", "\n", "'", "S"],
    "gpt2-digits": ["Ab", " ", "1", "2", "3", "4", "\n", "\n", "'", "S"],
    llama3: ["Ab", " ", "123", "4", "\n\n", "'S"],
    qwen2: ["Ab", " ", "1", "2", "3", "4", "\n\n", "'S"],
  } as const;
  for (const [kind, expected] of Object.entries(words)) {
    const pre_tokenizer = saySplitting(kind as keyof typeof words);
    const { vocab } = fromHuggingFace(hfWith({ pre_tokenizer }));
    assertEquals(vocab.preTokenizer, kind);
    const found: string[] = [];
    forEachWord("Ab 1234\n\n'S", vocab.preTokenizer, (source, start, end) => {
      found.push(source.slice(start, end));
    });
    assertEquals(found, [...expected]);
    const [{ content }] = toHuggingFace(vocab).files;
    assertEquals(fromHuggingFace(content).vocab.toString(), vocab.toString());
  }
});

Deno.test("fromHuggingFace() takes whole words for tokens where the file says so", () => {
  const { vocab: ids } = JSON.parse(hfWith({})).model;
  for (const ignore_merges of [true, false]) {
    const file = hfWith({}, { vocab: { ...ids, abc: 257 }, ignore_merges });
    const { vocab } = fromHuggingFace(file);
    const again = BPEVocab.parse(vocab.toString());
    const expected = ignore_merges ? [257] : [97, 98, 99];
    assertEquals([...new BPETokenizer(again).encode("abc")], expected);
  }
});

Deno.test("parseTokenizer() names the two ends of a document", () => {
  const ends = (text: string, asked = {}) => {
    const { vocab } = parseTokenizer(text, asked);
    return [vocab.specialId("[BOS]"), vocab.specialId("[EOS]")];
  };
  assertEquals(ends(neoxFile()), [257, 257]);
  const token = (id: number, content: string) => ({
    id,
    content,
    special: true,
  });
  const file = (parts: object, names: string[]) =>
    hfWith({
      added_tokens: names.map((name, i) => token(257 + i, name)),
      ...parts,
    });
  assertEquals(ends(file({}, ["</s>", "<s>"])), [258, 257]);
  const step = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  const post_processor = {
    type: "TemplateProcessing",
    single: [step("<a>"), { Sequence: { id: "A", type_id: 0 } }, step("<b>")],
  };
  const template = file({ post_processor }, ["<s>", "</s>", "<a>", "<b>"]);
  assertEquals(ends(template), [259, 260]);
  assertEquals(ends(template, { eos: "</s>" }), [259, 258]);
  assertThrows(
    () => parseTokenizer(template, { bos: "<c>" }),
    RangeError,
    'Cannot use "<c>" as [BOS]: the tokenizer has no special token',
  );
  const { vocab } = parseTokenizer(file({}, ["<x>"]));
  assertEquals(vocab.specialTokens.has("[BOS]"), false);
});

Deno.test("BPEVocab.padded() adds unused ids and stays the same vocabulary", () => {
  const { vocab } = parseTokenizer(neoxFile());
  const padded = vocab.padded(264);
  assertEquals([vocab.size, padded.size], [260, 264]);
  assertEquals(padded.toString(), vocab.toString());
  const own = parseTokenizer(JSON.stringify({
    ...JSON.parse(vocab.toString()),
    id_to_token: padded.tokens.map((bytes) => [...bytes]),
  }));
  assertEquals(own.vocab.toString(), vocab.toString());
  // Another model's tokenizer does not fit by being smaller.
  assertEquals(vocab.padded(300).size, 260);
});

Deno.test("fromGpt2() takes for special what no merge makes", () => {
  const vocab = vocabWith(bytesAnd("de", "<|endoftext|>"), [[100, 101]], [
    ["<|endoftext|>", 257],
  ]);
  const [ids, merges] = toGpt2(vocab).files.map(({ content }) => content);
  const crlf = merges.replaceAll("\n", "\r\n");
  for (const text of [merges, crlf, "d e"]) {
    const { vocab: again, notes } = fromGpt2(ids, text);
    assertEquals(again.toString(), vocab.toString());
    assertStringIncludes(notes[1], '"<|endoftext|>"');
  }
  const faults: [string, string, string][] = [
    ["{", merges, "vocab.json is not JSON"],
    ["[]", merges, "vocab.json is not a JSON object"],
    [ids, "#version: 0.2\nd e s\n", "line 2 of merges.txt is not a pair"],
    [ids, "d", "line 1 of merges.txt is not a pair"],
    [ids, "q 日", 'merge 0 names "日", which is no token'],
    ['{"a":0}', "", "byte 0 has no token"],
  ];
  for (const [json, text, reason] of faults) {
    assertThrows(() => fromGpt2(json, text), SyntaxError, reason);
  }
});

Deno.test("fromTiktoken() works out the merges and refuses faults", () => {
  const line = (text: string, id: number) =>
    `${new TextEncoder().encode(text).toBase64()} ${id}\n`;
  const bytes = bytesAnd().map((byte, id) => `${byte.toBase64()} ${id}\n`);
  const all = bytes.join("");
  const good = all + line("de", 256) + line("es", 257) + line("des", 258);
  assertEquals(fromTiktoken(good).vocab.merges, [
    [100, 101],
    [101, 115],
    [256, 115],
  ]);
  const special = new Map([["<s>", 258]]);
  const faults: [string, Map<string, number> | undefined, string][] = [
    ["a b c\n", undefined, "line 1 is not base64 and a number"],
    [`${all}!!!! 256`, undefined, "line 257 is not base64 and a number"],
    [all + line("de", 70_000), undefined, "has id 70000; the highest"],
    [all + line("de", 255), undefined, "two tokens have id 255"],
    [all + line("de", 257), undefined, "id 256 has no token; name its special"],
    [all + line("de", 256) + line("de", 257), undefined, "are the same bytes"],
    [all + line("des", 256), undefined, "token 256 is not made of two"],
    [good, special, 'special token "<s>" has a token\'s id, 258'],
    [bytes.slice(1).join(""), new Map([["<s>", 0]]), "byte 0 has no token"],
    [all + line("a".repeat(5000), 256), undefined, "the most is 4096"],
    [
      all +
      Array.from({ length: 9 }, (_, i) => line(String(i).repeat(4096), 256 + i))
        .join(""),
      undefined,
      "its tokens are too long",
    ],
  ];
  for (const [text, names, reason] of faults) {
    assertThrows(() => fromTiktoken(text, names), SyntaxError, reason);
  }
});

Deno.test("parseTokenizer() knows a file by what it holds", async () => {
  const vocab = await trained();
  const [hf] = toHuggingFace(vocab).files;
  const [ranks] = toTiktoken(vocab).files;
  const names = new Map(vocab.specialTokens);
  assertEquals(parseTokenizer(hf.content).format, "hf");
  assertEquals(
    parseTokenizer(ranks.content, { specialTokens: names }).format,
    "tiktoken",
  );
  const own = parseTokenizer(vocab.toString());
  assertEquals([own.format, own.notes], ["ptbr", []]);
  const original = parseTokenizer(ORIGINAL_FILE);
  assertEquals(original.vocab.preTokenizer, "original");
  assertEquals(original.vocab.specialId("[EOS]"), 259);
  assertStringIncludes(
    original.notes[0],
    "Tokens with the bytes of another: 1;",
  );
  const twice = JSON.stringify({
    id_to_token: bytesAnd([65]).map((bytes) => [...bytes]),
    merges: [],
    special_tokens: {},
  });
  const faults: [string, string][] = [
    ["não é", "it is neither JSON nor tiktoken's ranks"],
    ["[1]", "it is not a JSON object"],
    ["{}", '"id_to_token" is not a list'],
    [twice, "byte 65 has two tokens"],
  ];
  for (const [text, reason] of faults) {
    assertThrows(() => parseTokenizer(text), SyntaxError, reason);
  }
  assertThrows(
    () => parseTokenizer(hf.content, { specialTokens: names }),
    SyntaxError,
    "it names its special tokens itself",
  );
});

Deno.test({
  name:
    "fromGpt2() gives GPT-2's own files their ids (needs PTBR_SLM_TEST_DATA)",
  ignore: NO_REAL_DATA,
  fn() {
    const { vocab } = fromGpt2(
      readReal("tokenizer/gpt2/encoder.json"),
      readReal("tokenizer/gpt2/vocab.bpe"),
    );
    assertEquals([...vocab.specialTokens], [["<|endoftext|>", 50256]]);
    const tokenizer = new BPETokenizer(vocab);
    const cases = ["cases", "ws_trap"].flatMap((name) =>
      readReal(`tokenizer/gpt2_${name}.jsonl`).trimEnd().split("\n")
    );
    assertEquals(cases.length, 249 + 15);
    for (const line of cases) {
      const { text, ids, special } = JSON.parse(line);
      const options = special ? { allowedSpecial: "all" as const } : {};
      assertEquals([...tokenizer.encode(text, options)], ids, text);
      // One case holds half a surrogate pair, which no UTF-8 can say.
      assertEquals(
        tokenizer.decode(ids, { keepSpecial: true }),
        text.toWellFormed(),
      );
    }
    // The ranks alone say the same 50,000 merges.
    const [ranks] = toTiktoken(vocab).files;
    const again = fromTiktoken(ranks.content, vocab.specialTokens);
    assertEquals(again.vocab.toString(), vocab.toString());
    const [ids, merges] = toGpt2(vocab).files;
    assertEquals(
      JSON.parse(ids.content),
      JSON.parse(readReal("tokenizer/gpt2/encoder.json")),
    );
    assertEquals(merges.content, readReal("tokenizer/gpt2/vocab.bpe"));
  },
});

Deno.test("toHuggingFace() writes added tokens whose bytes merges make as well", async () => {
  const bytes = new TextEncoder().encode("o    dia    o    dia\n".repeat(9));
  const { vocab } = await new BPETrainer({ vocabSize: 300 })
    .train([{ name: "a", bytes }]);
  const file = JSON.parse(toHuggingFace(vocab).files[0].content);
  const blanks = vocab.tokens.findIndex((token) =>
    token.length > 1 && token.every((byte) => byte === 32)
  );
  const content = " ".repeat(vocab.tokens[blanks].length);
  file.added_tokens.push({
    ...{ id: vocab.size, content, special: false, normalized: true },
    ...{ single_word: false, lstrip: false, rstrip: false },
  });
  const { vocab: added } = fromHuggingFace(JSON.stringify(file));
  const again = fromHuggingFace(toHuggingFace(added).files[0].content).vocab;
  const text = "o        dia    o dia";
  const ids = new BPETokenizer(added).encode(text);
  assert(ids.includes(vocab.size));
  assertEquals(new BPETokenizer(again).encode(text), ids);
});
