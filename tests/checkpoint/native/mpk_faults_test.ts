/** Checkpoints that are malformed, cut, mutated or have a bit flipped. */

import {
  assert,
  assertLess,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { Checkpoint } from "../../../lib/checkpoint/native/mpk_reader.ts";
import { Random } from "../../../lib/random.ts";
import { mutated } from "../mutations.ts";
import { changed, SNAPSHOT, tinyFile, type Tree } from "./tiny_files.ts";

const FAULTS: [string, (tree: Tree) => void, string][] = [
  ["no item", (t) => delete t.item, "it has no item"],
  [
    "an optimizer's record",
    (t) => {
      t.item = { "0123456789": { V1: {} } };
      delete t.config;
    },
    "it has neither a configuration nor a matrix embedding.weight",
  ],
  ["no weight", (t) => delete t.item.ln_out.bias, "ln_out.bias is missing"],
  [
    "one block too few",
    (t) => t.item.blocks.pop(),
    "blocks.1.ln1.weight is missing",
  ],
  [
    "one block too many",
    (t) => t.item.blocks.push(t.item.blocks[1]),
    "blocks.2.ln1.weight is a weight that rwkv4 lacks",
  ],
  [
    "a bias",
    (t) => t.item.head.bias = t.item.ln_out.bias,
    "head.bias is a weight that rwkv4 lacks",
  ],
  [
    "a turned matrix",
    (t) => t.item.head.weight.param.shape.reverse(),
    "head.weight has the shape [6, 11], not [11, 6]",
  ],
  [
    "too few bytes",
    (t) => t.item.head.weight.param.bytes = new Uint8Array(4),
    "head.weight has 4 bytes, not the 264 of F32 [11, 6]",
  ],
  [
    "no bytes",
    (t) => t.item.head.weight.param.bytes = [1, 2],
    "head.weight has no bytes",
  ],
  [
    "a negative extent",
    (t) => t.item.head.weight.param.shape = [-11, -6],
    "head.weight has no shape",
  ],
  [
    "an extent that is no number",
    (t) => t.item.head.weight.param.shape = [NaN, 6],
    "head.weight has no shape",
  ],
  [
    "extents that overflow",
    (t) => t.item.head.weight.param.shape = [2 ** 52, 2 ** 52],
    "head.weight has no shape",
  ],
  [
    "another dtype",
    (t) => t.item.head.weight.param.dtype = { QFloat: "a\u001b[31m" },
    'head.weight is not stored as F32, F16, BF16 or blocks but as {"QFloat":"a',
  ],
  [
    "a list of numbers",
    (t) => t.item.head.weight.param = { value: [1, 2], shape: [2] },
    "head.weight is a list of numbers, as Burn before 0.14 wrote it",
  ],
  [
    "a long name",
    (t) => t.item["x".repeat(300)] = { y: {} },
    "a name is longer than 256 characters",
  ],
  [
    "an unknown setting",
    (t) => t.config.heads = 4,
    'unknown field "heads"',
  ],
  ["a huge model", (t) => t.config.dModel = 16_384, "emb.weight has the shape"],
  ["an endless model", (t) => t.config.nLayers = 1e9, "nLayers 1000000000"],
  [
    "settings that are no values",
    (t) => t.config.dModel = { toString: 1, valueOf: 1 },
    "config is not a map of plain values",
  ],
  ["a config that is none", (t) => t.config = 1, "config is not a map"],
  ["a train that is none", (t) => t.train = null, "train is not a map"],
  ["no step", (t) => delete t.train.step, "train.step is not a whole number"],
  [
    "half a step",
    (t) => t.train.optimizerStep = 0.5,
    "train.optimizerStep is not a whole number",
  ],
  ["no recipe", (t) => delete t.train.training, "train.training is not a map"],
  ["a bad recipe", (t) => t.train.training.beta1 = 2, "beta1 2"],
  [
    "no moments",
    (t) => delete t.train.moments["head.weight"],
    "train.moments of head.weight is not a map",
  ],
  [
    "short moments",
    (t) => t.train.moments["head.weight"].second = new Uint8Array(4),
    "the moments of head.weight are not 66 values",
  ],
  [
    "a position in binary",
    (t) => t.train.dataPosition = new Uint8Array(4),
    "train.dataPosition is not a whole number",
  ],
  [
    "a bad hash",
    (t) => t.tokenizer = "abc",
    "its tokenizer is not a SHA-256",
  ],
];

for (const [what, fault, reason] of FAULTS) {
  Deno.test(`Checkpoint.open() refuses ${what}`, async () => {
    const good = await tinyFile({ architecture: "rwkv4" }, { train: SNAPSHOT });
    const path = await changed(good, fault);
    const error = await assertRejects(
      () => Checkpoint.open(path),
      SyntaxError,
      `Cannot read checkpoint "${path}": `,
    );
    assertStringIncludes(error.message, reason);
    assertMatch(error.message, /^[^\p{Cc}]{1,500}$/u);
  });
}

/** Opens and loads; any error but the one that is promised fails the test. */
async function opens(path: string): Promise<boolean> {
  try {
    using checkpoint = await Checkpoint.open(path);
    for (const [name] of checkpoint.shapes) {
      checkpoint.readWeight(name);
      if (checkpoint.train) checkpoint.readMoments(name);
    }
    return true;
  } catch (error) {
    assert(error instanceof SyntaxError, String(error));
    assert(error.message.startsWith("Cannot read checkpoint"), error.message);
    assertMatch(error.message, /^[^\p{Cc}]{1,600}$/u);
    return false;
  }
}

const SMALLEST = { vocabSize: 2, dModel: 1, nLayers: 1, dFfn: 1 } as const;

for (const architecture of ["rwkv4", "classic"] as const) {
  Deno.test(`Checkpoint.open() refuses ${architecture} cut at any byte`, async () => {
    const fields = { ...SMALLEST, architecture };
    const path = await tinyFile(fields, { train: SNAPSHOT });
    const { size } = await Deno.stat(path);
    assert(await opens(path));
    for (let length = size - 1; length >= 0; length--) {
      await Deno.truncate(path, length);
      assert(!await opens(path), `cut at ${length}`);
    }
  });

  Deno.test(`Checkpoint.open() survives ${architecture} mutated at random`, async () => {
    const fields = { ...SMALLEST, architecture };
    const whole = await tinyFile(fields, { train: SNAPSHOT });
    // Without checksums, so that the readers behind them are tried.
    const path = await changed(whole, () => {});
    const bytes = await Deno.readFile(path);
    // Written in place: making a file anew takes a hundred times as long.
    using file = await Deno.open(path, { write: true });
    const random = new Random(11);
    let refused = 0, slowest = 0;
    for (let round = 0; round < 2000; round++) {
      const mutation = mutated(bytes, random);
      file.seekSync(0, Deno.SeekMode.Start);
      file.writeSync(mutation);
      file.truncateSync(mutation.length);
      const started = performance.now();
      if (!await opens(path)) refused++;
      slowest = Math.max(slowest, performance.now() - started);
    }
    assert(refused > 500 && refused < 2000, `${refused}`);
    assertLess(slowest, 1000);
  });
}

for (const architecture of ["rwkv4", "classic"] as const) {
  Deno.test(`Checkpoint.open() names every flipped bit of ${architecture}`, async () => {
    const fields = { ...SMALLEST, architecture };
    const path = await tinyFile(fields, { train: SNAPSHOT });
    const bytes = await Deno.readFile(path);
    using file = await Deno.open(path, { write: true });
    const put = (at: number, byte: number) => {
      file.seekSync(at, Deno.SeekMode.Start);
      file.writeSync(Uint8Array.of(byte));
    };
    assert(await opens(path));
    // Every byte once, and every bit somewhere.
    for (let at = 0; at < bytes.length; at++) {
      put(at, bytes[at] ^ 1 << at % 8);
      assert(!await opens(path), `byte ${at}`);
      put(at, bytes[at]);
    }
    assert(await opens(path));
  });
}
