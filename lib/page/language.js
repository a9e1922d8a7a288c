/** Words and numbers in two languages, for every page. */

/** As chosen before, else as the browser has it. */
let language = localStorage.getItem("language") ??
  (navigator.language.startsWith("pt") ? "pt" : "en");

/**
 * Makes what says the words of a table.
 *
 * @param {Record<string, [english: string, portuguese: string]>} words
 * @returns {(word: string) => string}
 */
export function sayer(words) {
  return (word) => words[word][language === "pt" ? 1 : 0];
}

/** Changes between the two languages. */
export function otherLanguage() {
  language = language === "pt" ? "en" : "pt";
  localStorage.setItem("language", language);
}

/** The language's name for the browser. */
export function languageTag() {
  return language === "pt" ? "pt-BR" : "en";
}

/**
 * Puts words into the parts of the page that are always there.
 *
 * @param {(word: string) => string} say
 * @param {readonly [key: string, word: string][]} keys What keys do, where the
 * page has a list of them.
 */
export function speakIn(say, keys = []) {
  document.documentElement.lang = languageTag();
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = say(element.dataset.word);
  }
  for (const element of document.querySelectorAll("[data-title]")) {
    element.title = say(element.dataset.title);
    element.setAttribute("aria-label", element.title);
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say(element.dataset.label));
  }
  for (const element of document.querySelectorAll("[data-placeholder]")) {
    element.placeholder = say(element.dataset.placeholder);
  }
  const other = document.querySelector("#language");
  other.textContent = language === "pt" ? "English" : "Português";
  other.lang = language === "pt" ? "en" : "pt-BR";
  document.querySelector("#keys-list")?.replaceChildren(
    ...keys.flatMap(([key, word]) => {
      const name = document.createElement("dt");
      name.textContent = key;
      const meaning = document.createElement("dd");
      meaning.textContent = say(word);
      return [name, meaning];
    }),
  );
}

/** A number for people, with so many digits that count. */
export function figure(value, digits = 4) {
  if (value === undefined || value === null || !Number.isFinite(value)) {
    return "–";
  }
  const tag = languageTag();
  if (value !== 0 && Math.abs(value) < 1e-3) {
    const [factor, exponent] = value.toExponential(2).split("e");
    return `${Number(factor).toLocaleString(tag)}e${exponent}`;
  }
  return value.toLocaleString(tag, {
    notation: Math.abs(value) >= 1e5 ? "compact" : "standard",
    maximumSignificantDigits: digits,
  });
}

/** A whole number for people. */
export function whole(value) {
  if (value === undefined) return "–";
  return value.toLocaleString(languageTag());
}
