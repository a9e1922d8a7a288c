/** The page of a report: it needs nothing else, and draws what it has. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { DocumentCounter } from "../../lib/evaluation/cost.ts";
import { makeReport } from "../../lib/evaluation/report.ts";
import { reportPage } from "../../lib/evaluation/report_page.ts";
import { browserTests } from "../serve/page/browser.ts";

const HOSTILE = "</script><img src=x onerror=document.title=1>";
const LENGTHS = [900, 5000, 30_000, 100];
const report = await makeReport({
  sources: [{ name: "books", kind: "text" }, { name: HOSTILE, kind: "text" }],
  documents: LENGTHS.map((bytes, i) => ({
    name: HOSTILE,
    source: i % 2,
    bytes,
  })),
  measured: ["a/model", "b/model"].map((name, i) => ({
    name,
    kind: "model",
    costs: LENGTHS.map((bytes) => {
      const counter = new DocumentCounter();
      for (let at = 0; at < bytes; at += 4) counter.add(4 + i, 4);
      return counter.end(bytes);
    }),
  })),
  seed: 1,
  resamples: 100,
});
const html = await reportPage({
  ...report,
  absent: [{ name: "xz", reason: "not-permitted" }],
});

Deno.test("reportPage() is one page without outside resources", () => {
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

browserTests("the report's page", {
  "draws its plots and tables, in both languages": async (page) => {
    const path = `${await Deno.makeTempDir()}/report.html`;
    await Deno.writeTextFile(path, html);
    await page.setViewport({ width: 390, height: 844 });
    await page.goto(`file://${path}`);
    const text = (what: string) =>
      page.evaluate(`document.querySelector("${what}").innerText`);
    assertStringIncludes(`${await text("#summary")}`, "1.443"); // 1 / ln 2
    assertStringIncludes(`${await text("#about")}`, "xz (its program may not");
    const count = (what: string) =>
      page.evaluate(`document.querySelectorAll("${what}").length`);
    await page.waitForSelector("#plots article:last-child svg");
    assertEquals(await count("#plots svg"), 4);
    assertEquals(await count("#documents tbody tr"), LENGTHS.length);
    assertEquals(await count("img"), 0);
    assertEquals(await page.evaluate("document.body.scrollWidth"), 390);
    await page.click("#language");
    assertStringIncludes(`${await text("#summary")}`, "1,443");
    assertEquals(await page.evaluate("document.documentElement.lang"), "pt-BR");
    await Deno.remove(path.replace(/\/[^/]*$/, ""), { recursive: true });
  },
});
