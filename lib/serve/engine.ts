/**
 * What answers requests for text: the contract between those who ask (the HTTP
 * API, the page) and those who compute (streams in one batch, in a Worker).
 *
 * @module
 */

import type { ChoosingSettings, LikelyToken } from "../generate/choosing.ts";

/** A model that can be asked, as users see it. */
export interface ServedModel {
  /** What it is asked for by. */
  readonly name: string;
  /** When its file was written, in seconds since 1970. */
  readonly created: number;
  /** Its architecture, such as `rwkv7`. */
  readonly architecture: string;
  /** The number of its weights. */
  readonly parameters: number;
  /** The number of its tokens. */
  readonly vocabSize: number;
  /** Channels of a token. */
  readonly dModel: number;
  /** Blocks. */
  readonly layers: number;
  /** Bytes of one text's state. */
  readonly stateBytes: number;
  /** What computes, in words. */
  readonly backend: string;
  /** The file of the adapter that it has; absent without. */
  readonly adapter?: string;
}

/** A text that is asked for. */
export interface TextRequest {
  /** The name of a model. */
  readonly model: string;
  /** What it goes on from: text, or ids; both may be empty. */
  readonly prompt: string | readonly number[];
  /**
   * A state that was kept: the prompt follows what was read and written until
   * then. Absent: the prompt follows the start of a text.
   */
  readonly goOnFrom?: string;
  /** Keeps the state at the text's end under this name, for `goOnFrom`. */
  readonly keepAs?: string;
  /** How tokens are chosen. */
  readonly settings: ChoosingSettings;
  /** Stops after so many tokens. */
  readonly maxTokens: number;
  /** Texts at which it ends; they are not part of it. */
  readonly stop?: readonly string[];
  /** Tells of each token its probability, and so many that were likeliest. */
  readonly likeliest?: number;
}

/** A token that was written, where probabilities are asked for. */
export interface WrittenToken extends LikelyToken {
  /**
   * Its text; a part of a character is U+FFFD. Of a token that a stop text
   * cuts it is what is shown of it, as are its bytes.
   */
  readonly text: string;
  /** Its bytes, which may be a part of a character. */
  readonly bytes: readonly number[];
  /** The likeliest in its place, the likeliest first. */
  readonly likeliest: readonly (LikelyToken & {
    readonly text: string;
    readonly bytes: readonly number[];
  })[];
}

/** A token of a text that was given. */
export interface TextToken {
  readonly id: number;
  /** Its text; its bytes where those are a part of a character. */
  readonly piece: string | readonly number[];
}

/**
 * What becomes known of a text, in this order: admitted, begun, pieces, ended.
 */
export type TextEvent =
  /** It can be written; it may have to wait. */
  | { readonly kind: "admitted" }
  | {
    readonly kind: "begun";
    /** Tokens of the prompt, those before `goOnFrom` among them. */
    readonly promptTokens: number;
    /** Those of them that need not be read again. */
    readonly cachedTokens: number;
  }
  | {
    readonly kind: "piece";
    /** Whole characters; may be empty where tokens are told. */
    readonly text: string;
    /** Those written since the last piece, where they are asked for. */
    readonly tokens: readonly WrittenToken[];
  }
  | {
    readonly kind: "ended";
    /** By the model's end of text or a stop text, or by `maxTokens`. */
    readonly reason: "stop" | "length";
    /** Tokens chosen, the one that ended the text among them. */
    readonly completionTokens: number;
  };

/** How busy an engine is, for measurements. */
export interface EngineLoad {
  /** Texts being written or read. */
  readonly running: number;
  /** Texts that wait for room. */
  readonly waiting: number;
  /** Bytes of states kept to spare reading. */
  readonly cacheBytes: number;
  /** Tokens of prompts read since the start. */
  readonly promptTokens: number;
  /** Tokens of prompts not read, for their state was kept. */
  readonly cachedTokens: number;
  /** Tokens written since the start. */
  readonly completionTokens: number;
  /** Steps of the batch since the start. */
  readonly steps: number;
}

/** Text by request. */
export interface Engine extends AsyncDisposable {
  /** The models that can be asked, the default first. */
  readonly models: readonly ServedModel[];
  /**
   * Writes a text.
   *
   * @param signal Ends the work within one token.
   * @throws {UnknownModelError} When there is no such model.
   * @throws {UnknownStateError} When `goOnFrom` is not kept, or no longer.
   * @throws {BusyError} When too many wait already.
   * @throws {RangeError} When it cannot be chosen as it is asked for.
   */
  write(request: TextRequest, signal: AbortSignal): AsyncIterable<TextEvent>;
  /** A text's token ids. */
  encode(model: string, text: string): Promise<Uint16Array>;
  /** A text's tokens, as people see them. */
  tokenize(model: string, text: string): Promise<readonly TextToken[]>;
  /** The text of token ids. */
  decode(model: string, ids: readonly number[]): Promise<string>;
  /**
   * Says how a prompt may begin soon, as of the next turn of a conversation:
   * it is read when there is nothing else to do, so that it is cached then.
   * Never fails, and changes nothing but the time that such a prompt takes.
   */
  readAhead(model: string, beginning: string): void;
  /** Forgets the state that was kept by a name, if it is there. */
  forget(name: string): Promise<void>;
  /** How busy it is. */
  load(): Promise<EngineLoad>;
}

/** A model that is not there. */
export class UnknownModelError extends Error {
  override readonly name = "UnknownModelError";
}

/** A state that is not kept. */
export class UnknownStateError extends Error {
  override readonly name = "UnknownStateError";
}

/** More requests than can wait. */
export class BusyError extends Error {
  override readonly name = "BusyError";
}
