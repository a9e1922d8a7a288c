/**
 * `run.json`: where and when a run was trained. A run may be started many times;
 * each start has an entry, brought up to date while it lasts.
 *
 * @module
 */

import { cannotRead, readWhole, writeFileAtomic } from "../../files.ts";

/** A record is short; what is larger is none. */
const MAX_BYTES = 2 ** 24;

/** What one start of a run was. */
export interface RunStart {
  /** When, as ISO 8601 has it. */
  readonly started: string;
  /** The program's version. */
  readonly version: string;
  /** Deno's version. */
  readonly deno: string;
  /** The operating system. */
  readonly os: string;
  /** The processor's kind. */
  readonly arch: string;
  /** Logical cores. */
  readonly cores: number;
  /** What has computed, in words. */
  readonly backend: string;
  /** The arguments of the process. */
  readonly arguments: readonly string[];
  /** Steps done before it. */
  readonly fromStep: number;
  /** Steps done when this was written. */
  step: number;
  /** Tokens learnt from until then, earlier starts included. */
  tokens: number;
  /** How long it had lasted, all included. */
  seconds: number;
  /** Energy of the processor, where it is known. */
  joules?: number;
  /** How it ended; absent while it lasts, or where it was killed. */
  ended?: "complete" | "interrupted";
}

/** All of the file. */
export interface RunRecord {
  /** The model family. */
  readonly architecture: string;
  /** Trainable values. */
  readonly parameters: number;
  /** Tokens of a step. */
  readonly tokensPerStep: number;
  /** The last step to do. */
  readonly lastStep: number;
  /** The starts, the first one first. */
  readonly starts: readonly RunStart[];
}

/**
 * Reads the starts of a run.
 *
 * @param path Of `run.json`.
 * @returns None where the file is missing.
 * @throws {Error} When it cannot be read.
 */
export async function readStarts(path: string): Promise<RunStart[]> {
  const isThere = await Deno.stat(path).then(() => true, () => false);
  if (!isThere) return [];
  const text = new TextDecoder().decode(await readWhole(path, MAX_BYTES));
  try {
    const { starts } = JSON.parse(text);
    if (Array.isArray(starts)) return starts;
  } catch {
    // Said below.
  }
  throw cannotRead(path, new Error("it is not the record of a run"));
}

/**
 * Writes the file.
 *
 * @param path Of `run.json`.
 * @param record What it shall say.
 * @throws {Error} When it cannot be written.
 */
export async function writeRecord(
  path: string,
  record: RunRecord,
): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(record, null, 2)}\n`);
}
