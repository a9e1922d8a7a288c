/** What no other program computes is not exported as if it did. */

import { assertThrows } from "@std/assert";
import { RWKVConfig } from "../../lib/model/config.ts";
import { declaredShapes } from "../../lib/model/rwkv.ts";
import { MODEL_FORMATS, planExport } from "../../lib/stages/export_plans.ts";
import { tokenizerOf } from "../tokenizer/trained.ts";

const REFUSED = [
  [
    { logitSoftCap: 30 },
    "the model's logits have a soft cap of 30, which other programs do not compute",
  ],
  [
    { valueEmbeddings: 1 },
    "the model has value embeddings, which other programs do not know of",
  ],
] as const;

Deno.test("planExport() refuses models that no other program computes", async () => {
  const { vocab } = await tokenizerOf("o rio corre\n");
  for (const [fields, reason] of REFUSED) {
    const shape = { vocabSize: vocab.size, dModel: 8, dFfn: 16 };
    const config = new RWKVConfig({ ...shape, ...fields });
    const model = {
      config,
      shapes: declaredShapes(config),
      readWeight: () => new Float32Array(),
    };
    for (const format of MODEL_FORMATS) {
      assertThrows(
        () => planExport(format, { model, vocab, dtype: "f32", name: "a" }),
        RangeError,
        `Cannot export to ${format}: ${reason}`,
      );
    }
  }
});
