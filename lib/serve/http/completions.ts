/**
 * `/v1/completions`: a text that is gone on with.
 *
 * @module
 */

import type { ServedModel, TextRequest, WrittenToken } from "../engine.ts";
import { badRequest } from "./errors.ts";
import { objectOf, type Schema, unsupportedText } from "./schema.ts";
import { type Call, newId, now, type Route, type Service } from "./service.ts";
import {
  assertTokens,
  type ChoosingBody,
  choosingOf,
  DEFAULTS,
  MAX_LIKELIEST,
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
import { reference } from "./answer_schemas.ts";

/** Ids that a prompt may have; a body is not longer. */
const MOST_IDS = 400_000;

interface CompletionBody extends ChoosingBody {
  readonly model?: string | null;
  readonly prompt?: Prompts | null;
  readonly max_tokens?: number | null;
  readonly n?: number | null;
  readonly echo?: boolean | null;
  readonly logprobs?: number | null;
  readonly stop?: string | readonly string[] | null;
  readonly stream?: boolean | null;
  readonly stream_options?: { readonly include_usage?: boolean | null } | null;
}

/** One prompt or several, as text or ids. */
type Prompts =
  | string
  | readonly string[]
  | readonly number[]
  | readonly (readonly number[])[];

const IDS: Schema = {
  type: "array",
  minItems: 1,
  maxItems: MOST_IDS,
  items: { type: "integer", minimum: 0, maximum: 65_535 },
};

function bodySchema(service: Service): Schema {
  return objectOf({
    ...writingParameters(service),
    prompt: {
      anyOf: [
        { type: "string" },
        {
          type: "array",
          minItems: 1,
          maxItems: service.maxTexts,
          items: { type: "string" },
        },
        IDS,
        { type: "array", minItems: 1, maxItems: service.maxTexts, items: IDS },
      ],
      description: "How the text begins: text or ids, one or several.",
    },
    logprobs: {
      type: "integer",
      minimum: 0,
      maximum: MAX_LIKELIEST,
      description:
        "Tells of each token its probability, and of so many others.",
    },
    echo: { type: "boolean", description: "The prompt stands in the answer." },
    best_of: {
      type: "integer",
      minimum: 1,
      maximum: 1,
      description: "Texts are not chosen among.",
    },
    suffix: unsupportedText("text before another text cannot be written"),
  });
}

/** The endpoint. */
export function completions(service: Service): Route {
  return {
    method: "post",
    path: "/v1/completions",
    summary: "Goes on with a text",
    body: bodySchema(service),
    answer: reference("Completion"),
    stream: { type: "text/event-stream", schema: reference("Completion") },
    handle: complete,
  };
}

async function complete(call: Call): Promise<Response> {
  const { service, signal } = call, { maxTexts } = service;
  const body = call.body as CompletionBody;
  const model = modelOf(service.engine, body.model);
  const prompts = promptsOf(body, { model, maxTexts });
  const requests = await requestsOf(service, { body, model, prompts });
  call.note({ model: model.name, prompt: prompts });
  const echoes = body.echo
    ? await Promise.all(
      requests.map(({ prompt }) =>
        typeof prompt === "string"
          ? prompt
          : service.engine.decode(model.name, prompt)
      ),
    )
    : requests.map(() => "");
  const texts = await beginTexts(service, requests, signal);
  // A prompt counts once, however many texts follow it.
  const charged = texts.filter((_, i) => i % (body.n ?? 1) === 0);
  const answer = {
    id: newId("cmpl-"),
    object: "text_completion",
    created: now(),
    model: model.name,
  };
  const headers = cachedHeader(charged);
  if (body.stream) {
    const events = chunks(call, { answer, texts, charged, echoes });
    const type = "text/event-stream";
    const end = "data: [DONE]\n\n";
    const onFailure = call.fail;
    const frame = plainEvent;
    return streamed(events, { type, frame, end, onFailure, headers });
  }
  const whole = await Promise.all(texts.map((text) => wholeText(text)));
  const usage = usageOf(charged, tokensOf(whole));
  const choices = whole.map(({ text, tokens, reason }, index) => ({
    text: echoes[index] + text,
    index,
    logprobs: typeof body.logprobs === "number"
      ? logprobsOf(tokens, body.logprobs, 0).logprobs
      : null,
    finish_reason: reason,
  }));
  call.note({ ...usage, text: choices.map(({ text }) => text) });
  return Response.json({ ...answer, choices, usage }, { headers });
}

/** What the engine is asked for: each prompt so many times. */
async function requestsOf(
  { engine, maxTokens }: Service,
  { body, model, prompts }: {
    body: CompletionBody;
    model: ServedModel;
    prompts: readonly (string | readonly number[])[];
  },
): Promise<TextRequest[]> {
  const settings = await choosingOf(body, model, engine);
  return prompts.flatMap((prompt) =>
    Array.from({ length: body.n ?? 1 }, (_, i): TextRequest => ({
      model: model.name,
      prompt,
      settings: nextSeed(settings, i),
      maxTokens: body.max_tokens ??
        Math.min(DEFAULTS.completionTokens, maxTokens),
      stop: stopsOf(body.stop),
      likeliest: body.logprobs ?? undefined,
    }))
  );
}

/** What a stream of texts has. */
interface Streamed {
  readonly answer: object;
  readonly texts: readonly BegunText[];
  readonly charged: readonly BegunText[];
  readonly echoes: readonly string[];
}

async function* chunks(
  call: Call,
  { answer, texts, charged, echoes }: Streamed,
): AsyncGenerator<object> {
  const body = call.body as CompletionBody;
  const isCounted = body.stream_options?.include_usage === true;
  const chunk = (choice: object) => ({
    ...answer,
    choices: [choice],
    ...isCounted && { usage: null },
  });
  const nothing = { logprobs: null, finish_reason: null };
  for (const [index, text] of echoes.entries()) {
    if (text !== "") yield chunk({ text, index, ...nothing });
  }
  const offsets = texts.map(() => 0);
  let completionTokens = 0;
  for await (const part of merged(texts)) {
    const { index } = part;
    if ("ending" in part) {
      completionTokens += part.ending.completionTokens;
      const finish_reason = part.ending.reason;
      yield chunk({ text: "", index, logprobs: null, finish_reason });
      continue;
    }
    const { text, tokens } = part.piece;
    if (text === "" && tokens.length === 0) continue;
    let logprobs = null;
    if (typeof body.logprobs === "number") {
      const told = logprobsOf(tokens, body.logprobs, offsets[index]);
      logprobs = told.logprobs;
      offsets[index] = told.end;
    }
    yield chunk({ text, index, logprobs, finish_reason: null });
  }
  const usage = usageOf(charged, completionTokens);
  call.note(usage);
  if (isCounted) yield { ...answer, choices: [], usage };
}

/**
 * The prompts of a request.
 *
 * @throws {ApiError} When they cannot be answered together, or at all.
 */
function promptsOf(
  { prompt: given, n, echo, logprobs }: CompletionBody,
  { model, maxTexts }: { model: ServedModel; maxTexts: number },
): readonly (string | readonly number[])[] {
  const prompts = listOf(given ?? "");
  const texts = prompts.length * (n ?? 1);
  if (texts > maxTexts) {
    throw badRequest(
      "n",
      `Cannot write ${texts} texts: at most ${maxTexts} a request`,
    );
  }
  if (echo && typeof logprobs === "number") {
    throw badRequest(
      "echo",
      "Cannot tell the probabilities of a prompt: echo and logprobs exclude each other",
    );
  }
  for (const prompt of prompts) {
    if (typeof prompt !== "string") assertTokens(prompt, model, "prompt");
  }
  return prompts;
}

function listOf(prompts: Prompts): readonly (string | readonly number[])[] {
  if (typeof prompts === "string") return [prompts];
  return typeof prompts[0] === "number"
    ? [prompts as readonly number[]]
    : prompts as readonly (string | readonly number[])[];
}

/**
 * Probabilities as completions tell them.
 *
 * @param tokens What was written.
 * @param likeliest How many others are told of.
 * @param start Where the first token's text begins.
 */
function logprobsOf(
  tokens: readonly WrittenToken[],
  likeliest: number,
  start: number,
): { logprobs: object; end: number } {
  let end = start;
  const offsets = tokens.map(({ text }) => {
    const offset = end;
    end += text.length;
    return offset;
  });
  const top = tokens.map((token) => {
    const told: Record<string, number> = Object.create(null);
    // Of parts of characters, which look alike, the likeliest is told.
    for (const { text, logprob } of [...token.likeliest, token]) {
      told[text] ??= logprob;
    }
    return told;
  });
  const logprobs = {
    tokens: tokens.map(({ text }) => text),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs: likeliest === 0 ? null : top,
    text_offset: offsets,
  };
  return { logprobs, end };
}
