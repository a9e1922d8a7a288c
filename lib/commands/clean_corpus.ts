/**
 * `clean-corpus`: from a folder of text files to clean text.
 *
 * @module
 */

import {
  cleanCorpus as clean,
  type CleanCorpusResult,
  type CleanedFile,
} from "../stages/clean_corpus.ts";
import { portuguese } from "./clean_corpus.pt.ts";
import type { Command } from "./shared/command.ts";
import { onInterrupt, unlessInterrupted } from "./shared/interrupt.ts";
import { count, t } from "./shared/language.ts";
import {
  choice,
  flag,
  integer,
  requiredText,
  stageValues,
  TEXT_INPUT,
} from "./shared/options.ts";
import { noteUnread } from "./shared/documents.ts";
import { filesOf, megabytes, type Output } from "./shared/output.ts";

/** How many names of files without text are told, at most. */
const MAX_NAMES = 5;

const options = {
  input: requiredText("PATH", TEXT_INPUT),
  output: requiredText("FOLDER", "where the clean files go"),
  "blank-lines": choice(
    ["auto", "documents", "paragraphs"],
    "what blank lines divide in the input",
    { default: "auto" },
  ),
  "keep-characters": flag("leave mojibake, controls and odd spaces"),
  "keep-line-breaks": flag("leave lines that were broken at a page's width"),
  "keep-markup": flag("leave tags, wikitext and Markdown"),
  "keep-boilerplate": flag("leave maintenance lines and headers of pages"),
  "keep-repeated": flag("leave lines that many files begin or end with"),
  "min-line-chars": integer(
    "drop lines that are shorter; 30 suits pages of the web, not verse",
    { default: 0 },
  ),
  verbose: flag("print a line about every file"),
};

/** The command. */
export const cleanCorpus: Command<typeof options> = {
  name: "clean-corpus",
  summary: "Repair and clean text files: characters, line breaks, boilerplate",
  options,
  portuguese,
  notes: "Folders are read with their subfolders; files of other types are " +
    "counted and left out.\nEvery file is written under the same name with " +
    ".txt, a paragraph a line and a blank\nline between documents. Verse " +
    "keeps its lines. In .jsonl files each line is an object whose text is a\n" +
    "document, in .parquet each row. Each file may be packed (.gz, .zst, .bz2, .xz)\n" +
    "and have up to 256 MiB of text. manifest.json has what each rule did. The clean files of an " +
    "earlier run are replaced\nwhen all is done; until then there must be " +
    "room for both.",
  examples: [
    "--input my_books --output data/books_clean --verbose",
    "--input data/web --output data/web_clean --min-line-chars 30",
  ],
  async run(values, output) {
    using interrupt = onInterrupt(output, t`stopping`);
    using progress = output.progress("clean-corpus");
    const emptied: string[] = [], notText: string[] = [];
    const result = await unlessInterrupted(
      interrupt,
      clean({
        ...stageValues(values, "verbose"),
        blankLines: values["blank-lines"],
        keepCharacters: values["keep-characters"],
        keepLineBreaks: values["keep-line-breaks"],
        keepMarkup: values["keep-markup"],
        keepBoilerplate: values["keep-boilerplate"],
        keepRepeated: values["keep-repeated"],
        minLineChars: values["min-line-chars"],
        signal: interrupt.signal,
        onFiles: (files) => noteUnread(files, output),
        onFile: (file) => {
          if (values.verbose) output.print(describe(file));
          if (file.encoding === undefined) notText.push(file.name);
          else if (file.file === undefined) emptied.push(file.name);
        },
        onProgress: ({ done, total, pass, name }) =>
          progress.update(
            done,
            total,
            pass === "comparing"
              ? t`comparing ${name}`
              : pass === "counting"
              ? t`counting the words of ${name}`
              : name,
          ),
      }),
    );
    if (result === undefined) {
      output.print(t`interrupted; nothing was written`);
      return { complete: false, output: values.output };
    }
    report(result, output);
    if (emptied.length > 0) {
      output.print(t`nothing is left of: ${namesOf(emptied)}`);
    }
    if (notText.length > 0) {
      output.print(t`left out, as they are binary data: ${namesOf(notText)}`);
    }
    return { ...result };
  },
};

function describe(file: CleanedFile): string {
  const { name, encoding, bytesBefore, bytesAfter, linesDropped } = file;
  if (encoding === undefined) return t`${name}: left out, binary data`;
  return t`${name}: ${bytesBefore} [byte|bytes] to ${bytesAfter}, ${linesDropped} [line dropped|lines dropped]` +
    (file.unwrapped ? t`, line breaks undone` : "") +
    (encoding === "windows-1252" ? t`, read as Windows-1252` : "");
}

function report(result: CleanCorpusResult, output: Output): void {
  const { rules, ignored, lostCharacters } = result;
  const before = megabytes(result.bytesBefore);
  const after = megabytes(result.bytesAfter);
  const dropped = count(result.linesDropped);
  output.print(
    t`${
      filesOf(result.files)
    }, ${before} MB to ${after} MB, ${dropped} [line dropped|lines dropped], in ${result.output}` +
      (ignored === 0
        ? ""
        : t`; ${ignored} [file of another type left out|files of other types left out]`),
  );
  const did = (Object.keys(LABELS) as (keyof typeof LABELS)[])
    .filter((rule) => rules[rule] > 0)
    .map((rule) => LABELS[rule](count(rules[rule])));
  output.print(did.length === 0 ? t`nothing to repair` : did.join(", "));
  if (lostCharacters > 0) {
    output.print(
      t`${
        count(lostCharacters)
      } [character was|characters were] lost before and cannot be repaired (U+FFFD)`,
    );
  }
}

const LABELS: Readonly<
  Record<keyof CleanCorpusResult["rules"], (n: string) => string>
> = {
  mojibake: (n) => t`${n} mojibake repaired`,
  c1Controls: (n) => t`${n} [control|controls] read as punctuation`,
  lineBreaks: (n) => t`${n} line [break|breaks] undone`,
  rejoined: (n) => t`${n} [paragraph|paragraphs] rejoined`,
  markup: (n) => t`${n} [line|lines] with markup`,
  withoutLetters: (n) => t`${n} [line|lines] without letters`,
  boilerplate: (n) => t`${n} of boilerplate`,
  pageHeaders: (n) => t`${n} [header|headers] of pages`,
  repeated: (n) => t`${n} repeated in many files`,
  short: (n) => t`${n} shorter than --min-line-chars`,
  spared: (n) =>
    t`${n} [text|texts] kept of which the rules of boilerplate would have left nothing`,
};

function namesOf(files: readonly string[]): string {
  const names = files.slice(0, MAX_NAMES).join(", ");
  const left = files.length - MAX_NAMES;
  return left > 0 ? t`${names} and ${left} more` : names;
}
