/** Tabs, of which one is shown; the arrow keys go from one to the next. */

import { find } from "../../page/elements.js";

/** Shows one panel of several. */
export class Tabs {
  /** @type {Map<string, (name: string) => void>} What is done when one is shown. */
  #tabs = new Map();
  #list;
  /** The one that is shown. */
  shown = "";

  /** @param {HTMLElement} list The element with `role="tablist"`. */
  constructor(list) {
    this.#list = list;
    list.addEventListener("keydown", (event) => this.#walk(event));
  }

  /**
   * Takes a tab and its panel, which are there as `#NAME-tab` and `#NAME`.
   *
   * @param {string} name
   * @param {(name: string) => void} onShow
   */
  add(name, onShow) {
    this.#tabs.set(name, onShow);
    find(`#${name}-tab`).addEventListener("click", () => this.show(name));
  }

  /** Shows a panel. */
  show(name) {
    this.shown = name;
    for (const tab of this.#tabs.keys()) {
      const isShown = tab === name, button = find(`#${tab}-tab`);
      find(`#${tab}`).hidden = !isShown;
      button.setAttribute("aria-selected", String(isShown));
      button.tabIndex = isShown ? 0 : -1;
    }
    this.#tabs.get(name)(name);
  }

  #walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const buttons = [
      ...this.#list.querySelectorAll("[role=tab]:not(:disabled)"),
    ];
    const at = buttons.indexOf(document.activeElement);
    const next = buttons.at((at + step) % buttons.length);
    next.click();
    next.focus();
  }
}
