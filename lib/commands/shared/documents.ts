/**
 * What a document is: the option of commands that read text, and the line that
 * says what was chosen.
 *
 * @module
 */

import { DOCUMENT_RULES } from "../../corpus/documents/document_rule.ts";
import type { TextFile, TextFiles } from "../../corpus/documents/text_files.ts";
import { count, say, t } from "./language.ts";
import { choice } from "./options.ts";
import { firstOf, type Output } from "./output.ts";

/** The flag of commands that read documents. */
export const DOCUMENTS = {
  documents: choice(
    ["auto", ...DOCUMENT_RULES],
    "what a document is; auto is told above",
    { default: "auto" },
  ),
} as const;

/** What `auto` does, for the help. */
export const ABOUT_DOCUMENTS =
  "What a document is (--documents auto): in a folder that one of our commands wrote, what\n" +
  "its manifest.json says, and only the files that it names are read; a line of .jsonl (an\n" +
  "object with a text); a whole .md file; a block between blank lines in files numbered\n" +
  "from NAME_000.txt and in those of more than 16 MiB; else the whole file. In a single\n" +
  "file that is not plainly one text (every line followed by a blank one, or broken at a\n" +
  "page's width) it is a block. .jsonl files have objects under every rule.";

/** What was noted last, as several texts are mostly alike. */
const noted = new WeakMap<Output, string>();

/** Notes what a document is in the files, and which are no part of the corpus. */
export function noteDocuments(
  found: TextFiles,
  output: Output,
): void {
  const { files } = found;
  const groups = [
    ...Map.groupBy(files, ({ documents, because }) => `${documents} ${because}`)
      .values(),
  ];
  const described = groups.map((group) =>
    groups.length === 1
      ? describe(group[0])
      : t`${describe(group[0])} in ${count(group.length)}`
  );
  const line = t`documents: ${described.join("; ")}`;
  if (noted.get(output) !== line) output.note(line);
  noted.set(output, line);
  noteLeftOut(found, output);
}

/** Notes which files that lie there are no part of the corpus. */
export function noteLeftOut({ leftOut }: TextFiles, output: Output): void {
  if (leftOut.length > 0) {
    output.warn(
      t`not read, as the manifest does not name them: ${firstOf(leftOut)} (${
        count(leftOut.length)
      })`,
    );
  }
}

function describe({ documents, because }: TextFile): string {
  return t`${say(RULES[documents])} (${say(REASONS[because])})`;
}

const RULES: Readonly<Record<TextFile["documents"], string>> = {
  "blank-lines": "blocks between blank lines",
  files: "a file each",
  jsonl: "a line of JSON each",
};

const REASONS: Readonly<Record<TextFile["because"], string>> = {
  asked: "as asked",
  manifest: "by its manifest",
  ending: "by its ending",
  numbered: "numbered files; --documents files for whole files",
  large: "more than 16 MiB; --documents files for whole files",
  looked: "no manifest; --documents has others",
  folder: "no manifest; --documents blank-lines for blocks",
};
