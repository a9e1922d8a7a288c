/**
 * Joins the text of a stream and its tokens, which do not come in step: a token
 * may be a part of a character, and text that could begin a stop text is held
 * back.
 */

/**
 * @typedef {object} Likely
 * @property {string} text Its text; parts of a character are U+FFFD.
 * @property {number} logprob
 */

/**
 * @typedef {Likely & { alternatives: readonly Likely[] }} Token
 *
 * @typedef {object} Piece
 * @property {string} text
 * @property {readonly Token[]} tokens What it is made of: one token as a rule,
 * several where they share a character, none where nothing is told.
 */

/** Whether a token's text is only a part of what it is. */
export function isBroken(text) {
  return text.includes("\uFFFD") || /^bytes:\\x/.test(text);
}

/** Takes text and tokens as they come, and gives pieces of the text. */
export class Matcher {
  /** Text whose tokens have not come. */
  #text = "";
  /** Tokens whose text has not come. */
  #tokens = [];
  /** Until then a blank may be left out, as before a turn of a chat. */
  #isBegun = false;

  /**
   * @param {string} text
   * @param {readonly Token[]} tokens
   * @returns {Piece[]}
   */
  push(text, tokens) {
    const isBare = tokens.length + this.#tokens.length === 0;
    if (isBare && this.#text === "") {
      return text === "" ? [] : [{ text, tokens: [] }];
    }
    this.#text += text;
    this.#tokens.push(...tokens);
    const pieces = [];
    while (this.#tokens.length > 0 && this.#text !== "") {
      if (this.#isLeftOut(this.#tokens[0])) {
        this.#tokens.shift();
        continue;
      }
      const piece = this.#next();
      if (piece === undefined) break;
      pieces.push(piece);
    }
    return pieces;
  }

  /**
   * What is left at the end; tokens without text were not part of it.
   *
   * @returns {Piece[]}
   */
  flush() {
    const text = this.#text;
    this.#text = "";
    const tokens = this.#tokens.splice(0);
    return text === "" ? [] : [{ text, tokens }];
  }

  /** Whether a token has no text: the text's end, or a blank before it. */
  #isLeftOut({ text }) {
    if (text === "") return true;
    return !this.#isBegun && text.trim() === "" &&
      !this.#text.startsWith(text);
  }

  #next() {
    const [token] = this.#tokens;
    if (!isBroken(token.text)) {
      const word = token.text.trimStart();
      if (!this.#isBegun && word !== "" && this.#text.startsWith(word)) {
        return this.#take(word.length, 1);
      }
      if (this.#text.startsWith(token.text)) {
        return this.#take(token.text.length, 1);
      }
      // A part of its text is held back.
      if (token.text.startsWith(this.#text)) return undefined;
    }
    // Parts of characters: all until the next token that is seen in the text.
    let count = 1, end = this.#text.length;
    for (; count < this.#tokens.length; count++) {
      const { text } = this.#tokens[count];
      if (isBroken(text) || text === "") continue;
      const at = this.#text.indexOf(text, 1);
      if (at > 0) {
        end = at;
        break;
      }
    }
    return this.#take(end, count);
  }

  #take(length, count) {
    this.#isBegun = true;
    const text = this.#text.slice(0, length);
    this.#text = this.#text.slice(length);
    return { text, tokens: this.#tokens.splice(0, count) };
  }
}

/** The text of pieces. */
export function textOf(pieces) {
  return pieces.map(({ text }) => text).join("");
}
