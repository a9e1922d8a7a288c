/**
 * `generate --interactive`: a person and a model write a text in turns.
 *
 * @module
 */

import { Conversation } from "../../stages/conversation.ts";
import { STATE, type WritingOptions } from "../../stages/writing.ts";
import { assertReplaceable } from "../../stages/written_files.ts";
import { CHOOSING_OPTIONS, choosingOf } from "./choosing.ts";
import { inColumns } from "./command.ts";
import { count, sayError, t } from "./language.ts";
import { onInterrupt } from "./interrupt.ts";
import { LineReader } from "./line_reader.ts";
import {
  type Option,
  type Options,
  UsageError,
  type Values,
} from "./options.ts";
import { type Output, terminalColumns } from "./output.ts";
import { nearest } from "../../option_kinds.ts";
import { TypedText } from "./typed_text.ts";

/** What stands before a line, and before the further ones of a text. */
const SIGNS = ["> ", "… "] as const;

/** What can be set on the way. */
type Settings = Values<typeof CHOOSING_OPTIONS> & {
  readonly "max-tokens": number;
};

/** What begins a conversation. */
export interface InteractiveOptions {
  /** The model, and a state to go on from. */
  readonly writing: WritingOptions;
  /** The values of the options. */
  readonly settings: Settings;
  /** The option that says how long a reply may be. */
  readonly maxTokens: Option<number>;
  /** What is said first, if anything is. */
  readonly prompt: string;
  /** A file for the state at the end. */
  readonly saveState?: string;
}

/** What a conversation came to. */
export interface InteractiveResult {
  /** Turns that the model wrote. */
  readonly turns: number;
  /** Tokens read and written. */
  readonly tokens: number;
  /** What has computed, in words. */
  readonly backend: string;
}

/**
 * Reads what is typed and has the model go on, until that ends.
 *
 * @param options The model, and what it begins with.
 * @param output Where the text goes.
 */
export async function converse(
  { writing, settings, maxTokens, prompt, saveState }: InteractiveOptions,
  output: Output,
): Promise<InteractiveResult> {
  if (saveState !== undefined) await assertReplaceable(saveState, STATE);
  using conversation = await Conversation.open(writing);
  using lines = new LineReader();
  using interrupt = onInterrupt(output, t`stopping`);
  interrupt.signal.addEventListener("abort", () => lines[Symbol.dispose]());
  const options = { "max-tokens": maxTokens, ...CHOOSING_OPTIONS };
  const { signal } = interrupt;
  const how = { output, options, settings, signal };
  const talk = new Talk(conversation, lines, how);
  output.note(t`/help shows what can be done; Ctrl-D or /quit leaves`);
  if (prompt !== "") {
    output.write(prompt);
    await talk.write(prompt);
  }
  await talk.run();
  if (saveState !== undefined) {
    await conversation.save(saveState);
    noteState(saveState, output);
  }
  const { tokens, backend } = conversation;
  return { turns: talk.turns, tokens, backend };
}

/** Says where a state was saved. */
export function noteState(path: string, output: Output): void {
  output.note(t`State saved as ${path}; --load-state goes on from there`);
}

/** The commands, and what they do. */
function commandsSaid(): readonly (readonly [string, string])[] {
  return [
    ["  /help", t`show this`],
    ["  /settings", t`show how tokens are chosen`],
    [t`  /set NAME VALUE`, t`change that, such as /set temperature 0.8`],
    ["  /undo", t`take the last turn back`],
    ["  /again", t`have the last turn written anew, otherwise`],
    ["  /reset", t`begin a new text`],
    ["  /quit", t`leave`],
  ];
}

/** A conversation on a terminal. */
class Talk {
  readonly #conversation: Conversation;
  readonly #lines: LineReader;
  readonly #output: Output;
  readonly #options: Options;
  readonly #signal: AbortSignal;
  #settings: Settings;
  /** Turns that the model wrote. */
  turns = 0;

  constructor(
    conversation: Conversation,
    lines: LineReader,
    { output, options, settings, signal }: {
      readonly output: Output;
      readonly options: Options;
      readonly settings: Settings;
      readonly signal: AbortSignal;
    },
  ) {
    this.#conversation = conversation;
    this.#lines = lines;
    this.#output = output;
    this.#options = options;
    this.#settings = settings;
    this.#signal = signal;
  }

  /** Goes on until somebody leaves. */
  async run(): Promise<void> {
    const typed = new TypedText();
    let isLeaving = false;
    while (true) {
      const { isOpen } = typed;
      const taken = await this.#lines.next(SIGNS[isOpen ? 1 : 0], isOpen);
      if (taken.kind === "end") return;
      // One press too many, to end a reply that has just ended, loses no text.
      const isInterrupted = taken.kind === "interrupted";
      if (isInterrupted && isLeaving) return;
      isLeaving = isInterrupted;
      if (isInterrupted) this.#output.note(t`Ctrl-C once more leaves`);
      else if (taken.kind === "dropped") typed.drop();
      else {
        const { line } = taken;
        if (!isOpen && line.startsWith("/")) {
          if (line.trim() === "/quit") return;
          await this.#obey(line);
        } else {
          const text = typed.push(line);
          if (text !== undefined) await this.write(text);
        }
      }
    }
  }

  /** Says something and shows what the model writes. */
  async write(said: string): Promise<void> {
    // A turn follows on a line of its own, as it is seen; nothing just goes on.
    const text = this.turns === 0 || said === "" ? said : `\n${said}`;
    await this.#written(text);
  }

  async #written(said: string): Promise<void> {
    const controller = new AbortController();
    this.#lines.onInterrupt = () => controller.abort();
    try {
      const { complete, text } = await this.#conversation.write(said, {
        signal: AbortSignal.any([controller.signal, this.#signal]),
        onText: (piece) => this.#output.write(piece),
      });
      this.turns++;
      if (!text.endsWith("\n")) this.#output.write("\n");
      if (!complete) this.#output.note(t`interrupted`);
    } finally {
      this.#lines.onInterrupt = undefined;
    }
  }

  /** Does what a line with a slash asks for; a mistake is only told. */
  async #obey(line: string): Promise<void> {
    const [name, ...words] = line.trim().split(/\s+/);
    switch (name) {
      case "/help":
        return this.#help();
      case "/settings":
        return this.#show();
      case "/set":
        return this.#set(words);
      case "/undo":
        if (this.#conversation.undo() === undefined) {
          this.#output.note(t`there is no turn to take back`);
        } else {
          this.turns--;
          this.#output.note(t`the last turn is taken back`);
        }
        return;
      case "/again": {
        const said = this.#conversation.undo();
        if (said === undefined) {
          this.#output.note(t`there is no turn to write anew`);
          return;
        }
        this.turns--;
        return await this.#written(said);
      }
      case "/reset":
        await this.#conversation.reset();
        this.turns = 0;
        this.#output.note(t`a new text begins`);
        return;
      default:
        this.#output.note(t`${name} is no command; /help shows them`);
    }
  }

  #help(): void {
    for (const line of inColumns(commandsSaid(), terminalColumns())) {
      this.#output.print(line);
    }
    this.#output.print(
      t`A line that ends in \\ goes on in the next; """ begins and ends several.`,
    );
    this.#output.print(
      t`An empty line lets the model go on. Ctrl-C interrupts it.`,
    );
  }

  #show(): void {
    const rows = Object.keys(this.#options).map((name) =>
      [`  ${name}`, shown(this.#settings[name as keyof Settings])] as const
    );
    for (const line of inColumns(rows, terminalColumns())) {
      this.#output.print(line);
    }
    this.#output.print(
      t`${count(this.#conversation.tokens)} [token|tokens] so far`,
    );
  }

  #set(words: readonly string[]): void {
    const [name = "", ...rest] = words.flatMap((word, i) =>
      i === 0 ? word.replace(/^--/, "").split("=", 2) : [word]
    );
    if (!Object.hasOwn(this.#options, name)) {
      const near = nearest(name, Object.keys(this.#options));
      this.#output.note(
        near === undefined
          ? t`/set takes one of the names that /settings shows`
          : t`there is no setting ${name}; did you mean ${near}?`,
      );
      return;
    }
    try {
      const value = this.#options[name].parse(rest.join(" "), name);
      const settings = { ...this.#settings, [name]: value };
      this.#conversation.set({
        ...choosingOf(settings),
        maxTokens: settings["max-tokens"],
      });
      this.#settings = settings;
      this.#output.note(t`${name} is ${shown(value)} now`);
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof RangeError)) {
        throw error;
      }
      // Here they are no options of a command line.
      this.#output.note(sayError(error.message).replace(`--${name}`, name));
    }
  }
}

/** A setting as it is typed. */
function shown(value: unknown): string {
  if (value === undefined) return "-";
  if (!Array.isArray(value)) return String(value);
  const all = value.map((one) => JSON.stringify(one)).join(" ");
  return all === "" ? "-" : all;
}
