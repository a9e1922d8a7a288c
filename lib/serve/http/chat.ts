/**
 * `/v1/chat/completions`: the next turn of a conversation.
 *
 * @module
 */

import type { TextRequest, WrittenToken } from "../engine.ts";
import { reference } from "./answer_schemas.ts";
import { nextBeginning, writeTurns } from "./chat_template.ts";
import { badRequest } from "./errors.ts";
import {
  type MessageBodies,
  MESSAGES,
  messagesOf,
  TOOLS,
  TurnStart,
} from "./messages.ts";
import { objectOf, type Schema, unsupported } from "./schema.ts";
import { type Call, newId, now, type Route, type Service } from "./service.ts";
import {
  type ChoosingBody,
  choosingOf,
  DEFAULTS,
  MAX_LIKELIEST,
  METADATA,
  nextSeed,
  stopsOf,
  writingParameters,
} from "./settings.ts";
import { plainEvent, streamed } from "./streaming.ts";
import {
  beginTexts,
  type BegunText,
  cachedHeader,
  merged,
  modelOf,
  tokensOf,
  usageOf,
  wholeText,
} from "./texts.ts";

interface ChatBody extends ChoosingBody {
  readonly model?: string | null;
  readonly messages: MessageBodies;
  readonly max_tokens?: number | null;
  readonly max_completion_tokens?: number | null;
  readonly n?: number | null;
  readonly logprobs?: boolean | null;
  readonly top_logprobs?: number | null;
  readonly stop?: string | readonly string[] | null;
  readonly stream?: boolean | null;
  readonly stream_options?: { readonly include_usage?: boolean | null } | null;
}

/** The form of an answer: text, and nothing that would have to be forced. */
export const TEXT_FORMAT: Schema = {
  type: "object",
  properties: {
    type: {
      type: "string",
      enum: ["text"],
      description: "JSON cannot be promised, so it is refused.",
    },
  },
  required: ["type"],
};

function bodySchema(service: Service): Schema {
  return objectOf({
    ...writingParameters(service),
    ...TOOLS,
    messages: MESSAGES,
    max_completion_tokens: {
      type: "integer",
      minimum: 1,
      maximum: service.maxTokens,
    },
    logprobs: { type: "boolean" },
    top_logprobs: { type: "integer", minimum: 0, maximum: MAX_LIKELIEST },
    response_format: TEXT_FORMAT,
    modalities: {
      type: "array",
      items: { type: "string", enum: ["text"] },
    },
    audio: unsupported("only text can be written"),
    functions: unsupported("tools are not supported"),
    function_call: unsupported("tools are not supported"),
    metadata: { ...METADATA, description: "Not looked at." },
    store: { type: "boolean", description: "Nothing is stored." },
    service_tier: { type: "string", description: "Not looked at." },
    safety_identifier: { type: "string", description: "Not looked at." },
    prompt_cache_key: { type: "string", description: "Not looked at." },
  }, ["messages"]);
}

/** The endpoint. */
export function chat(service: Service): Route {
  return {
    method: "post",
    path: "/v1/chat/completions",
    summary: "Writes the next turn of a conversation",
    body: bodySchema(service),
    answer: reference("ChatCompletion"),
    stream: {
      type: "text/event-stream",
      schema: reference("ChatCompletionChunk"),
    },
    handle: reply,
  };
}

async function reply(call: Call): Promise<Response> {
  const { service, signal } = call;
  const body = call.body as ChatBody;
  const model = modelOf(service.engine, body.model);
  if (typeof body.top_logprobs === "number" && !body.logprobs) {
    throw badRequest(
      "top_logprobs",
      "Cannot use top_logprobs: it needs logprobs to be true",
    );
  }
  const template = service.templateOf(model);
  const messages = messagesOf(body.messages);
  const prompt = writeTurns(template, messages);
  const settings = await choosingOf(body, model, service.engine);
  const maxTokens = body.max_completion_tokens ?? body.max_tokens ??
    Math.min(DEFAULTS.chatTokens, service.maxTokens);
  const requests = Array.from({ length: body.n ?? 1 }, (_, i): TextRequest => ({
    model: model.name,
    prompt,
    settings: nextSeed(settings, i),
    maxTokens,
    stop: [...template.stop, ...stopsOf(body.stop)],
    likeliest: body.logprobs ? body.top_logprobs ?? 0 : undefined,
  }));
  call.note({ model: model.name, prompt });
  const texts = await beginTexts(service, requests, signal);
  const charged = texts.slice(0, 1);
  const follow = (reply: string) => {
    const beginning = nextBeginning(template, messages, reply);
    service.engine.readAhead(model.name, beginning);
  };
  const headers = cachedHeader(charged);
  const answer = { id: newId("chatcmpl-"), created: now(), model: model.name };
  if (body.stream) {
    const events = chunks(call, { answer, texts, follow });
    const type = "text/event-stream";
    const end = "data: [DONE]\n\n";
    const onFailure = call.fail;
    const frame = plainEvent;
    return streamed(events, { type, frame, end, onFailure, headers });
  }
  const whole = await Promise.all(texts.map((text) => wholeText(text)));
  follow(whole[0].text);
  const usage = usageOf(charged, tokensOf(whole));
  const choices = whole.map(({ text, tokens, reason }, index) => ({
    index,
    message: { role: "assistant", content: text.trimStart(), refusal: null },
    logprobs: body.logprobs ? logprobsOf(tokens) : null,
    finish_reason: reason,
  }));
  call.note({ ...usage, text: whole.map(({ text }) => text) });
  const object = "chat.completion";
  return Response.json({ ...answer, object, choices, usage }, { headers });
}

async function* chunks(
  call: Call,
  { answer, texts, follow }: {
    readonly answer: object;
    readonly texts: readonly BegunText[];
    /** Told what the first text is, when it is whole. */
    readonly follow: (reply: string) => void;
  },
): AsyncGenerator<object> {
  const body = call.body as ChatBody;
  const isCounted = body.stream_options?.include_usage === true;
  const object = "chat.completion.chunk";
  const chunk = (
    index: number,
    delta: object,
    about: { logprobs?: object; finish_reason?: string } = {},
  ) => ({
    ...answer,
    object,
    choices: [{ index, delta, logprobs: null, finish_reason: null, ...about }],
    ...isCounted && { usage: null },
  });
  for (const index of texts.keys()) {
    yield chunk(index, { role: "assistant", content: "" });
  }
  const starts = texts.map(() => new TurnStart());
  let completionTokens = 0, first = "";
  for await (const part of merged(texts)) {
    const { index } = part;
    if ("ending" in part) {
      if (index === 0) follow(first);
      completionTokens += part.ending.completionTokens;
      yield chunk(index, {}, { finish_reason: part.ending.reason });
      continue;
    }
    const { text, tokens } = part.piece;
    if (index === 0) first += text;
    const content = starts[index].push(text);
    if (content === "" && tokens.length === 0) continue;
    const told = body.logprobs ? { logprobs: logprobsOf(tokens) } : {};
    yield chunk(index, { content }, told);
  }
  const usage = usageOf(texts.slice(0, 1), completionTokens);
  call.note(usage);
  if (isCounted) yield { ...answer, object, choices: [], usage };
}

function logprobsOf(tokens: readonly WrittenToken[]): object {
  const told = ({ text, logprob, bytes }: Omit<WrittenToken, "likeliest">) => ({
    token: text,
    logprob,
    bytes,
  });
  const content = tokens.map((token) => ({
    ...told(token),
    top_logprobs: token.likeliest.map(told),
  }));
  return { content, refusal: null };
}
