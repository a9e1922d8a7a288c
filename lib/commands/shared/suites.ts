/**
 * Suites of tasks, as `evaluate` asks and shows them.
 *
 * @module
 */

import {
  type Accuracy,
  type Diversity,
  evaluateSuite,
  type EvaluateSuiteOptions,
  type EvaluateSuiteResult,
  type SuiteName,
  SUITES,
} from "../../stages/evaluate_suite.ts";
import { count, decimals, t } from "./language.ts";
import { choice, text, UsageError } from "./options.ts";
import { type Output, table } from "./output.ts";

/** What they are, for the help. */
export const ABOUT_SUITES =
  "--suite pairs asks which of two sentences is the likelier, over 32 phenomena of grammar;\n" +
  "with --learn-from, n-grams of that text too. calame and lambada ask for the last word of\n" +
  "texts: files with sentence and last_word, or text. text looks at 20 texts that it writes.";

/** The flags that ask for one. */
export const SUITE_OPTIONS = {
  suite: choice(
    SUITES,
    "instead of a text: grammar (minimal pairs), last words, or texts of its own",
  ),
  "suite-file": text(
    "FILE",
    "its tasks, .jsonl or parquet; for text, text of people to compare with",
  ),
} as const;

/** What of a suite every model is asked alike. */
type SuiteQuestion = Omit<EvaluateSuiteOptions, "model" | "onProgress">;

/**
 * Asks models a suite, one after the other, and prints how they did.
 *
 * @param models Where they are.
 * @param question What they are asked.
 */
export async function askSuite(
  models: readonly string[],
  question: SuiteQuestion,
  output: Output,
): Promise<{ suite: SuiteName; models: EvaluateSuiteResult[] }> {
  const { suite, suiteFile, learnFrom } = question;
  if ((suite === "calame" || suite === "lambada") && suiteFile === undefined) {
    throw new UsageError(`--suite ${suite} needs its file, as --suite-file`);
  }
  if (learnFrom !== undefined && suite !== "pairs") {
    throw new UsageError(`--suite ${suite} takes no --learn-from`);
  }
  const results: EvaluateSuiteResult[] = [];
  for (const model of models) {
    using progress = output.progress(models.length > 1 ? model : suite);
    progress.update(0);
    results.push(
      await evaluateSuite({
        ...question,
        model,
        onProgress: ({ phase, done, total }) =>
          progress.update(
            done,
            total,
            phase === "learning" ? t`${count(done)} [token|tokens] read` : "",
          ),
      }),
    );
  }
  for (const result of results) {
    if (models.length > 1) output.print(result.model);
    for (const line of linesOf(result)) output.print(line);
  }
  return { suite, models: results };
}

function linesOf(
  { pairs, baselines = [], lastWords, written, people }: EvaluateSuiteResult,
): string[] {
  if (lastWords !== undefined) {
    const { right, count: all, perplexity } = lastWords;
    const share = percent(lastWords.accuracy), range = rangeOf(lastWords);
    return [
      t`${count(right)} of ${
        count(all)
      } last words found: ${share} % (${range}), perplexity of a word ${
        decimals(perplexity, 1)
      }`,
    ];
  }
  if (written !== undefined) return diversityLines(written, people);
  if (pairs === undefined) return [];
  const others = baselines.map(({ name }) => name);
  const row = (name: string, own: Accuracy, other: readonly Accuracy[]) => [
    name,
    count(own.count),
    percent(own.accuracy),
    rangeOf(own),
    ...other.map(({ accuracy }) => percent(accuracy)),
  ];
  return table([
    [t`right, in %`, t`pairs`, t`model`, "95 %", ...others],
    ...pairs.phenomena.map((own, i) =>
      row(own.name, own, baselines.map(({ phenomena }) => phenomena[i]))
    ),
    row(t`all pairs`, pairs, baselines),
  ]);
}

function diversityLines(
  written: Diversity,
  people: Diversity | undefined,
): string[] {
  const all = people === undefined ? [written] : [written, people];
  const row = (name: string, figure: (of: Diversity) => string) => [
    name,
    ...all.map(figure),
  ];
  const shares = [
    row(t`different words, %`, ({ distinct }) => percent(distinct[0])),
    row(t`different pairs of words, %`, ({ distinct }) => percent(distinct[1])),
    row(
      t`different threes of words, %`,
      ({ distinct }) => percent(distinct[2]),
    ),
    row(
      t`fours that were there before in the text, %`,
      (of) => percent(of.repeatedFours),
    ),
    row(t`fours that another text has, %`, (of) => percent(of.sharedFours)),
    row(t`texts that end in a loop, %`, (of) => percent(of.loops)),
    row(t`compressed, times smaller`, (of) => decimals(of.compression, 2)),
  ];
  const heads = people === undefined ? [t`model`] : [t`model`, t`people`];
  return table([
    ["", ...heads],
    row(t`texts`, (of) => count(of.texts)),
    row(t`words`, (of) => count(of.words)),
    ...shares,
  ]);
}

function percent(share: number): string {
  return decimals(100 * share, 1);
}

function rangeOf({ interval: [low, high] }: Accuracy): string {
  return `${percent(low)} – ${percent(high)}`;
}
