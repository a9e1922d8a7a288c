/** The page: asks for what is new, and shows it. */

import { Chart, CHARTS } from "./charts.js";
import { find, made } from "../../page/elements.js";
import { figure, otherLanguage, whole } from "../../page/language.js";
import { duration, moment, say, speak } from "./words.js";

/** How often it is asked what is new, in ms: while something is read, */
const EAGER = 250;
/** while the page is seen, */
const INTERVAL = 2000;
/** and while it is not. */
const HIDDEN_INTERVAL = 15_000;
/** Told apart by most eyes, on white and on black. */
const COLOURS = {
  light: [
    "#0b62d6",
    "#d1620c",
    "#1a7f4b",
    "#b3266e",
    "#6f42c1",
    "#8a6100",
    "#007f8c",
    "#b3261e",
    "#52606f",
    "#4a7500",
  ],
  dark: [
    "#7ab4ff",
    "#ffb070",
    "#67cf97",
    "#ff8fc4",
    "#bda2ff",
    "#e8c55c",
    "#5fd3df",
    "#ff8f85",
    "#b4c0ce",
    "#aeda63",
  ],
};

const darkness = matchMedia("(prefers-color-scheme: dark)");

const view = {
  axis: "step",
  smoothing: 0.6,
  logarithmic: false,
  /** The part that is seen; all where undefined. */
  range: undefined,
};
/** What the server said last of each run. */
let summaries = [];
/** Curves by run: { version, key, curves }. */
const drawn = new Map();
/** Which colour each run has. */
const places = new Map();
/** Runs that are not shown. */
const hidden = new Set();
let isReading = true;
/** The last answer that all has been shown of. */
let shown;

const charts = CHARTS.map((settings) => new Chart(settings, setRange));

/** A run keeps its colour when others come and go. */
function colourOf(id) {
  if (!places.has(id)) places.set(id, places.size);
  const palette = COLOURS[darkness.matches ? "dark" : "light"];
  return palette[places.get(id) % palette.length];
}

async function ask(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${response.status}`);
  return await response.json();
}

/** Asks what is new and shows it, again and again. */
async function follow() {
  let wait = document.hidden ? HIDDEN_INTERVAL : INTERVAL;
  try {
    const answer = await ask("/api/runs");
    if (answer.isReading) wait = EAGER;
    const news = JSON.stringify(answer);
    isReading = answer.isReading;
    summaries = answer.runs;
    if (news !== shown) {
      showRuns();
      await Promise.all([showCurves(), showSamples()]);
    }
    // What could not be shown is tried again.
    shown = news;
    trouble(answer.error);
  } catch (error) {
    lost(error);
  }
  timer = setTimeout(follow, wait);
}
let timer;

function lost(error) {
  console.error(error);
  trouble(say("lost"));
}

function trouble(text) {
  find("#trouble").hidden = text === undefined;
  find("#trouble").textContent = text ?? "";
}

/** Brings curves that have changed, and draws all. */
async function showCurves() {
  const { axis, range } = view;
  const [from, to] = range ?? [];
  const span = range ? `&from=${from}&to=${to}` : "";
  const key = `${axis}${span}`;
  let isChanged = false;
  await Promise.all(summaries.map(async ({ id, version }) => {
    const before = drawn.get(id);
    if (hidden.has(id)) return;
    if (before?.version === version && before.key === key) return;
    const query = `run=${encodeURIComponent(id)}&axis=${axis}`;
    const { curves, last } = await ask(`/api/curves?${query}${span}`);
    drawn.set(id, { version, key, curves, last });
    isChanged = true;
  }));
  if (isChanged) drawAll();
}

function drawAll() {
  const runs = summaries.map(({ id, name }) => ({
    name,
    colour: colourOf(id),
    curves: hidden.has(id) ? undefined : drawn.get(id)?.curves,
    last: drawn.get(id)?.last,
  }));
  for (const chart of charts) chart.draw(runs, view);
}

function setRange(range) {
  view.range = range;
  showCurves().catch(lost);
}

function showRuns() {
  find("#none").hidden = summaries.length > 0 && !isReading;
  find("#none").textContent = say(isReading ? "reading" : "none");
  const focused = document.activeElement?.dataset?.run;
  find("#runs").replaceChildren(...summaries.map(runCard));
  if (focused !== undefined) {
    find(`[data-run="${CSS.escape(focused)}"]`)?.focus();
  }
}

function runCard(run) {
  const { id, name, state } = run;
  const box = made("input");
  box.type = "checkbox";
  box.checked = !hidden.has(id);
  box.dataset.run = id;
  box.addEventListener("change", () => toggle(id));
  const swatch = made("span", "swatch");
  swatch.style.background = colourOf(id);
  const label = made(
    "label",
    "",
    box,
    swatch,
    made("span", "name", name),
    made("span", `state ${state}`, stateOf(run)),
  );
  label.title = id;
  const bar = made("progress");
  bar.max = run.lastStep ?? 1;
  bar.value = run.step ?? 0;
  bar.hidden = run.lastStep === undefined;
  bar.setAttribute("aria-label", say("step"));
  const isRunning = state === "running";
  const figures = [
    [say("step"), stepsOf(run)],
    [say("lossShort"), figure(run.loss)],
    [say("bitsShort"), figure(run.valBitsPerByte)],
    [say("tokens"), figure(run.tokens, 4)],
    [say("speedShort"), figure(run.tokensPerSecond)],
    isRunning
      ? [say("left"), duration(run.secondsLeft)]
      : [say("lasted"), duration(run.seconds)],
  ].map(([what, value]) =>
    made("div", "", made("dt", "", what), made("dd", "", value))
  );
  const about = [
    run.architecture,
    run.parameters && `${figure(run.parameters, 3)} ${say("parameters")}`,
    run.joules && `${figure(run.joules / 3.6e6, 3)} kWh`,
    run.backend,
    run.slowestRank !== undefined && `${say("slowest")} ${run.slowestRank}`,
  ].filter(Boolean).join(" · ");
  const isOff = hidden.has(id);
  return made(
    "li",
    isOff ? "run off" : "run",
    label,
    bar,
    made("dl", "figures", ...figures),
    made("p", "about", about),
  );
}

function stateOf({ state, silentSince }) {
  return silentSince === undefined
    ? say(state)
    : `${say(state)} ${say("since")} ${moment(silentSince)}`;
}

function stepsOf({ step, lastStep }) {
  return lastStep === undefined
    ? whole(step)
    : `${whole(step)}/${whole(lastStep)}`;
}

function toggle(id) {
  if (!hidden.delete(id)) hidden.add(id);
  showRuns();
  drawAll();
  showCurves().catch(lost);
}

/** What a run wrote: the one that is chosen, or that has changed last. */
async function showSamples() {
  const chooser = find("#sampled");
  const chosen = summaries.find(({ id }) => id === chooser.value) ??
    summaries.find(({ state }) => state === "running") ?? summaries[0];
  chooser.replaceChildren(...summaries.map(({ id, name }) => {
    const option = made("option", "", name);
    option.value = id;
    option.selected = id === chosen?.id;
    return option;
  }));
  chooser.hidden = summaries.length < 2;
  if (chosen === undefined) return find("#samples").replaceChildren();
  const { samples } = await ask(
    `/api/samples?run=${encodeURIComponent(chosen.id)}`,
  );
  const bySteps = Map.groupBy(samples, ({ step }) => step);
  const blocks = [...bySteps].map(([step, texts]) =>
    made(
      "article",
      "sample",
      made("h3", "", `${say("step")} ${whole(step)}`),
      ...texts.map(({ prompt, text }) =>
        made("p", "", made("b", "", prompt), text)
      ),
    )
  );
  find("#samples").replaceChildren(
    ...blocks.length > 0 ? blocks : [made("p", "about", say("noSamples"))],
  );
}

function setSmoothing(value) {
  view.smoothing = Math.min(0.99, Math.max(0, value));
  find("#smoothing").value = view.smoothing;
  drawAll();
}

function setAxis(axis) {
  view.axis = axis;
  find("#axis").value = axis;
  setRange();
}

function setLogarithmic(isLogarithmic) {
  view.logarithmic = isLogarithmic;
  find("#logarithmic").checked = isLogarithmic;
  drawAll();
}

function showWords() {
  speak();
  showRuns();
  drawAll();
  showSamples().catch(lost);
}

const AXES = ["step", "tokens", "hours"];
const KEYS = {
  x: () => setAxis(AXES[(AXES.indexOf(view.axis) + 1) % AXES.length]),
  l: () => setLogarithmic(!view.logarithmic),
  "[": () => setSmoothing(view.smoothing - 0.1),
  "]": () => setSmoothing(view.smoothing + 0.1),
  0: () => setRange(),
  "?": () => find("#keys").showModal(),
};

find("#axis").addEventListener("change", ({ target }) => setAxis(target.value));
find("#smoothing").addEventListener(
  "input",
  ({ target }) => setSmoothing(Number(target.value)),
);
find("#logarithmic").addEventListener(
  "change",
  ({ target }) => setLogarithmic(target.checked),
);
find("#whole").addEventListener("click", () => setRange());
find("#language").addEventListener("click", () => {
  otherLanguage();
  showWords();
});
find("#help").addEventListener("click", () => find("#keys").showModal());
find("#sampled").addEventListener(
  "change",
  () => showSamples().catch(lost),
);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^(INPUT|SELECT)$/.test(event.target.tagName) && event.key !== "?") {
    if (event.target.type !== "checkbox") return;
  }
  const run = /^[1-9]$/.test(event.key) ? summaries[event.key - 1] : undefined;
  if (run !== undefined) toggle(run.id);
  else KEYS[event.key]?.();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  clearTimeout(timer);
  follow();
});
darkness.addEventListener("change", () => {
  showRuns();
  drawAll();
});

speak();
follow();
