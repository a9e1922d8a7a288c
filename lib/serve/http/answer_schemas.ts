/**
 * What answers are, for the OpenAPI document; the tests hold answers to it.
 *
 * @module
 */

import { orNull, type Schema } from "./schema.ts";

const TEXT: Schema = { type: "string" };
const WHOLE: Schema = { type: "integer", minimum: 0 };
const REAL: Schema = { type: "number" };
const YES_OR_NO: Schema = { type: "boolean" };
const NOTHING: Schema = { type: "null" };

/** An object that always has all of these properties, and no others. */
function whole(
  properties: Readonly<Record<string, Schema>>,
  optional: Readonly<Record<string, Schema>> = {},
): Schema {
  return {
    type: "object",
    properties: { ...properties, ...optional },
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

function listOf(items: Schema): Schema {
  return { type: "array", items };
}

function always(value: string | boolean): Schema {
  const type = typeof value === "string" ? "string" : "boolean";
  return { type, enum: [value] };
}

/** A schema of the document by its name. */
export function reference(name: keyof typeof ANSWERS): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** An object with a list of what has a schema. */
export function list(key: string, name: keyof typeof ANSWERS): Schema {
  return whole({ [key]: listOf(reference(name)) });
}

const FINISH: Schema = { type: "string", enum: ["stop", "length"] };

const USAGE: Schema = whole({
  prompt_tokens: WHOLE,
  completion_tokens: WHOLE,
  total_tokens: WHOLE,
  prompt_tokens_details: whole({ cached_tokens: WHOLE }),
});

const TOKEN = {
  token: TEXT,
  logprob: REAL,
  bytes: listOf(WHOLE),
};

const CHAT_LOGPROBS: Schema = orNull(whole({
  content: listOf(whole({ ...TOKEN, top_logprobs: listOf(whole(TOKEN)) })),
  refusal: NOTHING,
}));

const OUTPUT_TEXT: Schema = whole({
  type: always("output_text"),
  text: TEXT,
  annotations: listOf({}),
  logprobs: listOf({}),
});

const OUTPUT_MESSAGE: Schema = whole({
  id: TEXT,
  type: always("message"),
  role: always("assistant"),
  status: { type: "string", enum: ["in_progress", "completed", "incomplete"] },
  content: listOf(OUTPUT_TEXT),
});

const OLLAMA_DETAILS: Schema = whole({
  parent_model: TEXT,
  format: TEXT,
  family: TEXT,
  families: listOf(TEXT),
  parameter_size: TEXT,
  quantization_level: TEXT,
});

const OLLAMA_HEAD = { model: TEXT, created_at: TEXT, done: YES_OR_NO };
const OLLAMA_LAST = {
  done_reason: { type: "string", enum: ["stop", "length", "load"] },
  total_duration: WHOLE,
  load_duration: WHOLE,
  prompt_eval_duration: WHOLE,
  eval_duration: WHOLE,
  prompt_eval_count: WHOLE,
  eval_count: WHOLE,
} as const;

/** The schemas of answers, by name. */
export const ANSWERS = {
  Error: whole({
    error: whole({
      message: TEXT,
      type: TEXT,
      param: { type: ["string", "null"] },
      code: { type: ["string", "null"] },
    }),
  }),
  OllamaError: whole({ error: TEXT }),
  Status: whole({ status: TEXT }),
  Tokens: whole({
    tokens: {
      type: "array",
      items: {
        anyOf: [
          WHOLE,
          whole({
            id: WHOLE,
            piece: { anyOf: [TEXT, { type: "array", items: WHOLE }] },
          }),
        ],
      },
    },
  }),
  Model: whole({
    id: TEXT,
    object: always("model"),
    created: WHOLE,
    owned_by: TEXT,
    architecture: TEXT,
    parameters: WHOLE,
    vocab_size: WHOLE,
    d_model: WHOLE,
    layers: WHOLE,
    state_bytes: WHOLE,
    max_tokens: WHOLE,
    backend: TEXT,
    adapter: orNull(TEXT),
  }),
  ModelList: whole({
    object: always("list"),
    data: listOf({ $ref: "#/components/schemas/Model" }),
  }),
  Completion: whole({
    id: TEXT,
    object: always("text_completion"),
    created: WHOLE,
    model: TEXT,
    choices: listOf(whole({
      text: TEXT,
      index: WHOLE,
      logprobs: orNull(whole({
        tokens: listOf(TEXT),
        token_logprobs: listOf(REAL),
        top_logprobs: orNull(
          listOf({ type: "object", additionalProperties: REAL }),
        ),
        text_offset: listOf(WHOLE),
      })),
      finish_reason: orNull(FINISH),
    })),
  }, { usage: orNull(USAGE) }),
  ChatCompletion: whole({
    id: TEXT,
    object: always("chat.completion"),
    created: WHOLE,
    model: TEXT,
    choices: listOf(whole({
      index: WHOLE,
      message: whole({
        role: always("assistant"),
        content: TEXT,
        refusal: NOTHING,
      }),
      logprobs: CHAT_LOGPROBS,
      finish_reason: FINISH,
    })),
    usage: USAGE,
  }),
  ChatCompletionChunk: whole({
    id: TEXT,
    object: always("chat.completion.chunk"),
    created: WHOLE,
    model: TEXT,
    choices: listOf(whole({
      index: WHOLE,
      delta: whole({}, { role: always("assistant"), content: TEXT }),
      logprobs: CHAT_LOGPROBS,
      finish_reason: orNull(FINISH),
    })),
  }, { usage: orNull(USAGE) }),
  Response: whole({
    id: TEXT,
    object: always("response"),
    created_at: WHOLE,
    status: {
      type: "string",
      enum: ["in_progress", "completed", "incomplete", "failed"],
    },
    background: always(false),
    error: orNull(whole({ code: TEXT, message: TEXT })),
    incomplete_details: orNull(whole({ reason: always("max_output_tokens") })),
    instructions: orNull(TEXT),
    max_output_tokens: orNull(WHOLE),
    metadata: { type: "object" },
    model: TEXT,
    output: listOf(OUTPUT_MESSAGE),
    parallel_tool_calls: YES_OR_NO,
    previous_response_id: orNull(TEXT),
    store: YES_OR_NO,
    temperature: REAL,
    text: whole({ format: whole({ type: always("text") }) }),
    tool_choice: always("none"),
    tools: listOf({}),
    top_p: orNull(REAL),
    truncation: always("disabled"),
    usage: orNull(whole({
      input_tokens: WHOLE,
      input_tokens_details: whole({ cached_tokens: WHOLE }),
      output_tokens: WHOLE,
      output_tokens_details: whole({ reasoning_tokens: WHOLE }),
      total_tokens: WHOLE,
    })),
  }),
  ResponseEvent: whole({ type: TEXT, sequence_number: WHOLE }, {
    response: { $ref: "#/components/schemas/Response" },
    item_id: TEXT,
    output_index: WHOLE,
    content_index: WHOLE,
    item: OUTPUT_MESSAGE,
    part: OUTPUT_TEXT,
    delta: TEXT,
    text: TEXT,
    logprobs: listOf({}),
  }),
  Deletion: whole({
    id: TEXT,
    object: always("response"),
    deleted: always(true),
  }),
  Generation: whole({ ...OLLAMA_HEAD, response: TEXT }, OLLAMA_LAST),
  ChatTurn: whole({
    ...OLLAMA_HEAD,
    message: whole({ role: always("assistant"), content: TEXT }),
  }, OLLAMA_LAST),
  OllamaModel: whole({
    name: TEXT,
    model: TEXT,
    modified_at: TEXT,
    size: WHOLE,
    digest: TEXT,
    details: OLLAMA_DETAILS,
  }),
  OllamaModelCard: whole({
    modelfile: TEXT,
    parameters: TEXT,
    template: TEXT,
    details: OLLAMA_DETAILS,
    modified_at: TEXT,
    capabilities: listOf(TEXT),
    model_info: { type: "object" },
  }),
} as const;
