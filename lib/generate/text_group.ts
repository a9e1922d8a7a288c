/**
 * A few texts that are written at once: a row of the model's batch each.
 *
 * @module
 */

import type { Backend, Indices, Memory } from "../backend/backend.ts";
import type { SamplingOptions } from "../backend/sampling.ts";
import type { RWKV } from "../model/rwkv.ts";
import type { SavedState } from "../model/state.ts";
import { hashKey } from "../random.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { EventTurns } from "../turns.ts";
import type { Choice } from "./choosing.ts";
import type { GenerateTextsOptions } from "./generator.ts";
import { Place } from "./place.ts";
import { assertToken } from "./sampler.ts";
import type { SavedSession } from "./session.ts";
import { isForDevice, TokenChooser } from "./token_chooser.ts";
import { WrittenText } from "./written_text.ts";

/** A text to be written. */
export interface TextToWrite {
  /** How it begins; may be empty. */
  readonly prompt: string;
  /** See {@linkcode GenerateOptions.seed}. */
  readonly seed: number;
}

/** How texts of several prompts are made. */
export interface WriteAllOptions extends Omit<GenerateTextsOptions, "seeds"> {
  /** What was read before every prompt; the start of a text unless given. */
  readonly from?: SavedSession;
  /** Tells of every token, and of so many that were the likeliest. */
  readonly likeliest?: number;
}

/** A text that was written. */
export interface TextWritten extends TextToWrite {
  /** What follows the prompt. */
  readonly text: string;
  /** Tokens chosen, the one that ended it among them. */
  readonly tokens: number;
  /** Whether it ended by itself, and not by `maxTokens`. */
  readonly ended: boolean;
  /** Its tokens, where probabilities were asked for. */
  readonly choices?: readonly Choice[];
}

/** What a model has read of a prompt. */
export interface ReadPrompt {
  /** The prompt. */
  readonly prompt: string;
  /** The last tokens read, for penalties. */
  readonly recent: readonly number[];
  /** What may follow. */
  readonly logits: Float32Array;
  /** What the model remembers. */
  readonly state: SavedState;
}

/** Where one of several texts begins. */
export interface TextStart {
  /** The prompt, read. */
  readonly from: ReadPrompt;
  /** See `GenerateOptions.seed`. */
  readonly seed: number;
}

/** How a group is written. */
export interface GroupOptions extends WriteAllOptions {
  /** What turns tokens into text. */
  readonly tokenizer: Tokenizer;
  /** Where tokens are counted. */
  readonly made: { tokens: number };
}

/** One of several texts while it is written. */
interface Writer {
  readonly written: WrittenText;
  /** Absent where the device chooses. */
  readonly chooser?: TokenChooser;
  /** Present where probabilities are asked for. */
  readonly choices?: Choice[];
  text: string;
  tokens: number;
}

/**
 * Writes a few texts at once.
 *
 * @param model The model.
 * @param group Where they begin.
 * @param options How to choose, when to stop.
 */
export async function writeGroup(
  model: RWKV,
  group: readonly TextStart[],
  options: GroupOptions,
): Promise<TextWritten[]> {
  const { maxTokens, signal, onTokens, likeliest, made } = options;
  const { backend, config: { vocabSize: width } } = model;
  const onDevice = likeliest === undefined &&
    isForDevice({ ...options, seed: 0 });
  using place = Place.take(model, group.length);
  backend.writeIndices(place.keys, group.map(({ seed }) => hashKey(seed)));
  place.state.restore(joined(group.map(({ from }) => from.state)));
  backend.write(place.logits, flat(group.map(({ from }) => from.logits)));
  const writers = group.map((start) =>
    writerOf(start, { ...options, width, onDevice })
  );
  const turns = new EventTurns();
  const [ids] = place.chosen(1);
  let { logits } = place;
  for (let position = 0; position < maxTokens; position++) {
    signal?.throwIfAborted();
    const chosen = onDevice
      ? await chosenThere(place, {
        ...options,
        backend,
        logits,
        position,
        width,
      })
      : await chosenHere(ids, writers, { backend, logits, width });
    for (const [row, writer] of writers.entries()) {
      if (writer.written.ended) continue;
      made.tokens++;
      writer.tokens++;
      writer.text += writer.written.push(chosen[row]);
    }
    onTokens?.(made.tokens);
    const more = writers.some(({ written }) => !written.ended);
    if (!more || position + 1 === maxTokens) break;
    logits = place.logitsOf(place.advance(ids));
    await turns.next();
  }
  return writers.map(({ text, tokens, written, choices }, row) => ({
    prompt: group[row].from.prompt,
    seed: group[row].seed,
    text: text + written.flush(),
    tokens,
    ended: written.ended,
    ...choices && { choices },
  }));
}

function writerOf(
  { from, seed }: TextStart,
  { tokenizer, stop, likeliest, width, onDevice, ...choosing }:
    & GroupOptions
    & { readonly width: number; readonly onDevice: boolean },
): Writer {
  const written = new WrittenText(tokenizer, stop);
  const empty = { written, text: "", tokens: 0 };
  if (onDevice) return empty;
  const settings = { ...choosing, seed };
  const chooser = new TokenChooser(settings, { vocabSize: width, likeliest });
  chooser.readTokens(from.recent);
  return {
    ...empty,
    chooser,
    choices: likeliest === undefined ? undefined : [],
  };
}

/** What the next token of each text is chosen from. */
interface Following {
  readonly backend: Backend;
  readonly logits: Memory;
  readonly width: number;
}

/** The next token of each text, which the device chooses. */
async function chosenThere(
  place: Place,
  { backend, logits, width, position, temperature, topK, topP }:
    & Following
    & SamplingOptions
    & { readonly position: number },
): Promise<ArrayLike<number>> {
  const [ids] = place.chosen(1);
  const shape = { rows: ids.length, width, position };
  const how = { ...shape, temperature, topK, topP };
  backend.sample(ids, logits, place.keys, how);
  const [chosen] = await backend.readIndices([ids]);
  for (const id of chosen) assertToken(id, width);
  return chosen;
}

/** The next token of each text, chosen here and written to the device. */
async function chosenHere(
  ids: Indices,
  writers: readonly Writer[],
  { backend, logits, width }: Following,
): Promise<ArrayLike<number>> {
  const all = await backend.read(logits);
  const chosen = writers.map(({ written, chooser, choices }, row) => {
    if (written.ended) return 0; // any will do, nobody looks at the row again
    const own = all.subarray(row * width, (row + 1) * width);
    if (choices === undefined) return chooser!.next(own);
    const choice = chooser!.choose(own);
    choices.push(choice);
    return choice.id;
  });
  backend.writeIndices(ids, chosen);
  return chosen;
}

/** The states of several texts as one of them all. */
function joined(states: readonly SavedState[]): SavedState {
  return states[0].map((_, block) => {
    const part = (name: keyof SavedState[number]) =>
      flat(states.map((state) => state[block][name]));
    return {
      timeShift: part("timeShift"),
      wkv: part("wkv"),
      channelShift: part("channelShift"),
    };
  });
}

/** Some arrays one after the other. */
function flat(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.length * parts[0].length);
  parts.forEach((part, i) => all.set(part, i * part.length));
  return all;
}
