/** The figures of a report are plain sums over the documents that they are of. */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  bitsPerByteOf,
  DocumentCounter,
  sumOf,
} from "../../lib/evaluation/cost.ts";
import { labelsOf, makeReport } from "../../lib/evaluation/report.ts";
import { Random } from "../../lib/random.ts";

const SOURCES = [
  { name: "books", kind: "text" },
  { name: "laws", kind: "text" },
] as const;
const LENGTHS = [100, 900, 1023, 1024, 5000, 300_000, 40];
const DOCUMENTS = LENGTHS.map((bytes, i) => ({
  name: `${i}.txt`,
  source: i % 2,
  bytes,
}));

/** What the documents cost a model of some quality. */
function costsOf(seed: number, quality: number) {
  const random = new Random(seed);
  return DOCUMENTS.map(({ bytes }) => {
    const counter = new DocumentCounter();
    for (let at = 0; at < bytes; at += 5) {
      const length = Math.min(5, bytes - at);
      counter.add(length * quality * (0.5 + random.uniform()), length);
    }
    return counter.end(bytes);
  });
}

const one = costsOf(1, 1.2), other = costsOf(2, 1.5);
const report = await makeReport({
  sources: SOURCES,
  documents: DOCUMENTS,
  measured: [
    { name: "runs/one/model", kind: "model", costs: one },
    { name: "runs/other/model", kind: "model", costs: other },
    {
      name: "xz",
      kind: "baseline",
      costs: one.map(({ nats, bytes }) => ({ nats, bytes, tokens: 0 })),
    },
  ],
  seed: 3,
  resamples: 100,
});

Deno.test("makeReport() sums by source, length and place", () => {
  const [entry] = report.entries;
  assertAlmostEquals(entry.bitsPerByte, bitsPerByteOf(sumOf(one)));
  assertAlmostEquals(entry.perplexity!, Math.exp(entry.loss!));
  assertEquals(entry.tokens, LENGTHS.reduce((n, l) => n + Math.ceil(l / 5), 0));
  for (const [i, figure] of entry.bySource.entries()) {
    const own = one.filter((_, index) => index % 2 === i);
    assertEquals(figure.source, SOURCES[i].name);
    assertEquals(figure.documents, own.length);
    assertAlmostEquals(figure.bitsPerByte, bitsPerByteOf(sumOf(own)));
  }
  assertEquals(
    entry.byLength.map(({ from, to, documents, bytes }) => [
      ...[from, to, documents, bytes],
    ]),
    [
      [0, 1024, 4, 2063],
      [1024, 4096, 1, 1024],
      [4096, 16_384, 1, 5000],
      [262_144, 1_048_576, 1, 300_000],
    ],
  );
  const last = entry.byPosition.at(-1)!;
  assertEquals([last.from, last.to, last.documents], [262_144, undefined, 1]);
  const places = entry.byPosition.reduce((sum, { bytes }) => sum + bytes, 0);
  assertEquals(places, LENGTHS.reduce((sum, length) => sum + length, 0));
  assertEquals(entry.byDocument, one.map(bitsPerByteOf));
  assert(entry.interval![0] <= entry.bitsPerByte);
  assert(entry.bitsPerByte <= entry.interval![1]);
});

Deno.test("makeReport() compares all with the first, on the same documents", () => {
  const [difference, same] = report.differences;
  assertEquals(difference.name, "runs/other/model");
  assertEquals(difference.from, "runs/one/model");
  const want = bitsPerByteOf(sumOf(other)) - bitsPerByteOf(sumOf(one));
  assertAlmostEquals(difference.bitsPerByte, want);
  assert(difference.interval![0] > 0);
  assertEquals(difference.bySource.length, 2);
  assertEquals(same.bitsPerByte, 0);
  assertEquals(same.interval, [0, 0]);
  assertEquals(report.entries[2].byPosition, []);
  assertEquals(report.entries[2].perplexity, undefined);
});

Deno.test("labelsOf() gives paths the shortest ends that tell them apart", () => {
  assertEquals(report.entries.map(({ label }) => label), [
    "one/model",
    "other/model",
    "xz",
  ]);
  assertEquals(labelsOf(["a/b", "a/b"]), ["b", "b"]);
  assertEquals(labelsOf(["b", "a/b"]), ["b", "a/b"]);
  assertEquals(labelsOf(["model"]), ["model"]);
});
