/**
 * What a screen reader says of a text that streams in: sentence by sentence, or
 * it would be told every token.
 */

/** A sentence that does not end is said in parts. */
const MAX_LENGTH = 160;
/** What was said is forgotten after so many sentences. */
const KEPT = 8;

export class Announcer {
  #log;
  #rest = "";

  /** @param {Element} log An element with `role="log"`. */
  constructor(log) {
    this.#log = log;
  }

  /** @param {string} text */
  push(text) {
    this.#rest += text;
    const { sentences, rest } = sentencesIn(this.#rest);
    this.#rest = rest;
    for (const sentence of sentences) this.#say(sentence);
  }

  /** Says what is left. */
  flush() {
    this.#say(this.#rest);
    this.#rest = "";
  }

  #say(text) {
    if (text.trim() === "") return;
    const line = document.createElement("p");
    line.textContent = text.trim();
    this.#log.append(line);
    while (this.#log.children.length > KEPT) this.#log.firstChild.remove();
  }
}

/**
 * Splits off what can be said.
 *
 * @param {string} text
 * @returns {{ sentences: string[], rest: string }}
 */
export function sentencesIn(text) {
  const sentences = [];
  let rest = text;
  for (;;) {
    const end = /[.!?…:;]["»”')\]]*\s|\n/.exec(rest);
    let length = end && end.index + end[0].length;
    if (!end && rest.length > MAX_LENGTH) {
      length = rest.lastIndexOf(" ", MAX_LENGTH) + 1 || MAX_LENGTH;
    }
    if (!length) return { sentences, rest };
    sentences.push(rest.slice(0, length));
    rest = rest.slice(length);
  }
}
