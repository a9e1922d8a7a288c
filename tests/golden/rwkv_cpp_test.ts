/**
 * The tiny models of rwkv.cpp (MIT) and the logits that it expects of them
 * after the bytes `"in`, on every backend, and quantised as it quantises.
 *
 * @module
 */

import { assert, assertEquals, assertLess } from "@std/assert";
import type { Backend } from "../../lib/backend/backend.ts";
import { CpuBackend } from "../../lib/backend/cpu/cpu_backend.ts";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { WebGpuBackend } from "../../lib/backend/webgpu/webgpu_backend.ts";
import type { ElementTypeName } from "../../lib/checkpoint/encoding/elements.ts";
import { ForeignModel } from "../../lib/checkpoint/import/foreign_model.ts";
import { logitsAfter } from "../../lib/generate/logits.ts";
import { gpuTest } from "../backend/webgpu/adapter.ts";
import { rwkvCppFile, storedTensors } from "../checkpoint/foreign_files.ts";
import { NO_REAL_DATA, REAL_DATA } from "../real_data.ts";

const FOLDER = `${REAL_DATA}/rwkv`;
const IDS = [34, 105, 110];

const MODELS = {
  rwkv4: {
    file: "tiny-rwkv-4v0-660K-FP32.bin",
    expected: "expected-logits-4v0-660K.bin",
    tolerance: 5e-5,
    likeliest: 115,
    // Q5_0 and Q5_1: 0.123 and 0.096 by an implementation of others.
    quantised: {
      F16: 0.002,
      Q8_0: 0.022,
      Q5_0: 0.124,
      Q5_1: 0.097,
      Q4_0: 0.37,
      Q4_1: 0.22,
    },
  },
  rwkv7: {
    file: "tiny-rwkv-7v0-834K-FP32.bin",
    expected: "expected-logits-7v0-834K.bin",
    tolerance: 5e-6,
    likeliest: 32,
    // Q5_0 and Q5_1: 0.0037 and 0.0042 by an implementation of others.
    quantised: {
      F16: 5e-6,
      Q8_0: 0.001,
      Q5_0: 0.0038,
      Q5_1: 0.0042,
      Q4_0: 0.012,
      Q4_1: 0.014,
    },
  },
} as const;

/** The greatest difference to the logits expected. */
async function distance(
  backend: Backend,
  path: string,
  { expected, likeliest }: { expected: string; likeliest: number },
): Promise<number> {
  using foreign = await ForeignModel.open(path);
  assertEquals(foreign.format, "rwkv.cpp");
  const logits = await logitsAfter(foreign.load(backend), IDS);
  const wanted = new Float32Array(
    (await Deno.readFile(`${FOLDER}/${expected}`)).buffer,
  );
  assertEquals(logits.length, wanted.length);
  assertEquals(logits.indexOf(Math.max(...logits)), likeliest);
  return Math.max(...logits.map((value, i) => Math.abs(value - wanted[i])));
}

for (const [architecture, model] of Object.entries(MODELS)) {
  const path = `${FOLDER}/${model.file}`;

  Deno.test({
    name:
      `RWKV gives the logits of rwkv.cpp for ${model.file} (needs PTBR_SLM_TEST_DATA)`,
    ignore: NO_REAL_DATA,
    fn: async () => {
      using cpu = await CpuBackend.create({ threads: 2, blas: "none" });
      for (const backend of [new ReferenceBackend(), cpu]) {
        const worst = await distance(backend, path, model);
        assertLess(worst, model.tolerance, backend.name);
      }
    },
  });

  if (!NO_REAL_DATA) {
    gpuTest(`RWKV gives them on WebGPU: ${model.file}`, async () => {
      using gpu = await WebGpuBackend.create({ software: true });
      assertLess(await distance(gpu, path, model), 10 * model.tolerance);
    });
  }

  for (const [type, most] of Object.entries(model.quantised)) {
    Deno.test({
      name:
        `RWKV is near them from ${architecture} as ${type} (needs PTBR_SLM_TEST_DATA)`,
      ignore: NO_REAL_DATA,
      fn: async () => {
        const bytes = await Deno.readFile(path);
        const header = [8, 12, 16].map((at) =>
          new DataView(bytes.buffer).getInt32(at, true)
        );
        const other = await Deno.makeTempFile({ suffix: ".bin" });
        await Deno.writeFile(
          other,
          rwkvCppFile(storedTensors(bytes), {
            type: type as ElementTypeName,
            header,
          }),
        );
        const worst = await distance(new ReferenceBackend(), other, model);
        assertLess(worst, most);
        // Not the f32 file by mistake; halves hold all that rwkv7's does.
        assert(type === "F16" || worst > model.tolerance, `${worst}`);
      },
    });
  }
}
