/**
 * A Wikimedia dump, whole and checked.
 *
 * @module
 */

import { HttpSource } from "../corpus/download/http_source.ts";
import { download } from "../corpus/download/resumable_download.ts";
import { findDump } from "../corpus/download/wikimedia.ts";
import { withoutSlash } from "../files.ts";
import { assertOptions, type OptionKinds } from "../option_kinds.ts";
import { type Progress, STAGE_KINDS, type StageOptions } from "./stage.ts";

/** Where dumps are, and where redirects of mirrors may lead. */
const OFFICIAL = "dumps.wikimedia.org";

/** How far `downloadDump()` is, in bytes. */
export interface DownloadProgress extends Progress {
  /** Whether bytes come, or those that are there are checked. */
  readonly pass: "transfer" | "check";
}

/** What `downloadDump()` is to do. */
export interface DownloadDumpOptions extends StageOptions<DownloadProgress> {
  /** Which wiki, such as `ptwiki`. */
  readonly wiki: string;
  /** Which dump, YYYYMMDD; unless given, `latest`, the newest complete one. */
  readonly date?: string;
  /** The folder that the dump goes to; `data/dumps` unless given. */
  readonly output?: string;
  /** Another server with the same folders as `https://dumps.wikimedia.org`. */
  readonly mirror?: string;
  /** Seconds without a byte before trying again; 30 unless given. */
  readonly timeout?: number;
  /** Told of every failure that is tried again, and in how many seconds. */
  readonly onRetry?: (error: Error, seconds: number) => void;
}

/** What its options are. */
const OPTIONS: OptionKinds<DownloadDumpOptions> = {
  wiki: "text",
  date: "text?",
  output: "text?",
  mirror: "text?",
  timeout: "number?",
  onRetry: "function?",
  ...STAGE_KINDS,
};

/** What `downloadDump()` has brought; `complete` is false when it was aborted. */
export type DownloadDumpResult =
  | { readonly complete: false; readonly output: string }
  | {
    readonly complete: true;
    readonly wiki: string;
    /** When the dump was begun, YYYYMMDD. */
    readonly date: string;
    readonly url: string;
    /** The checksum: one of both. */
    readonly sha1?: string;
    readonly md5?: string;
    readonly bytes: number;
    /** Bytes that an earlier run had got already. */
    readonly resumedAt: number;
    /** How often it began anew, as what was there could not be continued. */
    readonly restarts: number;
    /** How often the connection failed and was made again. */
    readonly failures: number;
    /** Whether the file was whole before. */
    readonly wasThere: boolean;
    readonly seconds: number;
    /** The file. */
    readonly output: string;
  };

/**
 * Downloads the articles of a wiki. The file gets its name only when it is
 * whole and its checksum is right; after an abort, a failure or a crash the
 * same call goes on where it stopped.
 *
 * @param options Which dump, and where it goes.
 * @returns The file, or that the work was aborted.
 * @throws {Error} When the dump cannot be had or written, or its checksum is
 * wrong.
 *
 * @example
 * ```ts
 * import { downloadDump } from "./download.ts";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(
 *   () => downloadDump({ wiki: "ptwiki", date: "yesterday" }),
 *   RangeError,
 *   "Cannot download the dump of \"yesterday\": a date is YYYYMMDD",
 * );
 * ```
 */
export async function downloadDump(
  options: DownloadDumpOptions,
): Promise<DownloadDumpResult> {
  assertOptions("download a dump", options, OPTIONS);
  const start = performance.now();
  const { wiki, date = "latest", signal, onProgress, onRetry } = options;
  const folder = withoutSlash(options.output ?? "data/dumps");
  if (date !== "latest" && !/^2\d{7}$/.test(date)) {
    throw new RangeError(
      `Cannot download the dump of "${date}": a date is YYYYMMDD or latest`,
    );
  }
  const source = new HttpSource(options.mirror ?? `https://${OFFICIAL}`, {
    hosts: [OFFICIAL],
    timeout: (options.timeout ?? 30) * 1000,
    onRetry: (error, pause) => onRetry?.(error, pause / 1000),
    signal,
  });
  try {
    const file = await findDump(source, wiki, date);
    const output = `${folder}/${file.name}`;
    const result = await download(source, file, output, {
      onProgress: (done, total = 0) =>
        onProgress?.({ done, total, pass: "transfer" }),
      onCheck: (done, total) => onProgress?.({ done, total, pass: "check" }),
      signal,
    });
    const { algorithm, hex } = file.checksum;
    return {
      complete: true,
      wiki,
      date: file.date,
      url: file.url,
      [algorithm]: hex,
      ...result,
      seconds: (performance.now() - start) / 1000,
      output,
    };
  } catch (error) {
    if (signal?.aborted && error === signal.reason) {
      return { complete: false, output: folder };
    }
    throw error;
  }
}
