import {
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import {
  type Adapter,
  type AdapterLayout,
  baseOf,
  tellingWeight,
  writeAdapter,
} from "../../../lib/checkpoint/formats/adapter_file.ts";
import { withLora } from "../../../lib/checkpoint/formats/adapter_merge.ts";
import { readSafetensors } from "../../../lib/checkpoint/formats/safetensors.ts";
import { writeSafetensors } from "../../../lib/checkpoint/formats/safetensors_writer.ts";
import { memorySource } from "../../../lib/checkpoint/encoding/byte_source.ts";
import { logitsAfter } from "../../../lib/generate/logits.ts";
import { loadAdapter, openAdapter } from "../../../lib/load_adapter.ts";
import {
  type AdapterShape,
  adapterTensors,
} from "../../../lib/model/adapter.ts";
import type { RWKVFields } from "../../../lib/model/config.ts";
import { declaredShapes } from "../../../lib/model/rwkv.ts";
import { randomValues, tinyModel } from "../models.ts";
import { torchFile } from "../torch_files.ts";

const LORA: AdapterShape = {
  kind: "lora",
  rank: 2,
  alpha: 3,
  targets: ["att.key", "ffn.value"],
};
const STATE: AdapterShape = { kind: "state" };
const RWKV6 = { architecture: "rwkv6", headSize: 3 } as const;
const RWKV7 = { architecture: "rwkv7", headSize: 3 } as const;

/** A model and an adapter of random numbers. */
function made(fields: Partial<RWKVFields>, shape: AdapterShape) {
  const model = tinyModel({ ...fields, mixRank: 32 });
  const { config } = model, shapes = declaredShapes(config);
  const values = new Map(
    [...adapterTensors(config, shapes, shape)].map(([name, extents]) => {
      const length = extents.reduce((a, b) => a * b);
      // Of few bits, so that 16-bit numbers hold them as they are.
      const rounded = randomValues({ name, length }, 1)
        .map((x) => Math.round(x * 16) / 16);
      return [name, rounded] as const;
    }),
  );
  const adapter: Adapter = { shape, values };
  return { model, config, shapes, adapter };
}

async function newFile(): Promise<string> {
  return `${await Deno.makeTempDir()}/adapter.safetensors`;
}

async function tensorsOf(path: string) {
  return readSafetensors(memorySource(path, await Deno.readFile(path))).tensors;
}

Deno.test("writeAdapter() has RWKV-PEFT's and web-rwkv's names and shapes of a LoRA", async () => {
  const { config, shapes, adapter } = made({
    architecture: "rwkv7",
    headSize: 3,
  }, LORA);
  const path = await newFile();
  const shapesIn = async (layout: AdapterLayout) => {
    await writeAdapter(path, adapter, { config, shapes }, { layout });
    return [...await tensorsOf(path)].slice(0, 2)
      .map(([name, { shape, type }]) => [name, shape, type]);
  };
  assertEquals(await shapesIn("rwkv-peft"), [
    ["blocks.0.att.key.lora_A", [2, 6], "F32"],
    ["blocks.0.att.key.lora_B", [6, 2], "F32"],
  ]);
  assertEquals(await shapesIn("web-rwkv"), [
    ["blocks.0.att.key.lora.0", [6, 2], "F16"],
    ["blocks.0.att.key.lora.1", [6, 2], "F16"],
  ]);
  const [own] = (await tensorsOf(path)).values();
  const a = adapter.values.get("blocks.0.att.key.lora_A")!;
  assertEquals(own.read().slice(0, 4), Float32Array.of(a[0], a[6], a[1], a[7]));
});

for (const layout of ["rwkv-peft", "web-rwkv"] as const) {
  for (
    const [fields, shape] of [[{}, LORA], [RWKV6, LORA], [RWKV7, STATE], [
      RWKV6,
      STATE,
    ]] as const
  ) {
    const { architecture = "rwkv4" } = fields as Partial<RWKVFields>;
    Deno.test(`openAdapter() reads what writeAdapter() wrote: ${shape.kind} of ${architecture}, ${layout}`, async () => {
      const { config, shapes, adapter } = made(fields, shape);
      const path = await newFile();
      await writeAdapter(path, adapter, { config, shapes }, { layout });
      const read = await openAdapter(path, { config, shapes });
      assertEquals(read.shape, shape);
      assertEquals([...read.values], [...adapter.values]);
    });
  }
}

Deno.test("a state lies value channel by key channel for RWKV-PEFT, the other way for web-rwkv", async () => {
  const path = await newFile();
  for (const [fields, isByKey] of [[RWKV7, false], [RWKV6, true]] as const) {
    const { config, shapes, adapter } = made(fields, STATE);
    const own = adapter.values.get("blocks.0.att.time_state")!;
    for (const layout of ["rwkv-peft", "web-rwkv"] as const) {
      await writeAdapter(path, adapter, { config, shapes }, { layout });
      const found = (await tensorsOf(path)).get("blocks.0.att.time_state")!;
      assertEquals(found.shape, [2, 3, 3]);
      // Row 0, column 1 of the first head.
      const isTurned = isByKey !== (layout === "web-rwkv");
      assertEquals(found.read()[1], own[isTurned ? 3 : 1]);
    }
  }
});

Deno.test("a model with a LoRA in it is the model and the LoRA beside it", async () => {
  for (
    const fields of [{}, RWKV6, RWKV7, { architecture: "classic" }] as const
  ) {
    const isClassic =
      (fields as Partial<RWKVFields>).architecture === "classic";
    const targets = isClassic
      ? ["time_mixing", "channel_mixing.key"]
      : ["att", "ffn.key"];
    const { model, config, shapes, adapter } = made(fields, {
      ...LORA,
      targets,
    });
    const path = await newFile();
    await writeAdapter(path, adapter, { config, shapes });
    const before = await logitsAfter(model, [1, 2, 3]);
    const weights = new Map<string, Float32Array>();
    for (const { name, data } of model.parameters) {
      weights.set(name, await model.backend.read(data));
    }
    await loadAdapter(model, path);
    const after = await logitsAfter(model, [1, 2, 3]);
    assertNotEquals(after, before);
    const source = {
      config,
      shapes,
      readWeight: (name: string) => weights.get(name)!.slice(),
    };
    const merged = withLora(source, adapter);
    for (const { name, data, shape: [, width] } of model.parameters) {
      const own = merged.readWeight(name);
      assertEquals(await model.backend.read(data), own);
      const b = adapter.values.get(name.replace(/weight$/, "lora_B"));
      if (b === undefined) {
        assertEquals(own, weights.get(name));
        continue;
      }
      const a = adapter.values.get(name.replace(/weight$/, "lora_A"))!;
      const [i, j] = [1, 2], rank = 2;
      const added = [0, 1].reduce(
        (sum, r) => sum + b[i * rank + r] * a[r * width + j],
        0,
      );
      const at = i * width + j;
      assertAlmostEquals(own[at] - weights.get(name)![at], added * 3 / 2, 1e-5);
    }
  }
});

Deno.test("openAdapter() takes the folder in which an adapter was finished", async () => {
  const { config, shapes, adapter } = made({}, LORA);
  const folder = await Deno.makeTempDir();
  await writeAdapter(`${folder}/adapter.safetensors`, adapter, {
    config,
    shapes,
  });
  // A run has its checkpoints there as well.
  await Deno.writeTextFile(`${folder}/checkpoint_2.mpk`, "other");
  const found = await openAdapter(`${folder}/`, { config, shapes });
  assertEquals(found.shape, LORA);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("loadAdapter() lets texts begin with a state", async () => {
  for (const fields of [RWKV6, RWKV7]) {
    const { model, config, shapes, adapter } = made(fields, STATE);
    const path = await newFile();
    await writeAdapter(path, adapter, { config, shapes }, {
      layout: "web-rwkv",
    });
    const before = await logitsAfter(model, [1, 2, 3]);
    assertEquals(await loadAdapter(model, path), STATE);
    assertNotEquals(await logitsAfter(model, [1, 2, 3]), before);
    const state = model.newState(2), length = 2 * 3 * 3;
    const [first, second] = await state.save();
    const own = adapter.values.get("blocks.0.att.time_state")!;
    assertEquals(first.wkv.subarray(length), own);
    assertNotEquals(second.wkv.subarray(length), own);
  }
});

Deno.test("openAdapter() reads RWKV-PEFT's .pth, given its alpha", async () => {
  const { config, shapes, adapter } = made({}, LORA);
  const extents = adapterTensors(config, shapes, LORA);
  const tensors = [...adapter.values].map(([name, values]) => ({
    name,
    shape: [...extents.get(name)!],
    values,
  }));
  const path = `${await Deno.makeTempDir()}/rwkv-0.pth`;
  await Deno.writeFile(path, torchFile(tensors));
  const read = await openAdapter(path, { config, shapes }, { alpha: 3 });
  assertEquals(read.shape, LORA);
  assertEquals([...read.values], [...adapter.values]);
});

Deno.test("openAdapter() refuses what is not an adapter of the model as a whole", async () => {
  const { config, shapes } = made({}, LORA);
  const path = await newFile();
  const tensor = (name: string, shape: number[]) => ({
    name,
    shape,
    type: "F32" as const,
    values: () => new Float32Array(shape.reduce((a, b) => a * b)),
  });
  const whole = [0, 1].flatMap((block) => [
    tensor(`blocks.${block}.att.key.lora_A`, [2, 6]),
    tensor(`blocks.${block}.att.key.lora_B`, [6, 2]),
  ]);
  const refuses = async (
    tensors: typeof whole,
    reason: string,
    options: object = { alpha: 2 },
  ) => {
    await writeSafetensors(path, tensors);
    await assertRejects(
      () => openAdapter(path, { config, shapes }, options),
      SyntaxError,
      reason,
    );
  };
  await writeSafetensors(path, whole);
  await openAdapter(path, { config, shapes }, { alpha: 2 });
  await refuses(whole, "it does not say its alpha; give --adapter-alpha", {});
  await refuses(whole.slice(0, 3), "blocks.1.att.key.lora_B is missing");
  await refuses(whole.slice(0, 2), "blocks.1.att.key.lora_A is missing");
  await refuses(
    [...whole, tensor("blocks.0.att.time_mix_k", [6])],
    "it has blocks.0.att.time_mix_k, which is no part of such an adapter",
  );
  await refuses(
    [...whole, tensor("blocks.2.att.key.lora_A", [2, 6])],
    "it has blocks.2.att.key.lora_A, which is no part of such an adapter",
  );
  await refuses(
    [tensor("blocks.0.att.gate.lora_A", [2, 6])],
    "Cannot adapt att.gate",
  );
  await refuses(
    whole.map(({ name, shape: [a, b] }) =>
      tensor(name, name.endsWith("A") ? [a, 7] : [a, b])
    ),
    "blocks.0.att.key.lora_A is [2, 7], the model takes [2, 6]",
  );
  await refuses([tensor("emb.weight", [11, 6])], "it is no adapter");
  await refuses(
    [tensor("blocks.0.att.time_state", [2, 3, 3])],
    "it does not say which way round its states lie; give --adapter-layout",
  );
  await refuses(
    [tensor("blocks.0.att.time_state", [2, 3, 3])],
    "Cannot tune the state of RWKV-4",
    { layout: "web-rwkv" },
  );
  await Deno.writeFile(path, new Uint8Array(20));
  await assertRejects(
    () => openAdapter(path, { config, shapes }, { layout: "web-rwkv" }),
    Error,
    "Cannot ",
  );
});

Deno.test("openAdapter() takes the folder that finetune wrote", async () => {
  const { config, shapes, adapter } = made({}, LORA);
  const path = await newFile();
  await writeAdapter(path, adapter, { config, shapes });
  const folder = path.replace("adapter.safetensors", "");
  for (const given of [folder, folder.slice(0, -1)]) {
    const read = await openAdapter(given, { config, shapes });
    assertEquals([...read.values], [...adapter.values]);
  }
});

Deno.test("openAdapter() refuses a file that says what it is not", async () => {
  const { config, shapes, adapter } = made({}, LORA);
  const extents = adapterTensors(config, shapes, LORA);
  const path = await newFile();
  const tensors = [...adapter.values].map(([name, values]) => ({
    name,
    shape: [...extents.get(name)!],
    type: "F32" as const,
    values: () => values,
  }));
  const refuses = async (said: Record<string, string>, reason: string) => {
    await writeSafetensors(path, tensors, { alpha: "2", ...said });
    await assertRejects(
      () => openAdapter(path, { config, shapes }),
      SyntaxError,
      reason,
    );
  };
  await refuses(
    { architecture: "rwkv7" },
    "it is for rwkv7, the model is rwkv4",
  );
  await refuses({ rank: "9" }, "it says rank 9, its tensors have 2");
  await refuses({ alpha: " " }, "it does not say its alpha");
});

Deno.test("withLora() refuses weights that would not be finite", () => {
  const { config, shapes, adapter } = made({}, {
    ...LORA,
    alpha: 1e300,
  });
  const source = {
    config,
    shapes,
    readWeight: () => new Float32Array(36),
  };
  assertThrows(
    () => withLora(source, adapter).readWeight("blocks.0.att.key.weight"),
    RangeError,
    "Cannot add the adapter to blocks.0.att.key.weight",
  );
});

Deno.test("loadAdapter() leaves a model as it was when it refuses", async () => {
  const { model } = made({}, LORA);
  const other = made({ dModel: 8 }, LORA);
  const path = await newFile();
  await writeAdapter(path, other.adapter, other);
  const before = await logitsAfter(model, [1, 2]);
  await assertRejects(
    () => loadAdapter(model, path),
    SyntaxError,
    "the model takes [2, 6]",
  );
  assertEquals(await logitsAfter(model, [1, 2]), before);
});

Deno.test("loadAdapter() refuses an adapter of other weights of the same shape", async () => {
  const { model, config, shapes, adapter } = made({}, LORA);
  const telling = tellingWeight(shapes.keys());
  const norm = [...model.parameters].find(({ name }) => name === telling)!;
  const values = await model.backend.read(norm.data);
  const path = await newFile();
  const base = baseOf(values);
  await writeAdapter(path, { ...adapter, base }, { config, shapes });
  assertEquals((await openAdapter(path, { config, shapes })).base, base);
  assertEquals(await loadAdapter(model, path), LORA);
  const other = values.map((value) => value * 1.01);
  // Half precision is the same model.
  assertEquals(baseOf(new Float32Array(new Float16Array(values))), base);
  model.backend.write(norm.data, other);
  const reason = "it was made beside another model";
  await assertRejects(() => loadAdapter(model, path), SyntaxError, reason);
  const readWeight = () => other;
  await assertRejects(
    () => openAdapter(path, { config, shapes, readWeight }),
    SyntaxError,
    reason,
  );
});
