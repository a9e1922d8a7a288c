/**
 * A small engine, and ways to ask it.
 *
 * @module
 */

import { CpuBackend } from "../../../lib/backend/cpu/cpu_backend.ts";
import { RWKVConfig } from "../../../lib/model/config.ts";
import type { ArchitectureName } from "../../../lib/model/architecture.ts";
import type {
  Engine,
  TextEvent,
  TextRequest,
} from "../../../lib/serve/engine.ts";
import {
  type EngineLimits,
  LocalEngine,
} from "../../../lib/serve/engine/local_engine.ts";
import { newModel, tokenizer } from "../../generate/small_models.ts";

export { tokenizer };

/** An engine of one model, "small". */
export async function newEngine(
  limits: EngineLimits = {},
  architecture: ArchitectureName = "rwkv7",
): Promise<LocalEngine> {
  const backend = await CpuBackend.create({ threads: 1, blas: "none" });
  const config = new RWKVConfig({
    architecture,
    vocabSize: tokenizer.vocabSize,
    dModel: 64,
    dFfn: 96,
    nLayers: 2,
  });
  const model = await newModel(backend, config);
  const named = { name: "small", created: 0, model, tokenizer };
  return new LocalEngine([named], limits, backend);
}

/** A request for a few tokens. */
export function request(changes: Partial<TextRequest> = {}): TextRequest {
  return {
    model: "small",
    prompt: "o rio",
    maxTokens: 8,
    settings: { temperature: 0, seed: 1 },
    ...changes,
  };
}

/** What is known of a text when it has ended. */
export interface Written {
  readonly text: string;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
  readonly reason: string;
}

/** Asks and waits for the end. */
export async function ask(
  engine: Engine,
  changes: Partial<TextRequest> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Written> {
  const events = await Array.fromAsync(engine.write(request(changes), signal));
  return writtenOf(events);
}

/** Events put together. */
export function writtenOf(events: readonly TextEvent[]): Written {
  const [admitted, first] = events, last = events.at(-1)!;
  if (
    admitted.kind !== "admitted" || first.kind !== "begun" ||
    last.kind !== "ended"
  ) {
    throw new Error("a text begins and ends");
  }
  const pieces = events.filter((event) => event.kind === "piece");
  const { promptTokens, cachedTokens } = first;
  const { completionTokens, reason } = last;
  const text = pieces.map(({ text }) => text).join("");
  return { text, promptTokens, cachedTokens, completionTokens, reason };
}
