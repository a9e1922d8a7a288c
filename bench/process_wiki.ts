/**
 * `process-wiki` beside plain decompression by lbzip2 and bzip2, and beside
 * WikiExtractor: each in a process of its own, in turn, medians.
 *
 *     deno run -A bench/process_wiki.ts [--folder SCRATCH] [--megabytes 300]
 *         [--rounds 5] [--threads 1,2] [--python VENV/bin/python] [--dump FILE]
 *         [--figures FILE]
 *
 * The dump is made of the pages of a real one, where it is given, and of
 * `data/sample`, again and again with other words and numbers, so that no two
 * blocks are alike; it stays in the scratch folder for the next time. What
 * is not installed is left out. WikiExtractor (`pip install wikiextractor`) runs
 * without templates, its faster way, by the Python given.
 *
 * A second table shows that cleaning takes time in proportion to a page.
 *
 * @module
 */

import { decompress } from "../lib/corpus/dump/dump_input.ts";
import { WikiCleaner } from "../lib/corpus/wikitext/wiki_cleaner.ts";
import { keepFigures } from "./report/figures.ts";
import { inTurn, median, readOptions, rowOf, run } from "./shared.ts";

const SAMPLE = "data/sample/amostra-pages-articles-multistream.xml.bz2";
const CLI = new URL("../cli.ts", import.meta.url).pathname;

const options = readOptions({
  folder: "",
  megabytes: "300",
  rounds: "5",
  threads: "1,2",
  python: "",
  dump: "",
  figures: "",
});
const folder = options.folder || await Deno.makeTempDir();
const megabytes = Number(options.megabytes);
const rounds = Number(options.rounds);
const threads = options.threads.split(",");

/** One thing to measure. */
interface Side {
  readonly name: string;
  readonly command: readonly string[];
}

/** What a process took. */
interface Taken {
  readonly seconds: number;
  readonly processor: number;
  readonly peak: number;
}

await Deno.mkdir(folder, { recursive: true });
const dump = await makeDump();
await compare(dump, await sidesOf(dump.path));
linearity();

/** Makes the dump, unless it is there. */
async function makeDump(): Promise<{ path: string; xml: number }> {
  const xml = `${folder}/bench-${megabytes}.xml`;
  const path = `${xml}.bz2`;
  const size = await Deno.stat(xml).then(({ size }) => size, () => 0);
  if (size === 0) {
    const given = options.dump === "" ? [] : [options.dump];
    const dumps = await Promise.all([...given, SAMPLE].map(readDump));
    const pages = dumps.flatMap(({ pages }) => pages);
    const [{ header }] = dumps;
    const encoder = new TextEncoder();
    using file = await Deno.open(xml, { create: true, write: true });
    const writer = file.writable.getWriter();
    await writer.write(encoder.encode(header));
    let written = 0;
    for (let copy = 0; written < megabytes * 1e6; copy++) {
      for (const page of pages) {
        const bytes = encoder.encode(mutated(page, copy));
        written += bytes.length;
        await writer.write(bytes);
      }
    }
    await writer.write(encoder.encode("</mediawiki>\n"));
    await writer.close();
  }
  if (!await Deno.stat(path).then(() => true, () => false)) {
    const packer = await exists("lbzip2") ? "lbzip2" : "bzip2";
    await run([packer, "-9", "-k", xml]);
  }
  return { path, xml: (await Deno.stat(xml)).size };
}

/** What stands before the pages of a dump, and they, as they are written. */
async function readDump(
  path: string,
): Promise<{ header: string; pages: string[] }> {
  const file = await Deno.open(path);
  const text = await new Response(
    ReadableStream.from(decompress(file.readable)),
  ).text();
  const start = text.indexOf("  <page>");
  return {
    header: text.slice(0, start),
    pages: text.slice(start).match(/ *<page>[^]*?<\/page>\n/g) ?? [],
  };
}

/** The same page with other numbers, and other letters in one word of nine. */
function mutated(page: string, copy: number): string {
  if (copy === 0) return page;
  let word = copy;
  const start = page.indexOf("<text");
  const head = page.slice(0, start).replace(
    "</title>",
    ` (${copy})</title>`,
  );
  const text = page.slice(start).replace(
    /(?<![&{|<\/\w])[a-z]{5,12}(?=[ ,.])/g,
    (found) => {
      if (word++ % 9 !== 0) return found;
      const at = (word + copy) % found.length;
      const letter = String.fromCharCode(97 + (word * 7 + copy) % 26);
      return found.slice(0, at) + letter + found.slice(at + 1);
    },
  );
  return head + text;
}

/** What is installed. */
async function sidesOf(path: string): Promise<Side[]> {
  const sides: Side[] = [];
  const out = `${folder}/out`;
  for (const count of threads) {
    if (await exists("lbzip2")) {
      sides.push({
        name: `lbzip2 -d, ${count} threads`,
        command: ["lbzip2", "-n", count, "-dkc", path],
      });
    }
    sides.push({
      name: `process-wiki, ${count} threads`,
      command: [
        Deno.execPath(),
        ...["run", "--no-check", "--allow-read", "--allow-write", CLI],
        ...["process-wiki", "--input", path, "--output", out],
        ...["--threads", count, "--quiet", "--restart"],
      ],
    });
  }
  if (await exists("bzip2")) {
    sides.push({ name: "bzip2 -d", command: ["bzip2", "-dkc", path] });
  }
  if (options.python !== "") {
    sides.push({
      name: `WikiExtractor, ${threads.at(-1)} processes`,
      command: [
        ...[options.python, "-m", "wikiextractor.WikiExtractor", path],
        ...["--no-templates", "--quiet", "--output", `${out}-we`],
        ...["--processes", threads.at(-1)!],
      ],
    });
  }
  return sides;
}

async function compare(
  { xml }: { xml: number },
  sides: readonly Side[],
): Promise<void> {
  const results = await inTurn(sides, rounds, measure);
  const medians = (what: keyof Taken) =>
    results.map((taken) => median(taken.map((one) => one[what])));
  const seconds = medians("seconds"), peaks = medians("peak");
  const processor = medians("processor");
  await keepFigures(
    options.figures,
    sides.map(({ name }, i) => ({
      what: "a dump, decompressed and cleaned",
      side: name,
      isOurs: name.startsWith("process-wiki"),
      unit: "MB of XML a second",
      better: "more",
      values: results[i].map(({ seconds }) => xml / 1e6 / seconds),
    })),
  );
  const base = sides.findLastIndex(({ name }) => name.startsWith("lbzip2"));
  const manifest = JSON.parse(
    await Deno.readTextFile(`${folder}/out/manifest.json`),
  );
  console.log(
    `${(xml / 1e6).toFixed(0)} MB of XML, ${manifest.pages} pages, ` +
      `${manifest.documents} articles; medians of ${rounds} rounds`,
  );
  console.log(
    "                                 s   MB/s  pages/s  CPU s  peak MB  / lbzip2",
  );
  for (const [i, { name }] of sides.entries()) {
    console.log(rowOf([-28, 6, 6, 8, 6, 8, 8], [
      name,
      seconds[i].toFixed(2),
      (xml / 1e6 / seconds[i]).toFixed(1),
      (manifest.pages / seconds[i]).toFixed(0),
      processor[i].toFixed(2),
      (peaks[i] / 1024).toFixed(0),
      base < 0 ? "" : (seconds[i] / seconds[base]).toFixed(2),
    ]));
  }
}

/** Runs a process by GNU time. */
async function measure({ command }: Side): Promise<Taken> {
  const report = `${folder}/time.txt`;
  const time = ["/usr/bin/time", "-o", report, "-f", "%e %U %S %M"];
  await run([...time, ...command], { stdout: "null" });
  const [seconds, user, system, peak] = (await Deno.readTextFile(report))
    .trim().split(" ").map(Number);
  return { seconds, processor: user + system, peak };
}

async function exists(program: string): Promise<boolean> {
  return await run([program, "--version"]).then(() => true, () => false);
}

/** Cleans one page of growing length, of sound markup and of hostile. */
function linearity(): void {
  const cleaner = new WikiCleaner();
  console.log("\nns a character, for pages of 0.25, 1 and 4 million:");
  for (
    const piece of [
      "'''Sol''' é [[estrela|uma estrela]].<ref>{{citar|a=b}}</ref> {{x|y}}\n\n",
      "{{",
      "[[a|",
      "<ref>",
      "{{a|[[b|<ref>''",
      "\n{|\n|",
      "&amp;",
      "((,",
      "<!--",
    ]
  ) {
    const times = [0.25e6, 1e6, 4e6].map((length) => {
      const text = piece.repeat(length / piece.length);
      const start = performance.now();
      cleaner.clean(text);
      return (performance.now() - start) * 1e6 / length;
    });
    console.log(
      JSON.stringify(piece).slice(0, 40).padEnd(42) +
        times.map((time) => time.toFixed(1).padStart(8)).join(""),
    );
  }
}
