/** Elements of a page, made and found. Text is never taken for markup. */

/** The first element that a selector finds. */
export const find = (selector) => document.querySelector(selector);

/**
 * An element with a class and what is in it.
 *
 * @param {string} tag
 * @param {string} className Empty for none.
 * @param {...(Node | string)} content
 */
export function made(tag, className, ...content) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...content);
  return element;
}
