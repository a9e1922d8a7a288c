import {
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { BPEVocab } from "../../../lib/tokenizer/bpe/bpe_vocab.ts";
import { identityOf } from "../../../lib/tokenizer/tokenizer.ts";
import { PTBRNormalizer } from "../../../lib/tokenizer/normalizer.ts";
import {
  readVocab,
  writeVocab,
} from "../../../lib/tokenizer/vocab/vocab_file.ts";
import { Random } from "../../../lib/random.ts";
import { tokenizerOf } from "../trained.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

async function trained(): Promise<BPEVocab> {
  return (await tokenizerOf("a casa, a casa e o mar\n")).vocab;
}

Deno.test("BPEVocab.parse() reads what toString() writes", async () => {
  const vocab = await trained();
  const again = BPEVocab.parse(vocab.toString());
  assertEquals(again.tokens, vocab.tokens);
  assertEquals(again.merges, vocab.merges);
  assertEquals([...again.specialTokens], [...vocab.specialTokens]);
  assertEquals(again.preTokenizer, "gpt2");
  assertEquals(again.normalizer, vocab.normalizer);
  assertEquals(again.toString(), vocab.toString());
});

Deno.test("BPEVocab.parse() reads files without settings as the original's", async () => {
  const file: Json = JSON.parse((await trained()).toString());
  delete file.pre_tokenizer;
  delete file.normalizer;
  const vocab = BPEVocab.parse(JSON.stringify(file));
  assertEquals(vocab.preTokenizer, "original");
  assertEquals(vocab.normalizer, PTBRNormalizer.off().settings);
});

Deno.test("BPEVocab names lower-casing only where it is on", async () => {
  const vocab = await trained();
  assertEquals(JSON.parse(vocab.toString()).normalizer, {
    mojibake: true,
    control: true,
    spaces: true,
    quotes: true,
    dashes: true,
    nfc: true,
  });
  assertEquals(vocab.normalizer.lowercase, false);
  const normalizer = { ...vocab.normalizer, lowercase: true };
  const small = new BPEVocab({ ...vocab, normalizer });
  assertEquals(BPEVocab.parse(small.toString()).normalizer, normalizer);
  assertNotEquals(await identityOf(small), await identityOf(vocab));
});

Deno.test("BPEVocab.parse() says what is wrong with a file", async () => {
  const good = (await trained()).toString();
  const faults: [string, (file: Json) => void][] = [
    ['"id_to_token" is not a list', (f) => delete f.id_to_token],
    ["id_to_token has 0 entries", (f) => f.id_to_token = []],
    ["id_to_token has 65537 entries", (f) => {
      f.id_to_token = Array(65_537).fill([0]);
    }],
    ["id_to_token[7] is not a list of bytes", (f) => f.id_to_token[7] = [256]],
    ["id_to_token[8] is not a list of bytes", (f) => f.id_to_token[8] = []],
    ['"id_to_token[9]" is not a list', (f) => f.id_to_token[9] = "a"],
    ["byte 3 has no token", (f) => f.id_to_token[8] = [1, 2]],
    ["byte 3 has two tokens", (f) => f.id_to_token.push([3])],
    ['"merges" is not a list', (f) => f.merges = {}],
    ["merges[0] is not a pair of ids", (f) => f.merges[0] = [5]],
    ["merges[1] is not a pair of ids", (f) => f.merges[1] = [5, 6, 7]],
    ["merges[0] is not a pair of ids", (f) => f.merges[0] = [5, 70_000]],
    ["merges[0] is not a pair of ids", (f) => f.merges[0] = [5, -1]],
    ["merge 2 makes no token", (f) => f.merges[2] = [5, 5]],
    ["merge 2 uses [EOS]", (f) => f.merges[2] = [3, 5]],
    ['"special_tokens" is missing', (f) => delete f.special_tokens],
    ['special token "[X]" has no id', (f) => f.special_tokens["[X]"] = 9999],
    ["two special tokens share an id", (f) => {
      Object.assign(f.special_tokens, { "<a>": 3, "<b>": 3 });
    }],
    ["added_tokens[0] is not an id", (f) => {
      f.added_tokens = [{ id: 3, normalized: true }];
    }],
    ["added_tokens[0] is not an id", (f) => f.added_tokens = [{ id: 9 }]],
    ['"added_tokens" is not a list', (f) => f.added_tokens = {}],
    ['"whole_words" is neither', (f) => f.whole_words = 1],
    ['"pre_tokenizer" is of an unknown type', (f) => f.pre_tokenizer = {}],
    ['"normalizer" must say', (f) => f.normalizer = { nfc: true }],
    ['"normalizer" must say', (f) => f.normalizer.uppercase = true],
    ['"normalizer" must say', (f) => f.normalizer.lowercase = 1],
    ['"normalizer" must say', (f) => delete f.normalizer.quotes],
  ];
  for (const [reason, spoil] of faults) {
    const file = JSON.parse(good);
    spoil(file);
    assertThrows(
      () => BPEVocab.parse(JSON.stringify(file)),
      SyntaxError,
      `Cannot read a tokenizer: ${reason}`,
    );
  }
  for (const text of ["", "{", "[]", "null", "7"]) {
    assertThrows(() => BPEVocab.parse(text), SyntaxError, "it is not");
  }
});

Deno.test("BPEVocab.parse() of spoilt files throws SyntaxErrors only", async () => {
  const good = (await trained()).toString();
  const random = new Random(11);
  for (let i = 0; i < 400; i++) {
    const at = random.next() % good.length;
    const put = '0123456789,[]{}":-e'[random.next() % 19];
    const text = good.slice(0, at) + put + good.slice(at + random.next() % 3);
    try {
      BPEVocab.parse(text);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
});

Deno.test("identityOf() is the file's SHA-256 and changes with all that matters", async () => {
  const vocab = await trained();
  const path = await Deno.makeTempDir() + "/tokenizer.json";
  await writeVocab(path, vocab);
  const digest = new Uint8Array(
    await crypto.subtle.digest("SHA-256", await Deno.readFile(path)),
  );
  const identity = await identityOf(vocab);
  assertEquals(identity, digest.toHex());

  const other = { ...vocab.normalizer, quotes: false };
  assertNotEquals(
    await identityOf(new BPEVocab({ ...vocab, normalizer: other })),
    identity,
  );
  // The order of a file's fields and of its special tokens does not matter.
  const { merges, special_tokens, ...rest } = JSON.parse(vocab.toString());
  const shuffled = {
    special_tokens: Object.fromEntries(
      Object.entries(special_tokens).toReversed(),
    ),
    merges,
    ...rest,
  };
  assertEquals(
    await identityOf(BPEVocab.parse(JSON.stringify(shuffled, null, 2))),
    identity,
  );
});

Deno.test("readVocab() takes the file or its folder and names it in errors", async () => {
  const folder = await Deno.makeTempDir();
  const vocab = await trained();
  await writeVocab(`${folder}/tokenizer.json`, vocab);
  assertEquals((await readVocab(folder)).toString(), vocab.toString());
  await assertRejects(
    () => readVocab(`${folder}/none.json`),
    Error,
    `Cannot read tokenizer "${folder}/none.json": no such file or folder`,
  );
  await Deno.writeTextFile(`${folder}/bad.json`, "{");
  await assertRejects(
    () => readVocab(`${folder}/bad.json`),
    SyntaxError,
    `Cannot read tokenizer "${folder}/bad.json": it is not JSON`,
  );
});

Deno.test("BPEVocab.parse() bounds the depth of a file and its added tokens", async () => {
  const file = JSON.parse((await trained()).toString());
  const deep = `{"id_to_token": ${"[".repeat(1e6)}`;
  assertThrows(() => BPEVocab.parse(deep), SyntaxError, "deeper than 64");
  const id = file.id_to_token.length;
  file.id_to_token.push(Array.from({ length: 2 ** 16 + 1 }, () => 97));
  file.added_tokens = [{ id, normalized: false }];
  assertThrows(
    () => BPEVocab.parse(JSON.stringify(file)),
    SyntaxError,
    "its added tokens have 65537 bytes, more than 65536",
  );
});
