/**
 * Whether files of ours are what they were when they were written.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { withoutChecksum } from "../checked_json.ts";
import { Checkpoint } from "../checkpoint/native/mpk_reader.ts";
import {
  type DatasetInfo,
  readDatasetInfo,
  splitPath,
} from "../dataset/dataset_info.ts";
import { MmapDataset } from "../dataset/mmap_dataset.ts";
import { checkWhole } from "../dataset/open_dataset.ts";
import {
  assertPlain,
  folderOf,
  openPlain,
  readTextOf,
  reasonOf,
  withoutSlash,
} from "../files.ts";
import { refuseOtherKinds } from "../input_kinds.ts";
import { placeOf, readPlacing } from "../placing.ts";
import { identityOf } from "../tokenizer/tokenizer.ts";
import { readAnyVocab } from "../tokenizer/vocab/vocab_file.ts";
import {
  foreignNames,
  type ForeignState,
  isForeign,
  isForeignTokenizer,
  readForeign,
} from "./verify_foreign.ts";
import { assertOptions, type OptionKinds } from "../option_kinds.ts";
import { type Progress, STAGE_KINDS, type StageOptions } from "./stage.ts";

/** Ids that tokens of 16 bits can have. */
const ALL_IDS = 2 ** 16;

/** What `verify()` found of one file. */
export interface VerifiedFile {
  /** The file. */
  readonly path: string;
  /**
   * Whether all of it was held against a checksum, could be read but has none,
   * is of another program and cannot be judged, or is not what it was.
   */
  readonly state: "whole" | "unchecked" | "unknown" | "damaged";
  /** What is wrong with it, or why it cannot be judged. */
  readonly reason?: string;
}

/** What `verify()` found. */
export interface VerifyResult {
  /** What was looked at. */
  readonly path: string;
  /** Every file of ours, and those that exports for other programs write. */
  readonly files: readonly VerifiedFile[];
  /** Whether none is damaged. */
  readonly sound: boolean;
}

/** What `verify()` is to do. */
export interface VerifyOptions extends StageOptions<Progress> {
  /** A model, a checkpoint, a dataset, a tokenizer, or a folder of such. */
  readonly path: string;
}

/** What its options are. */
const OPTIONS: OptionKinds<VerifyOptions> = {
  path: "text",
  ...STAGE_KINDS,
};

/**
 * Reads all of a model, a checkpoint, a dataset, a tokenizer or a corpus, or of
 * a folder of such, and holds it against its checksums where it has some.
 *
 * @param options What to read.
 * @throws {Error} When there is nothing of ours to be read.
 *
 * @example
 * ```ts
 * import { ReferenceBackend } from "../backend/reference/reference_backend.ts";
 * import { saveModel } from "../checkpoint/native/mpk_writer.ts";
 * import { RWKVConfig } from "../model/config.ts";
 * import { RWKV } from "../model/rwkv.ts";
 * import { verify } from "./verify.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = `${await Deno.makeTempDir()}/model_final.mpk`;
 * const config = new RWKVConfig({ vocabSize: 10, dModel: 8, dFfn: 16 });
 * await saveModel(path, new RWKV(config, new ReferenceBackend()));
 * const { sound, files } = await verify({ path });
 * assertEquals([sound, files[0].state], [true, "whole"]);
 * const bytes = await Deno.readFile(path);
 * bytes[bytes.length >> 1] ^= 1;
 * await Deno.writeFile(path, bytes);
 * assertEquals((await verify({ path })).sound, false);
 * ```
 */
export async function verify(options: VerifyOptions): Promise<VerifyResult> {
  assertOptions("verify files", options, OPTIONS);
  const path = withoutSlash(options.path);
  const { signal, onProgress } = options;
  const names = await filesOf(path);
  const texts = (await Promise.all(
    names.filter((name) => MANIFEST.test(name)).map(textsOf),
  )).flat();
  const identities = new Set<string>();
  const work = [
    ...names.map((path) => [path, () => checkFile(path, identities)] as const),
    ...texts.map((text) => [text.path, () => isTextChecked(text)] as const),
  ];
  const files: VerifiedFile[] = [];
  for (const [done, [path, check]] of work.entries()) {
    signal?.throwIfAborted();
    onProgress?.({ done, total: work.length });
    files.push(await verifyFile(path, check));
    await new Promise((resolve) => setTimeout(resolve)); // lets events in
  }
  const sound = files.every(({ state }) => state !== "damaged");
  return { path, files, sound };
}

/** The description of a corpus. */
const MANIFEST = /(?:^|[/\\])manifest\.json$/;

/** The names of files of ours, in the order in which one tells of the next. */
const NAMES = [
  ...[/\.mpk$/, /^dataset\.json$/, /^(?:train|val)\.bin$/],
  ...[/^tokenizer\.json$/, MANIFEST],
];

/** What a file of ours may be that has another name. */
const OWN_KINDS = ["model", "tokens", "tokenizer", "nothing"] as const;

/** The files of ours at a path. */
async function filesOf(path: string): Promise<string[]> {
  const isFolder = await Deno.stat(path).then(
    (info) => info.isDirectory,
    () => true, // reading it says what is wrong
  );
  if (!isFolder) {
    const [name] = /[^/\\]*$/.exec(path)!;
    if (!NAMES.some((pattern) => pattern.test(name)) && !isForeign(path)) {
      await refuseOtherKinds(path, "a file of ours", OWN_KINDS);
    }
    return [path];
  }
  const found: string[] = [];
  try {
    // Links are followed; what is no plain file is damaged, if it is named so.
    for await (const { name, isDirectory } of Deno.readDir(path)) {
      if (!isDirectory) found.push(name);
    }
    // As they will be once all are in place.
    const { moves, removed } = readPlacing(path) ?? { moves: [], removed: [] };
    const names = new Set([...found, ...moves.map(([, to]) => to)]);
    for (const name of removed) names.delete(name);
    found.splice(0, found.length, ...names);
  } catch (error) {
    throw new Error(`Cannot verify "${path}": ${reasonOf(error)}`, {
      cause: error,
    });
  }
  const ours = NAMES.flatMap((pattern) =>
    found.sort().filter((name) => pattern.test(name))
  );
  ours.push(...foreignNames(found));
  if (ours.length === 0) {
    throw new Error(`Cannot verify "${path}": it holds no file of ours`);
  }
  return ours.map((name) => `${path}/${name}`);
}

/**
 * Reads one file; `check` says whether it was held against a checksum, or what
 * was found of one of another program.
 */
async function verifyFile(
  path: string,
  check: () => Promise<boolean | ForeignState>,
): Promise<VerifiedFile> {
  try {
    const found = await check();
    if (typeof found === "object") return { path, ...found };
    return { path, state: found ? "whole" : "unchecked" };
  } catch (error) {
    return { path, state: "damaged", reason: reasonOf(error) };
  }
}

/**
 * Reads one file in full.
 *
 * @param identities Those of the tokenizers that other files name; added to.
 * @returns Whether it was held against a checksum, or what was found of one of
 * another program.
 * @throws {Error} When it is not whole.
 */
async function checkFile(
  path: string,
  identities: Set<string>,
): Promise<boolean | ForeignState> {
  if (isForeign(path)) return await readForeign(path);
  if (/\.mpk$/.test(path)) {
    using checkpoint = await Checkpoint.open(path);
    const { tokenizerSha256, hasChecksums } = checkpoint;
    checkpoint.verify();
    if (tokenizerSha256 !== undefined) identities.add(tokenizerSha256);
    return hasChecksums;
  }
  if (/\.bin$/.test(path)) return await isDatasetChecked(path);
  if (/(?:^|[/\\])dataset\.json$/.test(path)) {
    const info = await readDatasetInfo(folderOf(path));
    if (info !== undefined) await assertComplete(folderOf(path), info);
    if (info !== undefined) identities.add(info.tokenizer);
    return info?.train.crc32 !== undefined;
  }
  if (MANIFEST.test(path)) {
    const manifest = JSON.parse(await readTextOf(path));
    withoutChecksum(manifest);
    return manifest.checksum !== undefined;
  }
  if (await isForeignTokenizer(path)) return await readForeign(path);
  const identity = await identityOf(await readAnyVocab(path));
  if (identities.size === 0) return false;
  if (identities.has(identity)) return true;
  throw new Error("the files beside it were made with another tokenizer");
}

/** Checks that the files a dataset consists of are there. */
async function assertComplete(
  folder: string,
  info: DatasetInfo,
): Promise<void> {
  const names = (["train", "val"] as const)
    .filter((name) => info[name] !== undefined);
  const paths = names.map((name) => splitPath(folder, name));
  for (const path of [...paths, `${folder}/tokenizer.json`]) {
    try {
      assertPlain(await Deno.stat(placeOf(path)));
    } catch (error) {
      const name = path.slice(folder.length + 1);
      throw new Error(`its ${name}: ${reasonOf(error)}`, { cause: error });
    }
  }
}

/** Reads a token file, with what the description beside it says of it. */
async function isDatasetChecked(path: string): Promise<boolean> {
  using dataset = MmapDataset.open(path, { vocabSize: ALL_IDS });
  const info: DatasetInfo | undefined = await readDatasetInfo(folderOf(path))
    .catch(() => undefined); // which is told of by itself
  const name = /(train|val)\.bin$/.exec(path)?.[1] as "train" | "val";
  const said = info?.[name];
  checkWhole(dataset, said);
  return said?.crc32 !== undefined;
}

/** A text, with the SHA-256 that it had when its manifest was written. */
interface CorpusText {
  readonly path: string;
  readonly sha256?: string;
}

/**
 * The texts that a manifest names: in `files`, or where each was made of another
 * in `sources`. None where it cannot be read, which is told of by itself.
 */
async function textsOf(manifest: string): Promise<CorpusText[]> {
  const { files, sources } = await readTextOf(manifest).then(JSON.parse)
    .catch(() => undefined) ?? {};
  const texts: CorpusText[] = [];
  for (const entry of [files, sources].flat()) {
    const name = entry?.file ?? entry?.name ?? entry;
    const isName = typeof name === "string" && !leadsOut(name);
    // A source is a text of the corpus by its `file`, not by its own name.
    const isText = Array.isArray(files) && files.includes(entry) ||
      entry?.file !== undefined;
    if (!isName || !isText) continue;
    const sha256 = typeof entry.sha256 === "string" ? entry.sha256 : undefined;
    texts.push({ path: `${folderOf(manifest)}/${name}`, sha256 });
  }
  return texts;
}

function leadsOut(name: string): boolean {
  return /(?:^|[/\\])\.\.(?:[/\\]|$)/.test(name);
}

/** Reads a text of a corpus. */
async function isTextChecked({ path, sha256 }: CorpusText): Promise<boolean> {
  const hash = createHash("sha256");
  using file = await openPlain(path);
  for await (const piece of file.readable) hash.update(piece);
  if (sha256 !== undefined && hash.digest("hex") !== sha256) {
    throw new Error(
      "it was changed after it was made: its SHA-256 is not that of manifest.json",
    );
  }
  return sha256 !== undefined;
}
