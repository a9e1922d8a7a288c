/** The charts: a uPlot each, several runs in one, all with one cursor. */

import { figure, languageTag } from "../../page/language.js";
import { say } from "./words.js";

/** What is drawn, and by what it is divided first. */
export const CHARTS = [
  { metric: "loss", isSmoothed: true },
  { metric: "valLoss" },
  { metric: "valBitsPerByte" },
  { metric: "learningRate" },
  { metric: "gradientNorm", isSmoothed: true },
  { metric: "updateRatio", isSmoothed: true },
  { metric: "tokensPerSecond", isSmoothed: true },
  { metric: "memory", unit: 1e6, isSmoothed: true },
];

const HEIGHT = 240;
/** How much of a curve is seen behind its smoothed one; less among many. */
const FAINT = ["40", "0e"];
const MANY = 3;
const SYNC = "charts";
/** Pixels of the axis at the left: at least, without its figures, a digit. */
const LEAST_AXIS = 58, AXIS_GAP = 16, DIGIT = 7;

/** A colour of the page's style. */
function colour(name) {
  return getComputedStyle(document.documentElement)
    .getPropertyValue(`--${name}`).trim();
}

/**
 * Smooths as TensorBoard does: a mean that forgets, without a bias at its begin.
 */
function smoothed(values, weight) {
  let mean = 0, sum = 0;
  return values.map((value) => {
    if (value === null) return null;
    mean = weight * mean + (1 - weight) * value;
    sum = weight * sum + 1 - weight;
    return mean / sum;
  });
}

/** One chart with its title and the values under the cursor. */
export class Chart {
  #settings;
  #onRange;
  #element = document.createElement("article");
  #at = document.createElement("span");
  #title = document.createElement("span");
  #picture = document.createElement("div");
  #values = document.createElement("ul");
  #plot;
  /** What the plot was made for, besides its points. */
  #look;
  #runs = [];

  /** Tells of a part of the runs that was marked. */
  constructor(settings, onRange) {
    this.#settings = settings;
    this.#onRange = onRange;
    const heading = document.createElement("h2");
    heading.append(this.#title, this.#at);
    this.#at.className = "at";
    this.#element.className = "chart";
    this.#values.className = "values";
    this.#picture.tabIndex = 0;
    this.#picture.setAttribute("role", "img");
    this.#element.append(heading, this.#picture, this.#values);
    document.querySelector("#charts").append(this.#element);
    new ResizeObserver(() => this.#fit()).observe(this.#picture);
    this.#picture.addEventListener("keydown", (event) => this.#move(event));
  }

  /**
   * Draws runs.
   *
   * @param runs Names, colours and curves.
   * @param view How: axis, range, smoothing, logarithmic.
   */
  draw(runs, view) {
    const { metric, unit = 1, isSmoothed } = this.#settings;
    this.#title.textContent = say(metric);
    this.#picture.setAttribute("aria-label", say(metric));
    const known = runs.filter(({ curves }) => curves?.[metric].x.length > 0);
    this.#element.hidden = known.length === 0;
    const tables = [], series = [{}];
    this.#runs = [];
    const weight = isSmoothed ? view.smoothing : 0;
    for (const run of known) {
      const { x, y, mean } = run.curves[metric];
      const shown = (values) =>
        values.map((value) =>
          view.logarithmic && !(value > 0) ? null : value / unit
        );
      const table = [x, shown(y)];
      const line = { stroke: run.colour, width: 1.6, spanGaps: true };
      if (weight > 0) {
        const alpha = FAINT[known.length > MANY ? 1 : 0];
        const faint = { stroke: run.colour + alpha, width: 1 };
        series.push({ ...line, ...faint, points: { show: false } });
        table.push(smoothed(shown(mean), weight));
      }
      series.push({ ...line, points: { size: 5 } });
      this.#runs.push({
        ...run,
        series: series.length - 1,
        raw: weight > 0 ? series.length - 2 : undefined,
        last: view.range ? undefined : run.last?.[metric] / unit,
      });
      tables.push(table);
    }
    // Only new points leave the cursor where it is.
    const look = JSON.stringify([series, view, colour("grid"), languageTag()]);
    const isSame = this.#plot !== undefined && look === this.#look;
    this.#look = look;
    if (!isSame) {
      this.#plot?.destroy();
      this.#plot = undefined;
    }
    if (known.length === 0) return;
    const { uPlot } = globalThis;
    const data = tables.length === 1 ? tables[0] : uPlot.join(tables);
    if (isSame) {
      this.#plot.setData(data);
      this.#show(view.axis);
      return;
    }
    this.#plot = new uPlot(this.#optionsOf(series, view), data, this.#picture);
    this.#plot.over.addEventListener("dblclick", () => this.#onRange());
    this.#show();
  }

  #optionsOf(series, { axis, range, logarithmic }) {
    const axisLook = {
      stroke: colour("muted"),
      font: "12px system-ui, sans-serif",
      grid: { stroke: colour("grid"), width: 1 },
      ticks: { stroke: colour("grid"), width: 1, size: 4 },
    };
    return {
      width: Math.max(100, this.#picture.clientWidth),
      height: HEIGHT,
      series,
      legend: { show: false },
      cursor: {
        sync: { key: SYNC, setSeries: false, scales: ["x", null] },
        drag: { x: true, y: false, setScale: false },
        points: { size: 7 },
        dataIdx: (plot, at, index) => nearest(plot.data[at], index),
      },
      scales: {
        x: { time: false, range: range ? () => range : undefined },
        y: { distr: logarithmic ? 3 : 1 },
      },
      axes: [
        {
          ...axisLook,
          space: 70,
          size: 30,
          values: (_, all) => all.map((value) => figure(value, 3)),
        },
        {
          ...axisLook,
          size: (_, shown) => widthOf(shown ?? []),
          values: (_, all) =>
            all.map((value) => value === null ? "" : figure(value, 4)),
        },
      ],
      hooks: {
        setCursor: [() => this.#show(axis)],
        setSelect: [(plot) => {
          const { left, width } = plot.select;
          if (width < 5) return;
          this.#onRange([
            plot.posToVal(left, "x"),
            plot.posToVal(left + width, "x"),
          ]);
        }],
      },
    };
  }

  /** Shows the values under the cursor, or the last ones. */
  #show(axis) {
    const plot = this.#plot;
    if (plot === undefined) return;
    const { idx, idxs } = plot.cursor;
    const isOver = idx !== null && idx !== undefined && axis !== undefined;
    this.#at.textContent = isOver
      ? `${say(axis)} ${figure(plot.data[0][idx], 6)}`
      : "";
    const valueOf = (series) => {
      const values = plot.data[series];
      return values[isOver ? idxs[series] : lastIn(values)];
    };
    const items = this.#runs.map(({ name, colour, series, raw, last }) => {
      const value = Number.isFinite(last) && !isOver
        ? last
        : valueOf(raw ?? series);
      const also = raw === undefined
        ? ""
        : `(${say("smoothed")} ${figure(valueOf(series), 4)})`;
      return [colour, name, figure(value, 4), also];
    });
    while (this.#values.children.length > items.length) {
      this.#values.lastChild.remove();
    }
    for (const [i, [colour, name, value, also]] of items.entries()) {
      const item = this.#values.children[i] ?? valueItem(this.#values);
      item.children[0].style.background = colour;
      item.children[1].textContent = name;
      item.children[2].textContent = value;
      item.children[3].textContent = also;
    }
  }

  #fit() {
    const width = this.#picture.clientWidth;
    if (this.#plot === undefined || width === this.#plot.width) return;
    this.#plot.setSize({ width: Math.max(100, width), height: HEIGHT });
  }

  /** Moves the cursor of all charts by the keyboard. */
  #move(event) {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (way === undefined || this.#plot === undefined) return;
    event.preventDefault();
    const plot = this.#plot, [xs] = plot.data;
    const last = xs.length - 1;
    const from = plot.cursor.idx ?? (way < 0 ? last + 1 : -1);
    const at = Math.min(last, Math.max(0, from + way));
    const top = plot.bbox.height / devicePixelRatio / 2;
    plot.setCursor({ left: plot.valToPos(xs[at], "x"), top }, true, true);
  }
}

function valueItem(list) {
  const item = document.createElement("li");
  for (let part = 0; part < 4; part++) {
    item.append(document.createElement("span"));
  }
  item.firstChild.className = "swatch";
  list.append(item);
  return item;
}

/** Pixels that the longest figure beside an axis needs. */
function widthOf(figures) {
  const longest = Math.max(0, ...figures.map((shown) => shown?.length ?? 0));
  return Math.max(LEAST_AXIS, AXIS_GAP + DIGIT * longest);
}

/** The nearest place that has a value: runs have theirs at different places. */
function nearest(values, index) {
  if (values[index] !== null && values[index] !== undefined) return index;
  for (let away = 1; away < values.length; away++) {
    for (const at of [index - away, index + away]) {
      if (values[at] !== null && values[at] !== undefined) return at;
    }
  }
  return null;
}

function lastIn(values) {
  return values.findLastIndex((value) => value !== null && value !== undefined);
}
