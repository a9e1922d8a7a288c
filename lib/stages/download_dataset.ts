/**
 * The text of a data set of a hub, whole and checked.
 *
 * @module
 */

import { findDataset, type HubFile } from "../corpus/download/hub.ts";
import { DeniedError, HttpSource } from "../corpus/download/http_source.ts";
import { download } from "../corpus/download/resumable_download.ts";
import { withoutSlash, writeFileAtomic } from "../files.ts";
import { assertOptions, type OptionKinds } from "../option_kinds.ts";
import type { DownloadProgress } from "./download.ts";
import { STAGE_KINDS, type StageOptions } from "./stage.ts";

/** The hub, and where what it redirects to lies. */
const OFFICIAL = "https://huggingface.co";
const OFFICIAL_HOSTS = ["*.huggingface.co", "*.hf.co"];

/** What `downloadDataset()` is to do. */
export interface DownloadDatasetOptions extends StageOptions<DownloadProgress> {
  /** Its name, `ORGANISATION/NAME`. */
  readonly dataset: string;
  /** Which of its configurations; the only one, or the default, unless given. */
  readonly configuration?: string;
  /** A branch, a tag or a commit; `main` unless given. */
  readonly revision?: string;
  /** The folder that it gets a folder of its own in; `data/datasets` unless given. */
  readonly output?: string;
  /** The hub; `https://huggingface.co` unless given. */
  readonly hub?: string;
  /**
   * Hosts that another hub may redirect to, `host:port` or `*.domain`; the
   * official one's are known.
   */
  readonly hosts?: readonly string[];
  /** What data sets that not all may read are asked for with. */
  readonly token?: string;
  /** Seconds without a byte before trying again; 30 unless given. */
  readonly timeout?: number;
  /** Told of the files, before the first of them comes. */
  readonly onFound?: (files: number, bytes: number) => void;
  /** Told of every failure that is tried again, and in how many seconds. */
  readonly onRetry?: (error: Error, seconds: number) => void;
}

/** What its options are. */
const OPTIONS: OptionKinds<DownloadDatasetOptions> = {
  dataset: "text",
  configuration: "text?",
  revision: "text?",
  output: "text?",
  hub: "text?",
  hosts: "texts?",
  token: "text?",
  timeout: "number?",
  onFound: "function?",
  onRetry: "function?",
  ...STAGE_KINDS,
};

/** What `downloadDataset()` has brought; `complete` is false when it was aborted. */
export type DownloadDatasetResult =
  | { readonly complete: false; readonly output: string }
  | {
    readonly complete: true;
    readonly dataset: string;
    readonly configuration?: string;
    /** The commit that all files are of. */
    readonly commit: string;
    /** What its card says of its licence. */
    readonly licence?: string;
    readonly files: number;
    readonly bytes: number;
    /** How many files were whole before. */
    readonly wereThere: number;
    readonly seconds: number;
    /** The folder of the files. */
    readonly output: string;
  };

/**
 * Downloads the files of text of one configuration of a data set, with the paths
 * that they have there. Each gets its name only when it is whole and its checksum
 * is right; after an abort, a failure or a crash the same call goes on where it
 * stopped. `manifest.json` beside them says where they are from.
 *
 * @param options Which data set, and where it goes.
 * @returns What was brought, or that the work was aborted.
 * @throws {Error} When it cannot be had or written, or a checksum is wrong.
 *
 * @example
 * ```ts
 * import { downloadDataset } from "./download_dataset.ts";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(
 *   () => downloadDataset({ dataset: "fineweb" }),
 *   RangeError,
 *   "a name is ORGANISATION/NAME",
 * );
 * ```
 */
export async function downloadDataset(
  options: DownloadDatasetOptions,
): Promise<DownloadDatasetResult> {
  assertOptions("download a data set", options, OPTIONS);
  const start = performance.now();
  const { dataset, revision = "main", token, signal, onRetry } = options;
  const folder = withoutSlash(options.output ?? "data/datasets");
  const source = new HttpSource(options.hub ?? OFFICIAL, {
    hosts: [
      ...options.hub === undefined || options.hub === OFFICIAL
        ? OFFICIAL_HOSTS
        : [],
      ...options.hosts ?? [],
    ],
    authorization: token === undefined ? undefined : `Bearer ${token}`,
    timeout: (options.timeout ?? 30) * 1000,
    onRetry: (error, pause) => onRetry?.(error, pause / 1000),
    signal,
  });
  try {
    const { configuration } = options;
    const found = await findDataset(source, {
      ...{ dataset, configuration, revision },
    });
    const name = found.configuration ?? "default";
    const output = `${folder}/${dataset}/${name.replace(/[^\w.-]/g, "_")}`;
    const { files, commit, licence } = found;
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    options.onFound?.(files.length, bytes);
    const wereThere = await bring(source, files, output, options);
    const manifest = {
      command: "download",
      source: {
        ...{ hub: source.base, dataset, revision, commit },
        configuration: found.configuration,
        licence,
      },
      files: files.map(({ path, bytes, checksum }) => ({
        ...{ name: path, bytes },
        [checksum.algorithm]: checksum.hex,
      })),
    };
    await writeFileAtomic(
      `${output}/manifest.json`,
      `${JSON.stringify(manifest, null, 2)}\n`,
    );
    return {
      complete: true,
      dataset,
      configuration: found.configuration,
      ...{ commit, licence, files: files.length, bytes, wereThere },
      seconds: (performance.now() - start) / 1000,
      output,
    };
  } catch (error) {
    if (signal?.aborted && error === signal.reason) {
      return { complete: false, output: folder };
    }
    if (!(error instanceof DeniedError)) throw error;
    throw new Error(
      token === undefined
        ? `${error.message}; a token that may read it goes into HF_TOKEN`
        : `${error.message}; the token in HF_TOKEN may not read it`,
      { cause: error },
    );
  }
}

/** Brings the files, one after the other; tells how many were there. */
async function bring(
  source: HttpSource,
  files: readonly HubFile[],
  output: string,
  { signal, onProgress }: DownloadDatasetOptions,
): Promise<number> {
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  let before = 0, wereThere = 0;
  for (const file of files) {
    signal?.throwIfAborted();
    const { wasThere } = await download(
      source,
      file,
      `${output}/${file.path}`,
      {
        onProgress: (done) =>
          onProgress?.({ done: before + done, total, pass: "transfer" }),
        onCheck: (done) =>
          onProgress?.({ done: before + done, total, pass: "check" }),
        signal,
      },
    );
    if (wasThere) wereThere++;
    before += file.bytes;
  }
  return wereThere;
}
