/** The report: tables and plots of the figures that stand in the page itself. */

import { find, made } from "../../page/elements.js";
import { tableOf } from "../../page/tables.js";
import { figure, otherLanguage, speakIn, whole } from "../../page/language.js";
import { grouped, scattered } from "./plots.js";
import { between, bits, range, say, signed, size } from "./words.js";

const report = JSON.parse(find("#report").textContent);
const { entries, documents, sources } = report;

/** Most documents that are drawn and listed: what a page can bear. */
const MOST_DRAWN = 3000, MOST_LISTED = 500;
/** How many colours there are. */
const COLOURS = 8;

const names = entries.map(({ label }) => label);
const sourceNames = sources.map(({ label }) => label);

/** An entry's colour and name. */
function labelled(entry) {
  const label = made(
    "span",
    "name",
    made("span", `swatch e${entry % COLOURS}`),
    names[entry],
  );
  label.title = entries[entry].name;
  return label;
}

function drawSummary() {
  const isCompared = report.differences.length > 0;
  const rows = entries.map((entry, i) => {
    const difference = report.differences[i - 1];
    return [
      labelled(i),
      bits(entry.bitsPerByte),
      between(entry.interval),
      ...isCompared
        ? [difference === undefined ? "" : differenceOf(difference)]
        : [],
      entry.perplexity === undefined ? "–" : figure(entry.perplexity),
      entry.tokens === undefined ? "–" : whole(entry.tokens),
    ];
  });
  find("#summary").replaceChildren(tableOf([
    say("model"),
    say("bitsPerByte"),
    say("interval"),
    ...isCompared ? [say("from")] : [],
    say("perplexity"),
    say("tokens"),
  ], rows));
  const facts = [
    report.resetEvery === undefined
      ? say("read")
      : `${say("forgets")} ${whole(report.resetEvery)}.`,
    report.learnFrom === undefined
      ? ""
      : `${say("learnt")} ${report.learnFrom}.`,
    ...report.absent.map(({ name, reason }) =>
      `${say("absent")}: ${name} (${say(reason)}).`
    ),
    `${whole(report.resamples)} ${say("draws")}, ${
      say("seed")
    } ${report.seed}.`,
  ];
  find("#about").textContent = facts.filter(Boolean).join(" ");
}

function differenceOf({ bitsPerByte, interval }) {
  if (interval === undefined) return signed(bitsPerByte);
  const [low, high] = interval.map(signed);
  return `${signed(bitsPerByte)} (${low} – ${high})`;
}

/** A plot with its title, and its figures as a table. */
function card({ title, about, draw, table }) {
  const picture = made("div", "picture");
  const details = made(
    "details",
    "",
    made("summary", "", say("figures")),
    table,
  );
  const article = made("article", "plot", made("h2", "", title));
  if (about) article.append(made("p", "about", about));
  article.append(picture, details);
  let drawn = 0;
  new ResizeObserver(() => {
    const width = Math.floor(picture.clientWidth);
    if (width === drawn || width < 100) return;
    drawn = width;
    const svg = draw(width);
    svg.setAttribute("aria-label", title);
    picture.replaceChildren(svg);
  }).observe(picture);
  return article;
}

/** A plot of figures in groups, of the entries that have some. */
function groupedCard({ title, about, groups, figuresOf, isLine }) {
  const series = entries
    .map((entry, i) => ({
      number: i,
      entry: i % COLOURS,
      name: names[i],
      figures: figuresOf(entry),
    }))
    .filter(({ figures }) => figures.some((figure) => figure !== undefined));
  const rows = series.map(({ number, figures }) => [
    labelled(number),
    ...figures.map((figure) =>
      figure === undefined ? "–" : bits(figure.bitsPerByte)
    ),
  ]);
  return card({
    title,
    about,
    draw: (width) => grouped(width, { groups, series, isLine }),
    table: tableOf([say("bitsPerByte"), ...groups], rows),
  });
}

/** A plot by ranges of bytes. */
function rangesCard(title, key, about) {
  const froms = [
    ...new Set(entries.flatMap((entry) => entry[key].map(({ from }) => from))),
  ].sort((a, b) => a - b);
  if (froms.length < 2) return [];
  const figureAt = (entry, from) =>
    entry[key].find((figure) => figure.from === from);
  const groups = froms.map((from) =>
    range(entries.map((entry) => figureAt(entry, from)).find(Boolean))
  );
  return [groupedCard({
    title,
    about,
    groups,
    figuresOf: (entry) => froms.map((from) => figureAt(entry, from)),
    isLine: true,
  })];
}

/** At most so many numbers of documents, at even distances. */
function evenly(most) {
  const step = Math.max(1, documents.length / most);
  const numbers = [];
  for (let at = 0; at < documents.length; at += step) {
    numbers.push(Math.floor(at));
  }
  return numbers;
}

function documentsCard() {
  if (documents.length < 2) return [];
  const numbers = evenly(MOST_DRAWN / entries.length);
  const points = entries.flatMap((entry, i) =>
    numbers.map((number) => {
      const { name, bytes } = documents[number];
      const bitsPerByte = entry.byDocument[number];
      const title = `${name}, ${size(bytes)}, ${names[i]}: ${
        bits(bitsPerByte)
      }`;
      return { bytes, bitsPerByte, entry: i % COLOURS, title };
    })
  );
  const article = card({
    title: say("eachDocument"),
    about: say("aboutEach") + ofAll(numbers),
    draw: (width) => scattered(width, points),
    table: "",
  });
  article.querySelector("details").remove(); // the list below has them
  return [article];
}

/** That not all documents are shown, where that is so. */
function ofAll(numbers) {
  return numbers.length === documents.length
    ? ""
    : ` ${whole(numbers.length)} ${say("firstShown")} ${
      whole(documents.length)
    }.`;
}

function drawPlots() {
  const cards = [];
  if (sources.length > 1) {
    cards.push(groupedCard({
      title: say("bySource"),
      groups: sourceNames,
      figuresOf: ({ bySource }) => bySource,
      isLine: false,
    }));
  }
  cards.push(
    ...rangesCard(say("byPosition"), "byPosition", say("aboutPosition")),
    ...rangesCard(say("byLength"), "byLength"),
    ...documentsCard(),
  );
  const legend = made(
    "p",
    "legend",
    ...entries.map((_, i) => labelled(i)),
  );
  find("#plots").replaceChildren(legend, ...cards);
}

function drawDocuments() {
  const numbers = evenly(MOST_LISTED);
  const rows = numbers.map((number) => {
    const { name, source, bytes } = documents[number];
    return [
      name,
      ...sources.length > 1 ? [sourceNames[source]] : [],
      whole(bytes),
      ...entries.map(({ byDocument }) => bits(byDocument[number])),
    ];
  });
  const head = [
    say("document"),
    ...sources.length > 1 ? [say("source")] : [],
    say("bytes"),
    ...entries.map((_, i) => labelled(i)),
  ];
  find("#documents").replaceChildren(
    made("p", "about", ofAll(numbers)),
    tableOf(head, rows),
  );
}

function draw() {
  speakIn(say);
  document.title = `PTBR-SLM: ${say("report")}`;
  drawSummary();
  drawPlots();
  drawDocuments();
}

find("#language").addEventListener("click", () => {
  otherLanguage();
  draw();
});
draw();
