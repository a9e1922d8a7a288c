/**
 * Text that a model writes.
 *
 * @module
 */

import type { Choice, ChoosingSettings } from "../generate/choosing.ts";
import { Generator } from "../generate/generator.ts";
import { type SavedSession, Session } from "../generate/session.ts";
import { checkChoosing } from "../generate/token_chooser.ts";
import type { LoadedCheckpoint } from "../load_checkpoint.ts";
import { assertOptions, type OptionKinds, wholeFrom } from "../option_kinds.ts";
import { useBackend } from "./computing.ts";
import { assertModel, openModel } from "./model_files.ts";
import {
  choosingOf,
  readState,
  STATE,
  type ToldToken,
  toldTokens,
  withBreakers,
  writeState,
  WRITING,
  WRITING_KINDS,
  type WritingOptions,
} from "./writing.ts";
import { assertReplaceable } from "./written_files.ts";

/** What `generate()` is to do. */
export interface GenerateTextOptions extends WritingOptions {
  /** How the text begins; at the start of a text unless given. */
  readonly prompt?: string;
  /** Texts to write, with the seeds from `seed` on; 1 unless given. */
  readonly count?: number;
  /** A file for the state at the end of the text, to go on from. */
  readonly saveState?: string;
  /**
   * Told of every piece of text, the prompt first; several texts are told when
   * all are made, one after another.
   */
  readonly onText?: (piece: string) => void;
  /** Told of the file once the state is saved. */
  readonly onSaved?: (path: string) => void;
}

/** What its options are. */
const OPTIONS: OptionKinds<GenerateTextOptions> = {
  ...WRITING_KINDS,
  prompt: "text?",
  count: wholeFrom(1),
  saveState: "text?",
  onText: "function?",
  onSaved: "function?",
};

/** What `generate()` wrote; `complete` is false when it was aborted. */
export interface GenerateTextResult {
  /** How the texts begin. */
  readonly prompt: string;
  /** What follows it, a text for each seed. */
  readonly texts: readonly string[];
  /** Of each text, all tokens, where it was asked for. */
  readonly told?: readonly (readonly ToldToken[])[];
  /** Tokens chosen. */
  readonly tokens: number;
  /** How long that took. */
  readonly seconds: number;
  /** What has computed, in words. */
  readonly backend: string;
  /** Whether the texts are as long as they were to be. */
  readonly complete: boolean;
}

/**
 * Continues a prompt. When it is aborted, what there is of a single text is the
 * result.
 *
 * @param options The model, the prompt, and how to choose.
 * @throws {RangeError} When tokens cannot be chosen as it is asked for.
 * @throws {Error} When a file cannot be read or written.
 *
 * @example
 * ```ts
 * import { generate } from "./generate.ts";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(
 *   () => generate({ model: "nowhere", topP: 2 }),
 *   RangeError,
 *   "reach a probability of 2",
 * );
 * ```
 */
export async function generate(
  options: GenerateTextOptions,
): Promise<GenerateTextResult> {
  assertOptions("generate", options, OPTIONS);
  const { prompt = "", count = 1, signal, onText } = options;
  const { loadState, saveState } = options;
  const choosing = choosingOf(options);
  if (saveState !== undefined && count !== 1) {
    throw new RangeError("Cannot save a state: there is not one text alone");
  }
  if (saveState !== undefined) await assertReplaceable(saveState, STATE);
  await assertModel(options.model);
  using used = await useBackend(options.backend);
  const loaded = await openModel(options, used.backend);
  const start = performance.now();
  const made: Made = { texts: [], choices: [], tokens: 0 };
  const wanted = {
    ...options,
    prompt,
    choosing: withBreakers(choosing, loaded.tokenizer),
    // What cannot be had is said before anything is shown.
    from: loadState === undefined
      ? undefined
      : await readState(loadState, loaded),
  };
  checkChoosing(wanted.choosing, loaded.model.config.vocabSize);
  try {
    if (count === 1) {
      onText?.(prompt);
      made.texts.push("");
      for await (const piece of oneText(loaded, wanted, made)) {
        made.texts[0] += piece;
        onText?.(piece);
      }
    } else {
      await severalTexts(loaded, { ...wanted, count }, made);
      onText?.(made.texts.map((text) => `${prompt}${text}`).join("\n\n"));
    }
  } catch (error) {
    if (!signal?.aborted || error !== signal.reason) throw error;
  }
  return {
    prompt,
    texts: made.texts,
    ...options.likeliest !== undefined && {
      told: made.choices.map((own) => toldTokens(own, loaded.tokenizer)),
    },
    tokens: made.tokens,
    seconds: (performance.now() - start) / 1000,
    backend: used.backend.description,
    complete: !signal?.aborted,
  };
}

/** What there is of the texts. */
interface Made {
  readonly texts: string[];
  readonly choices: (readonly Choice[])[];
  tokens: number;
}

/** What is wanted, with nothing left open. */
interface Wanted extends GenerateTextOptions {
  readonly prompt: string;
  readonly choosing: ChoosingSettings;
  /** The state that is gone on from. */
  readonly from?: SavedSession;
}

/** One text, piece by piece. */
async function* oneText(
  loaded: LoadedCheckpoint,
  { prompt, choosing, likeliest, from, saveState, signal, ...options }: Wanted,
  made: Made,
): AsyncGenerator<string, void> {
  const { model, tokenizer } = loaded;
  const { maxTokens = WRITING.maxTokens, stop } = options;
  const choices: Choice[] = [];
  made.choices.push(choices);
  const settings = {
    ...choosing,
    maxTokens,
    stop,
    signal,
    ...likeliest !== undefined && {
      likeliest,
      onChoice: (choice: Choice) => choices.push(choice),
    },
  };
  if (from === undefined && saveState === undefined) {
    const generator = new Generator(model, tokenizer);
    for await (const piece of generator.generate(prompt, settings)) {
      made.tokens = generator.tokensMade;
      yield piece;
    }
    made.tokens = generator.tokensMade;
    return;
  }
  using session = new Session(model, tokenizer);
  if (from !== undefined) session.restore(from);
  else await session.feed([tokenizer.vocab.specialId("[BOS]")]);
  await session.feed(prompt, { signal });
  const read = session.tokens;
  const save = async () => {
    if (saveState === undefined) return;
    await writeState(saveState, await session.save(), loaded);
    options.onSaved?.(saveState);
  };
  const pieces = session.write(settings);
  try {
    let next = await pieces.next();
    for (; !next.done; next = await pieces.next()) {
      made.tokens = session.tokens - read;
      yield next.value;
    }
    made.tokens = next.value;
  } catch (error) {
    if (!signal?.aborted) throw error;
    await save();
    throw error;
  }
  await save();
}

/** Several texts, at once. */
async function severalTexts(
  loaded: LoadedCheckpoint,
  { prompt, choosing, likeliest, from, signal, ...options }:
    & Wanted
    & { readonly count: number },
  made: Made,
): Promise<void> {
  const { count, maxTokens = WRITING.maxTokens, stop, onProgress } = options;
  const wanted = Array.from({ length: count }, (_, i) => ({
    prompt,
    seed: choosing.seed + i,
  }));
  const total = count * maxTokens;
  const generator = new Generator(loaded.model, loaded.tokenizer);
  const written = generator.writeAll(wanted, {
    ...choosing,
    ...{ maxTokens, stop, signal, from, likeliest },
    onTokens: (done) => {
      made.tokens = done;
      onProgress?.({ done, total });
    },
  });
  for await (const { text, choices = [] } of written) {
    made.texts.push(text);
    made.choices.push(choices);
  }
}
