import { assert, assertEquals, assertRejects } from "@std/assert";
import { GeneratorStage } from "../../../lib/corpus/dump/stage.ts";

function counting(): { source: ReadableStream<number>; seen: string[] } {
  const seen: string[] = [];
  let next = 0;
  const source = new ReadableStream<number>({
    pull(controller) {
      controller.enqueue(next++);
      seen.push("pull");
    },
    cancel() {
      seen.push("cancel");
    },
  });
  return { source, seen };
}

Deno.test("GeneratorStage pulls no more than it is asked for", async () => {
  const { source, seen } = counting();
  const reader = source.pipeThrough(
    new GeneratorStage<number, number>(async function* (numbers) {
      for await (const number of numbers) yield number * 2;
    }),
  ).getReader();
  assertEquals((await reader.read()).value, 0);
  assertEquals((await reader.read()).value, 2);
  assert(seen.length <= 5, `${seen.length} pulls for two reads`);
  await reader.cancel();
  assertEquals(seen.at(-1), "cancel");
});

Deno.test("GeneratorStage cancels its source before it ever ran", async () => {
  const { source, seen } = counting();
  const stage = new GeneratorStage<number, number>(async function* (numbers) {
    yield* numbers;
  });
  await source.pipeThrough(stage).cancel();
  assertEquals(seen.at(-1), "cancel");
});

Deno.test("GeneratorStage passes errors on in both directions", async () => {
  const { source, seen } = counting();
  const failing = source.pipeThrough(
    new GeneratorStage<number, number>(async function* (numbers) {
      for await (const number of numbers) {
        if (number === 1) throw new RangeError("one");
        yield number;
      }
    }),
  );
  await assertRejects(() => Array.fromAsync(failing), RangeError, "one");
  assertEquals(seen.at(-1), "cancel");

  const broken = new ReadableStream<number>({
    pull() {
      throw new SyntaxError("source");
    },
  }).pipeThrough(
    new GeneratorStage<number, number>(async function* (numbers) {
      yield* numbers;
    }),
  );
  await assertRejects(() => Array.fromAsync(broken), SyntaxError, "source");
});
