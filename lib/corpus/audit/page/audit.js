/** The audit: what is counted, and the text that it is counted of. */

import { find, made } from "../../../page/elements.js";
import { tableOf } from "../../../page/tables.js";
import {
  figure,
  languageTag,
  otherLanguage,
  speakIn,
  whole,
} from "../../../page/language.js";
import { classBars, shareBar } from "./bars.js";
import { meaningOf, say } from "./words.js";

const audit = JSON.parse(find("#audit").textContent);
/** The number of the source that is shown. */
let chosen = 0;

/** Texts that are shown of either side of a threshold. */
const MOST_SHOWN = 6;

function percent(share) {
  return `${figure(100 * share, 3)} %`;
}

function megabytes(bytes) {
  return (bytes / 1e6).toLocaleString(languageTag(), {
    maximumFractionDigits: 1,
  });
}

/** A share that may have been found from a sample. */
function repeated({ items, sampled }) {
  return `${sampled < 1 ? "~" : ""}${percent(items)}`;
}

/** A picture that is drawn anew as the room for it changes. */
function picture(draw) {
  const box = made("div", "picture");
  let drawn = 0;
  const redraw = () => {
    drawn = Math.floor(box.clientWidth);
    if (drawn >= 100) box.replaceChildren(draw(drawn));
  };
  new ResizeObserver(() => {
    if (Math.floor(box.clientWidth) !== drawn) redraw();
  }).observe(box);
  return { box, redraw };
}

/** A line that opens: a name, a share, a figure, and then what `fill` makes. */
function entry({ name, share, className, said, isIdle, fill }) {
  const details = made(
    "details",
    isIdle ? "entry idle" : "entry",
    made(
      "summary",
      "",
      made("span", "key", name),
      shareBar(share, className),
      made("span", "figure", said),
    ),
  );
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) {
      details.append(made("div", "", ...fill()));
    }
  });
  return details;
}

/** A text, where it stands, and what is said of it. */
function sampleOf({ file, line, text, at, length }, said = "") {
  const where = `${file}, ${say("line")} ${whole(line)}`;
  const quote = made("blockquote", "");
  if (at === undefined) quote.append(text);
  else {
    quote.append(
      text.slice(0, at),
      made("mark", "", visible(text.slice(at, at + length))),
      text.slice(at + length),
    );
  }
  return made(
    "div",
    "sample",
    made("p", "", said ? `${said} · ${where}` : where),
    quote,
  );
}

/** A fault as something that can be seen. */
function visible(fault) {
  // deno-lint-ignore no-control-regex
  return fault.replace(/[\u0000-\u001f\u007f-\u009f]/g, (control) => {
    const code = control.charCodeAt(0).toString(16).toUpperCase();
    return `U+${code.padStart(4, "0")}`;
  });
}

function documentSample(document, said) {
  const long = `${whole(document.characters)} ${say("characters")}`;
  return sampleOf(document, said ? `${said} · ${long}` : long);
}

function drawSources() {
  const head = [
    "source",
    "files",
    "documents",
    "kept",
    "foreign",
    "repeatedLines",
    "repeatedDocuments",
  ].map(say);
  head.splice(3, 0, "MB");
  find("#sources").replaceChildren(tableOf(
    head,
    audit.sources.map(({ report, survey }) => [
      report.name,
      whole(report.files),
      whole(report.documents),
      megabytes(report.bytes),
      percent(survey.kept / Math.max(1, survey.documents)),
      percent(report.languages.foreign),
      repeated(report.repeatedParagraphs),
      repeated(report.repeatedDocuments),
    ]),
  ));
}

function drawLengths({ report }) {
  const cards = ["documentLengths", "lineLengths"].map((key) => {
    const { box } = picture((width) => {
      const svg = classBars(width, report[key]);
      svg.setAttribute("aria-label", say(key));
      return svg;
    });
    return made("article", "plot", made("h2", "", say(key)), box);
  });
  find("#lengths").replaceChildren(...cards);
}

/** Whether a rule with a threshold, of the least or the most, is broken. */
function breaks(rule, value, threshold) {
  return rule.startsWith("min_") ? value < threshold : value > threshold;
}

/** Whether a class lies on the wrong side; thresholds are where one begins. */
function classBreaks({ rule }, i, position) {
  return rule.startsWith("min_") ? i < position : i >= position;
}

function ruleEntry(survey, rule) {
  const { threshold } = rule;
  const said = threshold === undefined
    ? say("off")
    : `${whole(rule.dropped)} ${say("dropped")}`;
  return entry({
    name: threshold === undefined ? rule.rule : `${rule.rule} = ${threshold}`,
    share: rule.dropped / Math.max(1, survey.documents),
    className: "dropped",
    said,
    isIdle: rule.dropped === 0,
    fill: () => ruleContent(survey, rule),
  });
}

function ruleContent(survey, rule) {
  const { from, counts, threshold } = rule;
  // Where it is off it lies where it breaks nothing.
  const off = rule.rule.startsWith("min_") ? 0 : from.length;
  let position = threshold === undefined ? off : from.indexOf(threshold);
  const slider = made("input", "");
  Object.assign(slider, { type: "range", min: 0, max: from.length });
  slider.value = position;
  slider.setAttribute("aria-label", `${say("threshold")}: ${rule.rule}`);
  const toml = made("code", ""), count = made("span", "");
  const sides = made("div", "sides");
  const { box, redraw } = picture((width) => {
    const isDropped = (i) => classBreaks(rule, i, position);
    const svg = classBars(width, { from, counts, isDropped });
    svg.setAttribute("aria-label", rule.rule);
    return svg;
  });
  const show = () => {
    const isOff = position === off || from[position] === undefined;
    const at = from[position];
    toml.textContent = `${rule.rule} = ${isOff ? "false" : at}`;
    const broken = counts.reduce(
      (sum, n, i) => sum + (classBreaks(rule, i, position) ? n : 0),
      0,
    );
    count.textContent = `${whole(broken)} ${say("documentsOf")} ${
      say("wouldBreak")
    } (${percent(broken / Math.max(1, survey.documents))})`;
    sides.replaceChildren(...sidesOf(survey, rule, at));
    redraw();
  };
  slider.addEventListener("input", () => {
    position = Number(slider.value);
    show();
  });
  show();
  const facts = threshold === undefined
    ? ""
    : ` ${whole(rule.broken)} ${say("broken")}, ${whole(rule.alone)} ${
      say("alone")
    }.`;
  return [
    made("p", "about", `${meaningOf(rule.rule)}${facts}`),
    box,
    made("div", "chooser", slider, toml, count),
    sides,
  ];
}

/** What lies nearest to a threshold on either side. */
function sidesOf(survey, { rule, samples }, threshold = Infinity) {
  const isLeast = rule.startsWith("min_");
  const side = (isBroken, title, className) => {
    const there = samples.filter(([, value]) =>
      breaks(rule, value, threshold) === isBroken
    );
    // They stand by their values, so the nearest are first or last.
    const isBelow = isLeast === isBroken;
    const shown = isBelow
      ? there.slice(-MOST_SHOWN).reverse()
      : there.slice(0, MOST_SHOWN);
    return made(
      "div",
      "",
      made("h3", className, say(title)),
      ...shown.length === 0
        ? [made("p", "about", say("none"))]
        : shown.map(([document, value]) =>
          documentSample(survey.texts[document], figure(value))
        ),
    );
  };
  return [
    side(true, "nearDropped", "dropped"),
    side(false, "nearKept", "kept"),
  ];
}

function drawFilters({ survey }) {
  const tooLong = survey.tooLong === 0
    ? ""
    : ` ${whole(survey.tooLong)} ${say("tooLong")}.`;
  find("#filters-about").textContent = `${say("aboutFilters")} ${
    audit.recipe === undefined
      ? say("preset")
      : `${say("recipe")} ${audit.recipe}.`
  }${tooLong}`;
  const kept = made(
    "p",
    "about",
    `${say("kept")}: ${whole(survey.kept)} / ${whole(survey.documents)}`,
    shareBar(survey.kept / Math.max(1, survey.documents), "kept"),
  );
  find("#filters").replaceChildren(
    kept,
    ...survey.rules.map((rule) => ruleEntry(survey, rule)),
  );
}

function drawLanguages({ report, survey }) {
  const { judged, documents } = report.languages;
  const names = new Intl.DisplayNames([languageTag()], { type: "language" });
  find("#languages").replaceChildren(
    ...Object.entries(documents).map(([language, count]) =>
      entry({
        name: language === "?" ? `? (${say("unknown")})` : names.of(language),
        share: count / Math.max(1, judged),
        className: language === survey.language ? "kept" : "dropped",
        said: `${whole(count)} (${percent(count / judged)})`,
        fill: () =>
          (survey.languages[language] ?? []).map((document) =>
            documentSample(document)
          ),
      })
    ),
  );
}

function drawFaults({ report, survey }) {
  const total = Object.values(report.faults).reduce((sum, n) => sum + n, 0);
  find("#faults").replaceChildren(
    ...Object.entries(report.faults).map(([kind, count]) => {
      const rate = 1e6 * count / Math.max(1, report.characters);
      return entry({
        name: say(kind),
        share: count / Math.max(1, total),
        className: "dropped",
        said: count === 0
          ? "0"
          : `${whole(count)} · ${figure(rate, 3)} ${say("perMillion")}`,
        isIdle: count === 0,
        fill: () => survey.faults[kind].map((sample) => sampleOf(sample)),
      });
    }),
  );
  find("#worst").replaceChildren(
    ...report.worst.length === 0 ? [] : [
      tableOf(
        [say("worst"), say("perMillion")],
        report.worst.map(({ name, rate }) => [name, figure(rate, 3)]),
      ),
    ],
  );
}

function draw() {
  speakIn(say);
  document.title = `PTBR-SLM: ${say("audit")}`;
  find("#choice").hidden = audit.sources.length < 2;
  find("#source").replaceChildren(
    ...audit.sources.map(({ report }, i) => {
      const option = made("option", "", report.name);
      option.value = i;
      option.selected = i === chosen;
      return option;
    }),
  );
  drawSources();
  for (const part of [drawLengths, drawFilters, drawLanguages, drawFaults]) {
    part(audit.sources[chosen]);
  }
}

find("#language").addEventListener("click", () => {
  otherLanguage();
  draw();
});
find("#source").addEventListener("change", () => {
  chosen = Number(find("#source").value);
  draw();
});
draw();
