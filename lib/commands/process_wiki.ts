/**
 * `process-wiki`: from a Wikimedia dump to clean text.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { CorpusWriter } from "../corpus/corpus_writer.ts";
import { WikiCleaner } from "../corpus/wiki_cleaner.ts";
import { WikiStreamParser } from "../corpus/wiki_stream_parser.ts";
import { reasonOf } from "../files.ts";
import { type Command, defineCommand, flag, integer, text } from "./command.ts";
import type { Output, Progress } from "./output.ts";

const options = {
  input: text("FILE", "Wikimedia dump, .xml or .xml.bz2", { required: true }),
  output: text("FOLDER", "where the text goes", { required: true }),
  "min-chars": integer("shortest article to keep, in characters", {
    defaultValue: 100,
  }),
  "articles-per-file": integer("articles in one text file", {
    defaultValue: 10_000,
    min: 1,
  }),
  "keep-disambiguations": flag("keep pages that list what a name may mean"),
};

/** The command. */
export const processWiki: Command<typeof options> = defineCommand({
  name: "process-wiki",
  summary: "Clean the articles of a Wikimedia dump into text files",
  options,
  notes: "Writes wiki_000.txt and so on, a paragraph a line and a blank line " +
    "between articles,\nand manifest.json. An earlier corpus in the folder is " +
    "replaced when all is done.\nDumps: https://dumps.wikimedia.org/ptwiki/ " +
    "(pages-articles, with or without multistream).",
  examples: [
    "--input ptwiki-latest-pages-articles.xml.bz2 --output data/wiki_clean",
  ],
  async run(values, output) {
    const start = performance.now();
    const { input, output: folder } = values;
    const size = await sizeOf(input);
    await using writer = await CorpusWriter.create(folder, {
      documentsPerFile: values["articles-per-file"],
    });
    const source = await openSource(input, size, output);
    using _progress = source.progress;
    const parser = new WikiStreamParser(source.bytes, {
      disambiguations: values["keep-disambiguations"],
    });
    const cleaner = new WikiCleaner({ namespaces: parser.namespaces });
    let tooShort = 0;
    try {
      for await (const article of parser) {
        const clean = cleaner.clean(article.text, article.title);
        if (clean.length < values["min-chars"] || clean === "") tooShort++;
        else await writer.add(clean);
        source.detail = `${writer.totals.documents} articles`;
      }
    } catch (error) {
      throw ofFile(error, input);
    }
    const { pages, articles: _, ...skipped } = parser.stats;
    const dropped = { ...skipped, tooShort };
    if (writer.totals.documents === 0) {
      throw new Error(
        `Cannot make a corpus of "${input}": none of its ${pages} pages is ` +
          `an article of ${values["min-chars"]} characters or more`,
      );
    }
    await writer.finish({
      source: {
        name: input.split(/[\\/]/).at(-1),
        bytes: source.read,
        sha256: source.digest(),
      },
      options: {
        minChars: values["min-chars"],
        articlesPerFile: values["articles-per-file"],
        keepDisambiguations: values["keep-disambiguations"],
      },
      pages,
      dropped,
      residue: cleaner.residue,
    });
    const { documents, files, characters, bytes } = writer.totals;
    const seconds = (performance.now() - start) / 1000;
    output.print(
      `${documents} articles, ${(bytes / 1e6).toFixed(1)} MB of text in ` +
        `${files.length} ${files.length === 1 ? "file" : "files"} in ` +
        `${folder}, from ${pages} pages in ${seconds.toFixed(1)} s`,
    );
    output.print(
      "not kept: " +
        Object.entries(dropped).map(([reason, count]) =>
          `${count} ${LABELS[reason] ?? reason}`
        ).join(", "),
    );
    return {
      articles: documents,
      ...dropped,
      files: files.length,
      characters,
      bytes,
      residue: cleaner.residue,
      seconds,
      output: folder,
    };
  },
});

const LABELS: Readonly<Record<string, string>> = {
  redirects: "redirects",
  otherNamespaces: "of other namespaces",
  otherModels: "not wikitext",
  disambiguations: "disambiguations",
  tooShort: "too short",
};

/** A file that is hashed and measured while it is read. */
interface Source {
  readonly bytes: ReadableStream<Uint8Array>;
  readonly progress: Progress;
  /** What the progress shows beside the bytes. */
  detail: string;
  /** Bytes read so far. */
  read: number;
  /** SHA-256 of what was read. */
  digest(): string;
}

async function sizeOf(path: string): Promise<number> {
  try {
    const info = await Deno.stat(path);
    if (info.isDirectory) throw new Deno.errors.IsADirectory();
    return info.size;
  } catch (error) {
    throw cannotRead(path, error);
  }
}

async function openSource(
  path: string,
  size: number,
  output: Output,
): Promise<Source> {
  const file = await Deno.open(path).catch((error) => {
    throw cannotRead(path, error);
  });
  const hash = createHash("sha256");
  const progress = output.progress("process-wiki");
  const source: Source = {
    bytes: file.readable.pipeThrough(
      new TransformStream({
        transform(chunk, controller) {
          hash.update(chunk);
          source.read += chunk.length;
          progress.update(source.read, size, source.detail);
          controller.enqueue(chunk);
        },
      }),
    ),
    progress,
    detail: "",
    read: 0,
    digest: () => hash.digest("hex"),
  };
  return source;
}

/** Says which file was at fault, unless it was the one being written. */
function ofFile(error: unknown, path: string): unknown {
  if (!(error instanceof Error)) return error;
  if (error instanceof SyntaxError) {
    const reason = error.message.replace(/^Cannot [^:]*: /, "");
    return new SyntaxError(`Cannot read "${path}": ${reason}`, {
      cause: error,
    });
  }
  return error.message.startsWith("Cannot ") ? error : cannotRead(path, error);
}

function cannotRead(path: string, error: unknown): Error {
  return new Error(`Cannot read "${path}": ${reasonOf(error)}`, {
    cause: error,
  });
}
