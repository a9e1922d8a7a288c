/**
 * Mutated model files through every reader: each is read or refused with one
 * line, quickly. The suite runs a short form; the long one, so many mutations
 * a format:
 *
 *     deno run --allow-read --allow-write tests/checkpoint/fuzz/readers.ts 100000
 *
 * A second argument is the seed, 1 by itself.
 *
 * @module
 */

import {
  type ByteSource,
  memorySource,
} from "../../../lib/checkpoint/encoding/byte_source.ts";
import type { FileTensors } from "../../../lib/checkpoint/encoding/tensor_file.ts";
import { readGguf } from "../../../lib/checkpoint/formats/gguf/gguf_reader.ts";
import { readRwkvCpp } from "../../../lib/checkpoint/formats/rwkv_cpp.ts";
import { readSafetensors } from "../../../lib/checkpoint/formats/safetensors.ts";
import { readTorch } from "../../../lib/checkpoint/formats/torch/torch.ts";
import { inflateGzip } from "../../../lib/checkpoint/import/gzip.ts";
import { recognise } from "../../../lib/checkpoint/import/official_weights.ts";
import { Checkpoint } from "../../../lib/checkpoint/native/mpk_reader.ts";
import { saveModel } from "../../../lib/checkpoint/native/mpk_writer.ts";
import { Random } from "../../../lib/random.ts";
import {
  ggufFile,
  type Given,
  rwkvCppFile,
  safetensorsFile,
} from "../foreign_files.ts";
import { tensorsOf, tinyModel } from "../models.ts";
import { mutated } from "../mutations.ts";
import { torchFile } from "../torch_files.ts";

/** A format: a file of it, and how it is read to the last value. */
export interface Target {
  /** What it is called. */
  readonly name: string;
  /** A file that can be read. */
  readonly bytes: Uint8Array;
  /** Reads such a file. */
  readonly read: (bytes: Uint8Array) => void | Promise<void>;
  /** How many rounds cost as much as one of the others. */
  readonly cost: number;
}

/** What a run found. */
export interface Findings {
  /** Mutations that were refused. */
  readonly refused: number;
  /** The longest that one took, in ms. */
  readonly slowest: number;
}

const FIELDS = { vocabSize: 2, dModel: 2, nLayers: 2, dFfn: 1 } as const;

/** What rwkv.cpp and llama.cpp store as one. */
const SHIFTS: readonly Given[] = [
  { name: "blocks.0.att.x_rwkvag", shape: [6, 1, 1], values: values(6) },
  { name: "blocks.0.att.w1", shape: [1, 2], values: values(2) },
];
const GGUF: readonly Given[] = [
  { name: "token_embd.weight", shape: [2, 2], values: values(4) },
  {
    name: "blk.0.time_mix_lerp_fused.weight",
    shape: [6, 1],
    values: values(6),
  },
  { name: "blk.0.time_mix_w1.weight", shape: [1, 2], values: values(2) },
  { name: "blk.0.time_mix_r_k.weight", shape: [2], values: values(2) },
];

function values(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => i + 1);
}

/** Every reader, over the smallest models. */
export async function targets(): Promise<Target[]> {
  const rwkv4 = await tensorsLike("rwkv4");
  const rwkv7 = await tensorsLike("rwkv7");
  const wide = [{
    name: "x.weight",
    shape: [2, 32],
    values: new Float32Array(64).fill(1),
  }];
  const official = (
    name: string,
    bytes: Uint8Array,
    read: (source: ByteSource) => FileTensors,
  ): Target => ({
    name,
    bytes,
    cost: 1,
    read: (bytes) => readAll(read(memorySource("model", bytes))),
  });
  const safetensors = (source: ByteSource) => readSafetensors(source).tensors;
  const classic = await burnFile();
  return [
    official("safetensors", safetensorsFile(rwkv7), safetensors),
    official("safetensors bf16", safetensorsFile(bf16(rwkv4)), safetensors),
    official("torch", torchFile(rwkv4), readTorch),
    official("torch zip64", torchFile(rwkv7, { large: true }), readTorch),
    official("rwkv.cpp", rwkvCppFile(rwkv4), readRwkvCpp),
    official("rwkv.cpp rwkv7", rwkvCppFile(SHIFTS), readRwkvCpp),
    official("gguf", ggufFile(GGUF), readGguf),
    official("rwkv.cpp Q5_1", rwkvCppFile(wide, { type: "Q5_1" }), readRwkvCpp),
    {
      name: "burn",
      bytes: classic,
      cost: 1,
      read: (bytes) => readBurn(memorySource("checkpoint", bytes)),
    },
    {
      name: "burn gzip",
      bytes: await gzipped(classic),
      cost: 20, // it goes through a file
      read: readGzip,
    },
  ];
}

/**
 * Reads mutations of a file.
 *
 * @param target The format.
 * @param rounds How many.
 * @param seed Which.
 * @throws {Error} At the first that is refused other than with one line of a
 * `SyntaxError`.
 */
export async function fuzz(
  { name, bytes, read }: Target,
  rounds: number,
  seed: number,
): Promise<Findings> {
  const random = new Random(seed);
  let refused = 0, slowest = 0;
  for (let round = 0; round < rounds; round++) {
    let mutation = mutated(bytes, random);
    // Now and then two or three faults together.
    for (let n = random.next() % 4; n > 1 && mutation.length > 0; n--) {
      mutation = mutated(mutation, random);
    }
    const start = performance.now();
    try {
      await read(mutation);
    } catch (error) {
      refused++;
      const isTyped = error instanceof SyntaxError &&
        /^Cannot read [^\p{Cc}]{1,400}$/u.test(error.message);
      if (!isTyped) {
        throw new Error(
          `Cannot refuse mutation ${round} of ${name} (seed ${seed}): ${error}`,
          { cause: error },
        );
      }
    }
    slowest = Math.max(slowest, performance.now() - start);
  }
  return { refused, slowest };
}

function tensorsLike(architecture: "rwkv4" | "rwkv7"): Promise<Given[]> {
  return tensorsOf(tinyModel({ ...FIELDS, architecture, headSize: 1 }));
}

function bf16(tensors: readonly Given[]) {
  return tensors.map((tensor) => ({ ...tensor, type: "BF16" as const }));
}

async function burnFile(): Promise<Uint8Array> {
  const path = await Deno.makeTempFile({ suffix: ".mpk" });
  await saveModel(path, tinyModel({ ...FIELDS, architecture: "classic" }));
  const bytes = await Deno.readFile(path);
  await Deno.remove(path);
  return bytes;
}

async function gzipped(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Everything that importing does but writing. */
function readAll(tensors: FileTensors): void {
  for (const [name, { shape, read }] of tensors) {
    if (read().length !== shape.reduce((a, b) => a * b, 1)) {
      throw new Error(`${name} has not as many values as its shape says`);
    }
  }
  try {
    recognise(tensors);
  } catch (error) {
    // The reason alone, which the importer makes a sentence of.
    const isReason = error instanceof SyntaxError ||
      error instanceof RangeError;
    if (!isReason) throw error;
  }
}

function readBurn(source: ByteSource): void {
  using checkpoint = new Checkpoint("checkpoint", {
    ...source,
    [Symbol.dispose]() {},
  });
  for (const [name] of checkpoint.shapes) checkpoint.readWeight(name);
}

const SCRATCH = await Deno.makeTempDir();

async function readGzip(bytes: Uint8Array): Promise<void> {
  using source = await inflateGzip(memorySource("model", bytes), SCRATCH);
  readBurn(source);
}

if (import.meta.main) {
  const [rounds = 1e5, seed = 1] = Deno.args.map(Number);
  for (const target of await targets()) {
    const count = Math.ceil(rounds / target.cost);
    const start = performance.now();
    const { refused, slowest } = await fuzz(target, count, seed);
    console.log(
      `${target.name}: ${count} mutations, ${refused} refused, slowest ${
        slowest.toFixed(0)
      } ms, ${((performance.now() - start) / 1000).toFixed(0)} s, ${
        (Deno.memoryUsage().rss / 1e6).toFixed(0)
      } MB`,
    );
  }
  await Deno.remove(SCRATCH, { recursive: true });
}
