/** A conversation, of which the model writes every other turn. */

import { find, made } from "../../page/elements.js";
import { fit } from "./fitting.js";
import { textOf } from "./matching.js";
import { appendPieces, makeWalkable } from "./tokens.js";
import { say } from "./words.js";

/**
 * @typedef {{ role: "user", content: string } | { role: "assistant",
 * pieces: readonly import("./matching.js").Piece[], start: number }} Message
 */

const list = find("#messages"), field = find("#message");

export class Chat {
  kind = "chat/completions";
  verb = "send";
  canEdit = false;
  /** @type {readonly Message[]} */
  #messages = [];
  #rewrite;

  /** @param {(change: () => void) => void} rewrite Changes it and writes on. */
  constructor(rewrite) {
    this.#rewrite = rewrite;
    field.addEventListener("input", () => fit(field));
  }

  get isEmpty() {
    return this.#messages.length === 0 && field.value === "";
  }

  get hasReply() {
    return this.#last?.role === "assistant" &&
      this.#last.pieces.length > this.#last.start;
  }

  get #last() {
    return this.#messages.at(-1);
  }

  /** All there is, to come back to. */
  save() {
    return { messages: this.#messages, draft: field.value };
  }

  load({ messages = [], draft = "" }) {
    this.#messages = messages;
    field.value = draft;
    fit(field);
    this.#show();
  }

  /**
   * Takes what is in the field for a turn, and says what is to be asked for:
   * the model's turn, or more of it where nothing was said.
   */
  prepare() {
    const content = field.value.trim();
    if (content === "" && this.#messages.length === 0) return undefined;
    if (content !== "") {
      this.#messages = [...this.#messages, { role: "user", content }];
      field.value = "";
      fit(field);
    }
    const { pieces = [] } = this.#last;
    const before = this.#last.role === "assistant"
      ? this.#messages.slice(0, -1)
      : this.#messages;
    this.#messages = [
      ...before,
      { role: "assistant", pieces, start: pieces.length },
    ];
    this.#show();
    const system = find("#system").value.trim();
    const messages = this.share().messages
      .filter(({ content }) => content !== "");
    if (system !== "") messages.unshift({ role: "system", content: system });
    return { messages };
  }

  dropReply() {
    const { pieces, start } = this.#last;
    this.#setLast(pieces.slice(0, start), start);
    this.#show();
  }

  /** @param {readonly import("./matching.js").Piece[]} pieces */
  append([first, ...rest]) {
    const { pieces: before, start } = this.#last;
    // The blank behind the mark of a turn is not part of it.
    const text = before.length === 0 ? first.text.trimStart() : first.text;
    const pieces = [{ ...first, text }, ...rest];
    appendPieces(list.lastChild.lastChild, pieces, before.length);
    this.#setLast([...before, ...pieces], start);
  }

  setWriting(isWriting) {
    if (this.#last?.role !== "assistant") return;
    const element = list.lastChild.lastChild;
    element.classList.toggle("writing", isWriting);
    element.setAttribute("aria-busy", String(isWriting));
  }

  edit() {}

  plain() {
    return this.share().messages
      .map(({ role, content }) => `${say(role)}: ${content}`).join("\n\n");
  }

  share() {
    const messages = this.#messages.map((message) =>
      message.role === "user"
        ? message
        : { role: message.role, content: textOf(message.pieces).trimStart() }
    );
    return { prompt: "", written: "", messages };
  }

  unshare({ messages }) {
    this.load({
      messages: messages.map(({ role, content }) =>
        role === "user"
          ? { role, content }
          : { role, pieces: [{ text: content, tokens: [] }], start: 0 }
      ),
    });
  }

  #setLast(pieces, start) {
    this.#messages = [
      ...this.#messages.slice(0, -1),
      { role: "assistant", pieces, start },
    ];
  }

  #branch(index, place, alternative, piece) {
    const { pieces } = this.#messages[index];
    const { alternatives } = piece.tokens[0];
    this.#messages = this.#messages.slice(0, index + 1);
    this.#setLast([
      ...pieces.slice(0, place),
      { text: alternative.text, tokens: [{ ...alternative, alternatives }] },
    ], place + 1);
    this.#show();
  }

  #show() {
    find("#chat-hint").hidden = this.#messages.length > 0;
    list.replaceChildren(...this.#messages.map((message, index) => {
      const { role, content, pieces } = message;
      const text = made("div", "text");
      if (role === "user") text.textContent = content;
      else {
        text.classList.add("tokens");
        appendPieces(text, pieces, 0);
        makeWalkable(
          text,
          (...chosen) => this.#rewrite(() => this.#branch(index, ...chosen)),
        );
      }
      const name = made("h2", "", say(role));
      name.dataset.word = role;
      return made("li", role, name, text);
    }));
  }
}
