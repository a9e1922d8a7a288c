import {
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import {
  type Batch,
  DataLoader,
  sequentialBatches,
} from "../../lib/dataset/data_loader.ts";
import { MmapDataset } from "../../lib/dataset/mmap_dataset.ts";
import { writeTokens } from "./token_files.ts";

/** A file whose tokens are their own numbers. */
async function counting(length: number): Promise<MmapDataset> {
  const path = await Deno.makeTempDir() + "/train.bin";
  await writeTokens(path, Array.from({ length }, (_, i) => i));
  return MmapDataset.open(path);
}

/** The windows' first tokens, after checking that each row is a window. */
function starts({ rows, inputs, targets }: Batch, length: number): number[] {
  assertEquals(inputs.length, rows * length);
  assertEquals([...targets], [...inputs].map((id) => id + 1));
  return Array.from({ length: rows }, (_, row) => {
    const window = [...inputs.subarray(row * length, (row + 1) * length)];
    assertEquals(window, window.map((_, i) => window[0] + i));
    return window[0];
  });
}

function draw(loader: DataLoader, batches: number): number[] {
  return Array.from(
    { length: batches },
    () => starts(loader.next(), loader.contextLength),
  ).flat();
}

Deno.test("DataLoader gives every window once an epoch, in another order each", async () => {
  using dataset = await counting(8 * 33 + 5);
  const loader = new DataLoader(dataset, {
    batchSize: 4,
    contextLength: 8,
    seed: 1,
  });
  assertEquals(loader.windows, 33);
  // 33 windows are no whole number of batches: 33 batches are 4 epochs.
  const order = draw(loader, 33);
  assertEquals([loader.position, loader.epoch], [132, 4]);
  const every = Array.from({ length: 33 }, (_, i) => i * 8);
  const epochs = [0, 1, 2, 3].map((i) => order.slice(i * 33, i * 33 + 33));
  for (const epoch of epochs) {
    assertEquals(epoch.toSorted((a, b) => a - b), every);
    assertNotEquals(epoch, every);
  }
  assertNotEquals(epochs[0], epochs[1]);
});

Deno.test("DataLoader repeats by its seed and continues by its position", async () => {
  using dataset = await counting(500);
  const options = { batchSize: 3, contextLength: 7, seed: 5 };
  const order = draw(new DataLoader(dataset, options), 60);
  assertEquals(draw(new DataLoader(dataset, options), 60), order);
  assertNotEquals(
    draw(new DataLoader(dataset, { ...options, seed: 6 }), 60),
    order,
  );
  const later = new DataLoader(dataset, { ...options, batchSize: 2 });
  later.position = 51;
  assertEquals(draw(later, 10), order.slice(51, 71));
  for (const position of [-1, 0.5, NaN]) {
    assertThrows(
      () => later.position = position,
      RangeError,
      "it is no count of windows",
    );
  }
});

Deno.test("DataLoader makes batches larger than the file", async () => {
  using dataset = await counting(10);
  const loader = new DataLoader(dataset, {
    batchSize: 6,
    contextLength: 4,
    seed: 0,
  });
  assertEquals(draw(loader, 1).toSorted(), [0, 0, 0, 4, 4, 4]);
});

Deno.test("sequentialBatches() gives every window in order, then what is left", async () => {
  using dataset = await counting(32);
  const batches = [
    ...sequentialBatches(dataset, { batchSize: 3, contextLength: 4 }),
  ];
  assertEquals(batches.map(({ rows }) => rows), [3, 3, 1, 1]);
  const rest = batches.pop()!;
  assertEquals(
    batches.flatMap((batch) => starts(batch, 4)),
    [0, 4, 8, 12, 16, 20, 24],
  );
  assertEquals(starts(rest, 3), [28]);
});

Deno.test("sequentialBatches() makes one window of a short text", async () => {
  using dataset = await counting(3);
  const [batch, ...more] = [
    ...sequentialBatches(dataset, { batchSize: 4, contextLength: 64 }),
  ];
  assertEquals(starts(batch, 2), [0]);
  assertEquals(more, []);
});

Deno.test("DataLoader refuses a file without a window and bad sizes", async () => {
  using dataset = await counting(8);
  const options = { batchSize: 1, contextLength: 8, seed: 0 };
  assertThrows(
    () => new DataLoader(dataset, options),
    RangeError,
    "has 8 tokens, a window takes 9; use more text or a shorter context",
  );
  using single = await counting(1);
  assertThrows(
    () => [...sequentialBatches(single, options)],
    RangeError,
    "has 1 tokens, a window takes 2",
  );
  for (const wrong of [{ batchSize: 0 }, { contextLength: 1.5 }]) {
    assertThrows(
      () => new DataLoader(dataset, { ...options, ...wrong }),
      RangeError,
      "must be at least 1",
    );
  }
});

Deno.test("DataLoader gives its batches to a loop, as next() does", async () => {
  using dataset = await counting(41);
  const options = { batchSize: 3, contextLength: 4, seed: 42 };
  const epochs = new DataLoader(dataset, { ...options, epochs: 2 });
  const plain = new DataLoader(dataset, options);
  const looped = await Array.fromAsync(epochs);
  // 20 windows in two epochs, the last batch going on in the third.
  assertEquals(looped.length, 7);
  assertEquals(looped, Array.from({ length: 7 }, () => plain.next()));
  assertEquals(epochs.position, 21);
  assertEquals(await Array.fromAsync(epochs), []);

  let batches = 0;
  for await (const { rows } of plain) {
    assertEquals(rows, 3);
    if (++batches === 50) break;
  }
  assertEquals(plain.position, 171);
});

Deno.test("DataLoader ends a loop with the reason of its signal", async () => {
  using dataset = await counting(41);
  const options = { batchSize: 3, contextLength: 4, seed: 42 };
  const loader = new DataLoader(dataset, options);
  const signal = AbortSignal.timeout(1);
  await assertRejects(async () => {
    for await (const _ of loader.batches({ signal }));
  }, DOMException);
  assertThrows(
    () => new DataLoader(dataset, { ...options, epochs: 0 }),
    RangeError,
    "Cannot make batches of 0 epochs",
  );
});

Deno.test("TokenWindows are those of the loaders, in order", async () => {
  using dataset = await counting(41);
  const windows = dataset.windows(4);
  assertEquals(windows.length, 10);
  const batches = sequentialBatches(dataset, {
    batchSize: 1,
    contextLength: 4,
  });
  const inputs = [...batches].map(({ inputs }) => inputs);
  assertEquals([...windows].map(({ inputs }) => inputs), inputs);
  assertEquals([...windows.get(9).targets], [37, 38, 39, 40]);
  for (const wrong of [-1, 10, 0.5]) {
    assertThrows(
      () => windows.get(wrong),
      RangeError,
      `Cannot read window ${wrong}: "${dataset.path}" has 10`,
    );
  }
  assertThrows(() => dataset.windows(41), RangeError, "Cannot make batches");
});
