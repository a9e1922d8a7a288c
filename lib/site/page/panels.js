/** The views that a page has which is its own engine: their tabs and markup. */

import { find, made } from "../../page/elements.js";

/** An element with attributes; `data-` ones among them. */
function element(tag, attributes, ...content) {
  const one = made(tag, "", ...content);
  for (const [name, value] of Object.entries(attributes)) {
    one.setAttribute(name, value);
  }
  return one;
}

const worded = (tag, word, attributes = {}) =>
  element(tag, { ...attributes, "data-word": word });
const button = (id, word, className = "") =>
  worded("button", word, { id, type: "button", class: className });
const labelled = (word, field) =>
  element(
    "label",
    { class: "field", for: field.id },
    worded("span", word),
  );

/** Adds a tab and its panel. */
function addPanel(name, ...content) {
  find("#modes").append(worded("button", name, {
    id: `${name}-tab`,
    type: "button",
    role: "tab",
    "aria-controls": name,
    "aria-selected": "false",
    tabindex: "-1",
  }));
  find("#foot").before(element("section", {
    id: name,
    class: "paper",
    role: "tabpanel",
    "aria-labelledby": `${name}-tab`,
    hidden: "",
  }, ...content));
}

const url = element("input", {
  id: "url",
  type: "text",
  inputmode: "url",
  spellcheck: "false",
  autocomplete: "off",
  "aria-describedby": "url-hint",
});
const files = element("input", { id: "files", type: "file", multiple: "" });
const folder = element("input", {
  id: "folder",
  type: "file",
  webkitdirectory: "",
});
for (const field of [files, folder]) field.hidden = true;

addPanel(
  "models",
  worded("p", "modelsIntro"),
  element(
    "p",
    { id: "demo-place" },
    button("demo", "tryDemo", "main"),
    " ",
    worded("span", "demoHint", { class: "hint" }),
  ),
  element(
    "div",
    { class: "row" },
    element(
      "label",
      { class: "field", for: "engine" },
      worded("span", "computeWith"),
    ),
    element(
      "select",
      { id: "engine" },
      ...["auto", "webgpu", "simd"].map((value) =>
        worded("option", value, { value })
      ),
    ),
  ),
  element(
    "p",
    { id: "models-state", role: "status" },
  ),
  element("progress", {
    id: "models-progress",
    hidden: "",
    "data-label": "models",
  }),
  worded("h2", "storedModels"),
  element("ul", { id: "stored" }),
  worded("p", "noneStored", { id: "none-stored", class: "hint", hidden: "" }),
  element("p", { id: "room", class: "hint" }),
  element(
    "form",
    { id: "from-url" },
    labelled("fromUrl", url),
    element(
      "div",
      { class: "row" },
      url,
      worded("button", "download", { id: "download" }),
    ),
    worded("p", "fromUrlHint", { id: "url-hint", class: "hint" }),
  ),
  element(
    "div",
    { id: "drop" },
    worded("h2", "fromFiles"),
    worded("p", "dropHint", { class: "hint" }),
    element(
      "div",
      { class: "row" },
      button("choose-files", "chooseFiles"),
      button("choose-folder", "chooseFolder"),
    ),
    files,
    folder,
  ),
);

const lesson = element("textarea", {
  id: "lesson",
  rows: "8",
  maxlength: "2000000",
  "data-placeholder": "lessonHint",
});
const minutes = element("input", {
  id: "minutes",
  type: "number",
  min: "0.1",
  max: "120",
  step: "any",
  value: "3",
});
const result = element("input", {
  id: "result",
  type: "text",
  maxlength: "80",
});

addPanel(
  "training",
  worded("p", "trainingIntro"),
  labelled("lesson", lesson),
  lesson,
  element(
    "div",
    { class: "row" },
    element("div", {}, labelled("minutes", minutes), minutes),
    element("div", {}, labelled("result", result), result),
    button("train", "train", "main"),
  ),
  element("p", { id: "training-state", role: "status" }),
  element("div", { id: "curve" }),
);
