/**
 * The card of an exported model: a `README.md` with the front matter that
 * model hubs read. It says what is known of the model and nothing else; what
 * is unknown is left out.
 *
 * Its last line lists the files of the export, by which a later export knows
 * what it may replace.
 *
 * @module
 */

import { architectureOf } from "../../model/architecture.ts";
import type { RWKVConfig } from "../../model/config.ts";

/** Figures of a part of a dataset. */
export interface DataFigures {
  /** Documents. */
  readonly documents: number;
  /** Tokens, framing included. */
  readonly tokens: number;
  /** Bytes of text. */
  readonly bytes: number;
}

/** What is known of a model. */
export interface ModelFacts {
  /** What it is called. */
  readonly name: string;
  /** Its shape. */
  readonly config: RWKVConfig;
  /** The number of weights. */
  readonly parameters: number;
  /** What its tokenizer is. */
  readonly tokenizer: string;
  /** SHA-256 of its tokenizer. */
  readonly tokenizerSha256: string;
  /** An SPDX identifier. */
  readonly license?: string;
  /** Optimizer steps. */
  readonly steps?: number;
  /** Tokens learnt from. */
  readonly tokens?: number;
  /** The last validation, in bits per byte, and its step. */
  readonly validation?: { readonly bitsPerByte: number; readonly step: number };
  /** What it learnt from, and what was held out. */
  readonly data?: { readonly train: DataFigures; readonly val?: DataFigures };
  /** The file of weights, beside the card. */
  readonly weights: {
    readonly name: string;
    readonly type: string;
    readonly bytes: number;
  };
  /** All files of the export, the card among them. */
  readonly files: readonly string[];
  /** How to run it: what the program is, and its command line. */
  readonly run: readonly {
    readonly title: string;
    readonly command: string;
  }[];
  /** What a reader has to know, a sentence each. */
  readonly notes: readonly string[];
}

const MARK = "<!-- Files of export-model: ";
const MARK_END = " -->";

/**
 * Writes a card.
 *
 * @param facts What is known.
 * @returns Markdown.
 *
 * @example
 * ```ts
 * import { RWKVConfig } from "../../model/config.ts";
 * import { filesOfCard, modelCard } from "./model_card.ts";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * const card = modelCard({
 *   name: "Sol",
 *   config: new RWKVConfig(),
 *   parameters: 19_804_160,
 *   tokenizer: "byte-level BPE",
 *   tokenizerSha256: "ab",
 *   weights: { name: "model.gguf", type: "F16", bytes: 4e7 },
 *   files: ["model.gguf", "README.md"],
 *   run: [],
 *   notes: [],
 * });
 * assertStringIncludes(card, "19,804,160");
 * assertEquals(card.includes("bits per byte"), false);
 * assertEquals(filesOfCard(card), ["model.gguf", "README.md"]);
 * ```
 */
export function modelCard(facts: ModelFacts): string {
  const { name, config, license, files } = facts;
  const { title } = architectureOf(config);
  const sections = [
    frontMatter(config, license),
    `# ${oneLine(name)}`,
    `A language model: ${title}, ` +
    `${count(facts.parameters)} parameters, written by PTBR-SLM.`,
    shapeTable(facts),
    ...training(facts),
    ...data(facts),
    ...facts.run.length === 0 ? [] : ["## How to run it"],
    ...facts.run.map(({ title, command }) =>
      `${title}:\n\n\`\`\`sh\n${command}\n\`\`\``
    ),
    ...facts.notes.length === 0 ? [] : [
      "## What to know",
      facts.notes.map((note) => `- ${oneLine(note)}.`).join("\n"),
    ],
    `${MARK}${JSON.stringify(files).replaceAll("--", "-\\u002d")}${MARK_END}`,
  ];
  return sections.join("\n\n") + "\n";
}

/**
 * The files that a card's export wrote.
 *
 * @param text A `README.md`, of whatever origin.
 * @returns Their names; undefined when the text is no card of ours.
 */
export function filesOfCard(text: string): string[] | undefined {
  const line = text.trimEnd().split("\n").at(-1)!;
  if (!line.startsWith(MARK) || !line.endsWith(MARK_END)) return undefined;
  try {
    const files = JSON.parse(line.slice(MARK.length, -MARK_END.length));
    const isList = Array.isArray(files) &&
      files.every((name) => typeof name === "string");
    return isList ? files : undefined;
  } catch {
    return undefined;
  }
}

function frontMatter(
  config: RWKVConfig,
  license: string | undefined,
): string {
  const { official } = architectureOf(config);
  const tags = official ? ["rwkv", config.architecture] : ["rwkv"];
  return [
    "---",
    ...license === undefined ? [] : [`license: ${JSON.stringify(license)}`],
    "pipeline_tag: text-generation",
    `tags: [${tags.join(", ")}]`,
    "---",
  ].join("\n");
}

function shapeTable(
  { config, tokenizer, tokenizerSha256, weights }: ModelFacts,
): string {
  const { nLayers, dModel, dFfn, vocabSize, headSize } = config;
  const hasHeads = architectureOf(config).fields.headSize !== undefined;
  const width = `${count(dModel)}, inside channel mixing ${count(dFfn)}`;
  const rows = [
    ["layers", count(nLayers)],
    ["width", hasHeads ? `${width}, heads of ${headSize}` : width],
    ["window in training", `${count(config.maxSeqLen)} tokens`],
    ["vocabulary", `${count(vocabSize)} ids, ${oneLine(tokenizer)}`],
    ["tokenizer's SHA-256", `\`${tokenizerSha256}\``],
    [
      "weights",
      `\`${oneLine(weights.name)}\`, ${weights.type}, ${size(weights.bytes)}`,
    ],
  ];
  return ["| | |", "| --- | --- |"]
    .concat(rows.map(([left, right]) => `| ${left} | ${right} |`))
    .join("\n");
}

function training({ steps, tokens, validation }: ModelFacts): string[] {
  const sentences: string[] = [];
  if (steps !== undefined && tokens !== undefined) {
    sentences.push(`${count(steps)} steps on ${count(tokens)} tokens.`);
  }
  if (validation !== undefined) {
    sentences.push(
      `${validation.bitsPerByte.toFixed(4)} bits per byte of held-out text ` +
        `after step ${count(validation.step)}, before this export.`,
    );
  }
  return sentences.length === 0 ? [] : ["## Training", sentences.join(" ")];
}

function data({ data }: ModelFacts): string[] {
  if (data === undefined) return [];
  const figures = ({ documents, tokens, bytes }: DataFigures) =>
    `${count(documents)} documents, ${count(tokens)} tokens, ` +
    `${size(bytes)} of text`;
  const held = data.val === undefined ? "" : ` Held out: ${figures(data.val)}.`;
  return ["## Data", `Learnt from: ${figures(data.train)}.${held}`];
}

function count(n: number): string {
  return n.toLocaleString("en-US");
}

/** Bytes for people. */
function size(bytes: number): string {
  return bytes < 1e6
    ? `${(bytes / 1e3).toFixed(1)} kB`
    : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Text from outside on one line, which cannot end a comment or a table. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\s|<>]+/gu, " ").trim();
}
