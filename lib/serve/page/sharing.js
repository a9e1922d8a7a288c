/**
 * A link that holds all there is to see: it stands behind the # of the address,
 * which browsers do not send.
 */

import { NUMBERS, settingsFrom } from "./settings.js";

/** Browsers and what links pass through take so many characters. */
const MAX_LENGTH = 32_000;
const MAX_MESSAGES = 1000;

/**
 * @typedef {object} Shared
 * @property {string} mode `completion` or `chat`.
 * @property {string} prompt
 * @property {string} written What the model wrote after the prompt.
 * @property {readonly { role: string, content: string }[]}
 * messages
 * @property {import("./settings.js").Settings} settings
 */

/**
 * @param {Shared} shared
 * @returns {string | undefined} The fragment; none where it is too long.
 */
export function fragmentOf({ mode, prompt, written, messages, settings }) {
  const values = new URLSearchParams({ mode });
  if (mode === "chat") values.set("messages", JSON.stringify(messages));
  else {
    values.set("prompt", prompt);
    if (written !== "") values.set("written", written);
  }
  for (const { name } of NUMBERS) values.set(name, settings[name]);
  for (const name of ["seed", "stop", "system", "model"]) {
    if (settings[name]) values.set(name, settings[name]);
  }
  const fragment = `#${values}`;
  return fragment.length > MAX_LENGTH ? undefined : fragment;
}

/**
 * @param {string} fragment
 * @returns {Shared | undefined} None where nothing is shared.
 * @throws {SyntaxError} When it is damaged.
 */
export function sharedIn(fragment) {
  const values = new URLSearchParams(fragment.slice(1));
  const mode = values.get("mode");
  if (mode === null) return undefined;
  if (mode !== "completion" && mode !== "chat") {
    throw new SyntaxError("Cannot read the link: no such mode");
  }
  const messages = JSON.parse(values.get("messages") ?? "[]");
  const isMessage = (message) =>
    /^(user|assistant)$/.test(message?.role) &&
    typeof message.content === "string";
  if (
    !Array.isArray(messages) || messages.length > MAX_MESSAGES ||
    !messages.every(isMessage)
  ) throw new SyntaxError("Cannot read the link: these are no messages");
  return {
    mode,
    prompt: values.get("prompt") ?? "",
    written: values.get("written") ?? "",
    messages,
    settings: settingsFrom((name) => values.get(name)),
  };
}
