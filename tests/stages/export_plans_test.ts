/** What no other program computes is not exported as if it did. */

import { assertThrows } from "@std/assert";
import { RWKVConfig } from "../../lib/model/config.ts";
import { declaredShapes } from "../../lib/model/rwkv.ts";
import { MODEL_FORMATS, planExport } from "../../lib/stages/export_plans.ts";
import { tokenizerOf } from "../tokenizer/trained.ts";

Deno.test("planExport() refuses a model whose logits have a soft cap", async () => {
  const { vocab } = await tokenizerOf("o rio corre\n");
  const config = new RWKVConfig({
    vocabSize: vocab.size,
    dModel: 8,
    dFfn: 16,
    logitSoftCap: 30,
  });
  const model = {
    config,
    shapes: declaredShapes(config),
    readWeight: () => new Float32Array(),
  };
  for (const format of MODEL_FORMATS) {
    assertThrows(
      () => planExport(format, { model, vocab, dtype: "f32", name: "a" }),
      RangeError,
      `Cannot export to ${format}: the model's logits have a soft cap of 30, which other programs do not compute`,
    );
  }
});
