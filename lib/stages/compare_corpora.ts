/**
 * What changed from one corpus to another that was made of the same pages, as by
 * a newer version of the cleaner.
 *
 * @module
 */

import {
  alignDocuments,
  type NamedDocument,
} from "../corpus/compare/alignment.ts";
import {
  Comparison,
  type CorpusComparison,
} from "../corpus/compare/comparison.ts";
import { readDocuments } from "../corpus/documents/document_reader.ts";
import { ruleOf } from "../corpus/documents/document_rule.ts";
import { readText } from "../corpus/documents/document_text.ts";
import {
  findTextFiles,
  type TextFile,
} from "../corpus/documents/text_files.ts";
import { totalSize } from "../input_files.ts";
import { assertOptions, type OptionKinds, wholeFrom } from "../option_kinds.ts";
import { EventTurns } from "../turns.ts";
import type { StageOptions } from "./stage.ts";
import { refuseMade } from "./text_input.ts";

/** What `compareCorpora()` is to do. */
export interface CompareCorporaOptions extends StageOptions {
  /** The folder, or file, of the corpus as it was. */
  readonly old: string;
  /** That of the corpus as it is now. */
  readonly new: string;
  /** How many documents, replacements and names are shown; 20 unless given. */
  readonly examples?: number;
  /** How many lines of each document are shown; 4 unless given. */
  readonly linesEach?: number;
}

/** What its options are. */
const OPTIONS: OptionKinds<CompareCorporaOptions> = {
  old: "text",
  new: "text",
  examples: wholeFrom(0),
  linesEach: wholeFrom(0),
  signal: "signal?",
  onProgress: "function?",
};

/** What `compareCorpora()` found. */
export interface CompareCorporaResult extends CorpusComparison {
  /** Documents that cannot be read, in both together. */
  readonly unreadable: number;
  /** How long it took. */
  readonly seconds: number;
}

/**
 * Compares two corpora, document by document: those of one id where both are
 * JSON, others by their first lines and words. Both have their documents in one
 * order, as what was made from one dump has.
 *
 * @param options The two, and how much is shown.
 * @returns What changed.
 * @throws {Error} When a file cannot be read or there is none; when it is
 * aborted, the signal's reason.
 *
 * @example
 * ```ts
 * import { compareCorpora } from "./compare_corpora.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/old.txt`, "O Sol .\n\n\nA Lua.\n");
 * await Deno.writeTextFile(`${folder}/new.txt`, "O Sol.\n\n\nA Lua.\n");
 * const { documents, kinds } = await compareCorpora({
 *   old: `${folder}/old.txt`,
 *   new: `${folder}/new.txt`,
 * });
 * assertEquals(documents, { both: 2, changed: 1, onlyOld: 0, onlyNew: 0 });
 * assertEquals(kinds.spaces, 1);
 * ```
 */
export async function compareCorpora(
  options: CompareCorporaOptions,
): Promise<CompareCorporaResult> {
  assertOptions("compare corpora", options, OPTIONS);
  const { signal, onProgress, examples = 20, linesEach = 4 } = options;
  const start = performance.now();
  const [old, now] = [await filesOf(options.old), await filesOf(options.new)];
  const total = totalSize(old) + totalSize(now);
  const comparison = new Comparison({ examples, linesEach });
  const turns = new EventTurns();
  let done = 0, unreadable = 0;
  for await (const pair of alignDocuments(read(old), read(now))) {
    await turns.next();
    signal?.throwIfAborted();
    comparison.add(pair);
    onProgress?.({ done, total });
  }
  return {
    ...comparison.report(),
    unreadable,
    seconds: (performance.now() - start) / 1000,
  };

  async function* read(
    files: readonly TextFile[],
  ): AsyncGenerator<NamedDocument> {
    let number = 0;
    for await (const { file, bytes, length } of readDocuments(files)) {
      number++;
      done += length;
      const { text, name: id, title } = readText(bytes, {
        json: ruleOf(files[file]) === "jsonl",
        textField: "text",
      });
      if (text === undefined) unreadable++;
      else yield { id, name: title ?? id ?? nameBy(text, number), text };
    }
  }
}

/** What a document without a name is called. */
function nameBy(text: string, number: number): string {
  const beginning = text.slice(0, 40).split("\n")[0].toWellFormed();
  return `${number} (${beginning}…)`;
}

async function filesOf(path: string): Promise<readonly TextFile[]> {
  await refuseMade(path);
  return (await findTextFiles(path)).files;
}
