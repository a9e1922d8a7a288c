/**
 * What passes between a `WorkerEngine` and its Worker.
 *
 * @module
 */

import {
  BusyError,
  type EngineLoad,
  type ServedModel,
  type TextEvent,
  type TextRequest,
  type TextToken,
  UnknownModelError,
  UnknownStateError,
} from "../engine.ts";
import type { OpenEngineOptions } from "./open_engine.ts";

/** What is asked of the Worker; answers carry the number. */
export type Question =
  | { readonly open: OpenEngineOptions }
  | { readonly write: TextRequest }
  | { readonly encode: { readonly model: string; readonly text: string } }
  | { readonly tokenize: { readonly model: string; readonly text: string } }
  | {
    readonly decode: {
      readonly model: string;
      readonly ids: readonly number[];
    };
  }
  | {
    readonly readAhead: { readonly model: string; readonly beginning: string };
  }
  | { readonly forget: string }
  | { readonly load: true }
  | { readonly close: true };

/** A message to the Worker. */
export type ToWorker =
  | { readonly number: number; readonly ask: Question }
  /** Nobody waits for that answer any more. */
  | { readonly number: number; readonly leave: true };

/** An answer that is one value. */
export type Value =
  | readonly ServedModel[]
  | readonly TextToken[]
  | Uint16Array
  | string
  | EngineLoad
  | undefined;

/** A message of the Worker. */
export type FromWorker =
  & { readonly number: number }
  & (
    | { readonly event: TextEvent }
    | { readonly value: Value }
    | { readonly error: SentError }
  );

/** An error as it is sent: classes of ours would not arrive as such. */
export interface SentError {
  /** Of its class. */
  readonly name: string;
  /** Its message. */
  readonly message: string;
}

const CLASSES = new Map(
  [
    UnknownModelError,
    UnknownStateError,
    BusyError,
    RangeError,
    TypeError,
    SyntaxError,
  ].map((errorClass) => [errorClass.name, errorClass]),
);

/** An error for sending. */
export function sent(error: unknown): SentError {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: "Error", message: String(error) };
}

/** An error that was sent, of its class. */
export function revived({ name, message }: SentError): Error {
  const Class = CLASSES.get(name) ?? Error;
  return new Class(message);
}
