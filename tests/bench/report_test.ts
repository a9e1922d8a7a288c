import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { assertStringIncludes } from "@std/assert";
import {
  type Figure,
  keepFigures,
  readFigures,
} from "../../bench/report/figures.ts";
import { pageOf } from "../../bench/report/page.ts";
import {
  markdownOf,
  type Results,
  rounded,
  tablesOf,
} from "../../bench/report/results.ts";

const FIGURES: readonly Figure[] = [
  figure("ours", true, [90, 120, 100]),
  figure("theirs", false, [50, 40, 60]),
  figure("theirs, 2 threads", false, [80, 79, 200]),
  { ...figure("ours", true, [2]), what: "an update", better: "less" },
  { ...figure("theirs", false, [3]), what: "an update", better: "less" },
];
const RESULTS: Results = {
  date: "2026-01-02",
  version: "1.0.0",
  machine: { Processor: "2 x <fast>" },
  peers: [{ name: "PyTorch" }, { name: "lbzip2", version: "2.5" }],
  sections: [{
    name: "training",
    command: "deno run bench/x.ts",
    seconds: 1,
    figures: FIGURES,
    output: "some <lines>",
    hasFailed: false,
  }],
};

function figure(side: string, isOurs: boolean, values: number[]): Figure {
  const what = "training, micro", unit = "tokens/s";
  return { what, side, isOurs, unit, better: "more", values };
}

Deno.test("tablesOf() holds ours against the best of the others", () => {
  const [training, update] = tablesOf(FIGURES);
  assertEquals(training.rows.map(({ median }) => median), [100, 50, 80]);
  assertEquals(training.rows.map(({ ratio }) => ratio), [
    1.25,
    undefined,
    undefined,
  ]);
  assertEquals([training.rows[0].least, training.rows[0].most], [90, 120]);
  // Where less is better, so is a ratio above 1.
  assertAlmostEquals(update.rows[0].ratio!, 1.5);
  assertEquals(tablesOf([FIGURES[0]])[0].rows[0].ratio, undefined);
});

Deno.test("tablesOf() lays another machine's figures beside", () => {
  const other = [figure("ours", true, [7])];
  const [{ rows }] = tablesOf(FIGURES, other);
  assertEquals(rows.map(({ elsewhere }) => elsewhere), [
    7,
    undefined,
    undefined,
  ]);
});

Deno.test("markdownOf() names what is missing, and has a row a side", () => {
  const text = markdownOf(RESULTS);
  assertStringIncludes(text, "- **PyTorch:** not installed, so not measured");
  assertStringIncludes(text, "| ours | 100 | 90 to 120 | 1.25 |");
  assertStringIncludes(text, "| theirs | 3 | once |  |");
  assert(!text.includes("elsewhere"));
  const beside = markdownOf(RESULTS, RESULTS);
  assertStringIncludes(beside, "| ours | 100 | 90 to 120 | 1.25 | 100 |");
});

Deno.test("pageOf() asks for nothing outside and escapes what was printed", () => {
  const page = pageOf(RESULTS, RESULTS);
  assert(!/https?:|<script|src=/.test(page));
  assertStringIncludes(page, "some &#60;lines&#62;");
  assertStringIncludes(page, "2 x &#60;fast&#62;");
  assertEquals(page.match(/class="bar elsewhere"/g)?.length, FIGURES.length);
});

Deno.test("keepFigures() adds to a file that readFigures() reads", async () => {
  const path = await Deno.makeTempFile();
  try {
    await keepFigures(path, FIGURES.slice(0, 2));
    await keepFigures(path, FIGURES.slice(2));
    await keepFigures("", FIGURES); // asked for by nobody
    assertEquals(await readFigures(path), [...FIGURES]);
    assertEquals(await readFigures(`${path}.none`), []);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("rounded() keeps three digits, or whole thousands", () => {
  assertEquals([0.01234, 12.345, 999.6, 12_345.6].map(rounded), [
    "0.0123",
    "12.3",
    "1000",
    "12,346",
  ]);
});
