/** The tiny RWKV-6 that awaits its implementation. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { memorySource } from "../../lib/checkpoint/encoding/byte_source.ts";
import { countOf } from "../../lib/checkpoint/encoding/tensor_encoding.ts";
import { readSafetensors } from "../../lib/checkpoint/formats/safetensors.ts";
import { ForeignModel } from "../../lib/checkpoint/import/foreign_model.ts";
import { RWKV6_MODEL, rwkv6Answers } from "./rwkv6_oracle.ts";

Deno.test("the tiny RWKV-6 and its answers are of one model", async () => {
  const bytes = await Deno.readFile(RWKV6_MODEL);
  const { tensors } = readSafetensors(memorySource("the tiny RWKV-6", bytes));
  const shape = (name: string) => tensors.get(name)?.shape;
  assertEquals(shape("blocks.1.att.time_maa_x"), [1, 1, 64]);
  assertEquals(shape("blocks.1.att.time_maa_w2"), [5, 6, 64]);
  assertEquals(shape("blocks.1.att.time_faaaa"), [2, 32]);
  const { prompts, gradients } = await rwkv6Answers();
  const [vocabulary] = shape("head.weight")!;
  for (const { ids, logits } of prompts) {
    assertEquals(logits.length, ids.length);
    assert(logits.every((row) => row.length === vocabulary));
  }
  assertEquals(Object.keys(gradients), [...tensors.keys()]);
  for (const [name, entries] of Object.entries(gradients)) {
    assert(entries.every(([index]) => index < countOf(shape(name)!)), name);
  }
});

Deno.test("ForeignModel.open() says that it is an RWKV-6", async () => {
  await assertRejects(
    () => ForeignModel.open(RWKV6_MODEL),
    SyntaxError,
    "it is an RWKV-6; RWKV-4 and RWKV-7 can be used",
  );
});
