/**
 * A text that a person and a model write in turns. What was read stays in the
 * model's state, so that a turn costs its own tokens alone.
 *
 * @module
 */

import { type SavedSession, Session } from "../generate/session.ts";
import type { LoadedCheckpoint } from "../load_checkpoint.ts";
import { assertOptions } from "../option_kinds.ts";
import { type BackendInUse, useBackend } from "./computing.ts";
import { assertModel, openModel } from "./model_files.ts";
import {
  choosingOf,
  readState,
  STATE,
  withBreakers,
  writeState,
  WRITING,
  WRITING_KINDS,
  type WritingOptions,
} from "./writing.ts";
import { assertReplaceable } from "./written_files.ts";

/** So many turns can be undone: each keeps a state. */
const MOST_TURNS = 50;

/** How a turn is written. */
export interface TurnOptions {
  /** Ends the writing; what there is until then stays. */
  readonly signal?: AbortSignal;
  /** Told of every piece of text. */
  readonly onText?: (piece: string) => void;
}

/** What a turn wrote. */
export interface WrittenTurn {
  /** The model's part. */
  readonly text: string;
  /** How long that took, reading what was said among it. */
  readonly seconds: number;
  /** Whether it was not aborted. */
  readonly complete: boolean;
}

/** A turn that can be taken back. */
interface Turn {
  readonly before: SavedSession;
  readonly said: string;
}

/**
 * A text in turns.
 *
 * @example
 * ```ts
 * import { Conversation } from "./conversation.ts";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(() => Conversation.open({ model: "nowhere" }), Error);
 * ```
 */
export class Conversation implements Disposable {
  readonly #used: BackendInUse;
  readonly #loaded: LoadedCheckpoint;
  #options: WritingOptions;
  #session: Session;
  #turns: Turn[] = [];
  /** Turns and their repetitions: each has a seed of its own. */
  #written = 0;

  private constructor(
    used: BackendInUse,
    loaded: LoadedCheckpoint,
    options: WritingOptions,
  ) {
    this.#used = used;
    this.#loaded = loaded;
    this.#options = options;
    this.#session = new Session(loaded.model, loaded.tokenizer);
  }

  /**
   * Opens a model.
   *
   * @param options The model, how to choose, and a state to go on from.
   * @throws {RangeError} When tokens cannot be chosen as it is asked for.
   * @throws {Error} When a file cannot be read.
   */
  static async open(options: WritingOptions): Promise<Conversation> {
    assertOptions("begin a conversation", options, WRITING_KINDS);
    choosingOf(options);
    await assertModel(options.model);
    const used = await useBackend(options.backend);
    try {
      const loaded = await openModel(options, used.backend);
      const own = new Conversation(used, loaded, options);
      await own.reset();
      if (options.loadState !== undefined) {
        own.#session.restore(await readState(options.loadState, loaded));
      }
      return own;
    } catch (error) {
      used[Symbol.dispose]();
      throw error;
    }
  }

  /** Tokens read and written so far. */
  get tokens(): number {
    return this.#session.tokens;
  }

  /** What computes, in words. */
  get backend(): string {
    return this.#used.backend.description;
  }

  /**
   * Changes how tokens are chosen.
   *
   * @param changes What is different from now on.
   * @throws {RangeError} When that makes no sense; nothing is changed then.
   */
  set(changes: Partial<WritingOptions>): void {
    const options = { ...this.#options, ...changes };
    choosingOf(options);
    this.#options = options;
  }

  /**
   * Has the model go on after what is said.
   *
   * @param said Text, which follows what was written before; may be empty.
   * @param options What may end the writing, and who is told.
   */
  async write(said: string, options: TurnOptions = {}): Promise<WrittenTurn> {
    const start = performance.now();
    this.#turns.push({ before: await this.#session.save(), said });
    if (this.#turns.length > MOST_TURNS) this.#turns.shift();
    const { maxTokens = WRITING.maxTokens, stop, seed = WRITING.seed } =
      this.#options;
    const choosing = withBreakers(
      choosingOf({ ...this.#options, seed: seed + this.#written++ }),
      this.#loaded.tokenizer,
    );
    const { signal, onText } = options;
    let text = "";
    try {
      await this.#session.feed(said, { signal });
      const settings = { ...choosing, maxTokens, stop, signal };
      const pieces = this.#session.write(settings);
      for await (const piece of pieces) {
        text += piece;
        onText?.(piece);
      }
    } catch (error) {
      if (!signal?.aborted || error !== signal.reason) throw error;
    }
    const seconds = (performance.now() - start) / 1000;
    return { text, seconds, complete: !signal?.aborted };
  }

  /**
   * Takes the last turn back.
   *
   * @returns What was said in it; undefined where there is none.
   */
  undo(): string | undefined {
    const turn = this.#turns.pop();
    if (turn !== undefined) this.#session.restore(turn.before);
    return turn?.said;
  }

  /** Begins anew, with nothing said. */
  async reset(): Promise<void> {
    const { model, tokenizer } = this.#loaded;
    this.#session[Symbol.dispose]();
    this.#session = new Session(model, tokenizer);
    this.#turns = [];
    await this.#session.feed([tokenizer.vocab.specialId("[BOS]")]);
  }

  /**
   * Saves where the text stands.
   *
   * @param path A file, which `loadState` takes.
   * @throws {Error} When it cannot be written, or something else is there.
   */
  async save(path: string): Promise<void> {
    await assertReplaceable(path, STATE);
    await writeState(path, await this.#session.save(), this.#loaded);
  }

  /** Closes what was opened. */
  [Symbol.dispose](): void {
    this.#session[Symbol.dispose]();
    this.#used[Symbol.dispose]();
  }
}
