/** The page: what is asked of who writes, and what becomes of the answer. */

import { Announcer } from "./announcing.js";
import {
  hasKey,
  keepKey,
  memoryInUse,
  models,
  Refusal,
  written,
} from "./api.js";
import { Chat } from "./chat.js";
import { Completion } from "./completion.js";
import { find, made } from "../../page/elements.js";
import {
  limitTokens,
  makeFields,
  settingsShown,
  showModels,
  showSettings,
} from "./fields.js";
import { figure, otherLanguage, whole } from "../../page/language.js";
import { Matcher, textOf } from "./matching.js";
import { showCard, size } from "./model_card.js";
import { firstSettings, NUMBERS, requestOf, settingsFrom } from "./settings.js";
import { fragmentOf, sharedIn } from "./sharing.js";
import { Tabs } from "./tabs.js";
import { TokenizerView } from "./tokenizer.js";
import { closeAlternatives } from "./tokens.js";
import { isKnown, say, speak } from "./words.js";

/** Where numbers are kept for the next time; texts are not. */
const KEPT = "playground-settings";
/** Where what is seen is kept until the tab is closed, for a reload. */
const SEEN = "playground-texts";
/** How far back one can go. */
const MAX_HISTORY = 100;
/** So near to the end the page follows what is written, in pixels. */
const NEAR = 4;
/** A button says so long what it has done, in ms. */
const SAID = 1500;

const modes = {
  completion: new Completion(rewrite),
  chat: new Chat(rewrite),
};
const history = { completion: [], chat: [] };
let mode = "completion";
let known = [];
/** Ends what is being written. */
let writing;
/** What the last text cost, and the word for how it ended. */
let measured, state;

const announcer = new Announcer(find("#spoken"));
const tabs = new Tabs(find("#modes"));
const tokenizer = new TokenizerView(setTrouble);
/** Told of another language, or of another model. */
const listeners = { speak: [], model: [] };

/** Changes what there is and writes on from there. */
function rewrite(change) {
  if (writing) return;
  remember();
  change();
  write(false);
}

function remember() {
  const { [mode]: past } = history;
  past.push(modes[mode].save());
  if (past.length > MAX_HISTORY) past.shift();
}

/** Writes on from what there is. */
async function write(remembers = true) {
  if (writing) return;
  const text = modes[mode], past = history[mode];
  if (remembers) remember();
  const request = text.prepare();
  if (request === undefined) return past.pop();
  writing = new AbortController();
  measured = { begun: performance.now(), tokens: 0 };
  closeAlternatives();
  setTrouble();
  setState("reading");
  text.setWriting(true);
  showButtons();
  scrollToEnd();
  if (document.activeElement === document.body) find("#write").focus();
  try {
    await withKey(() => receive(text, request, writing.signal));
    setState(measured.reason ?? "ended");
    measured.memory = await memoryInUse();
  } catch (error) {
    setState(error.name === "AbortError" ? "cancelled" : undefined);
    if (error.name !== "AbortError") setTrouble(error);
    if (measured.first === undefined) {
      text.setWriting(false);
      text.load(past.pop());
    }
  } finally {
    text.setWriting(false);
    announcer.flush();
    writing = undefined;
    showButtons();
    showFigures();
  }
}

/** Shows an answer as it comes. */
async function receive(text, request, signal) {
  const isChat = mode === "chat";
  const body = { ...requestOf(settingsShown(), isChat), ...request };
  const matcher = new Matcher();
  const append = (pieces) => {
    if (pieces.length === 0) return;
    const isNear = isNearEnd();
    text.append(pieces);
    announcer.push(textOf(pieces));
    if (isNear) scrollToEnd();
  };
  for await (const event of written(text.kind, body, signal)) {
    if (event.text !== undefined) {
      measured.last = performance.now();
      if (measured.first === undefined) {
        measured.first = measured.last;
        setState("writing");
      }
      measured.tokens += event.tokens.length || 1;
      append(matcher.push(event.text, event.tokens));
      showFigures();
    } else if (event.reason !== undefined) {
      measured.reason = event.reason === "length" ? "length" : "ended";
    } else {
      const { usage } = event;
      measured.tokens = usage.completion_tokens;
      measured.prompt = usage.prompt_tokens;
      measured.cached = usage.prompt_tokens_details?.cached_tokens;
    }
  }
  append(matcher.flush());
}

function scrollToEnd() {
  scrollTo({ top: document.body.scrollHeight });
}

function isNearEnd() {
  const { scrollHeight } = document.body;
  return scrollY + innerHeight > scrollHeight - NEAR;
}

function cancel() {
  writing?.abort();
}

/** Does what needs a key, and asks for one where it is needed. */
async function withKey(action) {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 401) throw error;
      if (!await askKey()) throw error;
    }
  }
}

async function askKey() {
  const door = find("#door");
  find("#door .hint").textContent = say(hasKey() ? "wrongKey" : "keyHint");
  find("#key").value = "";
  door.returnValue = "";
  door.showModal();
  find("#key").focus();
  await new Promise((resolve) =>
    door.addEventListener("close", resolve, { once: true })
  );
  if (door.returnValue !== "entered") return false;
  keepKey(find("#key").value);
  find("#key").value = "";
  return true;
}

function setTrouble(error) {
  if (error === undefined) showTrouble("");
  else if (error instanceof Refusal) {
    const isSaid = error.code !== undefined && isKnown(error.code);
    const reason = error.status === 429 ? "busy" : isSaid && error.code;
    showTrouble(
      reason
        ? say(reason)
        : refusedValue(error) ?? say("refused") + error.message,
    );
  } else if (error instanceof SyntaxError) showTrouble(say("badLink"));
  else showTrouble(say(measured?.first ? "cut" : "lost"));
}

/**
 * Says what has gone wrong, and what can be done.
 *
 * @param {string} text Empty for nothing.
 * @param {readonly HTMLButtonElement[]} [ways] What can be done.
 */
export function showTrouble(text, ways = []) {
  const trouble = find("#trouble");
  trouble.hidden = text === "";
  trouble.replaceChildren(text, ...ways);
}

/** What is said of a setting that the server does not take. */
function refusedValue({ param }) {
  const number = NUMBERS.find(({ name }) => name === param);
  if (number === undefined) return undefined;
  const value = find(`#${param}`).value;
  return `${say("refusedValue")}${say(number.word)} ${value}`;
}

function setState(word) {
  state = word;
  find("#state").textContent = word === undefined ? "" : say(word);
}

/** Shows what the last text cost, as far as it is known. */
function showFigures() {
  const { begun, first, last, tokens, prompt, cached } = measured ?? {};
  const figures = [];
  if (last > first && tokens > 1) {
    const speed = 1000 * (tokens - 1) / (last - first);
    figures.push(["speed", figure(speed, 3)]);
  }
  if (first !== undefined) {
    figures.push(["firstToken", `${whole(Math.round(first - begun))} ms`]);
    figures.push(["tokens", whole(tokens)]);
  }
  if (prompt !== undefined) figures.push(["promptTokens", whole(prompt)]);
  if (cached !== undefined) figures.push(["cached", whole(cached)]);
  if (measured?.memory) figures.push(["memory", size(measured.memory)]);
  find("#figures").replaceChildren(
    ...figures.map(([word, value]) =>
      made("div", "", made("dt", "", say(word)), made("dd", "", value))
    ),
  );
}

function showButtons() {
  const text = modes[mode], isWriting = writing !== undefined;
  const button = find("#write");
  button.textContent = say(isWriting ? "cancel" : text.verb);
  button.classList.toggle("stop", isWriting);
  find("#again").disabled = isWriting || !text.hasReply;
  find("#edit").hidden = mode === "chat";
  find("#edit").disabled = isWriting || !text.canEdit;
  find("#undo").disabled = isWriting || history[mode].length === 0;
  find("#fresh").disabled = isWriting || text.isEmpty;
  find("#copy").disabled = text.plain() === "";
  find("#share").disabled = text.isEmpty;
  for (const tab of document.querySelectorAll("#modes button")) {
    tab.disabled = isWriting && tab.getAttribute("aria-selected") !== "true";
  }
}

/** Shows what is written on: a text or a conversation. */
function setMode(chosen) {
  mode = chosen;
  find("#foot").hidden = false;
  find("#message").hidden = mode !== "chat";
  find("#key-hint").dataset.word = `${mode}Keys`;
  find("#key-hint").textContent = say(`${mode}Keys`);
  find("#chat-only").hidden = mode !== "chat";
  measured = undefined;
  setState();
  showFigures();
  showButtons();
}

function undo() {
  if (writing || history[mode].length === 0) return;
  modes[mode].load(history[mode].pop());
  setState();
  showButtons();
}

function startAfresh() {
  remember();
  modes[mode].load({});
  measured = undefined;
  setState();
  showFigures();
  showButtons();
  find(mode === "chat" ? "#message" : "#prompt").focus();
}

function tryAgain() {
  if (!modes[mode].hasReply) return;
  rewrite(() => modes[mode].dropReply());
}

function edit() {
  modes[mode].edit();
  setState();
  showButtons();
}

/** Puts text where it can be pasted from, and says so on a button. */
async function copy(text, button, word) {
  await navigator.clipboard.writeText(text);
  const before = button.dataset.word;
  button.textContent = say(word);
  find("#said").textContent = say(word);
  setTimeout(() => button.textContent = say(before), SAID);
}

async function share() {
  const fragment = fragmentOf({
    mode,
    settings: settingsShown(),
    ...modes[mode].share(),
  });
  if (fragment === undefined) {
    find("#trouble").textContent = say("tooLong");
    find("#trouble").hidden = false;
    return;
  }
  globalThis.history.replaceState(null, "", fragment);
  find("#address").value = location.href;
  try {
    await copy(location.href, find("#share"), "linked");
  } catch { // where pages may not copy, people still can
    find("#link").showModal();
    find("#address").select();
  }
}

async function copyText() {
  try {
    await copy(modes[mode].plain(), find("#copy"), "copied");
  } catch {
    const selection = getSelection();
    selection.selectAllChildren(find(`#${mode}`));
  }
}

/** Shows what the address holds; returns whether it holds anything. */
function readAddress() {
  try {
    const shared = sharedIn(location.hash);
    if (shared === undefined) return false;
    tabs.show(shared.mode);
    modes[mode].unshare(shared);
    showSettings(shared.settings);
    showButtons();
    return true;
  } catch (error) {
    setTrouble(new SyntaxError(error.message));
    return false;
  }
}

/** Keeps what is seen; without it, where it has no room. */
function keepTexts() {
  const texts = { mode };
  for (const name of Object.keys(modes)) texts[name] = modes[name].save();
  try {
    sessionStorage.setItem(SEEN, JSON.stringify(texts));
  } catch {
    sessionStorage.removeItem(SEEN);
  }
}

/** Shows again what was seen before a reload. */
function loadTexts() {
  const kept = sessionStorage.getItem(SEEN);
  if (kept === null) return;
  try {
    const { mode, ...texts } = JSON.parse(kept);
    for (const name of Object.keys(modes)) modes[name].load(texts[name]);
    tabs.show(mode);
  } catch { // of another version of the page
    sessionStorage.removeItem(SEEN);
  }
}

/** Puts the cursor where one writes, unless that opens a keyboard of glass. */
function focusField() {
  if (matchMedia("(pointer: coarse)").matches) return;
  find(mode === "chat" ? "#message" : "#prompt").focus({ preventScroll: true });
}

function keptSettings() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    return settingsFrom((name) => kept[name]?.toString() ?? null);
  } catch { // of another version, or somebody's own
    return firstSettings();
  }
}

function keepSettings() {
  const { system: _, stop: __, ...settings } = settingsShown();
  localStorage.setItem(KEPT, JSON.stringify(settings));
}

function showModel() {
  const model = known.find(({ id }) => id === find("#model").value);
  showCard(model);
  if (model?.max_tokens) limitTokens(model.max_tokens);
  tokenizer.refresh();
  for (const listen of listeners.model) listen(model);
}

/**
 * Adds a view beside those of texts: `#NAME-tab` and `#NAME` are there.
 *
 * @param {string} name
 * @param {{ onShow?: () => void, onSpeak?: () => void,
 * onModel?: (model?: object) => void }} [told]
 */
export function addView(name, { onShow, onSpeak, onModel } = {}) {
  tabs.add(name, () => {
    find("#foot").hidden = true;
    closeAlternatives();
    onShow?.();
  });
  if (onSpeak) listeners.speak.push(onSpeak);
  if (onModel) listeners.model.push(onModel);
}

/** Shows a view. */
export function showView(name) {
  if (!writing) tabs.show(name);
}

/** Asks which models there are, as after another was loaded. */
export async function askModels() {
  const chosen = sharedModel() ?? keptSettings().model;
  try {
    known = await withKey(models);
    showModels(known, chosen);
    showModel();
  } catch (error) {
    setTrouble(error);
  }
}

function sharedModel() {
  return new URLSearchParams(location.hash.slice(1)).get("model");
}

function showWords() {
  speak();
  showButtons();
  setState(state);
  showFigures();
  tokenizer.speak();
  showModel();
  for (const listen of listeners.speak) listen();
}

/**
 * Enter sends a message, unless it only ends what an input method composes (as
 * some browsers tell by the key's old code alone).
 */
function onMessageKey(event) {
  const { key, isComposing, keyCode } = event;
  if (key !== "Enter" || isComposing || keyCode === 229) return;
  if (event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  if (find("#message").value.trim() !== "") write();
}

function onKey(event) {
  if (event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && !closeAlternatives()) cancel();
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  if (tabs.shown !== mode) return;
  event.preventDefault();
  closeAlternatives();
  if (event.shiftKey) tryAgain();
  else write();
}

makeFields();
for (
  const [id, action] of Object.entries({
    write: () => writing ? cancel() : write(),
    again: tryAgain,
    edit,
    undo,
    fresh: startAfresh,
    copy: copyText,
    share,
    help: () => find("#keys").showModal(),
    "no-key": () => find("#door").close(),
    reset: () => {
      showSettings({ ...firstSettings(), model: find("#model").value });
      keepSettings();
    },
    language: () => {
      otherLanguage();
      showWords();
    },
    "show-settings": () => {
      const isShown = find("#settings").classList.toggle("shown");
      find("#show-settings").setAttribute("aria-expanded", String(isShown));
      if (isShown) scrollTo({ top: 0 });
    },
  })
) find(`#${id}`).addEventListener("click", action);
tabs.add("completion", setMode);
tabs.add("chat", setMode);
addView("tokenizer");
find("#fields").addEventListener("submit", (event) => event.preventDefault());
find("#fields").addEventListener("change", keepSettings);
find("#model").addEventListener("change", showModel);
find("#tells").addEventListener("change", () => closeAlternatives());
for (const field of ["#prompt", "#message"]) {
  find(field).addEventListener("input", showButtons);
}
find("#message").addEventListener("keydown", onMessageKey);
find("#given").addEventListener("click", showButtons);
document.addEventListener("keydown", onKey);
addEventListener("hashchange", () => {
  if (writing) return;
  remember();
  readAddress();
});

speak();
tabs.show("completion");
showSettings(keptSettings());
if (!readAddress()) loadTexts();
focusField();
addEventListener("pagehide", keepTexts);
showCard();
await askModels();
