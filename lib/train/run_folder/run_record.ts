/**
 * `run.json`: where and when a run was trained. A run may be started many times;
 * each start has an entry, brought up to date while it lasts.
 *
 * @module
 */

import { cannotRead, readTextOf, writeFileAtomic } from "../../files.ts";

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
  /** What tells the run from others; not in old files. */
  readonly run?: string;
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
 * Reads the record of a run.
 *
 * @param path Of `run.json`.
 * @returns What it says; undefined where the file is missing.
 * @throws {Error} When it cannot be read.
 */
export async function readRecord(
  path: string,
): Promise<Partial<RunRecord> & Pick<RunRecord, "starts"> | undefined> {
  let text: string;
  try {
    text = await readTextOf(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw cannotRead(path, error);
  }
  try {
    const record = JSON.parse(text);
    if (Array.isArray(record.starts)) return record;
  } catch {
    // Said below.
  }
  throw cannotRead(path, new Error("it is not the record of a run"));
}

/**
 * Reads the starts of a run.
 *
 * @param path Of `run.json`.
 * @returns None where the file is missing.
 * @throws {Error} When it cannot be read.
 */
export async function readStarts(path: string): Promise<readonly RunStart[]> {
  return (await readRecord(path))?.starts ?? [];
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
