/** What is known of a model. */

import { find, made } from "../../page/elements.js";
import { figure, languageTag, whole } from "../../page/language.js";
import { say } from "./words.js";

/** @param {object | undefined} model As `/v1/models` tells of it. */
export function showCard(model = {}) {
  const { created, parameters, state_bytes: bytes } = model;
  const facts = [
    ["architecture", model.architecture],
    ["parameters", parameters && figure(parameters, 3)],
    ["vocabulary", model.vocab_size && whole(model.vocab_size)],
    ["channels", model.d_model && whole(model.d_model)],
    ["layers", model.layers && whole(model.layers)],
    ["stateSize", bytes && size(bytes)],
    ["adapter", model.adapter],
    ["backend", model.backend],
    [
      "written",
      created && new Date(1000 * created)
        .toLocaleDateString(languageTag(), { dateStyle: "medium" }),
    ],
  ].filter(([, value]) => value !== undefined && value !== null);
  find("#facts").replaceChildren(
    ...facts.flatMap(([word, value]) => [
      made("dt", "", say(word)),
      made("dd", "", String(value)),
    ]),
  );
  find("#card").hidden = facts.length === 0;
}

/** Bytes for people. */
export function size(bytes) {
  return bytes < 1e6
    ? `${figure(bytes / 1e3, 3)} KB`
    : `${figure(bytes / 1e6, 3)} MB`;
}
