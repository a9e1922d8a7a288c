/**
 * One text that was asked for: its tokens, how they are chosen, what is shown of
 * them, and where it can be gone on from. Who computes is `model_streams.ts`.
 *
 * A stop text may begin in the midst of a token, or be complete tokens later.
 * Tokens whose text is held back until that is clear are _open_. The state
 * before the first of them is copied where the text's end shall be kept, so that
 * what is kept never has read a part of the stop text.
 *
 * @module
 */

import type { LikelyToken } from "../../generate/choosing.ts";
import { StopTexts } from "../../generate/stop_texts.ts";
import { TokenChooser } from "../../generate/token_chooser.ts";
import type { SavedState } from "../../model/state.ts";
import { StreamDecoder } from "../../tokenizer/stream_decoder.ts";
import type { Tokenizer } from "../../tokenizer/tokenizer.ts";
import type { TextRequest, WrittenToken } from "../engine.ts";
import type { KeptState } from "./kept_states.ts";
import type { FoundState } from "./state_cache.ts";
import { TextEvents } from "./text_events.ts";

/** How a text ended. */
type Ending = "stop" | "length";

/** A text that is waited for, read or written. */
export class Text {
  /** What was asked for. */
  readonly request: TextRequest;
  /** Who asked learns here what becomes known. */
  readonly events: TextEvents = new TextEvents();
  /** All tokens from the start of the text on; those written are added. */
  readonly ids: number[];
  /** How many of the ids come before those that are chosen. */
  readonly promptLength: number;
  /** How many of the ids its state has read. */
  read = 0;
  /** What is remembered of them, while no device has it; none: nothing. */
  state?: SavedState;
  /** What may follow, where it is known before anything is read. */
  logits?: Float32Array;
  /** Whether nobody waits for it any more. */
  isGone = false;
  /** Whether nobody has asked for it yet; see `Engine.readAhead`. */
  isAhead = false;
  /** How it ended, once it has. */
  ending?: Ending;
  /** Tokens chosen. */
  chosen = 0;
  /** A copy of the state before the first open token, where one is needed. */
  beforeOpen?: FoundState;

  readonly #tokenizer: Tokenizer;
  readonly #end: readonly number[];
  readonly #chooser: TokenChooser;
  readonly #stops: StopTexts;
  readonly #decoder: StreamDecoder;
  /** Characters decoded and not shown. */
  #held = 0;
  #open: number[] = [];
  /** Of those, what is to be told. */
  #openTokens: WrittenToken[] = [];
  /** What was shown since the first open token. */
  #shownSince = "";
  #stoppedByText = false;

  /**
   * Begins a text.
   *
   * @param request What is asked for.
   * @param tokenizer The model's.
   * @param kept Where it goes on from.
   * @throws {RangeError} When it cannot be chosen as it is asked for, or an id
   * of the prompt is none.
   */
  constructor(request: TextRequest, tokenizer: Tokenizer, kept?: KeptState) {
    const { vocab, vocabSize } = tokenizer;
    const { likeliest, settings, stop = [] } = request;
    const [start, end] = ["[BOS]", "[EOS]"].map((it) => vocab.specialId(it));
    this.request = request;
    this.#tokenizer = tokenizer;
    this.#end = [start, end];
    this.#chooser = new TokenChooser(settings, { vocabSize, likeliest });
    this.#stops = new StopTexts(stop);
    this.#decoder = new StreamDecoder(tokenizer);
    this.ids = kept === undefined
      ? beginningOf(request.prompt, tokenizer, start)
      : [...kept.ids, ...idsOf(request.prompt, tokenizer, true)];
    this.promptLength = this.ids.length;
    this.#chooser.readTokens(this.ids);
    if (kept !== undefined) this.goOnFrom(kept);
  }

  /** Takes a state that has read some of the ids instead of reading them. */
  goOnFrom({ state, read, logits }: FoundState): void {
    this.state = state;
    this.read = read;
    this.logits = logits;
  }

  /**
   * Chooses the next token, unless the text is to have none.
   *
   * @param logits What may follow all of the ids.
   * @throws {RangeError} When none can be chosen.
   */
  choose(logits: Float32Array): void {
    if (this.request.maxTokens === 0) return this.#endBy("length");
    const told = this.request.likeliest === undefined
      ? undefined
      : this.#chooser.choose(logits);
    const id = told?.id ?? this.#chooser.next(logits);
    this.chosen++;
    if (this.#end.includes(id)) return this.#endBy("stop");
    this.ids.push(id);
    this.#open.push(id);
    if (told !== undefined) {
      const likeliest = told.likeliest.map((one) => this.#told(one));
      this.#openTokens.push({ ...this.#told(told), likeliest });
    }
    this.#show(this.#decoder.push(id));
  }

  /** Whether the state, as it is before the last token, is to be copied. */
  get wantsCopy(): boolean {
    const { keepAs, stop = [] } = this.request;
    return keepAs !== undefined && stop.length > 0 &&
      this.#open.length === 1 && this.beforeOpen === undefined &&
      (this.ending === undefined || this.#stoppedByText);
  }

  /** Whether the end can only be kept by what `beforeOpen` is. */
  get endsBeforeOpen(): boolean {
    return this.#stoppedByText;
  }

  /** The tokens of the text up to its end, without those of a stop text. */
  get idsToEnd(): readonly number[] {
    if (!this.#stoppedByText) return this.ids;
    const before = this.ids.slice(0, this.ids.length - this.#open.length);
    const { whole, rest } = this.#shownOpen();
    const ending = rest === "" ? [] : this.#tokenizer.encodePart(rest);
    return [...before, ...this.#open.slice(0, whole), ...ending];
  }

  /** Tells that it has ended; what is kept of it has to be kept before. */
  tellEnd(): void {
    const { chosen, ending } = this;
    this.events.push({
      kind: "ended",
      reason: ending!,
      completionTokens: chosen,
    });
  }

  #show(text: string): void {
    const shown = this.#stops.push(text);
    this.#held += text.length - shown.text.length;
    this.#shownSince += shown.text;
    if (shown.stopped) {
      this.#stoppedByText = true;
      this.#tellCut(shown.text);
      this.ending = "stop";
      return;
    }
    // A part of a character may become the beginning of a stop text.
    const isSettled = this.#held === 0 && text !== "";
    this.#tell(shown.text, isSettled ? this.#open.length : 0);
    if (this.chosen === this.request.maxTokens) return this.#endBy("length");
    if (!isSettled) return;
    this.#open = [];
    this.#shownSince = "";
    this.beforeOpen = undefined;
  }

  /** Ends it and shows what was held back. */
  #endBy(ending: Ending): void {
    const last = this.#decoder.flush();
    const shown = last === "" ? undefined : this.#stops.push(last);
    const rest = (shown?.text ?? "") + this.#stops.flush();
    this.#tell(rest, this.#open.length);
    this.ending = ending;
  }

  /** Shows text, and so many of the open tokens as are not told yet. */
  #tell(text: string, count: number): void {
    const tokens = this.#openTokens.splice(0, count);
    if (text === "" && tokens.length === 0) return;
    this.events.push({ kind: "piece", text, tokens });
  }

  /**
   * Shows text that a stop text has cut, and the tokens that it is made of. Of
   * one that is shown in part, that part is told, and the probability of all;
   * nothing where bytes are no characters, so that it is not known what part.
   */
  #tellCut(text: string): void {
    const { whole, rest } = this.#shownOpen();
    const tokens = this.#openTokens.splice(0, whole);
    const isKnown = !rest.includes("\ufffd");
    let left = new TextEncoder().encode(isKnown ? rest : "");
    for (const token of this.#openTokens.splice(0)) {
      if (left.length === 0) break;
      const length = this.#tokenizer.byteLength(token.id);
      const bytes = left.subarray(0, length);
      left = left.subarray(length);
      const shown = {
        text: new TextDecoder().decode(bytes),
        bytes: [...bytes],
      };
      tokens.push(bytes.length === length ? token : { ...token, ...shown });
    }
    if (text === "" && tokens.length === 0) return;
    this.events.push({ kind: "piece", text, tokens });
  }

  /** How many open tokens are wholly shown, and what is shown after them. */
  #shownOpen(): { readonly whole: number; readonly rest: string } {
    const decoder = new StreamDecoder(this.#tokenizer);
    let whole = 0, length = 0, decoded = 0;
    for (const [i, id] of this.#open.entries()) {
      const text = decoder.push(id);
      decoded += text.length;
      if (decoded > this.#shownSince.length) break;
      if (text === "") continue;
      whole = i + 1;
      length = decoded;
    }
    return { whole, rest: this.#shownSince.slice(length) };
  }

  #told({ id, logprob }: LikelyToken): Omit<WrittenToken, "likeliest"> {
    const bytes = this.#tokenizer.bytesOf(id, { keepSpecial: true });
    const text = this.#tokenizer
      .decode([id], { keepSpecial: true, isPart: true });
    return { id, logprob, text, bytes: [...bytes] };
  }
}

/**
 * The ids that texts of such a beginning have in common: its last ones may be
 * others, by what follows.
 *
 * @param beginning Text.
 * @param tokenizer The model's.
 */
export function settledIds(beginning: string, tokenizer: Tokenizer): number[] {
  // What a token may go on with: nothing, a letter, a blank and one.
  const [ids, ...others] = ["", "a", " É"].map((more) =>
    tokenizer.encode(beginning + more)
  );
  const settled = ids.findIndex((id, i) => others.some((it) => it[i] !== id));
  return [...settled < 0 ? ids : ids.subarray(0, settled)];
}

/** The ids of a text that begins with the prompt. */
function beginningOf(
  prompt: TextRequest["prompt"],
  tokenizer: Tokenizer,
  start: number,
): number[] {
  const ids = idsOf(prompt, tokenizer, false);
  return ids[0] === start ? ids : [start, ...ids];
}

/** The ids of a prompt; `isPart`: of one that goes on with a text. */
function idsOf(
  prompt: TextRequest["prompt"],
  tokenizer: Tokenizer,
  isPart: boolean,
): number[] {
  if (typeof prompt === "string") {
    return [
      ...isPart ? tokenizer.encodePart(prompt) : tokenizer.encode(prompt),
    ];
  }
  for (const id of prompt) {
    if (Number.isInteger(id) && id >= 0 && id < tokenizer.vocabSize) continue;
    throw new RangeError(
      `Cannot read token ${id}: the model has ${tokenizer.vocabSize}`,
    );
  }
  return [...prompt];
}
