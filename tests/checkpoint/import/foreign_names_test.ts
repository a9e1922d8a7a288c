/**
 * Models whose weights have other names than the official code gives them: the
 * same model must come of them.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { ReferenceBackend } from "../../../lib/backend/reference/reference_backend.ts";
import { ForeignModel } from "../../../lib/checkpoint/import/foreign_model.ts";
import type { RWKV } from "../../../lib/model/rwkv.ts";
import { type Given, safetensorsFile, written } from "../foreign_files.ts";
import { tinyModel, weightsOf } from "../models.ts";
import { torchFile } from "../torch_files.ts";

async function tensorsOf(model: RWKV): Promise<Given[]> {
  const tensors: Given[] = [];
  for (const { name, shape, data } of model.parameters) {
    tensors.push({ name, shape, values: await model.backend.read(data) });
  }
  return tensors;
}

/** With rows for columns, as a linear layer holds what multiplies from the right. */
function turned({ shape: [rows, columns], values }: Given) {
  return {
    shape: [columns, rows],
    values: values.map((_, i) =>
      values[(i % rows) * columns + Math.floor(i / rows)]
    ),
  };
}

/** As transformers' conversion script renames RWKV-4. */
function asTransformers(tensors: readonly Given[]): Given[] {
  const renamed = (name: string) =>
    name === "head.weight" ? name : "rwkv." + name
      .replace("emb.", "embeddings.")
      .replace("blocks.0.ln0", "blocks.0.pre_ln")
      .replace(".att.", ".attention.")
      .replace(".ffn.", ".feed_forward.")
      .replace(/time_mix_k$/, "time_mix_key")
      .replace(/time_mix_v$/, "time_mix_value")
      .replace(/time_mix_r$/, "time_mix_receptance");
  return tensors.map(({ name, shape, values }) => ({
    name: renamed(name),
    shape: name.includes("time_mix") ? [1, 1, ...shape] : shape,
    values,
  }));
}

/** As flash-linear-attention holds RWKV-7. */
function asFla(tensors: readonly Given[], shiftsInOne: boolean): Given[] {
  const outer: Record<string, string> = {
    "emb.weight": "model.embeddings.weight",
    "ln_out.weight": "model.norm.weight",
    "ln_out.bias": "model.norm.bias",
    "head.weight": "lm_head.weight",
  };
  const result: Given[] = [];
  const shifts = new Map<string, Given[]>();
  for (const tensor of tensors) {
    const [, layer, part] = /^blocks\.(\d+)\.(.*)$/.exec(tensor.name) ?? [];
    if (part === undefined) {
      result.push({ ...tensor, name: outer[tensor.name] });
      continue;
    }
    const at = `model.layers.${layer}.`;
    const branch = /^att\.([wavg])([012])$/.exec(part);
    if (branch !== null) {
      const [, letter, index] = branch;
      const name = `${at}attn.${letter}_lora.lora.` +
        ["2.bias", "0.weight", "2.weight"][Number(index)];
      const own = index === "0" ? tensor : turned(tensor);
      result.push({ ...own, name });
    } else if (/^att\.x_/.test(part) && shiftsInOne) {
      shifts.set(layer, [...shifts.get(layer) ?? [], tensor]);
    } else {
      const name = at + part
        .replace("ln0", "pre_norm").replace("ln1", "attn_norm")
        .replace("ln2", "ffn_norm").replace("att.ln_x", "attn.g_norm")
        .replace(/^att\.([rkvo])\w*\.weight$/, "attn.$1_proj.weight")
        .replace(/^att\./, "attn.");
      const isShift = /^att\.x_/.test(part);
      const shape = isShift ? [1, 1, ...tensor.shape] : tensor.shape;
      result.push({ ...tensor, shape, name });
    }
  }
  for (const [layer, six] of shifts) {
    const ordered = [..."rwkvag"].map((letter) =>
      six.find(({ name }) => name.endsWith(`x_${letter}`))!.values
    );
    result.push({
      name: `model.layers.${layer}.attn.x_x`,
      shape: [6, ordered[0].length],
      values: Float32Array.from(ordered.flatMap((values) => [...values])),
    });
  }
  return result;
}

const RWKV4 = tinyModel({
  architecture: "rwkv4",
  maxSeqLen: 1024,
  dropout: 0,
});
const RWKV7 = tinyModel({
  architecture: "rwkv7",
  headSize: 3,
  decayRank: 2,
  rateRank: 4,
  valueRank: 1,
  gateRank: 5,
  maxSeqLen: 1024,
  dropout: 0,
});

async function comesBack(model: RWKV, file: Uint8Array): Promise<void> {
  using foreign = await ForeignModel.open(await written(file));
  assertEquals(foreign.config, model.config);
  const got = await weightsOf(foreign.load(new ReferenceBackend()));
  assertEquals(got, await weightsOf(model));
}

Deno.test("ForeignModel reads RWKV-4 as transformers names it", async () => {
  const tensors = asTransformers(await tensorsOf(RWKV4));
  await comesBack(RWKV4, safetensorsFile(tensors));
  await comesBack(RWKV4, torchFile(tensors));
});

Deno.test("ForeignModel reads RWKV-7 as flash-linear-attention names it", async () => {
  const tensors = await tensorsOf(RWKV7);
  await comesBack(RWKV7, safetensorsFile(asFla(tensors, false)));
  await comesBack(RWKV7, safetensorsFile(asFla(tensors, true)));
});

Deno.test("ForeignModel leaves out what stands before every name", async () => {
  const official = await tensorsOf(RWKV4);
  const fla = asFla(await tensorsOf(RWKV7), false);
  for (
    const prefix of ["_forward_module.", "module.", "model.", "module.model."]
  ) {
    const before = (tensors: readonly Given[]) =>
      tensors.map((tensor) => ({ ...tensor, name: prefix + tensor.name }));
    await comesBack(RWKV4, safetensorsFile(before(official)));
    await comesBack(RWKV7, safetensorsFile(before(fla)));
  }
});

Deno.test("ForeignModel finds weights among what a trainer keeps", async () => {
  const tensors = await tensorsOf(RWKV4);
  for (const within of [["state_dict"], ["model"], ["model", "state_dict"]]) {
    await comesBack(RWKV4, torchFile(tensors, { within }));
  }
  const path = await written(torchFile(tensors, { within: ["ema"] }));
  await assertRejects(
    () => ForeignModel.open(path),
    SyntaxError,
    "epoch is no tensor; only weights are read",
  );
});

Deno.test("ForeignModel reads weights of 64 bits", async () => {
  const tensors = await tensorsOf(RWKV4);
  await comesBack(RWKV4, torchFile(tensors, { type: "Double" }));
});

Deno.test("ForeignModel names what it does not know", async () => {
  const gpt = safetensorsFile([{
    name: "transformer.h.0.attn.c_attn.weight",
    shape: [2, 2],
    values: Float32Array.of(1, 2, 3, 4),
  }]);
  await assertRejects(
    async () => await ForeignModel.open(await written(gpt)),
    SyntaxError,
    "its first tensor is transformer.h.0.attn.c_attn.weight",
  );
  const more = [...asTransformers(await tensorsOf(RWKV4)), {
    name: "rwkv.blocks.0.attention.extra",
    shape: [1],
    values: Float32Array.of(1),
  }];
  await assertRejects(
    async () => await ForeignModel.open(await written(safetensorsFile(more))),
    SyntaxError,
    "rwkv.blocks.0.attention.extra is a weight that rwkv4 lacks",
  );
});
