import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { MIX_BLOCK, MixedLoader } from "../../lib/dataset/mixed_loader.ts";
import type { TokenSequence } from "../../lib/dataset/windows.ts";

/** `windows` windows of two tokens; a token says its file and window. */
function sequence(file: number, windows: number): TokenSequence {
  return {
    path: `file ${file}`,
    length: windows * 2 + 1,
    read(start, into) {
      for (let i = 0; i < into.length; i++) {
        into[i] = file * 10_000 + Math.floor((start + i) / 2);
      }
    },
  };
}

const SOURCES = [
  { dataset: sequence(0, 1000), weight: 0.5 },
  { dataset: sequence(1, 37), weight: 0.3 },
  { dataset: sequence(2, 9000), weight: 0.2 },
];

function loaderOf(seed: number, batchSize = 16): MixedLoader {
  return new MixedLoader(SOURCES, { batchSize, contextLength: 2, seed });
}

/** The first token of each window. */
function draw(loader: MixedLoader, windows: number): number[] {
  const tokens: number[] = [];
  while (tokens.length < windows) {
    const { inputs } = loader.next();
    for (let i = 0; i < inputs.length; i += 2) tokens.push(inputs[i]);
  }
  return tokens;
}

function countOf(tokens: number[], file: number): number {
  return tokens.filter((token) => Math.floor(token / 10_000) === file).length;
}

Deno.test("MixedLoader meets the weights in every block, and nearly so between", () => {
  const order = draw(loaderOf(1), 3 * MIX_BLOCK);
  for (let block = 0; block < 3; block++) {
    const part = order.slice(block * MIX_BLOCK, (block + 1) * MIX_BLOCK);
    assertEquals(
      [0, 1, 2].map((file) => countOf(part, file)),
      [2048, 1229, 819],
    );
    // Five standard deviations of a tenth of the block.
    const some = part.slice(0, 400);
    assertAlmostEquals(countOf(some, 0), 200, 50);
    assertAlmostEquals(countOf(some, 1), 120, 46);
  }
});

Deno.test("MixedLoader gives every window of a file once in its epochs", () => {
  const blocks = 5;
  const order = draw(loaderOf(2), blocks * MIX_BLOCK);
  const quotas = [2048, 1229, 819];
  for (const [file, { dataset }] of SOURCES.entries()) {
    const windows = (dataset.length - 1) / 2;
    const counts = new Array(windows).fill(0);
    for (const token of order) {
      if (Math.floor(token / 10_000) === file) counts[token % 10_000]++;
    }
    const epochs = quotas[file] * blocks / windows;
    assert(Math.min(...counts) >= Math.floor(epochs), `file ${file}`);
    assert(Math.max(...counts) <= Math.ceil(epochs), `file ${file}`);
  }
});

Deno.test("MixedLoader repeats by its seed and continues by its position", () => {
  const order = draw(loaderOf(5), 2 * MIX_BLOCK);
  assertEquals(draw(loaderOf(5), 2 * MIX_BLOCK), order);
  assertNotEquals(draw(loaderOf(6), 2 * MIX_BLOCK), order);
  for (const position of [3, MIX_BLOCK - 5, MIX_BLOCK + 77]) {
    const later = loaderOf(5, 7);
    later.position = position;
    assertEquals(draw(later, 35), order.slice(position, position + 35));
    assertEquals(later.position, position + 35);
    const seen = order.slice(0, position + 35);
    assertEquals(
      later.epochs,
      [0, 1, 2].map((file) =>
        countOf(seen, file) / ((SOURCES[file].dataset.length - 1) / 2)
      ),
    );
  }
  assertThrows(
    () => loaderOf(1).position = -1,
    RangeError,
    "it is no count of windows",
  );
});

Deno.test("MixedLoader refuses no file, bad weights and a file without a window", () => {
  const options = { batchSize: 1, contextLength: 2, seed: 0 };
  const dataset = sequence(0, 9);
  const weights = (...given: number[]) =>
    given.map((weight) => ({ dataset, weight }));
  const faults: [Parameters<typeof weights>, string][] = [
    [[], "there is none"],
    [[1, 0], '"file 0" has weight 0, not a positive number'],
    [[1, NaN], '"file 0" has weight NaN'],
    [[1, Infinity], '"file 0" has weight Infinity'],
    [[1e6, 1], 'the weight of "file 0" is less than 1 in 4096 of all'],
  ];
  for (const [given, reason] of faults) {
    assertThrows(
      () => new MixedLoader(weights(...given), options),
      RangeError,
      `Cannot mix datasets: ${reason}`,
    );
  }
  assertThrows(
    () =>
      new MixedLoader([{ dataset, weight: 1 }], {
        ...options,
        contextLength: 50,
      }),
    RangeError,
    'Cannot make batches: "file 0" has 19 tokens',
  );
});
