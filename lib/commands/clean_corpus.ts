/**
 * `clean-corpus`: from a folder of text files to clean text.
 *
 * @module
 */

import { RepeatedLines } from "../corpus/clean/boilerplate.ts";
import { CorpusFolder } from "../corpus/output/corpus_folder.ts";
import {
  type CleaningCounts,
  cleanText,
  decodeLegacy,
  noCleaning,
  type TextCleanerOptions,
} from "../corpus/clean/text_cleaner.ts";
import { readJsonLines } from "../corpus/documents/json_lines.ts";
import { readWhole, writeFileAtomic } from "../files.ts";
import {
  type InputFile,
  isJsonLines,
  isMarkdown,
  listTextFiles,
} from "../input_files.ts";
import type { Command } from "./shared/command.ts";
import {
  choice,
  flag,
  integer,
  requiredText,
  TEXT_INPUT,
  type Values,
} from "./shared/options.ts";
import { refuseOverlap } from "./shared/refuse_overlap.ts";
import { megabytes, type Output } from "./shared/output.ts";

/** A file is cleaned as a whole; a larger one has to be split. */
const MAX_FILE_BYTES = 256 << 20;

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
  notes: "Folders are read with their subfolders; files of other types are " +
    "counted and left out.\nEvery file is written under the same name with " +
    ".txt, a paragraph a line and a blank\nline between documents. Verse " +
    "keeps its lines. In .jsonl files each line is an object whose text is a\n" +
    "document. manifest.json has what each rule did.",
  examples: [
    "--input my_books --output data/books_clean --verbose",
    "--input data/web --output data/web_clean --min-line-chars 30",
  ],
  async run(values, output) {
    const start = performance.now();
    const { input, output: folder } = values;
    const { files, ignored, roots } = await listTextFiles(input, {
      mayBeEmpty: true,
    });
    await refuseOverlap(roots, folder);
    await using corpus = await CorpusFolder.open(folder);
    const targets = targetsOf(files);
    const { totals, sources } = await cleanFiles(files, corpus, values, output);
    const isEmpty = (i: number) => sources[i].file === undefined;
    await corpus.publish(
      { options: rulesOf(values), ...totals, ignored, sources },
      targets.filter((_, i) => !isEmpty(i)),
      targets.filter((_, i) => isEmpty(i)),
    );
    const seconds = (performance.now() - start) / 1000;
    output.print(
      `${totals.files} files, ${megabytes(totals.bytesBefore)} MB to ` +
        `${megabytes(totals.bytesAfter)} MB, ${totals.linesDropped} lines ` +
        `dropped, in ${folder}` +
        (ignored.length === 0
          ? ""
          : `; ${ignored.length} files of other types left out`),
    );
    output.print(describeRules(totals.rules));
    return { ...totals, ignored: ignored.length, seconds, output: folder };
  },
};

async function cleanFiles(
  files: readonly InputFile[],
  corpus: CorpusFolder,
  values: Values<typeof options>,
  output: Output,
) {
  const totals = {
    files: 0,
    emptied: 0,
    documents: 0,
    linesDropped: 0,
    unwrapped: 0,
    decodedAsWindows1252: 0,
    bytesBefore: 0,
    bytesAfter: 0,
    rules: noCleaning(),
  };
  const sources: Record<string, unknown>[] = [];
  const targets = targetsOf(files);
  const repeated = await repeatedLines(files, values, output);
  using progress = output.progress("clean-corpus");
  for (const [i, file] of files.entries()) {
    const { name, size } = file;
    const { text, encoding } = await readInput(file);
    const clean = cleanText(text, { ...cleaningOf(name, values), repeated });
    const cleanBytes = new TextEncoder().encode(clean.text);
    const isEmpty = clean.text === "";
    if (!isEmpty) await writeFileAtomic(corpus.staged(targets[i]), cleanBytes);
    totals[isEmpty ? "emptied" : "files"]++;
    totals.documents += clean.documents;
    totals.linesDropped += clean.dropped;
    totals.unwrapped += clean.unwrapped ? 1 : 0;
    totals.decodedAsWindows1252 += encoding === "windows-1252" ? 1 : 0;
    totals.bytesBefore += size;
    totals.bytesAfter += cleanBytes.length;
    for (const rule of RULES) totals.rules[rule] += clean.counts[rule];
    sources.push({
      name,
      file: isEmpty ? undefined : targets[i], // absent where nothing was left
      encoding,
      bytesBefore: size,
      bytesAfter: cleanBytes.length,
      linesDropped: clean.dropped,
    });
    if (values.verbose) {
      output.print(
        `${name}: ${size} bytes to ${cleanBytes.length}, ` +
          `${clean.dropped} lines dropped` +
          (clean.unwrapped ? ", line breaks undone" : "") +
          (encoding === "windows-1252" ? ", read as Windows-1252" : ""),
      );
    }
    progress.update(i + 1, files.length);
  }
  return { totals, sources };
}

/** What many files begin or end with, for which all are read once before. */
async function repeatedLines(
  files: readonly InputFile[],
  values: Values<typeof options>,
  output: Output,
): Promise<RepeatedLines | undefined> {
  if (values["keep-repeated"] || files.length === 1) return undefined;
  using progress = output.progress("clean-corpus: compare files");
  const repeated = new RepeatedLines();
  for (const [i, file] of files.entries()) {
    const { text } = await readInput(file);
    const clean = cleanText(text, cleaningOf(file.name, values)).text;
    repeated.add(clean.split("\n").filter((line) => line !== ""));
    progress.update(i + 1, files.length);
  }
  return repeated;
}

/** A file's text; the objects of a .jsonl file with blank lines between them. */
async function readInput(
  { path, size }: InputFile,
): Promise<{ text: string; encoding: string }> {
  if (!isJsonLines(path)) {
    return decodeLegacy(await readWhole(path, MAX_FILE_BYTES));
  }
  if (size > MAX_FILE_BYTES) {
    throw new RangeError(
      `Cannot read "${path}": it has more than ${MAX_FILE_BYTES} bytes, so it has to be split`,
    );
  }
  const documents = await Array.fromAsync(readJsonLines(path));
  return { text: documents.join("\n\n"), encoding: "utf-8" };
}

function rulesOf(values: Values<typeof options>): Record<string, unknown> {
  return {
    blankLines: values["blank-lines"],
    keepCharacters: values["keep-characters"],
    keepLineBreaks: values["keep-line-breaks"],
    keepMarkup: values["keep-markup"],
    keepBoilerplate: values["keep-boilerplate"],
    keepRepeated: values["keep-repeated"],
    minLineChars: values["min-line-chars"],
  };
}

function cleaningOf(
  name: string,
  values: Values<typeof options>,
): TextCleanerOptions {
  return {
    ...rulesOf(values),
    markdown: isMarkdown(name),
    ...isJsonLines(name) && { blankLines: "documents" },
  };
}

const RULES = Object.keys(noCleaning()) as (keyof CleaningCounts)[];

const LABELS: Readonly<Record<keyof CleaningCounts, string>> = {
  mojibake: "mojibake repaired",
  c1Controls: "controls read as punctuation",
  lineBreaks: "line breaks undone",
  rejoined: "paragraphs rejoined",
  markup: "lines with markup",
  withoutLetters: "lines without letters",
  boilerplate: "of boilerplate",
  pageHeaders: "headers of pages",
  repeated: "repeated in many files",
  short: "too short",
};

function describeRules(rules: CleaningCounts): string {
  const did = RULES.filter((rule) => rules[rule] > 0)
    .map((rule) => `${rules[rule]} ${LABELS[rule]}`);
  return did.length === 0 ? "nothing to repair" : did.join(", ");
}

/** `a.md` and `a.jsonl` become `a.txt`, unless there is one already. */
function targetsOf(files: readonly InputFile[]): string[] {
  const taken = new Set(files.map(({ name }) => name));
  return files.map(({ name }) => {
    if (/\.txt$/i.test(name)) return name;
    const target = name.replace(/\.(?:md|jsonl)$/i, ".txt");
    if (taken.has(target)) return `${name}.txt`;
    taken.add(target);
    return target;
  });
}
