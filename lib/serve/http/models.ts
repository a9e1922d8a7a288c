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
    handle: ({ service: { engine } }) =>
      Response.json({ object: "list", data: engine.models.map(shown) }),
  },
  {
    method: "get",
    path: "/v1/models/{id}",
    summary: "One of them",
    answer: reference("Model"),
    handle: ({ service: { engine }, id }) =>
      Response.json(shown(modelNamed(engine, id))),
  },
];

function shown(model: ServedModel): object {
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
    backend: model.backend,
  };
}
