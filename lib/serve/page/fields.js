/** The fields of settings. */

import { find, made } from "../../page/elements.js";
import { MAX_SEED, NUMBERS, settingsFrom } from "./settings.js";
import { whole } from "../../page/language.js";
import { say } from "./words.js";

/** @typedef {import("./settings.js").Settings} Settings */

/** Makes the fields that have numbers. */
export function makeFields() {
  for (const number of NUMBERS) {
    find(number.isUsual ? "#usual" : "#rare").append(fieldOf(number));
  }
  const seed = made("input");
  Object.assign(seed, { id: "seed", type: "number", min: 0, max: MAX_SEED });
  seed.step = 1;
  seed.dataset.placeholder = "anySeed";
  const label = made("label", "field");
  label.htmlFor = "seed";
  const word = made("span");
  word.dataset.word = "seed";
  label.append(word);
  find("#rare").append(made("div", "number", label, seed));
}

/** A field of digits, and the same as a slider. */
function fieldOf({ name, word, min, max, step }) {
  const digits = made("input"), slider = made("input");
  // A slider has an end, but who wants a longer text may say so.
  const most = name === "max_tokens" ? "" : max;
  Object.assign(digits, { id: name, type: "number", min, max: most, step });
  digits.inputMode = "decimal";
  Object.assign(slider, { type: "range", min, max, step });
  slider.id = `${name}-slider`;
  slider.dataset.label = word;
  slider.tabIndex = -1; // the digits are reached already
  slider.addEventListener("input", () => {
    digits.value = slider.value;
  });
  digits.addEventListener("input", () => {
    slider.value = digits.value;
  });
  digits.addEventListener("change", () => hold(digits));
  const label = made("label", "field");
  label.htmlFor = name;
  const text = made("span");
  text.dataset.word = word;
  label.append(text);
  return made("div", "number", label, digits, slider);
}

/** Holds a field of digits between its least and its most. */
function hold(digits) {
  if (digits.value === "") return;
  const { min, max } = digits;
  const most = max === "" ? Infinity : Number(max);
  digits.value = Math.min(most, Math.max(Number(min), Number(digits.value)));
}

/** Takes over how many tokens the server lets a text have. */
export function limitTokens(most) {
  const digits = find("#max_tokens"), slider = find("#max_tokens-slider");
  digits.max = most;
  digits.title = say("mostTokens").replace("{}", whole(most));
  slider.max = Math.min(slider.max, most);
  hold(digits);
  slider.value = digits.value;
}

/**
 * Shows settings in the fields.
 *
 * @param {Settings} settings
 */
export function showSettings(settings) {
  for (const { name } of NUMBERS) {
    find(`#${name}`).value = settings[name];
    hold(find(`#${name}`));
    find(`#${name}-slider`).value = settings[name];
  }
  find("#seed").value = settings.seed ?? "";
  find("#stop").value = settings.stop;
  find("#system").value = settings.system;
  find("#tells").checked = settings.tells;
  if (settings.model) find("#model").value = settings.model;
}

/**
 * What the fields hold; what is no number there is as at first.
 *
 * @returns {Settings}
 */
export function settingsShown() {
  return settingsFrom((name) => {
    const field = find(`#${name}`);
    if (field.type === "number") hold(field);
    return name === "tells" ? String(field.checked) : field.value;
  });
}

/** Puts the models into their field. */
export function showModels(models, chosen) {
  find("#model").replaceChildren(...models.map(({ id }) => {
    const option = made("option", "", id);
    option.value = id;
    return option;
  }));
  if (models.length === 0) {
    find("#model").append(made("option", "", say("noModels")));
    find("#model").lastChild.value = "";
  }
  if (models.some(({ id }) => id === chosen)) find("#model").value = chosen;
}
