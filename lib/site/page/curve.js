/** A loss curve that grows: SVG, as wide as there is room. */

import { figure } from "../../page/language.js";
import { shape, ticksOf } from "../../page/plotting.js";
import { say } from "../../serve/page/words.js";

const LEFT = 46, RIGHT = 12, TOP = 42, BOTTOM = 34, HEIGHT = 260;
/** Points of a line that are drawn; more are joined to their means. */
const MOST = 300;

/**
 * Draws a curve.
 *
 * @param {HTMLElement} place
 * @param {readonly { seconds: number, loss: number, heldOut?: number }[]} points
 */
export function drawCurve(place, points) {
  if (points.length < 2) return place.replaceChildren();
  const width = Math.max(280, place.clientWidth);
  const learnt = thinned(points.map(({ seconds, loss }) => [seconds, loss]));
  const heldOut = points.filter((point) => point.heldOut !== undefined)
    .map((point) => [point.seconds, point.heldOut]);
  const losses = [...learnt, ...heldOut].map(([, loss]) => loss);
  const low = Math.min(...losses), high = Math.max(...losses, low + 0.1);
  const end = points.at(-1).seconds;
  const x = (seconds) => LEFT + seconds / end * (width - LEFT - RIGHT);
  const y = (loss) =>
    HEIGHT - BOTTOM - (loss - low) / (high - low) * (HEIGHT - BOTTOM - TOP);
  const svg = shape("svg", {
    width,
    height: HEIGHT,
    viewBox: `0 0 ${width} ${HEIGHT}`,
    role: "img",
    "aria-label": say("curve").replace("{}", figure(points.at(-1).loss, 3)),
  });
  const text = (attributes, content) =>
    svg.append(shape("text", { class: "tick", ...attributes }, content));
  for (const tick of ticksOf(low, high)) {
    svg.append(shape("line", {
      class: "grid",
      x1: LEFT,
      x2: width - RIGHT,
      y1: y(tick),
      y2: y(tick),
    }));
    const at = { x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end" };
    text(at, figure(tick, 3));
  }
  for (const tick of ticksOf(0, end)) {
    text(
      { x: x(tick), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" },
      figure(tick, 3),
    );
  }
  text(
    { x: width - RIGHT, y: HEIGHT - 3, "text-anchor": "end" },
    say("seconds"),
  );
  for (const [name, line] of [["learnt", learnt], ["held-out", heldOut]]) {
    if (line.length === 0) continue;
    svg.append(shape("polyline", {
      class: `line ${name}`,
      points: line.map(([at, loss]) => `${x(at)},${y(loss)}`).join(" "),
    }));
  }
  text({ class: "tick learnt", x: LEFT, y: 13 }, `— ${say("curveLearnt")}`);
  if (heldOut.length > 0) {
    text(
      { class: "tick held-out", x: LEFT, y: 29 },
      `– – ${say("curveHeldOut")}`,
    );
  }
  place.replaceChildren(svg);
}

/** So many points at most, each the mean of some. */
function thinned(points) {
  const size = Math.ceil(points.length / MOST);
  if (size === 1) return points;
  const means = [];
  for (let i = 0; i < points.length; i += size) {
    const some = points.slice(i, i + size);
    const mean = (at) =>
      some.reduce((sum, point) => sum + point[at], 0) / some.length;
    means.push([mean(0), mean(1)]);
  }
  return means;
}
