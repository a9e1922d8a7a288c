/**
 * `/tokenize`: a text's tokens, asked for and told as llama-server has it.
 *
 * @module
 */

import { reference } from "./answer_schemas.ts";
import { objectOf, type Schema } from "./schema.ts";
import type { Route } from "./service.ts";
import { modelOf } from "./texts.ts";

const BODY: Schema = objectOf({
  model: { type: "string", description: "The first one unless given." },
  content: { type: "string", description: "The text." },
  with_pieces: {
    type: "boolean",
    description: "Tells what each token is, not its id alone.",
  },
}, ["content"]);

interface TokenizeBody {
  readonly model?: string;
  readonly content: string;
  readonly with_pieces?: boolean;
}

/** The endpoint. */
export const tokenize: Route = {
  method: "post",
  path: "/tokenize",
  summary: "A text as the model reads it: its tokens",
  body: BODY,
  answer: reference("Tokens"),
  handle: async ({ service: { engine }, body }) => {
    const { model, content, with_pieces } = body as TokenizeBody;
    const tokens = await engine.tokenize(modelOf(engine, model).name, content);
    return Response.json({
      tokens: with_pieces ? tokens : tokens.map(({ id }) => id),
    });
  },
};
