import { assert, assertEquals, assertLess } from "@std/assert";
import type { TextDocument } from "../../lib/dataset/documents.ts";
import { chooseHoldout, placeOf } from "../../lib/dataset/split.ts";

function documentOf(text: string, sourceBytes = text.length): TextDocument {
  return { text, sourceBytes };
}

/** The works of a share, and their part of all bytes. */
async function heldOf(
  documents: readonly TextDocument[],
  fraction: number,
): Promise<{ held: string[]; share: number }> {
  const holdout = await chooseHoldout(documents, fraction);
  let isHeld = false, bytes = 0, total = 0;
  const held: string[] = [];
  for (const { text, sourceBytes, continues } of documents) {
    if (!continues) isHeld = holdout.has(placeOf(text));
    total += sourceBytes;
    if (!isHeld) continue;
    held.push(text);
    bytes += sourceBytes;
  }
  const share = total === 0 ? 0 : bytes / total;
  assertLess(Math.abs(share - holdout.share), 1e-9);
  return { held, share };
}

const articles = Array.from(
  { length: 3000 },
  (_, i) => documentOf(`documento ${i}`, 500 + 7919 * i % 3000),
);

Deno.test("chooseHoldout() comes within a hundredth of the share of many works", async () => {
  for (const fraction of [0.01, 0.1, 0.5, 0.9]) {
    const { share } = await heldOf(articles, fraction);
    assert(share <= fraction && share >= 0.99 * fraction, `${share}`);
  }
});

Deno.test("chooseHoldout() counts bytes: few works of very different size", async () => {
  // As large as works of an author are, from a sonnet to a novel.
  const works = Array.from(
    { length: 60 },
    (_, i) => documentOf(`obra ${i}`, Math.round(1500 * 1.11 ** i)),
  );
  for (const fraction of [0.01, 0.05, 0.1, 0.3, 0.5]) {
    const { share } = await heldOf(works, fraction);
    assertLess(Math.abs(share - fraction), 0.02 * fraction);
  }
});

Deno.test("chooseHoldout() leaves no side empty where there are two works", async () => {
  for (let i = 0; i < 200; i++) {
    const two = articles.slice(i, i + 2);
    for (const fraction of [0.001, 0.9]) {
      assertEquals((await heldOf(two, fraction)).held.length, 1);
    }
  }
  const [small, large] = [documentOf("a", 10), documentOf("b", 1e6)];
  assertEquals((await heldOf([small, large], 0.01)).held, ["a"]);
  assertEquals((await heldOf([large, small], 0.9)).held, ["a"]);
});

Deno.test("chooseHoldout() takes one work more where that comes nearer", async () => {
  const works = Array.from({ length: 10 }, (_, i) => documentOf(`${i}`, 100));
  assertEquals((await heldOf(works, 0.18)).held.length, 2);
  assertEquals((await heldOf(works, 0.12)).held.length, 1);
});

Deno.test("chooseHoldout() holds nothing out of a single work", async () => {
  for (
    const works of [
      [],
      [documentOf("um")],
      [documentOf("um"), documentOf("um")],
      [documentOf("um"), { ...documentOf("dois"), continues: true }],
    ]
  ) {
    assertEquals((await heldOf(works, 0.5)).held, []);
  }
  assertEquals((await heldOf(articles, 0)).held, []);
});

Deno.test("chooseHoldout() keeps the parts of a work and its copies together", async () => {
  const works = Array.from({ length: 40 }, (_, i) => [
    documentOf(`obra ${i % 20}`, 1000),
    { ...documentOf(`continuação de ${i % 20}`, 500), continues: true },
  ]).flat();
  const { held, share } = await heldOf(works, 0.1);
  assertEquals(share, 0.1);
  assertEquals(held.length, 8);
  assertEquals(new Set(held).size, 4);
});

Deno.test("chooseHoldout() keeps works on their sides when others come", async () => {
  const before = await chooseHoldout(articles, 0.1);
  const more = Array.from(
    { length: 300 },
    (_, i) => documentOf(`novo ${i}`, 2000),
  );
  const after = await chooseHoldout([...articles, ...more], 0.1);
  const moved = articles.filter(({ text }) =>
    before.has(placeOf(text)) !== after.has(placeOf(text))
  );
  // Only the margin moves, by what the new works take more or less than a tenth.
  assertLess(moved.length, 30);
});

Deno.test("chooseHoldout() knows a million works and more by intervals", async () => {
  const count = 2 ** 20 + 50_000;
  function* many() {
    for (let i = 0; i < count; i++) {
      yield documentOf(`${i}`, 100);
      if (i % 1000 === 0) yield { ...documentOf("mais"), continues: true };
    }
  }
  const holdout = await chooseHoldout(many(), 0.05);
  assertLess(Math.abs(holdout.share - 0.05), 0.0001);
  let held = 0;
  for (let i = 0; i < count; i++) if (holdout.has(placeOf(`${i}`))) held++;
  assertLess(Math.abs(held / count - 0.05), 0.0001);
});
