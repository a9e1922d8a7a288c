/** Fields that are as high as their text. */

const knows = CSS.supports("field-sizing", "content");

/** Makes a field as high as its text, where the style sheet does not. */
export function fit(field) {
  if (knows) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
