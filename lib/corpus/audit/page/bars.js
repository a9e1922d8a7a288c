/** Bars as SVG: classes beside one another, and a share of a whole. */

import { shape } from "../../../page/plotting.js";
import { figure, whole } from "../../../page/language.js";

/** Pixels of a picture, and what its labels take below. */
const HEIGHT = 180, BOTTOM = 22, TOP = 16;
/** Pixels that a label needs. */
const LABEL = 52;

/**
 * How many there are in each class.
 *
 * @param width Pixels.
 * @param from Where each class begins.
 * @param counts How many there are in it.
 * @param isDropped Whether a class is on the wrong side of a threshold; absent
 * where there is none.
 */
export function classBars(width, { from, counts, isDropped }) {
  const most = Math.max(1, ...counts), step = width / counts.length;
  const base = HEIGHT - BOTTOM;
  const svg = shape("svg", {
    width,
    height: HEIGHT,
    viewBox: `0 0 ${width} ${HEIGHT}`,
    role: "img",
  });
  const every = Math.ceil(LABEL / step);
  for (const [i, count] of counts.entries()) {
    // What is there is seen, however little.
    const height = count === 0 ? 0 : Math.max(2, count / most * (base - TOP));
    const side = isDropped === undefined
      ? ""
      : isDropped(i)
      ? " dropped"
      : " kept";
    const end = from[i + 1] === undefined ? "" : figure(from[i + 1]);
    svg.append(
      shape(
        "rect",
        {
          class: `bar${side}`,
          x: i * step + 0.5,
          y: base - height,
          width: Math.max(1, step - 1),
          height,
        },
        shape("title", {}, `${figure(from[i])} – ${end}: ${whole(count)}`),
      ),
    );
    if (i % every === 0 && i * step + LABEL / 2 < width) {
      svg.append(
        shape(
          "text",
          { class: "tick", x: i * step, y: HEIGHT - 6 },
          figure(from[i], 3),
        ),
      );
    }
    if (isDropped !== undefined && i > 0 && isDropped(i) !== isDropped(i - 1)) {
      svg.append(shape("line", {
        class: "threshold",
        x1: i * step,
        x2: i * step,
        y1: 0,
        y2: base,
      }));
    }
  }
  svg.append(
    shape("line", { class: "base", x1: 0, x2: width, y1: base, y2: base }),
  );
  return svg;
}

/** A share of a whole as a bar as wide as there is room. */
export function shareBar(share, className = "") {
  const svg = shape(
    "svg",
    { class: "share", role: "presentation" },
    shape("rect", { class: "field", width: "100%", height: 8, rx: 4 }),
  );
  if (share > 0) {
    svg.append(shape("rect", {
      class: `bar ${className}`,
      width: `${Math.max(0.5, 100 * share)}%`,
      height: 8,
      rx: 4,
    }));
  }
  return svg;
}
