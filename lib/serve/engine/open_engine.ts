/**
 * An engine of models in files, on a backend that is chosen for them.
 *
 * @module
 */

import {
  type BackendName,
  openBackend,
  type OpenBackendOptions,
} from "../../backend/choice/open_backend.ts";
import { loadCheckpoint } from "../../load_checkpoint.ts";
import {
  checkedLimits,
  type EngineLimits,
  LocalEngine,
} from "./local_engine.ts";
import type { NamedModel } from "./model_streams.ts";

/** Where a model is found. */
export interface ModelPlace {
  /** What it is asked for by. */
  readonly name: string;
  /** A file, or a folder whose newest checkpoint is meant. */
  readonly path: string;
  /** Its tokenizer, where that is not beside it. */
  readonly tokenizer?: string;
  /** The file of an adapter that it is to have; none unless given. */
  readonly adapter?: string;
}

/** What an engine is opened with; it can be sent to a Worker. */
export interface OpenEngineOptions extends EngineLimits {
  /** One or more, the default first. */
  readonly models: readonly ModelPlace[];
  /** Where to compute; the best that is there unless given. */
  readonly backend?: BackendName;
  /** How to start it. */
  readonly backendOptions?: OpenBackendOptions;
}

/**
 * Loads models and starts the backend that they share.
 *
 * @param options Which models, where, and how many texts.
 * @throws {Error} When one cannot be loaded or the backend does not start.
 */
export async function openEngine(
  options: OpenEngineOptions,
): Promise<LocalEngine> {
  const { models, backend: name, backendOptions, ...limits } = options;
  checkedLimits(limits);
  const backend = await openBackend(name, backendOptions);
  try {
    const named: NamedModel[] = [];
    for (const { name, path, ...own } of models) {
      const loaded = await loadCheckpoint(path, backend, own);
      const { adapter } = loaded;
      const { mtime } = await Deno.stat(adapter ?? loaded.path);
      const created = Math.floor((mtime?.getTime() ?? 0) / 1000);
      const { model, tokenizer } = loaded;
      named.push({ name, created, model, tokenizer, adapter });
    }
    return new LocalEngine(named, limits, backend);
  } catch (error) {
    backend[Symbol.dispose]();
    throw error;
  }
}
