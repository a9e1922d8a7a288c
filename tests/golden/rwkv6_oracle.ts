/**
 * A tiny RWKV-6 of random weights and what it must answer, both written by
 * `rwkv6_oracle.py` from the equations alone.
 *
 * @module
 */

/** Its weights, with the official names and shapes, as f16. */
export const RWKV6_MODEL = "tests/golden/rwkv6-tiny.safetensors";

/** What the model answers, in 64 bits. */
export interface Rwkv6Answers {
  /** Sequences, and the logits of what follows each of their tokens. */
  readonly prompts: readonly {
    readonly ids: readonly number[];
    readonly logits: readonly (readonly number[])[];
  }[];
  /** A batch to learn from, by sequence. */
  readonly inputs: readonly (readonly number[])[];
  /** What shall follow each token of the batch. */
  readonly targets: readonly (readonly number[])[];
  /** Mean cross-entropy of the batch, in nats. */
  readonly loss: number;
  /** Its gradient: some entries of every parameter. */
  readonly gradients: Readonly<
    Record<string, readonly (readonly [index: number, gradient: number])[]>
  >;
}

/** Reads the answers. */
export async function rwkv6Answers(): Promise<Rwkv6Answers> {
  return JSON.parse(await Deno.readTextFile("tests/golden/rwkv6-tiny.json"));
}
