/**
 * What the commands that compute have in common: the flags that choose the
 * backend. The choice itself is `lib/backend/choice`.
 *
 * @module
 */

import type { Backend } from "../../backend/backend.ts";
import {
  BACKEND_NAMES,
  type BackendHint,
  chooseBackend,
  NO_OWN_KERNELS,
} from "../../backend/choice/open_backend.ts";
import { sayReason, t } from "./language.ts";
import { choice, text, THREADS, type Values } from "./options.ts";
import type { Output } from "./output.ts";

/** The flags of the commands that compute. */
export const ENGINE_OPTIONS = {
  backend: choice(
    BACKEND_NAMES,
    "where to compute; auto takes a GPU where one answers, else the CPU",
    { default: "auto" },
  ),
  ...THREADS,
  blas: text("auto|none|PATH", "matrix products by a C BLAS, or by our own", {
    default: "auto",
  }),
  "blas-core": text(
    "auto|NAME",
    "OpenBLAS's kernels: its own choice, or such as Haswell (default: as OPENBLAS_CORETYPE says)",
  ),
} as const;

/** What the options of a command say of the backend. */
type EngineOptions = Values<typeof ENGINE_OPTIONS>;

/** Outputs that were told what would be faster, which is said once. */
const told = new WeakSet<Output>();

/**
 * Starts the backend that the options ask for.
 *
 * @param options The parsed options of a command.
 * @param output Where it is said what would be faster; for long work.
 * @returns A running backend; dispose of it to stop its threads.
 */
export async function openBackend(
  { backend: name, threads, blas, "blas-core": blasCore }: EngineOptions,
  output?: Output,
): Promise<Backend> {
  const settings = { threads, blas, blasCore };
  const { backend, hint } = await chooseBackend(name, settings);
  if (hint !== undefined && output !== undefined) noteFaster(hint, output);
  return backend;
}

/**
 * Notes what would be faster, once: a run that measures first, or whose device
 * is lost, opens more than one backend.
 *
 * @param hint What was found wanting, and why.
 * @param output Where it is said.
 */
export function noteFaster(hint: BackendHint, output: Output): void {
  if (told.has(output)) return;
  told.add(output);
  const { adapter, reason } = hint;
  const said = reason === NO_OWN_KERNELS
    ? t`it has no kernels for this processor; deno task doctor names what is faster`
    : sayReason(reason);
  output.note(`${adapter}: ${said}`);
}
