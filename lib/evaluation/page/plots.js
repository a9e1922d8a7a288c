/** Plots as SVG, drawn as wide as there is room, so that letters keep their size. */

import { shape, ticksOf } from "../../page/plotting.js";
import { bits, size } from "./words.js";

/** Pixels around a plot's field. */
const LEFT = 46, RIGHT = 10, TOP = 10;
const HEIGHT = 250;
/** Pixels that a letter of a label takes. */
const LETTER = 6.4;

/** What is said of a mark that is pointed at. */
function titled(element, title) {
  element.append(shape("title", {}, title));
  return element;
}

/** The bounds of values, with a little room. */
function boundsOf(values) {
  const low = Math.min(...values), high = Math.max(...values);
  const room = Math.max(0.06 * (high - low), 0.01);
  return [Math.max(0, low - room), high + room];
}

/** An empty plot: its field, its lines and what they stand for. */
function field(width, values, bottom) {
  const [low, high] = boundsOf(values);
  const right = width - RIGHT, base = HEIGHT - bottom;
  const y = (value) => base - (value - low) / (high - low) * (base - TOP);
  const svg = shape("svg", {
    width,
    height: HEIGHT,
    viewBox: `0 0 ${width} ${HEIGHT}`,
    role: "img",
  });
  const ticks = ticksOf(low, high);
  const digits = Math.max(1, -Math.floor(Math.log10(ticks[1] - ticks[0] || 1)));
  for (const tick of ticks) {
    svg.append(
      shape("line", {
        class: "grid",
        x1: LEFT,
        x2: right,
        y1: y(tick),
        y2: y(tick),
      }),
      shape("text", {
        class: "tick",
        x: LEFT - 6,
        y: y(tick) + 4,
        "text-anchor": "end",
      }, bits(tick, digits)),
    );
  }
  return { svg, y, right, base };
}

/** A mark at a value, and its interval. */
function marked({ x, y, entry, figure, title }) {
  const group = shape("g", { class: `entry e${entry}` });
  if (figure.interval !== undefined) {
    const [low, high] = figure.interval.map(y);
    group.append(
      shape("path", {
        class: "whisker",
        d: `M${x} ${low}V${high}M${x - 3} ${low}h6M${x - 3} ${high}h6`,
      }),
    );
  }
  group.append(shape("circle", { cx: x, cy: y(figure.bitsPerByte), r: 4 }));
  return titled(group, title);
}

/**
 * Figures of several entries in several groups beside one another.
 *
 * @param width Pixels.
 * @param groups Names, in order.
 * @param series An entry's number, its name, and its figures by group; some may
 * be missing.
 * @param isLine Whether the groups are an order, and lines lead through them.
 */
export function grouped(width, { groups, series, isLine }) {
  const values = series.flatMap(({ figures }) =>
    figures.filter((figure) => figure !== undefined)
      .flatMap(({ bitsPerByte, interval = [] }) => [bitsPerByte, ...interval])
  );
  const step = (width - LEFT - RIGHT) / groups.length;
  const most = Math.max(...groups.map((group) => group.length));
  // Labels that do not fit beside one another stand at a slant.
  const isSlanted = most * LETTER > step - 6;
  const shown = groups.map((group) =>
    isSlanted && group.length > 16 ? `…${group.slice(-15)}` : group
  );
  const bottom = isSlanted ? 84 : 26;
  const { svg, y, base } = field(width, values, bottom);
  for (const [i, group] of shown.entries()) {
    const x = LEFT + (i + 0.5) * step, at = base + 17;
    svg.append(
      shape("text", {
        class: "tick",
        x,
        y: at,
        "text-anchor": isSlanted ? "end" : "middle",
        ...isSlanted && { transform: `rotate(-40 ${x} ${at - 6})` },
      }, group),
    );
  }
  const spread = Math.min(12, step * 0.7 / series.length);
  for (const [i, { entry, name, figures }] of series.entries()) {
    const offset = (i - (series.length - 1) / 2) * spread;
    const x = (group) => LEFT + (group + 0.5) * step + offset;
    const there = figures.flatMap((figure, group) =>
      figure === undefined ? [] : [{ figure, x: x(group), group }]
    );
    if (isLine) {
      const points = there.map(({ figure, x }) =>
        `${x},${y(figure.bitsPerByte)}`
      );
      svg.append(
        shape("polyline", {
          class: `line e${entry}`,
          points: points.join(" "),
        }),
      );
    }
    for (const { figure, x, group } of there) {
      const title = `${name}, ${groups[group]}: ${bits(figure.bitsPerByte)}`;
      svg.append(marked({ x, y, entry, figure, title }));
    }
  }
  return svg;
}

/**
 * A mark for each document, by its length.
 *
 * @param width Pixels.
 * @param points Length, bits a byte, the number of an entry, and what is said.
 */
export function scattered(width, points) {
  const { svg, y, right, base } = field(
    width,
    points.map(({ bitsPerByte }) => bitsPerByte),
    26,
  );
  const lengths = points.map(({ bytes }) => Math.log2(bytes));
  const low = Math.floor(Math.min(...lengths) * 2 - 0.2) / 2;
  const high = Math.ceil(Math.max(...lengths) * 2 + 0.2) / 2;
  const x = (bytes) =>
    LEFT + (Math.log2(bytes) - low) / (high - low) * (right - LEFT);
  const step =
    [1, 2, 4, 8].find((step) => (high - low) / step * 70 < right - LEFT) ?? 8;
  for (let power = Math.ceil(low); power <= high; power += step) {
    const at = x(2 ** power);
    svg.append(
      shape("line", { class: "grid", x1: at, x2: at, y1: TOP, y2: base }),
      shape("text", {
        class: "tick",
        x: at,
        y: base + 17,
        // Letters stay within the picture.
        "text-anchor": at > right - 24 ? "end" : "middle",
      }, size(2 ** power)),
    );
  }
  for (const { bytes, bitsPerByte, entry, title } of points) {
    const dot = shape("circle", {
      class: `dot e${entry}`,
      cx: x(bytes),
      cy: y(bitsPerByte),
      r: points.length > 500 ? 2 : 3.5,
    });
    svg.append(titled(dot, title));
  }
  return svg;
}
