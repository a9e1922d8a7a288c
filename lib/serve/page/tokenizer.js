/** A text as the model reads it: its tokens, told apart by colour. */

import { tokensIn } from "./api.js";
import { find, made } from "../../page/elements.js";
import { figure, whole } from "../../page/language.js";
import { visible } from "./tokens.js";
import { say } from "./words.js";

/** So long nothing is typed before it is asked, in ms. */
const REST = 150;
/** Tokens that are shown. */
const MOST_SHOWN = 4000;
/** Colours, in turn. */
const TINTS = 5;

const field = find("#tokenizer-text"), list = find("#tokenizer-tokens");

/** Shows the tokens of what is in the field. */
export class TokenizerView {
  #onTrouble;
  #timer;
  /** The newest question; answers to others come too late. */
  #asked = 0;
  #tokens = [];

  /** @param {(error: Error) => void} onTrouble */
  constructor(onTrouble) {
    this.#onTrouble = onTrouble;
    field.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.refresh(), REST);
    });
    find("#ids").addEventListener("change", () => {
      list.classList.toggle("numbered", find("#ids").checked);
    });
  }

  /** Asks again, as of another model. */
  async refresh() {
    const number = ++this.#asked, text = field.value;
    try {
      const model = find("#model").value || undefined;
      const tokens = text === "" ? [] : await tokensIn(model, text);
      if (number !== this.#asked) return;
      this.#tokens = tokens;
      this.#show(text);
    } catch (error) {
      if (number === this.#asked) this.#onTrouble(error);
    }
  }

  /** Says its figures in the language of now. */
  speak() {
    this.#tellFigures(field.value);
  }

  #show(text) {
    list.replaceChildren(
      ...this.#tokens.slice(0, MOST_SHOWN).map(({ id, piece }, i) => {
        const isText = typeof piece === "string";
        const shown = made(
          "span",
          isText ? "" : "bytes",
          isText ? visible(piece) : hexOf(piece),
        );
        const item = made("li", "", shown, made("small", "", String(id)));
        item.dataset.tint = String(i % TINTS);
        item.title = String(id);
        // Lines break where the text's do.
        if (isText && piece.includes("\n")) item.classList.add("last");
        return item;
      }),
    );
    this.#tellFigures(text);
  }

  #tellFigures(text) {
    const count = this.#tokens.length;
    const words = text.match(/\S+/g)?.length ?? 0;
    const values = [count, words, [...text].length].map(whole);
    values.push(figure(count / Math.max(1, words), 3));
    const said = say("tokenizerFigures")
      .replaceAll("{}", () => values.shift());
    const cut = count > MOST_SHOWN
      ? ` ${say("tokenizerCut").replace("{}", whole(MOST_SHOWN))}`
      : "";
    find("#tokenizer-figures").textContent = count === 0 ? "" : said + cut;
  }
}

/** Bytes that are a part of a character. */
function hexOf(bytes) {
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
