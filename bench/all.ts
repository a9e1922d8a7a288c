/**
 * Every benchmark, beside the programs that are there, and a report of them:
 * `RESULTS.md` and `results.html` to read, `results.json` to be laid beside
 * another machine's.
 *
 *     deno task bench [--peers FOLDER] [--output bench] [--only corpus,training]
 *       [--full] [--compare OTHER/results.json] [--scratch FOLDER] [--threads 2]
 *
 * FOLDER has a Python environment in `venv` (torch, sentencepiece, wikiextractor)
 * and Node's packages in `node_modules` (tokenizers, node-llama-cpp); lbzip2 and
 * bzip2 are the system's. What is missing is named in the report, and nothing is
 * measured in its place. Some minutes; `--full` takes sizes and rounds that make
 * good figures, about an hour. The machine should do nothing else.
 *
 * @module
 */

import { cpus } from "node:os";
import { VERSION } from "../lib/version.ts";
import { readFigures } from "./report/figures.ts";
import { pageOf } from "./report/page.ts";
import {
  markdownOf,
  type Peer,
  type Results,
  type Section,
} from "./report/results.ts";
import { readOptions, run } from "./shared.ts";

const options = readOptions({
  peers: "",
  output: "bench",
  only: "",
  full: false,
  compare: "",
  scratch: "",
  threads: String(navigator.hardwareConcurrency),
});
const { peers: peersFolder, full, threads } = options;
const here = new URL(".", import.meta.url).pathname;
const scratch = options.scratch || await Deno.makeTempDir();
const python = `${peersFolder}/venv/bin/python`;

/** A benchmark: what it is called, its script, and its arguments. */
interface Benchmark {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  /** Whether it only counts, so that what it prints is all there is. */
  readonly onlyCounts?: boolean;
}

const found = await peersThere();
const benchmarks = benchmarksFor(
  new Set(
    found.filter(({ version }) => version !== undefined).map(({ name }) =>
      name
    ),
  ),
);
const wanted = options.only === "" ? undefined : options.only.split(",");
const unknown = wanted?.find((name) =>
  !benchmarks.some((benchmark) => benchmark.name === name)
);
if (unknown !== undefined) {
  const names = [...new Set(benchmarks.map(({ name }) => name))].join(", ");
  console.error(`error: no benchmark is called ${unknown}: there are ${names}`);
  Deno.exit(2);
}
const other: Results | undefined = options.compare === ""
  ? undefined
  : JSON.parse(await Deno.readTextFile(options.compare));

const sections: Section[] = [];
await Deno.mkdir(options.output, { recursive: true });
for (const benchmark of benchmarks) {
  if (wanted !== undefined && !wanted.includes(benchmark.name)) continue;
  sections.push(await measured(benchmark));
  // What is done is kept, should the next one be interrupted.
  await write({
    date: new Date().toISOString().slice(0, 10),
    version: await versionHere(),
    machine: machineHere(),
    peers: found,
    sections,
  });
}
if (options.scratch === "") await Deno.remove(scratch, { recursive: true });
console.log(`${options.output}/RESULTS.md, results.html and results.json`);
if (sections.some(({ hasFailed }) => hasFailed)) Deno.exitCode = 1;

/** The benchmarks, in the order that one needs what another made. */
function benchmarksFor(peers: ReadonlySet<string>): Benchmark[] {
  const rounds = full ? "5" : "3";
  const torch = peers.has("PyTorch") ? ["--python", python] : [];
  const extractor = peers.has("WikiExtractor") ? ["--python", python] : [];
  const sizes = full ? ["micro", "mini"] : ["micro"];
  return [
    {
      name: "corpus",
      script: "process_wiki.ts",
      args: [
        ...["--folder", scratch, "--megabytes", full ? "300" : "50"],
        ...["--rounds", rounds, "--threads", `1,${threads}`, ...extractor],
      ],
    },
    {
      name: "tokenizer",
      script: "tokenizer.ts",
      // What the one before has cleaned.
      args: [
        `${scratch}/out`,
        ...["--rounds", rounds],
        ...peersFolder === "" ? [] : ["--peers", peersFolder],
      ],
    },
    ...sizes.flatMap((size) =>
      ["rwkv4", "rwkv7"].map((arch) => ({
        name: "training",
        script: "cpu/compare.ts",
        args: [
          ...["--size", size, "--arch", arch, "--rounds", rounds],
          ...["--threads", threads, ...full ? [] : ["--accumulation", "2"]],
          ...torch,
        ],
      }))
    ),
    {
      name: "writing",
      script: "cpu/decode.ts",
      args: [
        ...["--sizes", full ? "micro,mini,85m" : "micro,mini"],
        ...["--archs", "rwkv4,rwkv7", "--threads", threads],
      ],
    },
    {
      name: "serving",
      script: "serve_engine.ts",
      args: [
        ...["--model", "micro", "--blas", "none", "--threads", threads],
        ...full ? [] : ["--streams", "1,4,16"],
      ],
    },
    {
      name: "optimizer",
      script: "muon.ts",
      args: ["--sizes", sizes.join(","), "--threads", threads],
    },
    {
      name: "dispatches",
      script: "webgpu/count.ts",
      args: [],
      onlyCounts: true,
    },
  ];
}

/** Runs a benchmark in a process of its own; one that fails ends no other. */
async function measured(
  { name, script, args, onlyCounts = false }: Benchmark,
): Promise<Section> {
  const figures = await Deno.makeTempFile();
  const command = ["deno", "run", "-A", `bench/${script}`, ...args].join(" ")
    .replaceAll(scratch, "SCRATCH");
  console.log(`${name}: ${command}`);
  const start = performance.now();
  const stop = showTime(name);
  try {
    const output = await run([
      ...[Deno.execPath(), "run", "-A", "--no-check", `${here}${script}`],
      ...args,
      ...onlyCounts ? [] : ["--figures", figures],
    ], { env: { NO_COLOR: "1" } });
    stop();
    return await sectionOf(output.trimEnd(), false);
  } catch (error) {
    stop();
    const [reason] = (error as Error).message.split("\n");
    console.error(`${name}: ${reason}`);
    return await sectionOf(reason, true);
  } finally {
    await Deno.remove(figures);
  }

  async function sectionOf(
    output: string,
    hasFailed: boolean,
  ): Promise<Section> {
    const seconds = (performance.now() - start) / 1000;
    return {
      name,
      command,
      seconds,
      figures: await readFigures(figures),
      output: output.replaceAll(scratch, "SCRATCH"),
      hasFailed,
    };
  }
}

/** Shows on a terminal for how long a benchmark has run, until it is stopped. */
function showTime(name: string): () => void {
  if (!Deno.stderr.isTerminal()) return () => {};
  const encoder = new TextEncoder(), start = performance.now();
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - start) / 1000);
    Deno.stderr.writeSync(encoder.encode(`\r${name}  ${seconds}s\x1b[K`));
  }, 1000);
  return () => {
    clearInterval(timer);
    Deno.stderr.writeSync(encoder.encode("\r\x1b[K"));
  };
}

async function write(results: Results): Promise<void> {
  const { output } = options;
  const json = `${JSON.stringify(results, null, 1)}\n`;
  await Deno.writeTextFile(`${output}/results.json`, json);
  await Deno.writeTextFile(`${output}/RESULTS.md`, markdownOf(results, other));
  await Deno.writeTextFile(`${output}/results.html`, pageOf(results, other));
}

/** What this machine is. */
function machineHere(): Record<string, string> {
  const processors = cpus();
  const { total } = Deno.systemMemoryInfo();
  const core = Deno.env.get("OPENBLAS_CORETYPE");
  return {
    Processor: `${processors.length} x ${processors[0]?.model ?? "unknown"}`,
    Memory: `${Math.round(total / 2 ** 30)} GiB`,
    System: `${Deno.build.os} ${Deno.osRelease()}, ${Deno.build.arch}`,
    Deno: `${Deno.version.deno}, V8 ${Deno.version.v8}`,
    ...core === undefined ? {} : { OPENBLAS_CORETYPE: core },
  };
}

/** The version, and the commit where git knows it. */
async function versionHere(): Promise<string> {
  const commit = await run(["git", "-C", here, "rev-parse", "--short", "HEAD"])
    .then((text) => `, commit ${text.trim()}`, () => "");
  return `${VERSION}${commit}`;
}

/** The programs that ours is measured beside, as far as they are there. */
async function peersThere(): Promise<Peer[]> {
  const ofPython = (module: string) => [
    python,
    "-c",
    `from importlib.metadata import version; print(version("${module}"))`,
  ];
  const ofNode = async (name: string) => {
    const path = `${peersFolder}/node_modules/${name}/package.json`;
    return JSON.parse(await Deno.readTextFile(path)).version as string;
  };
  const ofProgram = async (command: readonly string[]) =>
    (await run(command)).split("\n")[0].trim().replace(/^.*version /, "");
  const asked: [string, () => Promise<string>][] = [
    ["lbzip2", () => ofProgram(["lbzip2", "--version"])],
    ["WikiExtractor", () => ofProgram(ofPython("wikiextractor"))],
    ["Hugging Face tokenizers", () => ofNode("tokenizers")],
    ["SentencePiece", () => ofProgram(ofPython("sentencepiece"))],
    ["PyTorch", () => ofProgram(ofPython("torch"))],
    ["llama.cpp (node-llama-cpp)", () => ofNode("node-llama-cpp")],
  ];
  return await Promise.all(asked.map(async ([name, ask]) => ({
    name,
    version: await ask().catch(() => undefined),
  })));
}
