/**
 * The folder of a corpus, which appears as a whole or not at all.
 *
 * Its files are made in a folder of their own within it, `.unfinished`. When
 * the last one is complete they are moved to their places as one, the manifest
 * among them: a folder with a manifest is a whole corpus. An earlier corpus stays
 * as it was until then, and nothing of it is left after.
 *
 * Work that can be continued keeps a journal beside the staged files: what it
 * is made from and with which options, and how far it is. Whoever opens the
 * folder with the same options again is given that back.
 *
 * @module
 */

import { checkedJson, withoutChecksum } from "../../checked_json.ts";
import {
  AtomicFile,
  cannotRead,
  isThere,
  readTextOf,
  reasonOf,
  removeIfThere,
  writeFileAtomic,
} from "../../files.ts";
import { lockFolder } from "../../folder_lock.ts";
import { DROPPED } from "../../input_files.ts";
import { placeTogether } from "../../output_set.ts";
import { PLACING } from "../../placing.ts";

const STAGING = ".unfinished";
const JOURNAL = "journal.json";
const MANIFEST = "manifest.json";
/** No manifest comes near this, in bytes: half a million files. */
const MOST_BYTES = 2 ** 26;
/** A journal of another form is not understood. */
const VERSION = 1;

/** How to open a folder. */
export interface CorpusFolderOptions {
  /**
   * The command that makes the corpus, as its manifest has it: that of another
   * is not replaced.
   */
  readonly command: string;
  /**
   * The names of files that it may write: a pattern for those of the folder
   * itself, or all of them. Where one is there that no earlier corpus has, the
   * folder is somebody else's.
   */
  readonly writes?: RegExp | readonly string[];
  /**
   * What the corpus depends on, as plain data: work is continued only where
   * that is the same. Without it, it is never continued.
   */
  readonly identity?: unknown;
  /** Whether to throw away what was begun. */
  readonly restart?: boolean;
}

/**
 * A folder in which a corpus is made.
 *
 * @example
 * ```ts
 * import { CorpusFolder } from "./corpus_folder.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir();
 * {
 *   await using folder = await CorpusFolder.open(path, { command: "a" });
 *   await using file = await folder.create("a.txt");
 *   await file.write(new TextEncoder().encode("Um.\n"));
 *   await file.commit();
 *   await folder.publish({ files: ["a.txt"] }, ["a.txt"]);
 * }
 * const names = await Array.fromAsync(Deno.readDir(path), ({ name }) => name);
 * assertEquals(names.sort(), ["a.txt", "manifest.json"]);
 * ```
 */
export class CorpusFolder<State extends object = object>
  implements AsyncDisposable {
  /** Where the corpus will stand. */
  readonly path: string;
  /** What an earlier run that was cut short saved last. */
  readonly state?: State;
  readonly #command: string;
  readonly #writes: CorpusFolderOptions["writes"];
  readonly #identity: unknown;
  readonly #lock: AsyncDisposable;
  #kept: boolean;
  #published = false;

  private constructor(
    path: string,
    { command, writes, identity }: CorpusFolderOptions,
    lock: AsyncDisposable,
    state?: State,
  ) {
    this.path = path;
    this.#command = command;
    this.#writes = writes;
    this.#identity = identity;
    this.#lock = lock;
    this.#kept = state !== undefined;
    this.state = state;
  }

  /**
   * Makes the folder where needed, and finds what an earlier run has left. What
   * cannot be continued of it is removed.
   *
   * @throws {Error} When the folder cannot be written or another process writes
   * into it, when it holds the corpus of
   * another command or files that would be lost, or when something was begun there by another command or
   * from another identity and shall not be thrown away.
   */
  static async open<State extends object = object>(
    path: string,
    options: CorpusFolderOptions,
  ): Promise<CorpusFolder<State>> {
    const { command, identity, restart = false } = options;
    const staging = `${path}/${STAGING}`;
    await using held = new AsyncDisposableStack();
    held.use(await lockFolder(path));
    return await writingInto(path, async () => {
      await refuseOthers(path, options);
      const journal = restart
        ? undefined
        : await readJournal(`${staging}/${JOURNAL}`, command);
      if (journal === undefined || identity === undefined) {
        await removeIfThere(staging, { recursive: true });
        await Deno.mkdir(staging, { recursive: true });
        return new CorpusFolder(path, options, held.move());
      }
      const { version: _, command: __, identity: begun, ...state } = journal;
      if (JSON.stringify(begun) !== JSON.stringify(identity)) {
        throw new Error(
          "work was begun there with other options or sources; --restart " +
            "begins anew",
        );
      }
      return new CorpusFolder(
        path,
        options,
        held.move(),
        state as State,
      );
    });
  }

  /** The path of a file that is not in its place yet. */
  staged(name: string): string {
    return `${this.path}/${STAGING}/${name}`;
  }

  /** Whether a file is staged, by this run or one that was cut short. */
  isStaged(name: string): Promise<boolean> {
    return isThere(this.staged(name));
  }

  /** Begins a file, which is staged once it is committed. */
  create(name: string): Promise<AtomicFile> {
    return AtomicFile.create(this.staged(name));
  }

  /**
   * Says how far the work is: what is staged is kept from now on, until the
   * corpus is published or {@linkcode discard} is called.
   *
   * @param state What is needed to go on, as plain data.
   */
  async save(state: State): Promise<void> {
    const journal = {
      version: VERSION,
      command: this.#command,
      identity: this.#identity,
      ...state,
    };
    await writeFileAtomic(
      this.staged(JOURNAL),
      `${JSON.stringify(journal)}\n`,
    );
    this.#kept = true;
  }

  /**
   * Moves the staged files to their places, all at once, and removes what else
   * the earlier corpus had. Files that a run which was cut short has moved
   * already stay.
   *
   * @throws {Error} When a file would be lost that no earlier corpus has.
   */
  async publish(manifest: object, files: readonly string[]): Promise<void> {
    const { path } = this;
    const moves: [from: string, to: string][] = [];
    const current = new Set([...files, MANIFEST]);
    const stale = await this.#filesReplaced();
    await writeFileAtomic(
      this.staged(MANIFEST),
      checkedJson({ command: this.#command, ...manifest }),
    );
    await writingInto(path, async () => {
      for (const name of current) {
        if (await this.isStaged(name)) moves.push([`${STAGING}/${name}`, name]);
        else await Deno.stat(`${path}/${name}`);
      }
      await refuseLoss(path, this.#command, moves.map(([, to]) => to));
    });
    const removed = stale.filter((name) => !current.has(name));
    await placeTogether(path, { moves, removed });
    this.#published = true;
  }

  /** The files of the earlier corpus, which go with it. */
  async #filesReplaced(): Promise<string[]> {
    const named = [...await filesNamed(this.path)];
    try {
      await readManifest(this.path);
      return named;
    } catch {
      // What a damaged one names may be anything.
      return named.filter((name) => mayWrite(this.#writes, name));
    }
  }

  /** Throws away what was begun, as nothing can come of it. */
  discard(): void {
    this.#kept = false;
  }

  /**
   * Removes what cannot be continued, and lets others have the folder, which
   * goes too where it was made here and nothing stays in it.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    const isPlacing = await isThere(`${this.path}/${PLACING}`);
    if (this.#published || (!this.#kept && !isPlacing)) {
      await Deno.remove(this.staged(""), { recursive: true }).catch(() => {});
    }
    await this.#lock[Symbol.asyncDispose]();
  }
}

/**
 * The manifest of a corpus.
 *
 * @returns Its content; undefined where there is none.
 * @throws {SyntaxError} When it is not what was written.
 * @throws {Error} When it is longer than 64 MiB, so that nobody knows whose it is.
 */
export async function readManifest(
  folder: string,
): Promise<Record<string, unknown> | undefined> {
  const path = `${folder}/${MANIFEST}`;
  const manifest = await readObject(path);
  try {
    return manifest && withoutChecksum(manifest);
  } catch (error) {
    throw new SyntaxError(`Cannot read "${path}": ${reasonOf(error)}`);
  }
}

async function readObject(
  path: string,
): Promise<Record<string, unknown> | undefined> {
  try {
    const value = JSON.parse(await readTextOf(path, MOST_BYTES));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch (error) {
    // A file that is too long may be one of ours all the same.
    if (error instanceof RangeError) throw cannotRead(path, error);
    return undefined; // none, or somebody else's
  }
}

/** Refuses a folder with a corpus, a manifest, or files of somebody else. */
async function refuseOthers(
  folder: string,
  { command, writes = [] }: CorpusFolderOptions,
): Promise<void> {
  if (await isThere(`${folder}/${MANIFEST}`)) {
    const maker = (await readObject(`${folder}/${MANIFEST}`))?.command;
    if (typeof maker === "string" && maker !== command) {
      throw new Error(
        `it holds a corpus of ${maker}, which ${command} does not replace`,
      );
    }
    if (maker !== command) refuseFile(MANIFEST, command);
  }
  const names = writes instanceof RegExp
    ? (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name))
      .filter((name) => writes.test(name)).sort()
    : writes;
  await refuseLoss(folder, command, names);
}

function mayWrite(
  writes: CorpusFolderOptions["writes"] = [],
  name: string,
): boolean {
  return writes instanceof RegExp ? writes.test(name) : writes.includes(name);
}

/** Refuses to write over files that no earlier corpus has. */
async function refuseLoss(
  folder: string,
  command: string,
  names: readonly string[],
): Promise<void> {
  const earlier = await filesNamed(folder);
  for (const name of names) {
    if (name === MANIFEST || earlier.has(name)) continue;
    if (await isThere(`${folder}/${name}`)) refuseFile(name, command);
  }
}

function refuseFile(name: string, command: string): never {
  throw new Error(`it holds a ${name} that ${command} has not written`);
}

/** The files of an earlier corpus, as far as its manifest can be read. */
async function filesNamed(folder: string): Promise<Set<string>> {
  const { command, files, sources } =
    await readObject(`${folder}/${MANIFEST}`) ?? {};
  const listed = [
    ...Array.isArray(files) ? files.map((one) => one?.name) : [],
    ...Array.isArray(sources) ? sources.map((one) => one?.file) : [],
  ];
  const names = listed.filter((name) =>
    typeof name === "string" && /\.(?:txt|jsonl)$/i.test(name) &&
    !/^[/\\]|\\|:/.test(name) && !name.split("/").includes("..")
  );
  // It stands beside every such corpus, and no manifest names it.
  if (command === "build-corpus") names.push(DROPPED);
  return new Set(names);
}

/** The journal of a run that was cut short, where there is one. */
async function readJournal(
  path: string,
  command: string,
): Promise<Record<string, unknown> | undefined> {
  if (!await isThere(path)) return undefined;
  const journal = await readObject(path);
  if (typeof journal?.command === "string" && journal.command !== command) {
    throw new Error(
      `${journal.command} was interrupted there and can go on; ${command} ` +
        "does not throw its work away",
    );
  }
  if (journal?.version === VERSION) return journal;
  throw new Error(
    "the journal of work that was begun there cannot be read; --restart " +
      "begins anew",
  );
}

async function writingInto<T>(
  path: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`Cannot write into "${path}": ${reasonOf(error)}`, {
      cause: error,
    });
  }
}
