/**
 * Tokens as they are seen: each a span that knows its piece, and what else
 * might have stood in its place, to be looked at and chosen.
 */

import { find, made } from "../../page/elements.js";
import { languageTag } from "../../page/language.js";
import { isBroken } from "./matching.js";
import { say } from "./words.js";

/** @typedef {import("./matching.js").Piece} Piece */

/** Until what a mouse rests on is shown, in ms. */
const REST = 150;
/** From where on a token counts as rather likely, and so on downwards. */
const LEVELS = [0.3, 0.1, 0.03, 0.01];

/** The least probability that has a figure. */
const LEAST = 0.001;

/** Pieces and their places, by span. */
const shown = new WeakMap();

/**
 * Appends pieces to an element.
 *
 * @param {Element} element
 * @param {readonly Piece[]} pieces
 * @param {number} start The place of the first of them in the text.
 */
export function appendPieces(element, pieces, start) {
  pieces.forEach((piece, i) => {
    if (piece.tokens.length === 0) return element.append(piece.text);
    // Colour begins with the word, not with the blank before it.
    const [, blank, word] = /^( *)([^]*)$/.exec(piece.text);
    const span = made("span", "token", word && blank);
    span.append(made("span", "ink", word || blank));
    const probability = probabilityOf(piece);
    const level = LEVELS.findIndex((least) => probability >= least);
    span.dataset.level = level < 0 ? LEVELS.length : level;
    shown.set(span, { piece, place: start + i });
    element.append(span);
  });
}

/** The probability of all of a piece's tokens. */
function probabilityOf({ tokens }) {
  return Math.exp(tokens.reduce((sum, { logprob }) => sum + logprob, 0));
}

function percent(probability) {
  if (probability < LEAST) return `<${percent(LEAST)}`;
  return probability.toLocaleString(languageTag(), {
    style: "percent",
    maximumFractionDigits: probability < 0.1 ? 1 : 0,
  });
}

/** Text whose blanks can be seen. */
export function visible(text) {
  if (text === "") return say("endOfText");
  return text.replaceAll(" ", "␣").replaceAll("\n", "↵").replaceAll("\t", "⇥");
}

const panel = find("#alternatives");
/** The span whose alternatives are shown, and whether they stay. */
let open;
let stays = false;
let timer;
/** Where the mouse was last, on the screen, and on which span. */
let mouse = "", under;
/** Where the keyboard is, by element. */
const current = new WeakMap();

/** Hides alternatives; returns whether any were shown. */
export function closeAlternatives() {
  clearTimeout(timer);
  if (open === undefined) return false;
  const holder = open.parentElement;
  const hadFocus = panel.contains(document.activeElement);
  open.classList.remove("open");
  open = undefined;
  stays = false;
  panel.hidden = true;
  if (hadFocus) holder?.focus();
  return true;
}

/**
 * Makes an element of tokens answer mouse, finger and keyboard.
 *
 * @param {HTMLElement} element
 * @param {(place: number, alternative: import("./matching.js").Likely,
 * piece: Piece) => void} choose Writes on from an alternative.
 */
export function makeWalkable(element, choose) {
  element.tabIndex = 0;
  element.setAttribute("role", "group");
  element.dataset.label = "writtenText";
  element.setAttribute("aria-label", say("writtenText"));
  element.setAttribute("aria-describedby", "tokens-hint");
  const spanAt = ({ target }) => target.closest?.(".token");
  element.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "mouse" || !hasMoved(event)) return;
    const span = spanAt(event);
    if (!span || stays || span === under) return;
    under = span;
    clearTimeout(timer);
    timer = setTimeout(() => show(span, choose), REST);
  });
  element.addEventListener("pointerout", (event) => {
    if (event.pointerType !== "mouse") return;
    under = undefined;
    leave();
  });
  element.addEventListener("click", (event) => {
    const span = spanAt(event);
    if (!span || getSelection()?.isCollapsed === false) return;
    const isSame = open === span && stays;
    closeAlternatives();
    if (isSame) return;
    stays = show(span, choose);
  });
  element.addEventListener("keydown", (event) => walk(event, element, choose));
  element.addEventListener("blur", () => {
    current.get(element)?.classList.remove("current");
  });
}

/** Whether a mouse moved by itself, not the text under it. */
function hasMoved({ screenX, screenY }) {
  const place = `${screenX} ${screenY}`;
  if (place === mouse) return false;
  mouse = place;
  return true;
}

/** Hides what is shown unless the mouse goes on to it. */
function leave() {
  clearTimeout(timer);
  if (stays) return;
  timer = setTimeout(() => {
    if (!panel.matches(":hover")) closeAlternatives();
  }, REST);
}
panel.addEventListener("pointerenter", () => clearTimeout(timer));
panel.addEventListener("pointerleave", leave);
panel.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const buttons = [...panel.querySelectorAll("button:not(:disabled)")];
  const at = buttons.indexOf(document.activeElement);
  buttons.at((at + step) % buttons.length)?.focus();
  event.preventDefault();
});
document.addEventListener("pointerdown", ({ target }) => {
  if (!panel.contains(target) && !target.closest?.(".token")) {
    closeAlternatives();
  }
});
addEventListener("resize", () => open && place(open));
document.addEventListener("scroll", () => open && place(open), true);

function walk(event, element, choose) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const spans = [...element.querySelectorAll(".token")];
  if (spans.length === 0) return;
  const before = current.get(element);
  const at = spans.indexOf(before);
  const next = {
    ArrowRight: Math.min(spans.length - 1, at + 1),
    ArrowLeft: at < 0 ? spans.length - 1 : Math.max(0, at - 1),
    Home: 0,
    End: spans.length - 1,
  }[event.key];
  if (next !== undefined) {
    before?.classList.remove("current");
    const span = spans[next];
    span.classList.add("current");
    span.scrollIntoView({ block: "nearest" });
    current.set(element, span);
    stays = show(span, choose);
    const { piece } = shown.get(span);
    find("#said").textContent = `${visible(piece.text)} ${
      percent(probabilityOf(piece))
    }`;
  } else if (event.key === "Enter" && at >= 0) {
    stays = show(before, choose);
    panel.querySelector("button:not(:disabled)")?.focus();
  } else return;
  event.preventDefault();
}

/**
 * Shows what else might have stood in a token's place, where that is wanted and
 * nothing is being written; returns whether it does.
 */
function show(span, choose) {
  if (open !== span) closeAlternatives();
  const isWriting = document.querySelector(".writing") !== null;
  if (!span.isConnected || isWriting || !find("#tells").checked) return false;
  open = span;
  span.classList.add("open");
  const { piece, place: at } = shown.get(span);
  const [written] = piece.tokens;
  const isOne = piece.tokens.length === 1;
  const list = made("ul", "");
  for (const alternative of isOne ? written.alternatives : []) {
    list.append(made(
      "li",
      "",
      row(alternative, written, () => {
        closeAlternatives();
        choose(at, alternative, piece);
      }),
    ));
  }
  // The token itself is usually one of them.
  const isListed = list.querySelector(".chosen") !== null;
  panel.replaceChildren(
    ...isListed ? [] : [made(
      "p",
      "head",
      made("code", "", visible(piece.text)),
      made("b", "", percent(probabilityOf(piece))),
    )],
  );
  if (list.children.length > 0) {
    panel.append(list, made("p", "hint", say("choose")));
  }
  panel.hidden = false;
  place(span);
  // On a phone it lies at the lower end, where the token may be.
  const { top, bottom } = panel.getBoundingClientRect();
  const token = span.getBoundingClientRect();
  if (top < token.bottom && bottom > token.top) {
    scrollBy({ top: token.bottom - top + 12 });
  }
  return true;
}

/** A token that might have been: a button with its probability as a bar. */
function row(alternative, token, choose) {
  const probability = Math.exp(alternative.logprob);
  const bar = made("span", "bar");
  bar.style.width = `${100 * Math.min(1, probability)}%`;
  const button = made(
    "button",
    "",
    bar,
    made("code", "", visible(alternative.text)),
    made("span", "", percent(probability)),
  );
  button.type = "button";
  const isWritten = alternative.text === token.text;
  if (isWritten) {
    button.classList.add("chosen");
    button.setAttribute("aria-current", "true");
    button.title = say("chosen");
  }
  // A part of a character is no text that could be gone on from.
  button.disabled = isWritten || alternative.text === "" ||
    isBroken(alternative.text);
  button.addEventListener("click", choose);
  return button;
}

/** Under the token, or above it, where there is room under the header. */
function place(span) {
  const [line] = span.querySelector(".ink").getClientRects();
  if (line === undefined) return;
  const { offsetWidth, offsetHeight } = panel;
  const room = document.documentElement;
  const header = find("header").getBoundingClientRect();
  const left = Math.min(line.left, room.clientWidth - offsetWidth - 8);
  const isBelow = line.bottom + offsetHeight + 8 < room.clientHeight;
  const top = isBelow ? line.bottom + 6 : line.top - offsetHeight - 6;
  panel.style.left = `${Math.max(8, left)}px`;
  panel.style.top = `${Math.max(8, header.bottom + 6, top)}px`;
}
