/**
 * Questions and answers to a dataset of which the answers alone are to be
 * learnt: lines of JSON, `{"question": …, "answer": …}` or `{"messages": [{
 * "role": …, "content": …}]}`, written as `serve` writes a conversation.
 *
 * @module
 */

import { LONGEST, readDocuments } from "../corpus/documents/document_reader.ts";
import { lineAt } from "../corpus/documents/json_lines.ts";
import { TokenizedDatasetWriter } from "../dataset/dataset_writer.ts";
import { chooseHoldout, placeOf } from "../dataset/split.ts";
import {
  CHAT_TEMPLATE,
  type Message,
  writeTurns,
} from "../serve/http/chat_template.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { textFormOf } from "../input_files.ts";
import { EventTurns } from "../turns.ts";
import type { StageOptions } from "./stage.ts";

/** Who may say something. */
const ROLES: readonly unknown[] = ["system", "user", "assistant"];

/** A conversation of a file. */
interface Conversation {
  readonly messages: readonly Message[];
  /** All of it as a text. */
  readonly text: string;
  readonly sourceBytes: number;
}

/** What became of a file of conversations. */
export interface AnswersResult {
  /** How many there are. */
  readonly conversations: number;
  /** Tokens that are to be learnt: of answers, and their ends. */
  readonly learntTokens: number;
}

/**
 * Whether lines of JSON are conversations: the first one tells.
 *
 * @param path The file.
 * @throws {Error} When it cannot be read.
 */
export async function hasAnswers(path: string): Promise<boolean> {
  if (textFormOf(path) !== "lines") return false;
  for await (const { bytes } of linesOf(path)) {
    try {
      const value = JSON.parse(utf8.decode(bytes));
      const { messages, answer, question, text } = value ?? {};
      return messages !== undefined || answer !== undefined ||
        question !== undefined && text === undefined;
    } catch {
      return false; // its reader says what is wrong
    }
  }
  return false;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The lines of a file that are not blank. */
function linesOf(path: string): ReturnType<typeof readDocuments> {
  return readDocuments([{ path, documents: "jsonl" }]);
}

/**
 * Writes a dataset of a file of conversations.
 *
 * @param path The file.
 * @param folder The dataset's.
 * @param tokenizer What makes its tokens.
 * @param options The share to hold out, and what may end the work.
 * @throws {SyntaxError} When a line is no conversation; it is named.
 * @throws {Error} When a file cannot be read or written.
 */
export async function writeAnswers(
  path: string,
  folder: string,
  tokenizer: Tokenizer,
  { valFraction, signal, onProgress }: StageOptions & {
    readonly valFraction: number;
  },
): Promise<AnswersResult> {
  const conversations = await conversationsIn(path, signal);
  const total = conversations.length;
  if (total === 0) throw new Error(`Cannot use "${path}": it has no answers`);
  const holdout = await chooseHoldout(conversations, valFraction);
  await using writer = await TokenizedDatasetWriter.create(folder, tokenizer);
  const turns = new EventTurns();
  let learntTokens = 0, done = 0;
  for (const { messages, text, sourceBytes } of conversations) {
    await turns.next();
    signal?.throwIfAborted();
    const { tokens, mask } = encoded(messages, text, tokenizer);
    const part = holdout.has(placeOf(text)) ? "val" : "train";
    if (part === "train") {
      learntTokens += mask.reduce((sum, one) => sum + one, 1);
    }
    await writer.write(part, tokens, sourceBytes, mask);
    onProgress?.({ done: ++done, total });
  }
  const { share } = holdout;
  await writer.finish(
    { documentsBy: "jsonl", heldOut: { fraction: valFraction, share } },
    { "tokenizer.json": tokenizer.vocab.toString() },
  );
  return { conversations: total, learntTokens };
}

/** The conversations of a file, a line each. */
async function conversationsIn(
  path: string,
  signal: AbortSignal | undefined,
): Promise<Conversation[]> {
  const found: Conversation[] = [];
  const turns = new EventTurns();
  for await (const { offset, length, bytes } of linesOf(path)) {
    await turns.next();
    signal?.throwIfAborted();
    const messages = messagesOf(bytes);
    if (typeof messages === "string") {
      const line = await lineAt({ path }, offset);
      throw new SyntaxError(`Cannot read "${path}": line ${line} ${messages}`);
    }
    const text = writeTurns(CHAT_TEMPLATE, messages);
    found.push({ messages, text, sourceBytes: length });
  }
  return found;
}

/** The turns of a line, or what is wrong with it. */
function messagesOf(line: Uint8Array | undefined): Message[] | string {
  if (line === undefined) return `has more than ${LONGEST} bytes`;
  let text, value;
  try {
    text = utf8.decode(line);
  } catch {
    return "is not UTF-8 text";
  }
  try {
    value = JSON.parse(text);
  } catch {
    return "is not JSON";
  }
  const { question, answer, messages = undefined } = value ?? {};
  const turns = messages ?? [
    { role: "user", content: question },
    { role: "assistant", content: answer },
  ];
  const isTurn = (turn: Message | null) =>
    ROLES.includes(turn?.role) && typeof turn?.content === "string";
  if (!Array.isArray(turns) || !turns.every(isTurn)) {
    return 'has neither "question" and "answer" nor "messages" of role and content';
  }
  if (turns.at(-1)?.role !== "assistant") return "ends without an answer";
  // It would teach to say nothing.
  const isEmpty = ({ role, content }: Message) =>
    role === "assistant" && content.trim() === "";
  return turns.some(isEmpty)
    ? "has an empty answer"
    : turns.map(({ role, content }) => ({ role, content }));
}

/** A conversation's tokens, and which of them are of answers. */
function encoded(
  messages: readonly Message[],
  text: string,
  tokenizer: Tokenizer,
): { tokens: Uint16Array; mask: Uint8Array } {
  const tokens = tokenizer.encode(text);
  const mask = new Uint8Array(tokens.length);
  const lengths = tokenizer.byteLengths();
  // How far a beginning of the text reaches, in bytes of tokens.
  const reach = (beginning: string) =>
    tokenizer.encode(beginning).reduce((sum, id) => sum + lengths[id], 0);
  for (const [i, { role }] of messages.entries()) {
    if (role !== "assistant") continue;
    const from = reach(writeTurns(CHAT_TEMPLATE, messages.slice(0, i)));
    const to = reach(writeTurns(CHAT_TEMPLATE, messages.slice(0, i + 1)));
    let at = 0;
    for (let k = 0; k < tokens.length; k++) {
      if (at >= from && at < to) mask[k] = 1;
      at += lengths[tokens[k]];
    }
  }
  return { tokens, mask };
}
