import { assertEquals, assertLess } from "@std/assert";
import {
  newRepetitions,
  SourceAudit,
  type SourceReport,
} from "../../../lib/corpus/audit/source_audit.ts";
import { loadLanguageIdentifier } from "../../../lib/corpus/measures/language.ts";

const identifier = await loadLanguageIdentifier();
const PORTUGUESE =
  "A feira abriu cedo e ninguém sabia de onde tinha vindo tanto peixe.";
const ENGLISH =
  "The market opened early and nobody knew where so much fish came from.";

async function audit(
  files: Record<string, string>,
  overall = newRepetitions(),
): Promise<SourceReport> {
  const folder = await Deno.makeTempDir();
  const source = new SourceAudit("fonte", identifier, { overall });
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
    await source.add({ path: `${folder}/${name}`, name });
  }
  await Deno.remove(folder, { recursive: true });
  return source.report();
}

Deno.test("SourceAudit counts documents, lines, languages and repetitions", async () => {
  const report = await audit({
    "a.txt": `${PORTUGUESE}\n${PORTUGUESE}\n\n\n${ENGLISH}\n\nCurto.\n`,
    "b.txt": `\n${ENGLISH}\n`,
  });
  assertEquals([report.files, report.documents, report.lines], [2, 4, 5]);
  assertEquals(report.languages, {
    judged: 3,
    foreign: 2 / 3,
    documents: { en: 2, pt: 1 },
  });
  assertEquals(report.repeatedParagraphs.items, 2 / 5);
  assertEquals(report.repeatedDocuments.items, 1 / 4);
  assertEquals(report.worst, []);
  assertEquals(report.lineLengths.counts.slice(0, 4), [1, 0, 4, 0]);
  assertEquals(report.documentLengths.counts.slice(0, 4), [1, 0, 2, 1]);
  assertEquals(report.characters, 2 * 67 + 2 * 69 + 6);
});

Deno.test("SourceAudit counts repetitions over sources", async () => {
  const overall = newRepetitions();
  await audit({ "a.txt": PORTUGUESE }, overall);
  const second = await audit({ "b.txt": PORTUGUESE }, overall);
  assertEquals(second.repeatedDocuments.items, 0);
  assertEquals(overall.documents.repeats().items, 1 / 2);
});

Deno.test("SourceAudit reads objects of .jsonl files", async () => {
  const report = await audit({
    "a.jsonl": [
      JSON.stringify({ id: 1, text: "Um.\n\nDois \u0097." }),
      "{",
      '{"texto": ""}',
      "null",
      "",
      JSON.stringify({ text: "Três." }),
    ].join("\n"),
  });
  assertEquals([report.documents, report.lines, report.badObjects], [2, 3, 3]);
  assertEquals(report.faults.c1, 1);
});

Deno.test("SourceAudit names the worst files", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 9 }, (_, i) => [
      `${i}.txt`,
      "<b>".repeat(i) + "x".repeat(1000 - 3 * i),
    ]),
  );
  const { worst, faults } = await audit(files);
  assertEquals(worst.map(({ name, rate }) => [name, rate]), [
    ["8.txt", 8000],
    ["7.txt", 7000],
    ["6.txt", 6000],
    ["5.txt", 5000],
    ["4.txt", 4000],
  ]);
  assertEquals(faults.tags, 36);
});

Deno.test("SourceAudit takes a file of one line in linear time", async () => {
  const start = performance.now();
  const { lines, documents, characters } = await audit({
    "a.txt": "<sol> ".repeat(1_000_000),
    "b.jsonl": `{"text": "${"a ".repeat(10_000_000)}"}`,
  });
  assertEquals([lines, documents, characters], [1, 1, 6_000_000]);
  assertLess(performance.now() - start, 60_000);
});
