/** The page of an audit: it needs nothing else, and its thresholds move. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { auditPage } from "../../../lib/corpus/audit/audit_page.ts";
import { SourceAudit } from "../../../lib/corpus/audit/source_audit.ts";
import { SourceSurvey } from "../../../lib/corpus/audit/survey.ts";
import { loadLanguageIdentifier } from "../../../lib/corpus/measures/language.ts";
import { browserTests } from "../../serve/page/browser.ts";

const HOSTILE = "</script><img src=x onerror=document.title=1>";
const LINE =
  "A feira abriu cedo e ninguém sabia de onde tinha vindo tanto peixe.";
/** Documents of 1 to 8 lines, so of 13 to 104 words, the last with a fault. */
const TEXT = Array.from({ length: 8 }, (_, i) => {
  const lines = Array.from({ length: i + 1 }, (_, j) => `${LINE} ${i}.${j}`);
  return [...lines, ...i === 7 ? [HOSTILE] : []].join("\n");
}).join("\n\n");

const identifier = await loadLanguageIdentifier();
const folder = await Deno.makeTempDir();
await Deno.writeTextFile(`${folder}/a.txt`, TEXT);

async function surveyed(thresholds: Record<string, number>) {
  const filters = { language: "pt", thresholds };
  const survey = new SourceSurvey({ filters, identifier });
  const audit = new SourceAudit(HOSTILE, identifier, { survey });
  await audit.add({ path: `${folder}/a.txt`, name: "a.txt" });
  return { report: audit.report(), survey: survey.report() };
}

const source = await surveyed({ min_words: 50, min_chars: 100 });
const html = await auditPage({ sources: [source, source] });

Deno.test("SourceSurvey counts what each rule drops, breaks and drops alone", () => {
  const { survey } = source;
  const words = survey.rules.find(({ rule }) => rule === "min_words")!;
  const chars = survey.rules.find(({ rule }) => rule === "min_chars")!;
  // Lines have 15 words, and 71 characters: the first breaks both rules.
  assertEquals([survey.documents, survey.kept], [8, 5]);
  assertEquals([chars.dropped, chars.broken, chars.alone], [1, 1, 0]);
  assertEquals([words.dropped, words.broken, words.alone], [2, 3, 2]);
  assertEquals(words.samples.map(([, value]) => value).slice(0, 3), [
    15,
    30,
    45,
  ]);
  const below = words.counts.slice(0, words.from.indexOf(50));
  assertEquals(below.reduce((sum, count) => sum + count), words.broken);
  for (const { rule, samples } of survey.rules) {
    assert(samples.every(([document]) => survey.texts[document]), rule);
  }
});

Deno.test("SourceSurvey puts what is at a threshold on its right side", async () => {
  const { survey } = await surveyed({ max_words: 30, min_words: 30 });
  for (const name of ["max_words", "min_words"]) {
    const { from, counts, broken } = survey.rules.find(({ rule }) =>
      rule === name
    )!;
    const at = from.indexOf(30);
    const side = name === "max_words" ? counts.slice(at) : counts.slice(0, at);
    assertEquals(side.reduce((sum, count) => sum + count), broken, name);
  }
});

Deno.test("SourceSurvey shows faults where they are", () => {
  const [{ text, at, length, line }] = source.survey.faults.tags;
  assertEquals(text.slice(at, at + length), "</script>");
  // 1 + … + 7 lines, a blank line after each, and 8 of its own.
  assertEquals(line, 28 + 7 + 8 + 1);
});

Deno.test("auditPage() is one page without outside resources", () => {
  assertEquals(
    html.match(/https?:[^"'\s]*/g)?.filter((address) =>
      address !== "http://www.w3.org/2000/svg"
    ),
    [],
  );
  assertStringIncludes(html, "default-src 'none'");
  assert(!html.includes(HOSTILE));
  assert(!/^(?:import|export) /m.test(html));
});

browserTests("the audit's page", {
  "moves a threshold and shows what it drops, in both languages": async (
    page,
  ) => {
    const path = `${folder}/audit.html`;
    await Deno.writeTextFile(path, html);
    await page.setViewport({ width: 390, height: 844 });
    await page.goto(`file://${path}`);
    const evaluate = async (script: string) => `${await page.evaluate(script)}`;
    const rule = `[...document.querySelectorAll("#filters .entry")]
      .find((entry) => entry.textContent.startsWith("min_words"))`;
    await page.evaluate(`${rule}.open = true`);
    await page.waitForFunction(`${rule}.querySelector(".picture svg rect")`);
    const text = () => evaluate(`${rule}.innerText`);
    assertStringIncludes(await text(), "min_words = 50");
    assertStringIncludes(await text(), "3 documents would break it");
    await page.evaluate(`{
      const slider = ${rule}.querySelector("input");
      slider.value = 0;
      slider.dispatchEvent(new Event("input"));
    }`);
    assertStringIncludes(await text(), "min_words = false");
    assertStringIncludes(await text(), "0 documents would break it");
    await page.evaluate(
      `document.querySelectorAll("#faults details").forEach((e) => e.open = true)`,
    );
    await page.waitForSelector("#faults mark");
    assertEquals(
      await evaluate(`document.querySelector("#faults mark").innerText`),
      "</script>",
    );
    assertEquals(
      await evaluate(`document.querySelectorAll("img").length`),
      "0",
    );
    assertEquals(await evaluate("document.body.scrollWidth"), "390");
    await page.click("#language");
    assertStringIncludes(await evaluate("document.body.innerText"), "Filtros");
    assertEquals(await evaluate("document.documentElement.lang"), "pt-BR");
    await Deno.remove(folder, { recursive: true });
  },
});
