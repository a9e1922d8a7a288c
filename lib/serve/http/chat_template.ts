/**
 * A conversation as a text that a model goes on with. Models that were only
 * taught to continue text have no marks for turns, so these are words: lines as
 * in an interview, with blank lines between.
 *
 * @module
 */

import { parseToml } from "../../toml.ts";

/** Beside a model: how its conversations are written. */
export const CHAT_FILE = "chat.toml";

/** Who says something. */
export type Role = "system" | "user" | "assistant";

/** A turn of a conversation. */
export interface Message {
  readonly role: Role;
  readonly content: string;
}

/** How turns are written; a `chat.toml` may say any of it otherwise. */
export interface ChatTemplate {
  /** Before what the system says. */
  readonly system: string;
  /** Before what the user says. */
  readonly user: string;
  /** Before what the model says. */
  readonly assistant: string;
  /** Between turns. */
  readonly separator: string;
  /** Where the model's turn ends. */
  readonly stop: readonly string[];
}

/** How turns are written unless it is said otherwise. */
export const CHAT_TEMPLATE: ChatTemplate = {
  system: "",
  user: "Usuário: ",
  assistant: "Assistente:",
  separator: "\n\n",
  stop: ["\n\nUsuário:"],
};

/**
 * Writes a conversation so that the model's turn comes next.
 *
 * @param template How turns are written.
 * @param messages The turns; the last may be the beginning of the model's own.
 * @param isBegun Whether they follow others that were written before.
 *
 * @example
 * ```ts
 * import { CHAT_TEMPLATE, writeTurns } from "./chat_template.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   writeTurns(CHAT_TEMPLATE, [{ role: "user", content: "Oi" }]),
 *   "Usuário: Oi\n\nAssistente:",
 * );
 * ```
 */
export function writeTurns(
  template: ChatTemplate,
  messages: readonly Message[],
  isBegun = false,
): string {
  const { separator } = template;
  const turns = messages.map(({ role, content }) => {
    const mark = template[role];
    // As the model writes it: a blank behind a mark that has none of its own.
    const gap = role === "assistant" && !/\s$/.test(mark) ? " " : "";
    return `${mark}${gap}${content.trim()}`;
  });
  if (messages.at(-1)?.role !== "assistant") turns.push(template.assistant);
  return `${isBegun ? separator : ""}${turns.join(separator)}`;
}

/**
 * How the prompt of the next turn will begin, whatever is said in it.
 *
 * @param template How turns are written.
 * @param messages The turns so far.
 * @param reply What the model has said to them.
 *
 * @example
 * ```ts
 * import { CHAT_TEMPLATE, nextBeginning } from "./chat_template.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   nextBeginning(CHAT_TEMPLATE, [{ role: "user", content: "Oi" }], " Olá!"),
 *   "Usuário: Oi\n\nAssistente: Olá!\n\nUsuário:",
 * );
 * ```
 */
export function nextBeginning(
  template: ChatTemplate,
  messages: readonly Message[],
  reply: string,
): string {
  const said: Message = { role: "assistant", content: reply };
  const turns = writeTurns(template, [...messages, said]);
  return `${turns}${template.separator}${template.user}`.trimEnd();
}

/**
 * Reads a `chat.toml`.
 *
 * @param text All of it.
 * @param path Where it is, for errors.
 * @throws {SyntaxError} When it is no template.
 *
 * @example
 * ```ts
 * import { readChatTemplate } from "./chat_template.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const template = readChatTemplate('user = "User: "', "chat.toml");
 * assertEquals(template.user, "User: ");
 * assertEquals(template.separator, "\n\n");
 * ```
 */
export function readChatTemplate(text: string, path: string): ChatTemplate {
  const what = `chat template "${path}"`;
  const given = parseToml(text, what);
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(CHAT_TEMPLATE, name)) {
      throw new SyntaxError(`Cannot read ${what}: unknown field "${name}"`);
    }
    if (name !== "stop") {
      if (typeof value === "string") continue;
      throw new SyntaxError(`Cannot read ${what}: ${name} must be a text`);
    }
    const isList = Array.isArray(value) &&
      value.every((stop) => typeof stop === "string" && stop !== "");
    if (!isList) {
      throw new SyntaxError(
        `Cannot read ${what}: stop must be a list of texts`,
      );
    }
  }
  return { ...CHAT_TEMPLATE, ...given };
}
