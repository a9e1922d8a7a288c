/**
 * A stage of a Web Streams pipeline written as an async generator, which is
 * lazy: it does nothing before somebody reads, and one input may become any
 * number of outputs without any of them being queued.
 *
 * @module
 */

/**
 * Wraps a generator as a stage for `pipeThrough`. Backpressure, errors and
 * cancellation pass through in both directions.
 *
 * @example
 * ```ts
 * import { GeneratorStage } from "./stage.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const twice = new GeneratorStage<string, string>(async function* (words) {
 *   for await (const word of words) yield* [word, word];
 * });
 * const read = await Array.fromAsync(
 *   ReadableStream.from(["a", "b"]).pipeThrough(twice),
 * );
 * assertEquals(read, ["a", "a", "b", "b"]);
 * ```
 */
export class GeneratorStage<I, O> implements TransformStream<I, O> {
  /** Where the stage's results are read. */
  readonly readable: ReadableStream<O>;
  /** Where its input goes. */
  readonly writable: WritableStream<I>;

  /**
   * Makes the stage; it reads nothing before it is read.
   *
   * @param run Turns the input into the output.
   */
  constructor(run: (input: AsyncIterable<I>) => AsyncGenerator<O>) {
    const input = new TransformStream<I, I>();
    const output = run(input.readable);
    this.writable = input.writable;
    this.readable = new ReadableStream<O>({
      async pull(controller) {
        const { done, value } = await output.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel(reason) {
        await output.return(undefined);
        // A generator that never ran has not told its source either.
        if (!input.readable.locked) await input.readable.cancel(reason);
      },
    }, { highWaterMark: 0 });
  }
}
