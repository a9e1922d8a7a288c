/**
 * Reads the f32 model files of rwkv.cpp (docs/FILE_FORMAT.md there) that the
 * reference vectors come in.
 *
 * @module
 */

import type { Backend } from "../../lib/backend/backend.ts";
import { RWKVConfig } from "../../lib/config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";

/** Loads an RWKV-4 model. */
export async function loadRwkvCpp(
  path: string,
  backend: Backend,
): Promise<RWKV> {
  const bytes = await Deno.readFile(path);
  const view = new DataView(bytes.buffer);
  const int = (at: number) => view.getInt32(at, true);
  const tensors = new Map<string, Float32Array>();
  for (let at = 24; at < bytes.length;) {
    const extents = int(at), keyLength = int(at + 4);
    let length = 1;
    for (let i = 0; i < extents; i++) length *= int(at + 12 + 4 * i);
    at += 12 + 4 * extents;
    const key = new TextDecoder().decode(bytes.subarray(at, at + keyLength));
    at += keyLength;
    // The data stands at any byte, so it is copied.
    tensors.set(key, new Float32Array(bytes.slice(at, at + 4 * length).buffer));
    at += 4 * length;
  }
  const dModel = int(12);
  const model = new RWKV(
    new RWKVConfig({
      architecture: "rwkv4",
      vocabSize: int(8),
      dModel,
      nLayers: int(16),
      dFfn: tensors.get("blocks.0.ffn.key.weight")!.length / dModel,
    }),
    backend,
  );
  for (const { name, data } of model.parameters) {
    const values = tensors.get(name)!;
    // The file holds -exp(time_decay).
    backend.write(
      data,
      name.endsWith("time_decay")
        ? values.map((value) => Math.log(-value))
        : values,
    );
  }
  return model;
}
