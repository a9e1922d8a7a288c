/**
 * Turns of a conversation, as requests have them.
 *
 * @module
 */

import type { Message } from "./chat_template.ts";
import {
  objectOf,
  type Schema,
  unsupported,
  unsupportedList,
} from "./schema.ts";

/** Turns that a request may have. */
const MOST_MESSAGES = 10_000;

/** Parts of what is said: text, by any of the names that it has. */
const PARTS: Schema = {
  type: "array",
  maxItems: MOST_MESSAGES,
  items: objectOf({
    type: { type: "string", enum: ["text", "input_text", "output_text"] },
    text: { type: "string" },
    annotations: { type: "array" },
    logprobs: { type: "array" },
  }, ["type", "text"]),
};

/** A turn. Answers can be sent back as they came. */
const MESSAGE: Schema = {
  ...objectOf({
    type: { type: "string", enum: ["message"] },
    role: {
      type: "string",
      enum: ["system", "developer", "user", "assistant"],
    },
    content: { anyOf: [{ type: "string" }, PARTS, { type: "null" }] },
    name: { type: "string", description: "Not shown to the model." },
    id: { type: "string" },
    status: { type: "string" },
    refusal: unsupported("the model does not refuse"),
    audio: unsupported("only text can be read"),
    images: unsupportedList("images cannot be read"),
    annotations: unsupportedList("only text can be read"),
    tool_calls: unsupportedList("tools are not supported"),
    function_call: unsupported("tools are not supported"),
  }, ["role", "content"]),
  // Clients add names with nothing in them to the answers that they show.
  additionalProperties: unsupported("there is no such parameter here"),
};

/** A conversation. */
export const MESSAGES: Schema = {
  type: "array",
  minItems: 1,
  maxItems: MOST_MESSAGES,
  items: MESSAGE,
};

/** What no model of ours does, so that nobody believes that it was done. */
export const TOOLS: Readonly<Record<string, Schema>> = {
  tools: unsupportedList("tools are not supported"),
  tool_choice: { type: "string", enum: ["none", "auto"] },
  parallel_tool_calls: { type: "boolean", description: "Not looked at." },
};

/** {@linkcode MESSAGES} as they are in a body that was checked. */
export type MessageBodies = readonly {
  readonly role: "system" | "developer" | "user" | "assistant";
  readonly content: string | readonly { readonly text: string }[] | null;
}[];

/** The turns of a request, their parts put together. */
export function messagesOf(messages: MessageBodies): Message[] {
  return messages.map(({ role, content }) => ({
    role: role === "developer" ? "system" : role,
    content: typeof content === "string"
      ? content
      : (content ?? []).map(({ text }) => text).join("\n"),
  }));
}

/** Takes away the blanks that a model begins its turn with. */
export class TurnStart {
  #isOver = false;

  /** What of a piece belongs to the turn. */
  push(text: string): string {
    if (this.#isOver) return text;
    const trimmed = text.trimStart();
    this.#isOver = trimmed !== "";
    return trimmed;
  }
}
