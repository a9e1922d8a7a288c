/**
 * Programs on a real pseudo-terminal, as a person has them: what they ask, draw
 * over and leave behind shows nowhere else.
 *
 * The terminal comes from `script`, which Linux and macOS have (util-linux,
 * BSD). The size is set by `stty` in it, keys are what `script` reads.
 *
 * @module
 */

import { draw, type Screen } from "./screen.ts";

/** Keys to press once something is to be seen. */
export interface Reaction {
  /** What has to be seen, after all that was reacted to before. */
  readonly when: RegExp;
  /** What is typed then; `\x03` is Ctrl-C. */
  readonly type: string;
  /** How much later, in ms; at once unless given. */
  readonly after?: number;
}

/** How to run a program. */
export interface TerminalOptions {
  /** The folder to run it in. */
  readonly cwd?: string;
  /** Variables to set; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The width of the terminal; 100 unless given. */
  readonly columns?: number;
  /** What is typed, in this order. */
  readonly reactions?: readonly Reaction[];
  /** When to give up, in seconds; 60 unless given. */
  readonly timeout?: number;
}

/** What a program did on a terminal. */
export interface TerminalRun {
  /** Its exit code; 128 and the signal where it was ended by one. */
  readonly code: number;
  /** All that it sent, stdout and stderr, decoded. */
  readonly sent: string;
  /** What is to be seen in the end. */
  readonly screen: Screen;
}

/** Why there is no terminal to be had; undefined where there is one. */
export const NO_TERMINAL: string | undefined = await whyNot();

async function whyNot(): Promise<string | undefined> {
  if (Deno.build.os !== "linux" && Deno.build.os !== "darwin") {
    return `no program gives a terminal on ${Deno.build.os}`;
  }
  try {
    const { code, sent } = await runOnTerminal(["echo", "here"]);
    return code === 0 && sent === "here\r\n"
      ? undefined
      : `script gives no terminal: ${sent.trim()}`;
  } catch (error) {
    return `script is not here: ${(error as Error).message}`;
  }
}

/**
 * Runs a program on a terminal to its end.
 *
 * @param words The program and its arguments.
 * @throws {Error} When it asks for a permission or does not end in time.
 */
export async function runOnTerminal(
  words: readonly string[],
  { cwd, env = {}, columns = 100, reactions = [], timeout = 60 }:
    TerminalOptions = {},
): Promise<TerminalRun> {
  const line = [
    `stty cols ${columns} rows 40`,
    ...Object.entries(env).map(([name, value]) =>
      value === undefined ? `unset ${name}` : `export ${name}=${quote(value)}`
    ),
    `exec ${words.map(quote).join(" ")}`,
  ].join("; ");
  const child = new Deno.Command("script", {
    args: Deno.build.os === "darwin"
      ? ["-q", "/dev/null", "sh", "-c", line]
      : ["-qefc", line, "/dev/null"],
    cwd,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const keys = child.stdin.getWriter();
  let why: string | undefined;
  const end = (reason: string) => {
    why ??= reason;
    child.kill("SIGKILL");
  };
  const timer = setTimeout(
    () => end(`does not end within ${timeout} s`),
    timeout * 1000,
  );
  let sent = "";
  let seen = 0;
  const waiting = [...reactions];
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    sent += text;
    if (sent.includes("Deno requests")) end("asks for a permission");
    const found = waiting[0]?.when.exec(sent.slice(seen));
    if (found) {
      seen += found.index + found[0].length;
      const { type, after = 0 } = waiting.shift()!;
      if (after > 0) await new Promise((done) => setTimeout(done, after));
      const typed = new TextEncoder().encode(type);
      await keys.write(typed).catch(() => {}); // it ended meanwhile
    }
  }
  const { code } = await child.status;
  clearTimeout(timer);
  await keys.close().catch(() => {}); // nobody reads any more
  if (why !== undefined) {
    throw new Error(`"${words.join(" ")}" ${why}; it sent:\n${sent}`);
  }
  if (waiting.length > 0) {
    throw new Error(
      `"${words.join(" ")}" ended without ${
        waiting[0].when
      }; it sent:\n${sent}`,
    );
  }
  return { code, sent, screen: draw(sent, columns) };
}

/** A word as a shell reads it. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
