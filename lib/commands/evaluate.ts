/**
 * `evaluate`: how well a model predicts a text or a dataset, and how well
 * several predict documents, beside one another.
 *
 * @module
 */

import { type BaselineName, BASELINES } from "../evaluation/baselines.ts";
import type { AbsentReason } from "../evaluation/compressors.ts";
import type { RangeFigure, ReportEntry } from "../evaluation/report.ts";
import { evaluate as measure } from "../stages/evaluate.ts";
import {
  evaluateDocuments,
  type EvaluateDocumentsProgress,
  type EvaluateDocumentsResult,
} from "../stages/evaluate_documents.ts";
import type { SuiteName } from "../stages/evaluate_suite.ts";
import { portuguese } from "./evaluate.pt.ts";
import type { Command } from "./shared/command.ts";
import {
  ABOUT_DOCUMENTS,
  DOCUMENTS,
  noteDocuments,
} from "./shared/documents.ts";
import { ENGINE_OPTIONS, openBackend } from "./shared/engine.ts";
import { onInterrupt, unlessInterrupted } from "./shared/interrupt.ts";
import { count, decimals, say, signed, t } from "./shared/language.ts";
import {
  MODEL_OPTIONS,
  modelFiles,
  SHIPPED_MODEL,
  usedModel,
} from "./shared/model_files.ts";
import {
  type COMMON_OPTIONS,
  integer,
  list,
  type Option,
  SEED,
  text,
  TEXT_INPUT,
  UsageError,
  type Values,
} from "./shared/options.ts";
import { type Output, type Progress, table } from "./shared/output.ts";
import { ABOUT_SUITES, askSuite, SUITE_OPTIONS } from "./shared/suites.ts";

/** A path; several, where the flag is given several times. */
const paths = (value: string, description: string) =>
  list(value, description, (path) => [path]);

const options = {
  ...MODEL_OPTIONS,
  model: {
    ...paths(
      "FILE",
      `model_final.mpk or a checkpoint, or their folder; several are compared with the first (default: ${SHIPPED_MODEL})`,
    ),
    default: undefined,
  } as Option<readonly string[] | undefined>,
  data: paths(
    "FOLDER",
    "a dataset; its val.bin is used, or one token file",
  ),
  input: text("PATH", `instead of --data: ${TEXT_INPUT}`),
  text: paths(
    "PATH",
    "text to be read by documents, each from its beginning to its end; several are sources",
  ),
  ...DOCUMENTS,
  baselines: list(
    "all|NAME,...",
    `what to compare with: ${BASELINES.join(", ")}`,
    readBaselines,
  ),
  "learn-from": text("PATH", "text that baselines learn from (default: none)"),
  html: text("FILE", "write the report as a page"),
  resamples: integer("how often documents are drawn for intervals", {
    default: 1000,
    min: 40,
    max: 1_000_000,
  }),
  ...SUITE_OPTIONS,
  ...SEED,
  "batch-size": integer(
    "windows at a time, or documents (default: 2, or 8)",
    { min: 1, max: 1024 },
  ),
  "seq-len": integer(
    "tokens of a window (default: the model's), or after which a document is forgotten (default: never)",
    { min: 1 },
  ),
  ...ENGINE_OPTIONS,
};

/** What is given, and the models that are meant. */
type EvaluateValues = Values<typeof options> & Values<typeof COMMON_OPTIONS> & {
  readonly model: readonly string[];
};

/** The command. */
export const evaluate: Command<typeof options> = {
  name: "evaluate",
  summary: "Measure how well a model predicts a text: bits per byte",
  options,
  portuguese,
  notes:
    "Each token is predicted once. With one model and --data or --input, from the tokens\n" +
    "before it in its window. With --text, several models or datasets, --baselines or --html,\n" +
    "from all of its document before it, however long: documents are read one by one, and\n" +
    "figures have intervals of 95 % over documents.\n" +
    "Bits per byte compare models with different tokenizers: lower is better. xz and ppmd\n" +
    "are the programs xz and 7z, which a task may not start: deno run -A cli.ts evaluate.\n\n" +
    `${ABOUT_SUITES}\n\n${ABOUT_DOCUMENTS}`,
  examples: [
    "--model checkpoints/micro --data data/tokenized",
    "--model checkpoints/micro --input my_books/livro.txt",
    "--model checkpoints/micro --model checkpoints/tuned --text my_books --baselines all --html report.html",
    "--model checkpoints/micro --suite pairs --learn-from my_books",
  ],
  async run(given, output) {
    const model = [await usedModel(given.model, output)].flat();
    const values = { ...given, model };
    using interrupt = onInterrupt(output, t`stopping`);
    const { signal } = interrupt;
    const work: Promise<object> = values.suite !== undefined
      ? tasks(values.suite, values, output, signal)
      : wantsReport(values)
      ? report(values, output, signal)
      : windows(values, output, signal);
    const result = await unlessInterrupted(interrupt, work);
    if (result !== undefined) return { ...result };
    output.print(t`interrupted`);
    return { complete: false };
  },
};

/** Tasks instead of a text. */
async function tasks(
  suite: SuiteName,
  values: EvaluateValues,
  output: Output,
  signal: AbortSignal,
) {
  const { data, input, text, baselines, html } = values;
  const isOther = input !== undefined || html !== undefined ||
    data.length + text.length + baselines.length > 0;
  if (isOther) {
    throw new UsageError(
      "--suite takes no --data, --input, --text, --baselines or --html",
    );
  }
  const { model: _, ...files } = modelFiles(
    { ...values, model: values.model[0] },
    output,
  );
  return await askSuite(values.model, {
    ...files,
    suite,
    suiteFile: values["suite-file"],
    learnFrom: values["learn-from"],
    seed: values.seed,
    backend: () => openBackend(values),
    signal,
  }, output);
}

/** Whether documents are measured, and not windows. */
function wantsReport(
  { model, data, input, text, html, baselines, ...values }: EvaluateValues,
): boolean {
  if (values["suite-file"] !== undefined) {
    throw new UsageError("--suite-file needs --suite");
  }
  const isReport = text.length > 0 || model.length > 1 || data.length > 1 ||
    baselines.length > 0 || html !== undefined;
  if (!isReport && (data.length === 0) === (input === undefined)) {
    throw new UsageError("evaluate needs --text, or one of --data and --input");
  }
  if (isReport && input !== undefined) {
    throw new UsageError(
      "--input is read by windows: give --text for several models, --baselines or --html",
    );
  }
  if (isReport && text.length + data.length === 0) {
    throw new UsageError("evaluate needs --text or --data");
  }
  if (values["learn-from"] !== undefined && baselines.length === 0) {
    throw new UsageError("--learn-from needs --baselines");
  }
  return isReport;
}

/** One model, window by window. */
async function windows(
  values: EvaluateValues,
  output: Output,
  signal: AbortSignal,
) {
  using progress = output.progress(t`evaluate`);
  progress.update(0);
  const [model] = values.model, [data] = values.data;
  const result = await measure({
    ...modelFiles({ ...values, model }, output),
    data,
    input: values.input,
    documents: values.documents,
    onFiles: (files) => noteDocuments(files, output),
    batchSize: values["batch-size"],
    seqLen: values["seq-len"],
    backend: () => openBackend(values),
    signal,
    onProgress: ({ phase, done, total }) =>
      progress.update(
        done,
        total,
        phase === "reading" ? t`${count(done)} [token|tokens] read` : "",
      ),
  });
  const loss = decimals(result.loss, 4);
  const perplexity = decimals(result.perplexity, 2);
  const bits = decimals(result.bitsPerByte, 4);
  const tokens = count(result.tokens), bytes = count(result.bytes);
  output.print(
    t`loss ${loss}, perplexity ${perplexity}, ${bits} bits per byte (${tokens} [token|tokens], ${bytes} [byte|bytes])`,
  );
  if (result.part === "train") noteTrain(data, output);
  return result;
}

function noteTrain(data: string, output: Output): void {
  output.print(
    t`${data} holds nothing out: this is train.bin, which the model may have been trained on`,
  );
}

/** Several models, document by document. */
async function report(
  values: EvaluateValues,
  output: Output,
  signal: AbortSignal,
) {
  const { model: _, ...files } = modelFiles(
    { ...values, model: values.model[0] },
    output,
  );
  using bars = new Bars(output);
  const result = await evaluateDocuments({
    ...files,
    models: values.model,
    texts: values.text,
    data: values.data,
    documents: values.documents,
    onFiles: (files) => noteDocuments(files, output),
    resetEvery: values["seq-len"],
    batchSize: values["batch-size"],
    baselines: values.baselines,
    learnFrom: values["learn-from"],
    resamples: values.resamples,
    seed: values.seed,
    html: values.html,
    backend: () => openBackend(values),
    signal,
    onProgress: (progress) => bars.update(progress),
  });
  bars[Symbol.dispose]();
  printReport(result, output);
  if (values.html !== undefined) output.print(t`report: ${values.html}`);
  return result;
}

/** A bar for each model and what is done with it. */
class Bars implements Disposable {
  readonly #output: Output;
  #bar: Progress;
  #at = "";

  constructor(output: Output) {
    this.#output = output;
    this.#bar = output.progress(t`evaluate`);
    this.#bar.update(0);
  }

  update({ name, phase, done, total }: EvaluateDocumentsProgress): void {
    const at = `${phase} ${name}`;
    if (at !== this.#at) {
      this.#bar[Symbol.dispose]();
      this.#bar = this.#output.progress(name);
      this.#at = at;
    }
    this.#bar.update(
      done,
      total,
      phase === "predicting" ? t`${count(done)} [token|tokens]` : "",
    );
  }

  [Symbol.dispose](): void {
    this.#bar[Symbol.dispose]();
  }
}

/** Why a baseline is not measured. */
const ABSENT: Readonly<Record<AbsentReason, string>> = {
  "not-permitted":
    "its program may not be started by a task, but by deno run -A cli.ts evaluate",
  "not-found": "its program is not on this machine",
  "too-much": "there is more than 1 GiB to compress",
};

function printReport(result: EvaluateDocumentsResult, output: Output): void {
  const { sources, entries, differences, absent } = result;
  const documents = count(result.documents.length);
  const bytes = sources.reduce((sum, { bytes }) => sum + bytes, 0);
  output.print(
    t`${documents} [document|documents], ${count(bytes)} [byte|bytes]`,
  );
  const print = (rows: readonly string[][]) => {
    for (const line of table(rows)) output.print(line);
  };
  print([
    ["", ...["bits per byte", "95 %", "perplexity", "tokens"].map(say)],
    ...entries.map((entry) => [
      entry.name,
      decimals(entry.bitsPerByte, 4),
      between(entry.interval),
      entry.perplexity === undefined ? "" : decimals(entry.perplexity, 2),
      entry.tokens === undefined ? "" : count(entry.tokens),
    ]),
  ]);
  for (const { name, from, bitsPerByte, interval } of differences) {
    const more = signed(bitsPerByte, 4);
    output.print(
      interval === undefined
        ? t`${name} against ${from}: ${more}`
        : t`${name} against ${from}: ${more} (95 %: ${
          interval.map((value) => signed(value, 4)).join(" … ")
        })`,
    );
  }
  for (const { name, reason } of absent) {
    output.warn(t`${name} is not measured: ${say(ABSENT[reason])}`);
  }
  const isOne = sources.length === 1;
  if (!isOne) {
    output.print(say("by source"));
    print(groups(
      entries,
      sources.map(({ label }) => label),
      (entry, i) => entry.bySource[i],
    ));
  }
  for (
    const [title, key] of [
      ["by length of the document, in bytes", "byLength"],
      ["by place in the document, in bytes", "byPosition"],
    ] as const
  ) {
    const ranges = entries.map((entry) => entry[key])
      .reduce((most, other) => other.length > most.length ? other : most);
    if (ranges.length < 2) continue;
    output.print(say(title));
    print(groups(
      entries.filter((entry) => entry[key].length > 0),
      ranges.map(rangeOf),
      (entry, i) => entry[key].find(({ from }) => from === ranges[i].from),
    ));
  }
  for (const { name, part } of sources) {
    if (part === "train") noteTrain(name, output);
  }
}

/** A row a group, a column a model. */
function groups(
  entries: readonly ReportEntry[],
  names: readonly string[],
  figureOf: (
    entry: ReportEntry,
    group: number,
  ) => { readonly bitsPerByte: number; readonly documents: number } | undefined,
): string[][] {
  return [
    ["", say("documents"), ...entries.map(({ label }) => label)],
    ...names.map((name, i) => {
      const figures = entries.map((entry) => figureOf(entry, i));
      const documents = figures.find(Boolean)?.documents ?? 0;
      return [
        `  ${name}`,
        count(documents),
        ...figures.map((figure) =>
          figure === undefined ? "" : decimals(figure.bitsPerByte, 4)
        ),
      ];
    }),
  ];
}

function rangeOf({ from, to }: RangeFigure): string {
  return to === undefined
    ? t`from ${count(from)} on`
    : t`${count(from)} to ${count(to)}`;
}

function between(interval: readonly number[] | undefined): string {
  return interval?.map((value) => decimals(value, 4)).join(" … ") ?? "";
}

/** Baselines by name, or all. */
function readBaselines(given: string, flag: string): readonly BaselineName[] {
  if (given === "all") return BASELINES;
  return given.split(",").map((name) => {
    const known = BASELINES.find((baseline) => baseline === name);
    if (known !== undefined) return known;
    throw new UsageError(
      `--${flag} takes all or some of ${BASELINES.join(", ")}, not "${given}"`,
    );
  });
}
