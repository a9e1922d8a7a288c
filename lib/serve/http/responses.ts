/**
 * `/v1/responses`: turns of a conversation that the server remembers. The state
 * of a model that has read it is the conversation, so what was said before is
 * not read again, however long it is.
 *
 * @module
 */

import type { ServedModel, TextRequest } from "../engine.ts";
import { reference } from "./answer_schemas.ts";
import { type Message, writeTurns } from "./chat_template.ts";
import { TEXT_FORMAT } from "./chat.ts";
import { ApiError, asApiError, badRequest } from "./errors.ts";
import {
  type MessageBodies,
  MESSAGES,
  messagesOf,
  TOOLS,
  TurnStart,
} from "./messages.ts";
import type { StoredResponse } from "./response_store.ts";
import {
  objectOf,
  type Schema,
  unsupported,
  unsupportedList,
} from "./schema.ts";
import { type Call, newId, now, type Route, type Service } from "./service.ts";
import {
  type ChoosingBody,
  choosingOf,
  DEFAULTS,
  METADATA,
  stopsOf,
  writingParameters,
} from "./settings.ts";
import { streamed, typedEvent } from "./streaming.ts";
import {
  beginTexts,
  type BegunText,
  cachedHeader,
  type Ending,
  modelOf,
  wholeText,
} from "./texts.ts";

interface ResponseBody extends ChoosingBody {
  readonly model?: string | null;
  readonly input?: string | MessageBodies | null;
  readonly instructions?: string | null;
  readonly previous_response_id?: string | null;
  readonly store?: boolean | null;
  readonly stream?: boolean | null;
  readonly stop?: string | readonly string[] | null;
  readonly max_output_tokens?: number | null;
  readonly metadata?: object | null;
}

function bodySchema(service: Service): Schema {
  const { n: _n, max_tokens: _most, stream_options: _options, ...writing } =
    writingParameters(service);
  return objectOf({
    ...writing,
    ...TOOLS,
    input: { anyOf: [{ type: "string" }, MESSAGES] },
    instructions: { type: "string", description: "Said before the input." },
    previous_response_id: {
      type: "string",
      description: "The response that this one follows; it is not read again.",
    },
    store: {
      type: "boolean",
      default: true,
      description: "Whether others may follow it.",
    },
    max_output_tokens: {
      type: "integer",
      minimum: 1,
      maximum: service.maxTokens,
    },
    text: {
      type: "object",
      properties: { format: TEXT_FORMAT },
      additionalProperties: false,
    },
    truncation: { type: "string", enum: ["disabled", "auto"] },
    background: { type: "boolean", enum: [false] },
    include: unsupportedList("there is nothing more to include"),
    reasoning: unsupported("the models do not reason"),
    conversation: unsupported("previous_response_id is what is followed"),
    prompt: unsupported("there are no stored prompts"),
    metadata: METADATA,
    service_tier: { type: "string", description: "Not looked at." },
    safety_identifier: { type: "string", description: "Not looked at." },
    prompt_cache_key: { type: "string", description: "Not looked at." },
  }, ["input"]);
}

/** The endpoints. */
export function responses(service: Service): Route[] {
  const answer = reference("Response");
  return [
    {
      method: "post",
      path: "/v1/responses",
      summary: "Writes the next turn of a conversation that is remembered",
      body: bodySchema(service),
      answer,
      stream: {
        type: "text/event-stream",
        schema: reference("ResponseEvent"),
      },
      handle: respond,
    },
    {
      method: "get",
      path: "/v1/responses/{id}",
      summary: "A response once more",
      answer,
      handle: ({ service, id }) => Response.json(stored(service, id)),
    },
    {
      method: "delete",
      path: "/v1/responses/{id}",
      summary: "Forgets a response",
      answer: reference("Deletion"),
      handle: ({ service, id }) => {
        stored(service, id);
        service.responses.delete(id);
        return Response.json({ id, object: "response", deleted: true });
      },
    },
  ];
}

async function respond(call: Call): Promise<Response> {
  const { service, signal } = call;
  const body = call.body as ResponseBody;
  const previous = body.previous_response_id ?? undefined;
  const followed = previous === undefined
    ? undefined
    : followedOf(service, previous);
  const model = modelOf(service.engine, body.model ?? followed?.model);
  if (followed !== undefined && followed.model !== model.name) {
    throw badRequest(
      "model",
      `Cannot go on with another model than ${followed.model}, which wrote the previous response`,
    );
  }
  const template = service.templateOf(model);
  const isBegun = previous !== undefined;
  const id = newId("resp_");
  const isStored = body.store ?? true;
  const request: TextRequest = {
    model: model.name,
    prompt: writeTurns(template, turnsOf(body), isBegun),
    goOnFrom: previous,
    keepAs: isStored ? id : undefined,
    settings: await choosingOf(body, model, service.engine),
    maxTokens: body.max_output_tokens ??
      Math.min(DEFAULTS.chatTokens, service.maxTokens),
    stop: [...template.stop, ...stopsOf(body.stop)],
  };
  call.note({ model: model.name, prompt: request.prompt });
  const [text] = await beginTexts(service, [request], signal);
  const head = headOf(body, { id, model, request });
  const made = new Made(call, { head, text, isStored });
  const headers = cachedHeader([text]);
  if (body.stream) {
    return streamed(made.events(), {
      type: "text/event-stream",
      frame: typedEvent,
      onError: (error) => made.failed(error),
      onFailure: call.fail,
      headers,
    });
  }
  const whole = await wholeText(text);
  const answer = made.finish(whole.text.trimStart(), whole);
  return Response.json(answer, { headers });
}

/** A response while it is made. */
class Made {
  readonly #call: Call;
  readonly #head: { readonly id: string; readonly model: string };
  readonly #text: BegunText;
  readonly #isStored: boolean;
  readonly #item = newId("msg_");
  #number = 0;

  constructor(call: Call, { head, text, isStored }: {
    head: { readonly id: string; readonly model: string };
    text: BegunText;
    isStored: boolean;
  }) {
    this.#call = call;
    this.#head = head;
    this.#text = text;
    this.#isStored = isStored;
  }

  /** The whole of it, kept where it is to be. */
  finish(text: string, ending: Ending) {
    const { promptTokens, cachedTokens } = this.#text;
    const { reason, completionTokens } = ending;
    const isWhole = reason === "stop";
    const usage = {
      input_tokens: promptTokens,
      input_tokens_details: { cached_tokens: cachedTokens },
      output_tokens: completionTokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: promptTokens + completionTokens,
    };
    const status = isWhole ? "completed" : "incomplete";
    const answer = {
      ...this.#head,
      status,
      incomplete_details: isWhole ? null : { reason: "max_output_tokens" },
      output: [this.#message(status, [part(text)])],
      usage,
    };
    if (this.#isStored) this.#call.service.responses.add(answer);
    this.#call.note({
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      prompt_tokens_details: { cached_tokens: cachedTokens },
      text,
    });
    return answer;
  }

  /** What a client is told while it is written. */
  async *events(): AsyncGenerator<object> {
    const item_id = this.#item;
    const place = { item_id, output_index: 0, content_index: 0 };
    yield this.#event("response.created", { response: this.#head });
    yield this.#event("response.in_progress", { response: this.#head });
    yield this.#event("response.output_item.added", {
      output_index: 0,
      item: this.#message("in_progress", []),
    });
    yield this.#event("response.content_part.added", {
      ...place,
      part: part(""),
    });
    const start = new TurnStart();
    let text = "";
    for await (const piece of this.#text.pieces) {
      const delta = start.push(piece.text);
      if (delta === "") continue;
      text += delta;
      const fields = { ...place, delta, logprobs: [] };
      yield this.#event("response.output_text.delta", fields);
    }
    const response = this.finish(text, this.#text.ending);
    const done = { ...place, text, logprobs: [] };
    yield this.#event("response.output_text.done", done);
    yield this.#event("response.content_part.done", {
      ...place,
      part: part(text),
    });
    yield this.#event("response.output_item.done", {
      output_index: 0,
      item: response.output[0],
    });
    yield this.#event(`response.${response.status}`, { response });
  }

  /** The event of an error on the way. */
  failed(error: unknown): object {
    const { code, message } = asApiError(error);
    return this.#event("response.failed", {
      response: {
        ...this.#head,
        status: "failed",
        error: { code: code ?? "server_error", message },
      },
    });
  }

  #event(type: string, fields: object): object {
    return { type, sequence_number: this.#number++, ...fields };
  }

  #message(status: string, content: readonly object[]) {
    const type = "message", role = "assistant";
    return { id: this.#item, type, role, status, content };
  }
}

/** A part of a message. */
function part(text: string): object {
  return { type: "output_text", text, annotations: [], logprobs: [] };
}

/** What is known of a response before anything is written. */
function headOf(
  body: ResponseBody,
  { id, model, request }: {
    id: string;
    model: ServedModel;
    request: TextRequest;
  },
) {
  return {
    id,
    object: "response",
    created_at: now(),
    status: "in_progress",
    background: false,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    metadata: body.metadata ?? {},
    model: model.name,
    output: [],
    parallel_tool_calls: false,
    previous_response_id: body.previous_response_id ?? null,
    store: body.store ?? true,
    temperature: request.settings.temperature,
    text: { format: { type: "text" } },
    tool_choice: "none",
    tools: [],
    top_p: request.settings.topP ?? null,
    truncation: "disabled",
    usage: null,
  };
}

function turnsOf({ input, instructions }: ResponseBody): Message[] {
  const turns = typeof input === "string"
    ? [{ role: "user", content: input } as const]
    : messagesOf(input ?? []);
  if (instructions === undefined || instructions === null) return turns;
  return [{ role: "system", content: instructions }, ...turns];
}

/** The response that is gone on from. */
function followedOf(service: Service, previous: string): StoredResponse {
  const response = service.responses.get(previous);
  if (response !== undefined) return response;
  throw badRequest(
    "previous_response_id",
    "Cannot go on from previous_response_id: there is no such response, or no longer",
    "previous_response_not_found",
  );
}

function stored(service: Service, id: string) {
  const response = service.responses.get(id);
  if (response !== undefined) return response;
  throw new ApiError(404, "Cannot find this response: it is not kept", {
    param: "response_id",
    code: "response_not_found",
  });
}
