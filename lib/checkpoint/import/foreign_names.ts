/**
 * Tensors that other programs named otherwise than the official code does: with
 * what a wrapper puts before every name, or as the models of Hugging Face's
 * transformers and of flash-linear-attention call them.
 *
 * @module
 */

import { architectureOf, ARCHITECTURES } from "../../model/architecture.ts";
import { type ByteSource, malformed } from "../encoding/byte_source.ts";
import type { FileTensors } from "../encoding/tensor_file.ts";
import { officialTensors } from "../formats/foreign_weights.ts";

/**
 * What DeepSpeed, data parallelism, torch.compile and trainers put before every
 * name. `model.` comes last: flash-linear-attention's own names begin so.
 */
const WRAPPERS = ["_forward_module.", "module.", "_orig_mod.", "model."];

/**
 * A file's tensors by their official names; as they are where nothing is known
 * of their names.
 *
 * @throws {SyntaxError} When a tensor is not of the form that its name says.
 */
export function officialNames(
  source: ByteSource,
  stored: FileTensors,
): FileTensors {
  const tensors = unwrapped(stored);
  for (const architecture of ARCHITECTURES) {
    const names = architectureOf({ architecture }).official?.huggingFace;
    if (names === undefined || !tensors.has(names.mark)) continue;
    const { block, weights, outer } = names;
    const nameOf = (name: string) => {
      const official = outer[name];
      if (official !== undefined) return official;
      throw malformed(source, `${name} is a weight that ${architecture} lacks`);
    };
    return officialTensors(source, tensors, { block, weights, nameOf });
  }
  return tensors;
}

/** Without what stands before all names. */
function unwrapped(stored: FileTensors): FileTensors {
  let tensors = stored;
  for (let wrapper: string | undefined; !isKnown(tensors);) {
    const names = [...tensors.keys()];
    wrapper = WRAPPERS.find((wrapper) =>
      names.length > 0 && names.every((name) => name.startsWith(wrapper))
    );
    if (wrapper === undefined) return stored;
    const { length } = wrapper;
    tensors = new Map(
      [...tensors].map(([name, tensor]) => [name.slice(length), tensor]),
    );
  }
  return tensors;
}

/** Whether there is a name that some architecture is known by. */
function isKnown(tensors: FileTensors): boolean {
  return ARCHITECTURES.some((architecture) => {
    const { mark, huggingFace } = architectureOf({ architecture }).official ??
      {};
    return [mark, huggingFace?.mark].some((name) =>
      name !== undefined && tensors.has(name)
    );
  });
}
