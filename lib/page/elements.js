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

/**
 * An element of SVG with its attributes and what is in it.
 *
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} content
 */
export function shape(tag, attributes, ...content) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  element.append(...content);
  return element;
}
