/**
 * GGUF as it is written, read by a reader of this file's own and by Hugging
 * Face's.
 * llama.cpp itself runs them in `tests/interop`.
 *
 * @module
 */

import {
  assertEquals,
  assertLess,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { ELEMENT_TYPES } from "../../../../lib/checkpoint/encoding/elements.ts";
import {
  countOf,
  type ExportType,
} from "../../../../lib/checkpoint/encoding/tensor_encoding.ts";
import { worldText } from "../../../../lib/checkpoint/export/hugging_face_folder.ts";
import {
  ggufModel,
  ggufTensors,
} from "../../../../lib/checkpoint/formats/gguf/gguf_model.ts";
import { ggufTokenizer } from "../../../../lib/checkpoint/formats/gguf/gguf_tokenizer.ts";
import { writeGguf } from "../../../../lib/checkpoint/formats/gguf/gguf_writer.ts";
import type { RWKVFields } from "../../../../lib/model/config.ts";
import type { WeightSource } from "../../../../lib/model/foreign.ts";
import { PTBRNormalizer } from "../../../../lib/tokenizer/normalizer.ts";
import { WorldVocab } from "../../../../lib/tokenizer/world/world_vocab.ts";
import {
  bytesAnd,
  trained,
  vocabWith,
} from "../../../tokenizer/interchange/vocabularies.ts";
import { WORLD_SIZE, WORLD_TEXT } from "../../../tokenizer/world.ts";
import { weights } from "../../weights.ts";

const RWKV7 = { architecture: "rwkv7", rateRank: 64, valueRank: 32 } as const;

interface GgufTensor {
  readonly dims: number[];
  readonly type: number;
  readonly data: Uint8Array;
}

/** GGUF by its specification alone. */
function parseGguf(bytes: Uint8Array): {
  fields: Map<string, unknown>;
  tensors: Map<string, GgufTensor>;
} {
  const view = new DataView(bytes.buffer);
  let at = 0;
  const u32 = () => view.getUint32((at += 4) - 4, true);
  const u64 = () => Number(view.getBigUint64((at += 8) - 8, true));
  const string = () => {
    const length = u64();
    return new TextDecoder().decode(bytes.subarray(at, at += length));
  };
  const value = (type: number): unknown => {
    switch (type) {
      case 4:
        return u32();
      case 5:
        return view.getInt32((at += 4) - 4, true);
      case 6:
        return view.getFloat32((at += 4) - 4, true);
      case 7:
        return bytes[at++] === 1;
      case 8:
        return string();
      case 9: {
        const element = u32(), length = u64();
        return Array.from({ length }, () => value(element));
      }
    }
    throw new Error(`type ${type}`);
  };
  assertEquals(new TextDecoder().decode(bytes.subarray(0, 4)), "GGUF");
  at = 4;
  assertEquals(u32(), 3);
  const tensorCount = u64(), fieldCount = u64();
  const fields = new Map<string, unknown>();
  for (let i = 0; i < fieldCount; i++) fields.set(string(), value(u32()));
  const infos = Array.from({ length: tensorCount }, () => {
    const name = string();
    const dims = Array.from({ length: u32() }, u64);
    return { name, dims, type: u32(), offset: u64() };
  });
  const start = Math.ceil(at / 32) * 32;
  const tensors = new Map<string, GgufTensor>();
  let end = 0;
  for (const { name, dims, type, offset } of infos) {
    assertEquals(offset, end);
    const size = countOf(dims) * { 0: 4, 1: 2, 8: 34 / 32, 30: 2 }[type]!;
    const data = bytes.slice(start + offset, start + offset + size);
    tensors.set(name, { dims, type, data });
    end = Math.ceil((offset + size) / 32) * 32;
  }
  assertEquals(start + end, bytes.length);
  return { fields, tensors };
}

async function gguf(model: WeightSource, type: ExportType): Promise<string> {
  const path = await Deno.makeTempDir() + "/model.gguf";
  const fields = new Map([
    ...ggufModel(model, { name: "Sol", type }),
    ...ggufTokenizer(await trained(PTBRNormalizer.off())).fields,
  ]);
  const size = await writeGguf(path, fields, ggufTensors(model, type));
  assertEquals((await Deno.stat(path)).size, size);
  return path;
}

/** Rows and columns swapped, the plain way. */
function turned(values: Float32Array, columns: number): Float32Array {
  const rows = values.length / columns;
  return values.map((_, i) =>
    values[(i % rows) * columns + Math.floor(i / rows)]
  );
}

Deno.test("ggufTensors() lays RWKV-7 out as llama.cpp has it", async () => {
  const model = weights(RWKV7);
  const { fields, tensors } = parseGguf(
    await Deno.readFile(await gguf(model, "F32")),
  );
  assertEquals(tensors.size, 6 + 2 * (19 + 8 + 1));
  const check = (name: string, dims: number[], expected: Float32Array) => {
    const tensor = tensors.get(name)!;
    assertEquals([tensor.dims, tensor.type], [dims, 0], name);
    assertEquals(new Float32Array(tensor.data.buffer), expected, name);
  };
  const own = (name: string) => model.readWeight(name);
  check("token_embd.weight", [128, 40], own("emb.weight"));
  check("token_embd_norm.bias", [128], own("blocks.0.ln0.bias"));
  check("output.weight", [128, 40], own("head.weight"));
  check("blk.1.attn_norm_2.bias", [128], own("blocks.1.ln2.bias"));
  check("blk.1.time_mix_r_k.weight", [128], own("blocks.1.att.r_k"));
  check("blk.1.time_mix_ln.weight", [128], own("blocks.1.att.ln_x.weight"));
  check("blk.0.channel_mix_lerp_k.weight", [128], own("blocks.0.ffn.x_k"));
  check(
    "blk.0.channel_mix_key.weight",
    [128, 96],
    own("blocks.0.ffn.key.weight"),
  );
  const decay = turned(own("blocks.1.att.w2"), 128);
  check("blk.1.time_mix_w2.weight", [32, 128], decay);
  const value = turned(own("blocks.1.att.v1"), 32);
  check("blk.1.time_mix_v1.weight", [128, 32], value);
  // Nothing reads the first block's value branch.
  const rate = turned(own("blocks.0.att.a1"), 64);
  check("blk.0.time_mix_v1.weight", [128, 64], rate);
  check("blk.0.time_mix_v0.weight", [128], own("blocks.0.att.a0"));
  const mixes = [..."rwkvag"].flatMap((letter) => [
    ...own(`blocks.1.att.x_${letter}`),
  ]);
  const fused = Float32Array.from(mixes);
  check("blk.1.time_mix_lerp_fused.weight", [128, 1, 1, 6], fused);
  assertEquals(Object.fromEntries([...fields].slice(0, 16)), {
    "general.architecture": "rwkv7",
    "general.type": "model",
    "general.name": "Sol",
    "rwkv7.context_length": 1_048_576,
    "rwkv7.embedding_length": 128,
    "rwkv7.block_count": 2,
    "rwkv7.attention.layer_norm_epsilon": Math.fround(1e-5),
    "rwkv7.wkv.head_size": 64,
    "rwkv7.attention.decay_lora_rank": 32,
    "rwkv7.attention.iclr_lora_rank": 64,
    "rwkv7.attention.value_residual_mix_lora_rank": 32,
    "rwkv7.attention.gate_lora_rank": 64,
    "rwkv7.feed_forward_length": 96,
    "rwkv7.attention.head_count": 0,
    "rwkv7.token_shift_count": 2,
    "general.file_type": 0,
  });
});

Deno.test("ggufTensors() rounds what llama.cpp's converter rounds", async () => {
  for (
    const [type, code, fileType] of [
      ["F16", 1, 1],
      ["BF16", 30, 32],
      ["Q8_0", 8, 7],
    ] as const
  ) {
    const model = weights({ ...RWKV7, gateRank: 48 });
    const { fields, tensors } = parseGguf(
      await Deno.readFile(await gguf(model, type)),
    );
    assertEquals(fields.get("general.file_type"), fileType);
    const typeOf = (name: string) => tensors.get(name)!.type;
    for (const [name, tensor] of tensors) {
      const plain = tensor.dims.length === 1 ||
        /lerp_fused|time_mix_w[12]\./.test(name);
      // Rows of 48 are no whole blocks.
      const rounded = type === "Q8_0" && name.endsWith("g2.weight") ? 1 : code;
      assertEquals(tensor.type, plain ? 0 : rounded, name);
    }
    assertEquals(typeOf("output.weight"), code);
    const { data } = tensors.get("blk.0.channel_mix_value.weight")!;
    const expected = model.readWeight("blocks.0.ffn.value.weight");
    const back = new Float32Array(expected.length);
    ELEMENT_TYPES[type].decode(data, back);
    for (const [i, x] of expected.entries()) {
      assertLess(
        Math.abs(back[i] - x),
        0.03,
      );
    }
  }
});

Deno.test("ggufTokenizer() says the vocabulary and its frame", async () => {
  const vocab = await trained();
  const { fields, notes } = ggufTokenizer(vocab);
  const value = (key: string) => fields.get(`tokenizer.ggml.${key}`)!.value;
  assertEquals([value("model"), value("pre")], ["gpt2", "gpt-2"]);
  const tokens = value("tokens") as string[];
  assertEquals(tokens.length, vocab.size);
  assertEquals(tokens.slice(0, 3), ["[PAD]", "[UNK]", "[BOS]"]);
  assertEquals((value("merges") as string[]).length, vocab.merges.length);
  const types = value("token_type") as number[];
  assertEquals(types.slice(0, 7), [3, 3, 3, 3, 3, 1, 1]);
  const ids = ["bos", "eos", "unknown", "seperator", "padding"]
    .map((name) => value(`${name}_token_id`));
  assertEquals(ids, [2, 3, 1, 4, 0]);
  assertEquals([value("add_bos_token"), value("add_eos_token")], [true, false]);
  assertStringIncludes(notes[0], "no normaliser rule for nfc");
  const bare = vocabWith(bytesAnd("de"), [[100, 101]]);
  assertThrows(() => ggufTokenizer(bare), RangeError, "Cannot use [BOS]");
});

Deno.test("ggufTokenizer() says a World vocabulary, its unused ids too", () => {
  const vocab = WorldVocab.parseText(WORLD_TEXT).padded(WORLD_SIZE + 1);
  const { fields, notes } = ggufTokenizer(vocab);
  assertEquals(notes, []);
  const value = (key: string) => fields.get(`tokenizer.ggml.${key}`)?.value;
  assertEquals([value("model"), value("pre")], ["rwkv", undefined]);
  const tokens = value("tokens") as string[];
  assertEquals([tokens[0], tokens[1]], ["\\xfe<s>", "\\x00"]);
  assertEquals([tokens[257], tokens[260]], ["\\xc3\\xa3o", "\\n\\n"]);
  assertEquals([tokens[261], tokens[266]], ["d\\'\\xc3\\xa1gua", "\\\\\\'"]);
  assertEquals(tokens.slice(299), ["\\xfe[PAD299]", "fim", "\\xfe[PAD301]"]);
  assertEquals(new Set(tokens).size, vocab.size);
  const types = value("token_type") as number[];
  assertEquals([types[0], types[1], types[299], types[300]], [3, 1, 5, 1]);
  assertEquals([value("bos_token_id"), value("eos_token_id")], [0, 0]);
  assertEquals(value("add_bos_token"), true);
});

Deno.test("worldText() writes what is read as the same vocabulary", () => {
  const vocab = WorldVocab.parseText(WORLD_TEXT);
  const again = WorldVocab.parseText(worldText(vocab));
  assertEquals(again.toString(), vocab.toString());
});

Deno.test("ggufModel() refuses what llama.cpp would compute otherwise", () => {
  const faults: [Partial<RWKVFields>, string][] = [
    [
      { architecture: "rwkv4" },
      "Cannot export rwkv4 to gguf: llama.cpp has no",
    ],
    [{ architecture: "classic" }, "Cannot export classic to gguf"],
    [
      { architecture: "rwkv7", headSize: 32 },
      "Cannot export heads of 32 channels to gguf",
    ],
  ];
  for (const [fields, reason] of faults) {
    assertThrows(
      () => ggufModel(weights(fields), { name: "x", type: "F32" }),
      RangeError,
      reason,
    );
  }
});

interface Reader {
  gguf(path: string, options: object): Promise<{
    metadata: Record<string, unknown>;
    tensorInfos: { name: string; shape: bigint[]; dtype: number }[];
  }>;
}

/** The package, or why it cannot be had. */
const [reader, noReader] = await (async (): Promise<[Reader?, string?]> => {
  const specifier = "npm:@huggingface/gguf@0.4.6";
  try {
    return [await import(specifier)];
  } catch (error) {
    return [undefined, String(error).split("\n")[0]];
  }
})();

Deno.test({
  name: "writeGguf() is read alike by Hugging Face's reader" +
    (noReader === undefined ? "" : ` (skipped: ${noReader})`),
  ignore: noReader !== undefined,
  async fn() {
    for (const type of ["F32", "F16", "BF16", "Q8_0"] as const) {
      const path = await gguf(weights(RWKV7), type);
      const { fields, tensors } = parseGguf(await Deno.readFile(path));
      const found = await reader!.gguf(path, { allowLocalFile: true });
      for (const [key, value] of fields) {
        assertEquals(found.metadata[key], value, key);
      }
      assertEquals(
        found.tensorInfos.map(({ name, shape, dtype }) => [
          name,
          shape.map(Number),
          dtype,
        ]),
        [...tensors].map(([name, { dims, type }]) => [name, dims, type]),
      );
    }
  },
});
