/**
 * `/v1/models`: what can be asked.
 *
 * @module
 */

import type { ServedModel } from "../engine.ts";
import { reference } from "./answer_schemas.ts";
import type { Route } from "./service.ts";
import { modelNamed } from "./texts.ts";

/** The endpoints. */
export const models: readonly Route[] = [
  {
    method: "get",
    path: "/v1/models",
    summary: "The models that can be asked",
    answer: reference("ModelList"),
    handle: ({ service: { engine, maxTokens } }) =>
      Response.json({
        object: "list",
        data: engine.models.map((model) => shown(model, maxTokens)),
      }),
  },
  {
    method: "get",
    path: "/v1/models/{id}",
    summary: "One of them",
    answer: reference("Model"),
    handle: ({ service: { engine, maxTokens }, id }) =>
      Response.json(shown(modelNamed(engine, id), maxTokens)),
  },
];

/** A model, and the most tokens that a text of it may be asked to have. */
function shown(model: ServedModel, maxTokens: number): object {
  return {
    id: model.name,
    object: "model",
    created: model.created,
    owned_by: "ptbr-slm",
    architecture: model.architecture,
    parameters: model.parameters,
    vocab_size: model.vocabSize,
    d_model: model.dModel,
    layers: model.layers,
    state_bytes: model.stateBytes,
    max_tokens: maxTokens,
    backend: model.backend,
    adapter: model.adapter?.replace(/^.*[/\\]/, "") ?? null,
  };
}
