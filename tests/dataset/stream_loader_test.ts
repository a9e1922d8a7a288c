/** Documents in another order each epoch, and streams through them. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { DataLoader } from "../../lib/dataset/data_loader.ts";
import { DocumentBorders } from "../../lib/dataset/document_borders.ts";
import { MixedLoader } from "../../lib/dataset/mixed_loader.ts";
import { ShuffledDocuments } from "../../lib/dataset/shuffled_documents.ts";
import { StreamLoader } from "../../lib/dataset/stream_loader.ts";
import type { TokenSequence, WindowLoader } from "../../lib/dataset/windows.ts";

/** The id that documents end with. */
const END = 0;

function sequenceOf(ids: readonly number[], path = "a"): TokenSequence {
  const tokens = Uint16Array.from(ids);
  return {
    path,
    length: tokens.length,
    read: (at, to) => {
      assert(at >= 0 && at + to.length <= tokens.length);
      to.set(tokens.subarray(at, at + to.length));
    },
  };
}

/** So many documents of 1 to 9 tokens and an end, no two tokens the same. */
function documents(count: number, first = 1): number[] {
  let id = first;
  return Array.from({ length: count }, (_, document) => [
    ...Array.from({ length: 1 + document * 7 % 9 }, () => id++),
    END,
  ]).flat();
}

function bordersOf(sequence: TokenSequence, most?: number) {
  return DocumentBorders.find(sequence, { end: END, most });
}

/** What a sequence has, all of it. */
function tokensOf(sequence: TokenSequence): Uint16Array {
  const tokens = new Uint16Array(sequence.length);
  sequence.read(0, tokens);
  return tokens;
}

/** Tokens cut after each end. */
function cut(tokens: Iterable<number>): string[] {
  return [...tokens].join(" ").split(/(?<=(?:^| )0) /);
}

Deno.test("DocumentBorders.find() finds where documents begin", async () => {
  const starts = async (ids: number[]) => [
    ...(await bordersOf(sequenceOf(ids))).starts,
  ];
  assertEquals(await starts([1, 0, 2, 2, 0]), [0, 2, 5]);
  assertEquals(await starts([1, 0, 2, 2]), [0, 2, 4]);
  assertEquals(await starts([1, 2]), [0, 2]);
  assertEquals(await starts([0, 1, 0, 2, 0]), [0, 3, 5]); // one id for both ends
  assertEquals(await starts([1, 0, 0, 2, 0]), [0, 2, 3, 5]);
  const long = documents(40_000).map((id) => id % 60_000 || id % 2);
  const borders = await bordersOf(sequenceOf(long));
  const ends = long.flatMap((id, i) => id === END ? [i + 1] : []);
  assertEquals([...borders.starts], [0, ...ends]);
});

Deno.test("DocumentBorders.find() takes neighbours together where they are many", async () => {
  const sequence = sequenceOf(documents(23));
  const all = [...(await bordersOf(sequence)).starts];
  const { starts, documents: together, count } = await bordersOf(sequence, 6);
  assertEquals([together, count], [4, 6]);
  const expected = all.filter((_, i) => i % 4 === 0 || i === 23);
  assertEquals([...starts], expected);
});

Deno.test("DocumentBorders.find() ends with the reason of its signal", async () => {
  const reason = new Error("enough");
  await assertRejects(
    () =>
      DocumentBorders.find(sequenceOf(documents(9)), {
        end: END,
        signal: AbortSignal.abort(reason),
      }),
    Error,
    "enough",
  );
});

Deno.test("ShuffledDocuments have each document whole, in another order each epoch", async () => {
  const ids = documents(30), sequence = sequenceOf(ids);
  const borders = await bordersOf(sequence);
  const shuffled = new ShuffledDocuments(sequence, borders, 7);
  const orders = [0, 1, 2].map((epoch) => cut(tokensOf(shuffled.epoch(epoch))));
  for (const order of orders) {
    assertEquals(order.toSorted(), cut(ids).toSorted());
  }
  const all = [cut(ids), ...orders].map((order) => order.join());
  assertEquals(new Set(all).size, 4);
  const again = new ShuffledDocuments(sequence, borders, 7);
  assertEquals(cut(tokensOf(again.epoch(2))), orders[2]);
  const other = new ShuffledDocuments(sequence, borders, 8);
  assert(cut(tokensOf(other.epoch(2))).join() !== orders[2].join());
  // Read in pieces at any place it is the same.
  const whole = tokensOf(shuffled.epoch(1));
  for (let start = 0; start + 11 <= whole.length; start++) {
    const piece = new Uint16Array(11);
    shuffled.epoch(1).read(start, piece);
    assertEquals(piece, whole.slice(start, start + 11));
  }
});

Deno.test("DataLoader of documents has every window of each epoch's order once", async () => {
  const sequence = sequenceOf(documents(30)), contextLength = 4;
  const borders = await bordersOf(sequence);
  const options = { batchSize: 3, contextLength, seed: 5, borders };
  const loader = new DataLoader(sequence, options);
  const { windows } = loader;
  assertEquals(windows, Math.floor((sequence.length - 1) / contextLength));
  const rows = take(loader, 2 * windows);
  const shuffled = new ShuffledDocuments(sequence, borders, 5);
  for (const epoch of [0, 1]) {
    const tokens = tokensOf(shuffled.epoch(epoch));
    const expected = Array.from({ length: windows }, (_, i) => {
      const at = i * contextLength;
      return `${tokens.slice(at, at + 4)} ${tokens.slice(at + 1, at + 5)}`;
    });
    const found = rows.slice(epoch * windows, (epoch + 1) * windows);
    assertEquals(found.toSorted(), expected.toSorted());
    assert(found.join() !== expected.join());
  }
  const later = new DataLoader(sequence, { ...options, batchSize: 1 });
  later.position = windows + 2;
  assertEquals(take(later, 3), rows.slice(windows + 2, windows + 5));
});

/** So many windows of a loader, as inputs and targets. */
function take(loader: WindowLoader, windows: number): string[] {
  const rows: string[] = [];
  while (rows.length < windows) {
    const { rows: count, inputs, targets } = loader.next();
    const length = inputs.length / count;
    for (let row = 0; row < count; row++) {
      const [start, end] = [row * length, (row + 1) * length];
      rows.push(`${inputs.slice(start, end)} ${targets.slice(start, end)}`);
    }
  }
  return rows;
}

Deno.test("MixedLoader of documents mixes by weight, each file in orders of its own", async () => {
  const [a, b] = [sequenceOf(documents(30)), sequenceOf(documents(9, 900))];
  const sources = [
    { dataset: a, weight: 3, borders: await bordersOf(a) },
    { dataset: b, weight: 1, borders: await bordersOf(b) },
  ];
  const options = { batchSize: 4096, contextLength: 4, seed: 5 };
  const loader = new MixedLoader(sources, options);
  const rows = take(loader, 4096);
  const ofB = rows.filter((row) => /\b9\d\d\b/.test(row));
  assertEquals(ofB.length, 1024);
  const [plain] = sources;
  const alone = new DataLoader(plain.dataset, {
    ...options,
    borders: plain.borders,
  });
  const ofA = rows.filter((row) => !/\b9\d\d\b/.test(row));
  // A block has a file's next windows, in places that are shuffled.
  const expected = take(alone, 4096).slice(0, 3072);
  assertEquals(ofA.toSorted(), expected.toSorted());
});

Deno.test("StreamLoader has rows that go on through each epoch's documents", async () => {
  const sequence = sequenceOf(documents(40)), contextLength = 3;
  const borders = await bordersOf(sequence);
  const options = { batchSize: 2, contextLength, seed: 5, streams: 6 };
  const loader = new StreamLoader(
    [{ dataset: sequence, weight: 1, borders }],
    options,
  );
  const perEpoch = Math.floor((sequence.length - 1) / contextLength);
  const steps = Math.floor(perEpoch / 6);
  const shuffled = new ShuffledDocuments(sequence, borders, 5);
  for (const epoch of [0, 1]) {
    const tokens = tokensOf(shuffled.epoch(epoch));
    for (let step = 0; step < steps; step++) {
      for (let micro = 0; micro < 3; micro++) {
        const { inputs, targets, anew } = loader.next();
        assertEquals(anew, [step === 0, step === 0]);
        for (const row of [0, 1]) {
          const at = ((2 * micro + row) * steps + step) * contextLength;
          const part = (from: Uint16Array) =>
            from.slice(row * contextLength, (row + 1) * contextLength);
          assertEquals(part(inputs), tokens.slice(at, at + contextLength));
          assertEquals(part(targets), tokens.slice(at + 1, at + 4));
        }
      }
    }
  }
  assertEquals(loader.epochs, [2]);
  const later = new StreamLoader(
    [{ dataset: sequence, weight: 1, borders }],
    options,
  );
  later.position = 6 * (steps + 2) + 2;
  loader.position = later.position;
  assertEquals(take(later, 9), take(loader, 9));
});

Deno.test("StreamLoader gives each file streams by its weight", async () => {
  const a = sequenceOf(documents(40)), b = sequenceOf(documents(9, 900), "b");
  const sources = [
    { dataset: a, weight: 3, borders: await bordersOf(a) },
    { dataset: b, weight: 1, borders: await bordersOf(b) },
  ];
  const options = { batchSize: 4, contextLength: 3, seed: 5, streams: 4 };
  const loader = new StreamLoader(sources, options);
  const windowsOfB = Math.floor((b.length - 1) / 3);
  for (let step = 0; step < 2 * windowsOfB; step++) {
    const { inputs, anew } = loader.next();
    assertEquals(anew?.[3], step % windowsOfB === 0);
    for (const [i, id] of inputs.entries()) {
      if (id !== END) assertEquals(id >= 900, i >= 9);
    }
  }
  const wrong = (streams: number, weight = 1) => () =>
    new StreamLoader([{ ...sources[0], weight }, sources[1]], {
      ...options,
      streams,
    });
  assertThrows(
    wrong(4, 30),
    RangeError,
    'Cannot mix datasets: the weight of "b" is less than 1 in 4 of all',
  );
  assertThrows(
    wrong(400, 1),
    RangeError,
    'Cannot make batches: "a" has 79 windows of 3 tokens, fewer than its 200 rows of a step',
  );
});
