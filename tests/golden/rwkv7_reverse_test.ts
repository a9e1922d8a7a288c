/** A trained RWKV-7 whose right answers are known. */

import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { Backend } from "../../lib/backend/backend.ts";
import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { WebGpuBackend } from "../../lib/backend/webgpu/webgpu_backend.ts";
import { gpuTest } from "../backend/webgpu/adapter.ts";
import { ReverseModel } from "./rwkv7_reverse.ts";
import { NO_REAL_DATA, REAL_DATA } from "../real_data.ts";

const VECTORS = `${REAL_DATA}/rwkv`;

interface ReverseCase {
  readonly text: string;
  readonly tokens: number[];
  /** Position of the comma, from which on each answer is determined. */
  readonly score_from: number;
  /** That foretell the last token, computed once with numpy in f64. */
  readonly logits_last: number[];
}

/** Asks it every case. */
async function checkAnswers(backend: Backend): Promise<void> {
  const model = new ReverseModel(
    await Deno.readFile(`${VECTORS}/rwkv7-reverse-L2-D32.safetensors`),
    backend,
  );
  const { cases }: { cases: ReverseCase[] } = JSON.parse(
    await Deno.readTextFile(`${VECTORS}/rwkv7-reverse-cases.json`),
  );
  assertEquals(cases.length, 10);
  for (const { text, tokens, score_from, logits_last } of cases) {
    const logits = await model.logits(tokens);
    const answers = logits.map((row) => row.indexOf(Math.max(...row)));
    assertEquals(
      answers.slice(score_from, -1),
      tokens.slice(score_from + 1),
      text,
    );
    for (const [i, value] of logits.at(-2)!.entries()) {
      assertAlmostEquals(value, logits_last[i], 1e-3, text);
    }
  }
}

for (const name of ["reference", "cpu"]) {
  Deno.test({
    name:
      `a trained RWKV-7 turns digits round without a fault on ${name} (needs PTBR_SLM_TEST_DATA)`,
    ignore: NO_REAL_DATA,
    fn: async () => {
      using backend = name === "reference"
        ? new ReferenceBackend()
        : await CpuBackend.create({ threads: 2, blas: "none" });
      await checkAnswers(backend);
    },
  });
}

if (!NO_REAL_DATA) {
  gpuTest(
    "a trained RWKV-7 turns digits round without a fault on WebGPU",
    async () => {
      using backend = await WebGpuBackend.create({ software: true });
      await checkAnswers(backend);
    },
  );
}
