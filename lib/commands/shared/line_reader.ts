/**
 * Lines that a person types, with the keys and the history that they know from
 * shells; or lines that are piped in.
 *
 * @module
 */

import process from "node:process";
import { createInterface, type Interface } from "node:readline";
import { Writable } from "node:stream";
import { terminalColumns } from "./output.ts";

/** Lines that the arrow keys bring back. */
const HISTORY = 500;

/**
 * What becomes of a line that was asked for: it is typed; or dropped, by Ctrl-C;
 * or that was pressed where nothing was begun; or there is none, as Ctrl-D says.
 */
export type TypedLine =
  | { readonly kind: "line"; readonly line: string }
  | { readonly kind: "dropped" }
  | { readonly kind: "interrupted" }
  | { readonly kind: "end" };

/**
 * Reads lines from stdin. While none is asked for, what is typed is kept for the
 * next, and Ctrl-C goes to whoever listens.
 */
export class LineReader implements Disposable {
  /** Called on Ctrl-C while no line is asked for. */
  onInterrupt?: () => void;
  readonly #lines: Interface;
  readonly #isTerminal = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
  readonly #waiting: string[] = [];
  #take?: (taken: TypedLine) => void;
  #begun = false;
  #ended = false;

  /** Begins to listen. */
  constructor() {
    const output = new Writable({
      write: (chunk, _encoding, done) => {
        // What is typed while the model writes shall not stand in its text.
        if (this.#take !== undefined) Deno.stdout.writeSync(chunk);
        done();
      },
    });
    const isTerminal = this.#isTerminal;
    this.#lines = createInterface({
      input: process.stdin,
      output: isTerminal
        ? Object.assign(output, { columns: terminalColumns(), isTTY: true })
        : undefined,
      terminal: isTerminal,
      historySize: HISTORY,
    });
    this.#lines.on("line", (line: string) => {
      if (this.#take === undefined) this.#waiting.push(line);
      else this.#give({ kind: "line", line });
    });
    this.#lines.on("SIGINT", () => this.#interrupted());
    this.#lines.on("close", () => {
      this.#ended = true;
      // After Ctrl-D the cursor still stands behind the sign.
      if (isTerminal && this.#take !== undefined) writeNow("\n");
      this.#give({ kind: "end" });
    });
  }

  /**
   * Asks for a line.
   *
   * @param sign What stands before it, on a terminal.
   * @param begun Whether it belongs to a text of several lines.
   */
  async next(sign: string, begun: boolean): Promise<TypedLine> {
    const line = this.#waiting.shift();
    if (line !== undefined) {
      if (this.#isTerminal) writeNow(`${sign}${line}\n`);
      return { kind: "line", line };
    }
    if (this.#ended) return { kind: "end" };
    const { promise, resolve } = Promise.withResolvers<TypedLine>();
    this.#take = resolve;
    this.#begun = begun;
    if (this.#isTerminal) {
      this.#lines.setPrompt(sign);
      this.#lines.prompt(true);
    }
    return await promise;
  }

  /** Gives the terminal back. */
  [Symbol.dispose](): void {
    this.#lines.close();
  }

  #interrupted(): void {
    if (this.#take === undefined) {
      this.onInterrupt?.();
      return;
    }
    const isEmpty = this.#lines.line === "" && !this.#begun;
    writeNow("^C\n");
    const take = this.#take;
    this.#take = undefined; // what follows is not shown
    this.#lines.write(null, { ctrl: true, name: "e" });
    this.#lines.write(null, { ctrl: true, name: "u" });
    take({ kind: isEmpty ? "interrupted" : "dropped" });
  }

  #give(taken: TypedLine): void {
    const take = this.#take;
    this.#take = undefined;
    take?.(taken);
  }
}

function writeNow(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}
