import { assert, assertEquals, assertRejects } from "@std/assert";
import { BATCHES_A_THREAD, mapInWorkers, workerTask } from "../lib/workers.ts";

interface Value {
  readonly value: number;
  readonly bytes?: Uint8Array<ArrayBuffer>;
}

const buffersOf = ({ bytes }: Value) =>
  bytes === undefined ? [] : [bytes.buffer];

/** Waits a while and doubles; the sum of its batches is left at the end. */
const doubling = workerTask({
  url: import.meta.url,
  name: "doubling",
  start: (setup: { limit: number; fault?: string }) => {
    if (setup.fault === "setup") throw new RangeError("Cannot set up: no");
    let sum = 0;
    return {
      run: ({ value, bytes }: Value): Value => {
        if (value > setup.limit) {
          throw new SyntaxError(`Cannot double ${value}`);
        }
        if (setup.fault === "text") throw "only words";
        if (setup.fault === "thread") {
          queueMicrotask(() => {
            throw new Error("lost");
          });
        }
        const wait = new Int32Array(new SharedArrayBuffer(4));
        Atomics.wait(wait, 0, 0, value % 3 === 0 ? 20 : 1);
        sum += value;
        return { value: 2 * value, bytes };
      },
      finish: (): Value => ({ value: -sum }),
    };
  },
  batchBuffers: buffersOf,
  resultBuffers: buffersOf,
});

const numbers = (count: number) =>
  Array.from({ length: count }, (_, value) => ({ value }));

Deno.test("mapInWorkers() keeps the order at any number of threads", async () => {
  for (const threads of [1, 2, 3, 8]) {
    const results: number[] = [];
    let left = 0;
    for await (
      const { value } of mapInWorkers(doubling, { limit: 100 }, numbers(20), {
        threads,
      })
    ) {
      if (value < 0) left += value;
      else results.push(value);
    }
    assertEquals(results, numbers(20).map(({ value }) => 2 * value));
    assertEquals(left, -190);
  }
});

Deno.test("mapInWorkers() gives buffers away and back", async () => {
  const batch = { value: 1, bytes: new Uint8Array([1, 2, 3]) };
  const [result] = await Array.fromAsync(
    mapInWorkers(doubling, { limit: 1 }, [batch], { threads: 2 }),
  );
  assertEquals(batch.bytes.length, 0);
  assertEquals(result.bytes, new Uint8Array([1, 2, 3]));
});

Deno.test("mapInWorkers() reads no further ahead than it may", async () => {
  let read = 0;
  const batches = (function* () {
    for (const batch of numbers(50)) {
      read++;
      yield batch;
    }
  })();
  let taken = 0;
  for await (
    const _ of mapInWorkers(doubling, { limit: 50 }, batches, { threads: 2 })
  ) {
    taken++;
    assert(
      read <= taken + 2 * BATCHES_A_THREAD,
      `${read} read, ${taken} taken`,
    );
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  assertEquals(read, 50);
});

Deno.test("mapInWorkers() tells what went wrong, as it was thrown", async () => {
  for (const threads of [1, 2]) {
    const results: number[] = [];
    const error = await assertRejects(async () => {
      const mapped = mapInWorkers(doubling, { limit: 4 }, numbers(20), {
        threads,
      });
      for await (const { value } of mapped) results.push(value);
    }, SyntaxError);
    assertEquals(error.message, "Cannot double 5");
    assertEquals(results, [0, 2, 4, 6, 8]);
    await assertRejects(
      () =>
        Array.fromAsync(
          mapInWorkers(doubling, { limit: 4, fault: "setup" }, numbers(2), {
            threads,
          }),
        ),
      RangeError,
      "Cannot set up: no",
    );
  }
  await assertRejects(
    () =>
      Array.fromAsync(
        mapInWorkers(doubling, { limit: 4, fault: "text" }, numbers(2), {
          threads: 2,
        }),
      ),
    Error,
    "only words",
  );
});

Deno.test("mapInWorkers() throws what cannot be sent when its turn comes", async () => {
  const results: number[] = [];
  await assertRejects(async () => {
    const batches = [{ value: 1 }, { value: 2, bytes: (() => {}) as never }];
    const unsent = { ...doubling, batchBuffers: undefined };
    const mapped = mapInWorkers(unsent, { limit: 4 }, batches, { threads: 2 });
    for await (const { value } of mapped) results.push(value);
  }, DOMException);
  assertEquals(results, [2]);
});

Deno.test("mapInWorkers() fails when a Worker does", async () => {
  const missing = { ...doubling, url: new URL("none.ts", doubling.url).href };
  await assertRejects(
    () =>
      Array.fromAsync(
        mapInWorkers(missing, { limit: 4 }, numbers(9), { threads: 2 }),
      ),
    Error,
    "Cannot work in a thread: ",
  );
  await assertRejects(
    () =>
      Array.fromAsync(
        mapInWorkers(doubling, { limit: 9, fault: "thread" }, numbers(9), {
          threads: 2,
        }),
      ),
    Error,
    "lost",
  );
});

Deno.test("mapInWorkers() tells of an error in reading, and can be left", async () => {
  let closed = 0;
  const batches = (fail: boolean) =>
    (async function* () {
      try {
        yield* numbers(9);
        if (fail) throw new Deno.errors.NotFound("Cannot read the file");
        yield* numbers(9);
      } finally {
        closed++;
      }
    })();
  for (const threads of [1, 2]) {
    await assertRejects(
      () =>
        Array.fromAsync(
          mapInWorkers(doubling, { limit: 9 }, batches(true), { threads }),
        ),
      Deno.errors.NotFound,
    );
    for await (
      const _ of mapInWorkers(doubling, { limit: 9 }, batches(false), {
        threads,
      })
    ) break;
  }
  assertEquals(closed, 4);
});
