/**
 * How busy an engine is, for those who ask often and will not wait: one that
 * computes may take seconds to say so, and then what it said last has to do.
 *
 * @module
 */

import type { Engine, EngineLoad } from "../engine.ts";
import { ApiError } from "./errors.ts";

/** How long an answer is waited for, in ms. */
const BLINK = 100;
/** Without a word for so long, in ms, an engine is not well. */
const SILENCE = 30_000;

/** Asks an engine, and remembers what it said. */
export class LoadWatch {
  readonly #engine: Engine;
  readonly #silence: number;
  #last?: EngineLoad;
  /** The question that is not answered yet. */
  #asked?: { readonly since: number; readonly answer: Promise<void> };

  /**
   * Asks for the first time.
   *
   * @param engine Who is asked.
   * @param silence How long it may say nothing, in ms.
   */
  constructor(engine: Engine, silence = SILENCE) {
    this.#engine = engine;
    this.#silence = silence;
    this.#ask().catch(() => {}); // who looks asks again
  }

  /**
   * Asks, and waits for a moment.
   *
   * @throws {ApiError} 503 when the engine failed.
   */
  async look(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, BLINK);
    });
    try {
      await Promise.race([this.#ask(), late]);
    } catch {
      throw new ApiError(503, "Cannot answer: the models failed", {
        code: "engine_failed",
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * What it says, or said last.
   *
   * @throws {ApiError} 503 when it failed, or has said nothing for long.
   */
  async load(): Promise<EngineLoad> {
    await this.look();
    const { since = Infinity } = this.#asked ?? {};
    const isSilent = performance.now() - since > this.#silence;
    if (this.#last !== undefined && !isSilent) return this.#last;
    throw new ApiError(503, "Cannot answer: the models do not answer", {
      code: "not_ready",
    });
  }

  /** Asks, unless an answer is awaited already. */
  #ask(): Promise<void> {
    this.#asked ??= { since: performance.now(), answer: this.#hear() };
    return this.#asked.answer;
  }

  async #hear(): Promise<void> {
    try {
      this.#last = await this.#engine.load();
    } finally {
      this.#asked = undefined;
    }
  }
}
