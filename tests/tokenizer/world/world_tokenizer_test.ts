import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import {
  parseVocab,
  tokenizerOf,
} from "../../../lib/tokenizer/vocab/any_tokenizer.ts";
import { BPEVocab } from "../../../lib/tokenizer/bpe/bpe_vocab.ts";
import { identityOf } from "../../../lib/tokenizer/tokenizer.ts";
import { parsePythonLiteral } from "../../../lib/tokenizer/world/python_literal.ts";
import { StreamDecoder } from "../../../lib/tokenizer/stream_decoder.ts";
import { WorldTokenizer } from "../../../lib/tokenizer/world/world_tokenizer.ts";
import { WorldVocab } from "../../../lib/tokenizer/world/world_vocab.ts";
import { Random } from "../../../lib/random.ts";
import { randomStrings } from "../fuzz/round_trip.ts";
import { WORLD_SIZE, WORLD_TEXT } from "../world.ts";

const vocab = WorldVocab.parseText(WORLD_TEXT);
const tokenizer = new WorldTokenizer(vocab);

/** The longest token that the bytes go on with, by trying all. */
function longest(bytes: Uint8Array, at: number): number {
  let best = -1;
  vocab.tokens.forEach((token, id) => {
    const fits = token.length > (vocab.tokens[best]?.length ?? 0) &&
      token.every((byte, i) => bytes[at + i] === byte);
    if (fits) best = id;
  });
  return best;
}

Deno.test("WorldVocab.parseText() reads ids, literals and lengths", () => {
  assertEquals(vocab.size, WORLD_SIZE);
  const text = (id: number) => new TextDecoder().decode(vocab.tokens[id]);
  assertEquals(text(257), "ão");
  assertEquals(text(261), "d'água");
  assertEquals(text(263), "\u200b🇧");
  assertEquals(text(266), "\\'");
  assertEquals(text(300), "fim");
  assertEquals(vocab.tokens[0].length + vocab.tokens[299].length, 0);
  assertEquals(vocab.byteId(255), 256);
  assertEquals(vocab.specialId("[BOS]"), vocab.specialId("[EOS]"));
  assertThrows(() => vocab.specialId("[PAD]"), RangeError, "has none");
  assertEquals(
    WorldVocab.parseText(WORLD_TEXT.replaceAll("\n", "\r\n")).toString(),
    vocab.toString(),
  );
});

Deno.test("WorldTokenizer.encode() takes the longest match each time", () => {
  assertEquals([...tokenizer.encode("coração")], [259]);
  assertEquals([...tokenizer.encode("corações d'água")].slice(0, 1), [258]);
  assertEquals([...tokenizer.encode(" d'água")], [
    262,
    40,
    ...tokenizer.encode("água"),
  ]);
  assertEquals([...tokenizer.encode("")], []);
  const encoder = new TextEncoder();
  for (const string of randomStrings(300, 5)) {
    const text = string + "coração d'água \n\n".slice(string.length % 9);
    const bytes = encoder.encode(text), expected: number[] = [];
    for (let at = 0; at < bytes.length;) {
      expected.push(longest(bytes, at));
      at += vocab.tokens[expected.at(-1)!].length;
    }
    assertEquals([...tokenizer.encode(text)], expected);
  }
});

Deno.test("WorldTokenizer.decode() gives back any text", () => {
  for (const text of randomStrings(2000, 6)) {
    assertEquals(tokenizer.decode(tokenizer.encode(text)), text.toWellFormed());
  }
  assertEquals(tokenizer.decode([0, 300, 299, 0]), "fim");
  assertEquals(tokenizer.decode([300, 0], { keepSpecial: true }), "fim[EOS]");
  assertThrows(() => tokenizer.decode([301]), RangeError, "has 301");
});

Deno.test("WorldTokenizer counts the bytes of each id", () => {
  const lengths = tokenizer.byteLengths();
  assertEquals(lengths.length, WORLD_SIZE);
  assertEquals([lengths[0], lengths[1], lengths[259], lengths[299]], [
    0,
    1,
    9,
    0,
  ]);
});

Deno.test("StreamDecoder holds back halves of characters of a World model", () => {
  const decoder = new StreamDecoder(tokenizer);
  const ids = tokenizer.encode("🇧é");
  const text = [...ids].map((id) => decoder.push(id)).join("") +
    decoder.flush();
  assertEquals(text, "🇧é");
  assertEquals(new StreamDecoder(tokenizer).push(264), "");
});

Deno.test("WorldVocab keeps its identity padded and as JSON", async () => {
  const padded = vocab.padded(400);
  assertEquals(padded.size, 400);
  assertEquals(padded.padded(10).size, 400);
  const again = parseVocab(padded.toString());
  assert(again instanceof WorldVocab);
  assertEquals(again.tokens, vocab.tokens);
  assertEquals(await identityOf(padded), await identityOf(vocab));
  assertEquals(tokenizerOf(again).encode("coração"), Uint16Array.of(259));
});

Deno.test("parseVocab() tells the kinds apart", () => {
  assert(parseVocab(WORLD_TEXT) instanceof WorldVocab);
  const bytes = Array.from({ length: 256 }, (_, byte) => [byte]);
  const json = { id_to_token: bytes, merges: [], special_tokens: {} };
  assert(parseVocab(JSON.stringify(json)) instanceof BPEVocab);
  assertThrows(() => parseVocab("[1"), SyntaxError, "it is not JSON");
  assertThrows(() => parseVocab("null"), SyntaxError);
});

const FAULTS: [string, string][] = [
  ["0 'a' 1", "id 0 has a token"],
  ["301 'a' 1", "tokens 98 and 301 are the same bytes"],
  ["300 'x y' 3", "two tokens have id 300"],
  ["301 'ab' 3", "no Python literal of 3 bytes"],
  ["301 'ab 3", "no Python literal"],
  ["301 f'ab' 2", "no Python literal"],
  ["301 open('x') 9", "no Python literal"],
  ["301 b'é' 2", "no Python literal"],
  ["301 '\\N{DASH}' 1", "no Python literal"],
  ["301 '' 0", "empty token"],
  ["65536 'xy' 2", "has id 65536"],
  ["99999 'xy' 2", "has id 99999"],
  ["-1 'xy' 2", "is not an id, a token and its length"],
  ["301 'xy'", "is not an id, a token and its length"],
  [`301 '${"x".repeat(1025)}' 1025`, "too long"],
];

for (const [line, reason] of FAULTS) {
  Deno.test(`WorldVocab.parseText() refuses ${line.slice(0, 30)}`, () => {
    assertThrows(
      () => WorldVocab.parseText(WORLD_TEXT + line + "\n"),
      SyntaxError,
      reason,
    );
  });
}

Deno.test("WorldVocab.parseText() refuses a missing byte", () => {
  const text = WORLD_TEXT.replace("201 b'\\xc8' 1\n", "");
  assertThrows(
    () => WorldVocab.parseText(text),
    SyntaxError,
    "Cannot read a tokenizer: byte 200 has no token",
  );
});

Deno.test("parsePythonLiteral() reads what repr() writes, and only that", () => {
  const encode = (text: string) => new TextEncoder().encode(text);
  assertEquals(parsePythonLiteral(`"it's"`), encode("it's"));
  assertEquals(parsePythonLiteral(`'"\\'\\\\'`), encode(`"'\\`));
  assertEquals(parsePythonLiteral("'\\xe9\\u00e9\\U0001F600'"), encode("éé😀"));
  assertEquals(parsePythonLiteral("b'\\xe9\\t'"), Uint8Array.of(0xe9, 9));
  const wrong = ["", "'", "'a", "a'", "'a\"", "''''", "r'a'", "'a' 'b'", "'\\"]
    .concat([
      "'\\'",
      "'\\x1'",
      "'\\xg1'",
      "'\\U00110000'",
      "'\\ud800'",
      "'\\q'",
    ])
    .concat(["b'\\u0041'", "'a\nb'", "b'a' + b'b'"]);
  for (const literal of wrong) {
    assertEquals(parsePythonLiteral(literal), undefined, literal);
  }
});

Deno.test("WorldVocab.parseText() survives mutated text", () => {
  const random = new Random(9);
  const start = performance.now();
  for (let round = 0; round < 300; round++) {
    const chars = [...WORLD_TEXT];
    for (let i = 0; i < 3; i++) {
      chars[random.next() % chars.length] = "'\\b x09\n"[random.next() % 8];
    }
    try {
      parseVocab(chars.join(""));
    } catch (error) {
      assert(error instanceof SyntaxError, String(error));
    }
  }
  assertLess(performance.now() - start, 20_000);
});
