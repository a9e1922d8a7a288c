/** A text that the model goes on with: what was given, and what was written. */

import { find } from "../../page/elements.js";
import { fit } from "./fitting.js";
import { textOf } from "./matching.js";
import { appendPieces, makeWalkable } from "./tokens.js";

/** @typedef {import("./matching.js").Piece} Piece */

const given = find("#given"), written = find("#written");
const field = find("#prompt");

export class Completion {
  kind = "completions";
  #prompt = "";
  /** @type {readonly Piece[]} */
  #pieces = [];
  /** Where what was written last begins. */
  #start = 0;
  #isEditing = true;

  /** @param {(change: () => void) => void} rewrite Changes it and writes on. */
  constructor(rewrite) {
    makeWalkable(
      written,
      (place, alternative, piece) =>
        rewrite(() => this.#branch(place, alternative, piece)),
    );
    // Nothing stands between what was given and what was written.
    find("#text").replaceChildren(given, written);
    field.addEventListener("input", () => fit(field));
    given.addEventListener("click", () => {
      if (getSelection()?.isCollapsed !== false) this.edit();
    });
  }

  get isEmpty() {
    return this.#whole === "" && field.value === "";
  }

  get hasReply() {
    return this.#pieces.length > this.#start;
  }

  get canEdit() {
    return !this.#isEditing;
  }

  /** The word for what the main button does. */
  get verb() {
    return this.#pieces.length > 0 ? "goOn" : "write";
  }

  get #whole() {
    return this.#prompt + textOf(this.#pieces);
  }

  /** All there is, to come back to. */
  save() {
    const isEdited = this.#isEditing && field.value !== this.#whole;
    return {
      prompt: isEdited ? field.value : this.#prompt,
      pieces: isEdited ? [] : this.#pieces,
      start: isEdited ? 0 : this.#start,
      isEditing: this.#isEditing,
    };
  }

  load({ prompt = "", pieces = [], start = 0, isEditing = true }) {
    this.#prompt = prompt;
    this.#pieces = pieces;
    this.#start = start;
    this.#show(isEditing);
  }

  /** Takes what was edited, and says what is to be asked for. */
  prepare() {
    this.#take();
    this.#start = this.#pieces.length;
    return { prompt: this.#whole };
  }

  dropReply() {
    this.#take();
    this.#pieces = this.#pieces.slice(0, this.#start);
    this.#show(false);
  }

  /** @param {readonly Piece[]} pieces */
  append(pieces) {
    appendPieces(written, pieces, this.#pieces.length);
    this.#pieces = [...this.#pieces, ...pieces];
  }

  /** Shows whether it is being written. */
  setWriting(isWriting) {
    written.classList.toggle("writing", isWriting);
    written.setAttribute("aria-busy", String(isWriting));
  }

  edit() {
    if (this.#isEditing || written.classList.contains("writing")) return;
    this.#show(true);
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  /** What is copied. */
  plain() {
    return this.#isEditing ? field.value : this.#whole;
  }

  share() {
    const { prompt, pieces } = this.save();
    return { prompt, written: textOf(pieces), messages: [] };
  }

  unshare({ prompt, written }) {
    const pieces = written === "" ? [] : [{ text: written, tokens: [] }];
    this.load({ prompt, pieces, isEditing: pieces.length === 0 });
  }

  #take() {
    if (!this.#isEditing) return;
    const { prompt, pieces, start } = this.save();
    this.load({ prompt, pieces, start, isEditing: false });
  }

  #branch(place, alternative, piece) {
    const { alternatives } = piece.tokens[0];
    const token = { ...alternative, alternatives };
    this.#pieces = [
      ...this.#pieces.slice(0, place),
      { text: alternative.text, tokens: [token] },
    ];
    this.#start = this.#pieces.length;
    this.#show(false);
  }

  #show(isEditing) {
    this.#isEditing = isEditing;
    field.hidden = !isEditing;
    find("#text").hidden = isEditing;
    if (isEditing) {
      field.value = this.#whole;
      fit(field);
    } else {
      given.textContent = this.#prompt;
      written.replaceChildren();
      appendPieces(written, this.#pieces, 0);
    }
  }
}
