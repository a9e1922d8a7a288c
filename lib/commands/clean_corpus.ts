/**
 * `clean-corpus`: from a folder of text files to clean text.
 *
 * @module
 */

import { cleanText, decodeLegacy } from "../corpus/text_cleaner.ts";
import { reasonOf, writeFileAtomic } from "../files.ts";
import {
  choice,
  type Command,
  defineCommand,
  flag,
  text,
  UsageError,
} from "./command.ts";

/** A file is cleaned as a whole; a larger one has to be split. */
const MAX_FILE_BYTES = 256 << 20;

const options = {
  input: text("PATH", "a text file, or a folder of .txt and .md files", {
    required: true,
  }),
  output: text("FOLDER", "where the clean files go", { required: true }),
  "blank-lines": choice(
    ["auto", "documents", "paragraphs"],
    "what blank lines divide in the input",
    { defaultValue: "auto" },
  ),
  verbose: flag("print a line about every file"),
};

/** The command. */
export const cleanCorpus: Command<typeof options> = defineCommand({
  name: "clean-corpus",
  summary: "Repair and clean text files: characters, line breaks, boilerplate",
  options,
  notes: "Folders are read with their subfolders; files of other types are " +
    "counted and left out.\nEvery file is written under the same name with " +
    ".txt, a paragraph a line and a blank\nline between documents.",
  examples: ["--input data/books --output data/books_clean --verbose"],
  async run(values, output) {
    const start = performance.now();
    const { input, output: folder, verbose } = values;
    const { files, ignored } = await findFiles(input);
    await refuseOverlap(input, folder);
    const targets = targetsOf(files);
    using progress = output.progress("clean-corpus");
    const totals = {
      files: 0,
      ignored,
      emptied: 0,
      documents: 0,
      linesDropped: 0,
      unwrapped: 0,
      decodedAsWindows1252: 0,
      bytesBefore: 0,
      bytesAfter: 0,
    };
    for (const [i, { path, name }] of files.entries()) {
      const bytes = await readFile(path);
      const { text, encoding } = decodeLegacy(bytes);
      const clean = cleanText(text, {
        markdown: /\.md$/i.test(name),
        blankLines: values["blank-lines"],
      });
      const cleanBytes = new TextEncoder().encode(clean.text);
      const target = `${folder}/${targets[i]}`;
      if (clean.text === "") {
        await removeIfThere(target); // what an earlier run may have made
        totals.emptied++;
      } else {
        await writeFileAtomic(target, cleanBytes);
        totals.files++;
      }
      totals.documents += clean.documents;
      totals.linesDropped += clean.dropped;
      totals.unwrapped += clean.unwrapped ? 1 : 0;
      totals.decodedAsWindows1252 += encoding === "windows-1252" ? 1 : 0;
      totals.bytesBefore += bytes.length;
      totals.bytesAfter += cleanBytes.length;
      if (verbose) {
        output.print(
          `${name}: ${bytes.length} bytes to ${cleanBytes.length}, ` +
            `${clean.dropped} lines dropped` +
            (clean.unwrapped ? ", line breaks undone" : "") +
            (encoding === "windows-1252" ? ", read as Windows-1252" : ""),
        );
      }
      progress.update(i + 1, files.length);
    }
    const seconds = (performance.now() - start) / 1000;
    output.print(
      `${totals.files} files, ${megabytes(totals.bytesBefore)} to ` +
        `${megabytes(totals.bytesAfter)}, ${totals.linesDropped} lines ` +
        `dropped, in ${folder}` +
        (ignored === 0 ? "" : `; ${ignored} files of other types left out`),
    );
    return { ...totals, seconds, output: folder };
  },
});

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** A file to clean. */
interface Found {
  readonly path: string;
  /** Relative to the input folder. */
  readonly name: string;
}

/** The text files at a path, in the order of their names. */
async function findFiles(
  input: string,
): Promise<{ files: Found[]; ignored: number }> {
  const files: Found[] = [];
  let ignored = 0;
  const take = (path: string, name: string) => {
    if (/\.(?:txt|md)$/i.test(name)) files.push({ path, name });
    else ignored++;
  };
  const walk = async (folder: string, prefix: string) => {
    for await (const entry of Deno.readDir(folder)) {
      if (entry.name.startsWith(".")) continue;
      const path = `${folder}/${entry.name}`, name = prefix + entry.name;
      if (entry.isDirectory) await walk(path, `${name}/`);
      else if (entry.isFile) take(path, name);
      else ignored++;
    }
  };
  try {
    const info = await Deno.stat(input);
    if (info.isDirectory) await walk(input, "");
    else take(input, input.split(/[\\/]/).at(-1)!);
  } catch (error) {
    throw new Error(`Cannot read "${input}": ${reasonOf(error)}`, {
      cause: error,
    });
  }
  if (files.length === 0) {
    throw new Error(`Cannot clean "${input}": it holds no .txt or .md file`);
  }
  files.sort((a, b) => a.name < b.name ? -1 : 1);
  return { files, ignored };
}

/** The output must not be read as input the next time, nor written over it. */
async function refuseOverlap(input: string, output: string): Promise<void> {
  const [from, to] = await Promise.all(
    [input, output].map((path) => Deno.realPath(path).catch(() => undefined)),
  );
  const inside = to !== undefined && from !== undefined &&
    (`${to}/`.startsWith(`${from}/`) || from.startsWith(`${to}/`));
  if (inside || `${output}/`.startsWith(`${input.replace(/\/+$/, "")}/`)) {
    throw new UsageError(
      `--output "${output}" and --input "${input}" must lie apart`,
    );
  }
}

/** `a.md` becomes `a.txt`, unless there is one already. */
function targetsOf(files: readonly Found[]): string[] {
  const taken = new Set(files.map(({ name }) => name));
  return files.map(({ name }) => {
    if (/\.txt$/i.test(name)) return name;
    const target = name.replace(/\.md$/i, ".txt");
    return taken.has(target) ? `${name}.txt` : target;
  });
}

async function removeIfThere(path: string): Promise<void> {
  await Deno.remove(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return;
    throw new Error(`Cannot remove "${path}": ${reasonOf(error)}`, {
      cause: error,
    });
  });
}

async function readFile(path: string): Promise<Uint8Array> {
  try {
    const { size } = await Deno.stat(path);
    if (size > MAX_FILE_BYTES) {
      throw new RangeError(
        `it has more than ${MAX_FILE_BYTES} bytes, so it has to be split`,
      );
    }
    return await Deno.readFile(path);
  } catch (error) {
    throw new Error(`Cannot read "${path}": ${reasonOf(error)}`, {
      cause: error,
    });
  }
}
