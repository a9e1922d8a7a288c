import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { CpuBackend } from "../../../lib/backend/cpu/cpu_backend.ts";
import { writeAdapter } from "../../../lib/checkpoint/formats/adapter_file.ts";
import { saveModel } from "../../../lib/checkpoint/native/mpk_writer.ts";
import { loadCheckpoint } from "../../../lib/load_checkpoint.ts";
import {
  type AdapterShape,
  adapterTensors,
} from "../../../lib/model/adapter.ts";
import { RWKVConfig } from "../../../lib/model/config.ts";
import { declaredShapes } from "../../../lib/model/rwkv.ts";
import { Random } from "../../../lib/random.ts";
import { LocalEngine } from "../../../lib/serve/engine/local_engine.ts";
import { openEngine } from "../../../lib/serve/engine/open_engine.ts";
import { newModel, tokenizer } from "../../generate/small_models.ts";
import { ask } from "./small_engine.ts";

const SHAPES: readonly AdapterShape[] = [
  { kind: "lora", rank: 2, alpha: 4, targets: ["att.key", "ffn.value"] },
  { kind: "state" },
];

Deno.test("LocalEngine serves a model with and without its adapters, each for itself", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const config = new RWKVConfig({
      architecture: "rwkv7",
      vocabSize: tokenizer.vocabSize,
      dModel: 64,
      dFfn: 96,
      nLayers: 2,
    });
    using backend = await CpuBackend.create({ threads: 1, blas: "none" });
    const made = await newModel(backend, config), random = new Random(3);
    for (const { name, data } of made.parameters) {
      // Zeros at first, with which no state would be seen.
      if (!name.endsWith("att.output.weight")) continue;
      const values = Array.from(
        { length: data.length },
        () => random.uniform() - 0.5,
      );
      backend.write(data, Float32Array.from(values));
    }
    await saveModel(`${folder}/model_final.mpk`, made);
    await tokenizer.save(`${folder}/tokenizer.json`);
    const shapes = declaredShapes(config);
    for (const shape of SHAPES) {
      const tensors = adapterTensors(config, shapes, shape);
      const values = new Map([...tensors].map(([name, extents]) => {
        const length = extents.reduce((a, b) => a * b);
        const numbers = Array.from({ length }, () => random.uniform() - 0.5);
        return [name, Float32Array.from(numbers)] as const;
      }));
      const path = `${folder}/${shape.kind}.safetensors`;
      await writeAdapter(path, { shape, values }, { config, shapes });
    }
    const kinds = [undefined, ...SHAPES.map(({ kind }) => kind)];
    const places = kinds.map((kind) => ({
      name: kind ?? "plain",
      path: folder,
      adapter: kind && `${folder}/${kind}.safetensors`,
    }));
    const computing = { blas: "none", threads: 1 } as const;
    await using engine = await openEngine({
      models: places,
      backend: "cpu",
      backendOptions: computing,
    });
    assertEquals(
      engine.models.map(({ name, adapter }) => [name, adapter]),
      places.map(({ name, adapter }) => [name, adapter]),
    );
    const asked = { prompt: "o rio corre", maxTokens: 30 };
    const settings = { temperature: 1, seed: 4 };
    const one = (model: string) => ask(engine, { ...asked, settings, model });
    const together = await Promise.all(places.map(({ name }) => one(name)));
    const texts = new Set<string>();
    for (const [i, { name, path, adapter }] of places.entries()) {
      const { model } = await loadCheckpoint(path, backend, { adapter });
      const named = { name, created: 0, model, tokenizer };
      await using alone = new LocalEngine([named], { cacheBytes: 0 });
      const want = await ask(alone, { ...asked, settings, model: name });
      assertEquals(together[i].text, want.text, name);
      // Once more, by a state that is kept for this one only.
      const again = await one(name);
      assertEquals(again.text, want.text);
      assertNotEquals(again.cachedTokens, 0);
      texts.add(want.text);
    }
    assertEquals(texts.size, places.length);
    const missing = { name: "a", path: folder, adapter: `${folder}/none.pth` };
    await assertRejects(
      () =>
        openEngine({
          models: [missing],
          backend: "cpu",
          backendOptions: computing,
        }),
      Error,
      "none.pth",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
