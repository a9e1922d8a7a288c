/**
 * What passes between the page and the worker that is its engine: questions with
 * numbers, and for each any number of events before one value or error.
 *
 * @module
 */

/** Where a model computes. */
export const ENGINES = ["auto", "webgpu", "simd"] as const;

/** Where a model computes; `auto` is a GPU where there is one. */
export type EngineChoice = typeof ENGINES[number];

/** A file that a person has chosen. */
export interface ChosenFile {
  /** Its name, without folders. */
  readonly name: string;
  /** What it holds. */
  readonly blob: Blob;
  /** The folder that it was chosen with. */
  readonly folder?: string;
}

/** What a model is to learn. */
export interface Lesson {
  /** The stored model that learns. */
  readonly name: string;
  /** What it learns from. */
  readonly text: string;
  /** How long, in seconds. */
  readonly seconds: number;
  /** What the model is called that has learnt. */
  readonly result: string;
}

/** What the page asks. */
export type Question =
  /** As a server is asked; events are a {@linkcode Head} and bytes of the body. */
  | {
    readonly kind: "request";
    readonly method: string;
    readonly path: string;
    readonly body?: string;
  }
  /** What is stored, as {@linkcode Stored}. */
  | { readonly kind: "list" }
  /** Brings a model into the store, or the rest of it; events are progress. */
  | { readonly kind: "download"; readonly url: string }
  /** Puts chosen files into the store. */
  | { readonly kind: "keep"; readonly files: readonly ChosenFile[] }
  /** Takes chosen files to be opened where they are, by the name it answers. */
  | { readonly kind: "look"; readonly files: readonly ChosenFile[] }
  | { readonly kind: "remove"; readonly name: string }
  /** Loads a stored model; what is asked from now on is asked of it. */
  | {
    readonly kind: "open";
    readonly name: string;
    readonly engine: EngineChoice;
  }
  /** Bytes that the engine uses. */
  | { readonly kind: "memory" }
  /** A stored model's files as one archive. */
  | { readonly kind: "archive"; readonly name: string }
  /** Trains; events are {@linkcode Learnt}. */
  | { readonly kind: "train"; readonly lesson: Lesson };

/** How an answer begins. */
export interface Head {
  /** Of HTTP. */
  readonly status: number;
  /** Its type. */
  readonly type: string;
}

/** How much of a model is there. */
export interface Progress {
  /** Bytes that are there. */
  readonly done: number;
  /** Bytes in all, where that is known. */
  readonly total?: number;
}

/** A model in the store. */
export interface StoredModel extends Progress {
  /** What it is called. */
  readonly name: string;
  /** Where it comes from, where that is an address. */
  readonly url?: string;
  /** Whether all of it is there. */
  readonly isWhole: boolean;
}

/** What is stored. */
export interface Stored {
  /** The models, by name. */
  readonly models: readonly StoredModel[];
  /** Bytes that may still be stored, as the browser estimates. */
  readonly free?: number;
}

/** What a model is that was loaded. */
export interface Opened {
  /** What it is called. */
  readonly name: string;
  /** What computes. */
  readonly engine: "webgpu" | "simd";
  /** The GPU's name. */
  readonly adapter?: string;
  /** Threads of the CPU. */
  readonly threads?: number;
  /** Why it is not a GPU, where one would have been taken. */
  readonly reason?: string;
  /** Bytes in use for weights, states and what is between. */
  readonly memory: number;
}

/** Where a training stands. */
export interface Learnt {
  /** Steps done. */
  readonly step: number;
  /** Seconds since the first. */
  readonly seconds: number;
  /** Mean cross-entropy of the step's tokens, in nats. */
  readonly loss: number;
  /** The same of text that is only looked at, where it was measured now. */
  readonly heldOut?: number;
  /** Tokens learnt from a second. */
  readonly tokensPerSecond: number;
}

/** To the worker. */
export type ToWorker =
  | { readonly number: number; readonly ask: Question }
  /** Nobody waits for that answer any more, or it is enough. */
  | { readonly number: number; readonly leave: true };

/** From the worker. */
export type FromWorker =
  & { readonly number: number }
  & (
    | { readonly event: unknown }
    | { readonly value: unknown }
    | { readonly error: SentError }
  );

/** What went wrong: a word that the page has a sentence for, and the reason. */
export interface SentError {
  /** One of {@linkcode TROUBLES}, or `other`. */
  readonly trouble: Trouble;
  /** In the words of who noticed. */
  readonly message: string;
}

/** What may go wrong that the page has a sentence for. */
export type Trouble =
  /** The store is full. */
  | "full"
  /** The browser lets nothing be stored. */
  | "noStore"
  /** A file is not a model, or not whole. */
  | "notAModel"
  /** There is no tokenizer beside the weights, or one of another model. */
  | "noTokenizer"
  /** What the address names cannot be had. */
  | "unreachable"
  /** The device has gone. */
  | "deviceLost"
  /** The device has no more memory. */
  | "outOfMemory"
  /** The text is too short to learn from. */
  | "tooShort"
  /** Another tab has the file. */
  | "inUse"
  /** Nobody waits for it any more. */
  | "left"
  | "other";

/** Something that went wrong, with a word for it. */
export class TroubleError extends Error {
  override readonly name = "TroubleError";

  /**
   * @param trouble The word.
   * @param message One line.
   * @param options Its cause.
   */
  constructor(
    readonly trouble: Trouble,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** An error for sending, by what it is or by what caused it. */
export function sent(error: unknown): SentError {
  const message = error instanceof Error ? error.message : String(error);
  return { trouble: troubleOf(error), message };
}

/** Names that browsers and our own code give to errors. */
const BY_NAME: Readonly<Record<string, Trouble>> = {
  QuotaExceededError: "full",
  NoModificationAllowedError: "inUse",
  OutOfMemoryError: "outOfMemory",
  AbortError: "left",
};

function troubleOf(error: unknown): Trouble {
  if (error instanceof TroubleError) return error.trouble;
  if (!(error instanceof Error)) return "other";
  return BY_NAME[error.name] ??
    (error.cause === undefined ? "other" : troubleOf(error.cause));
}
