/**
 * What a document is: the option of commands that read text, and the line that
 * says what was chosen.
 *
 * @module
 */

import { DOCUMENT_RULES } from "../../corpus/documents/document_rule.ts";
import type { TextFile, TextFiles } from "../../corpus/documents/text_files.ts";
import { count, say, sayError, t } from "./language.ts";
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
  "object with a text) or a row of .parquet (a column text); a whole .md, .html or .epub\n" +
  "file; a block between blank lines in files numbered from NAME_000.txt and in those of\n" +
  "more than 16 MiB; else the whole file. In a single file that is not plainly one text\n" +
  "(every line followed by a blank one, or broken at a page's width) it is a block. .jsonl\n" +
  "and .parquet have objects under every rule. Each may be packed: .gz, .zst, .bz2, .xz.";

/** How many files that cannot be read are named, at most. */
const MOST_UNREAD = 5;

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

/**
 * Warns of files that cannot be read, and of those that lie there and are no
 * part of the corpus.
 */
export function noteLeftOut(found: TextFiles, output: Output): void {
  const { leftOut } = found;
  noteUnread(found, output);
  if (leftOut.length > 0) {
    output.warn(
      t`not read, as the manifest does not name them: ${firstOf(leftOut)} (${
        count(leftOut.length)
      })`,
    );
  }
}

/** Warns of files that are left out as they cannot be read. */
export function noteUnread(
  { unread }: Pick<TextFiles, "unread">,
  output: Output,
): void {
  if (unread.length === 0) return;
  const named = unread.slice(0, MOST_UNREAD)
    .map(({ name, reason }) => `${name}: ${sayError(reason)}`).join("; ");
  const left = unread.length - MOST_UNREAD;
  output.warn(
    t`left out, as they cannot be read (${count(unread.length)}): ${named}` +
      (left > 0 ? " …" : ""),
  );
}

function describe({ documents, because }: TextFile): string {
  return t`${say(RULES[documents])} (${say(REASONS[because])})`;
}

const RULES: Readonly<Record<TextFile["documents"], string>> = {
  "blank-lines": "blocks between blank lines",
  files: "a file each",
  jsonl: "a line of JSON, or a row, each",
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
