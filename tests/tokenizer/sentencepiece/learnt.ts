/**
 * A vocabulary of SentencePiece's kind for tests, as Hugging Face's file.
 *
 * @module
 */

/** What the file says of blanks, by what is done with the first one. */
const PARTS = {
  always: {
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Prepend", prepend: "▁" },
        { type: "Replace", pattern: { String: " " }, content: "▁" },
      ],
    },
    pre_tokenizer: null,
  },
  "unless-blank": {
    normalizer: null,
    pre_tokenizer: {
      type: "Metaspace",
      replacement: "▁",
      prepend_scheme: "first",
      split: false,
    },
  },
};

/** A file of Hugging Face's that can be changed before it is read. */
export interface LearntFile {
  readonly model: {
    readonly vocab: Record<string, number>;
    readonly merges: [string, string][];
    readonly [setting: string]: unknown;
  };
  readonly [part: string]: unknown;
}

/**
 * Learns merges from a text, also such as cross blanks, and writes the file.
 *
 * @param text What is learnt from; its rare characters stay bytes.
 * @param prefix How a blank comes before a text.
 * @param count How many merges.
 */
export function learntFile(
  text: string,
  prefix: keyof typeof PARTS,
  count = 300,
): LearntFile {
  const names = ["<unk>", "<s>", "</s>"];
  for (let byte = 0; byte < 256; byte++) {
    names.push(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
  }
  const lines = text.split("\n").map((line) => [...line.replaceAll(" ", "▁")]);
  const counts = new Map<string, number>();
  for (const character of lines.flat()) {
    counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  names.push(...[...counts].filter(([, n]) => n > 5).map(([name]) => name));
  const known = new Set(names);
  const merges: [string, string][] = [];
  while (merges.length < count) {
    const pairs = new Map<string, number>();
    for (const line of lines) {
      for (let i = 1; i < line.length; i++) {
        if (!known.has(line[i - 1]) || !known.has(line[i])) continue;
        const pair = `${line[i - 1]} ${line[i]}`;
        pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
      }
    }
    const [[best]] = [...pairs].sort(([, a], [, b]) => b - a);
    const [left, right] = best.split(" ");
    merges.push([left, right]);
    if (!known.has(left + right)) names.push(left + right);
    known.add(left + right);
    for (const line of lines) {
      for (let i = 1; i < line.length; i++) {
        if (line[i - 1] !== left || line[i] !== right) continue;
        line.splice(i - 1, 2, left + right);
      }
    }
  }
  return {
    version: "1.0",
    added_tokens: names.slice(0, 3).map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    ...PARTS[prefix],
    post_processor: {
      type: "TemplateProcessing",
      single: [
        { SpecialToken: { id: "<s>", type_id: 0 } },
        { Sequence: { id: "A", type_id: 0 } },
      ],
      pair: [
        { Sequence: { id: "A", type_id: 0 } },
        { Sequence: { id: "B", type_id: 1 } },
      ],
      special_tokens: { "<s>": { id: "<s>", ids: [1], tokens: ["<s>"] } },
    },
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: "▁" }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        { type: "Strip", content: " ", start: 1, stop: 0 },
      ],
    },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: "<unk>",
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(names.map((name, id) => [name, id])),
      merges,
    },
  };
}
