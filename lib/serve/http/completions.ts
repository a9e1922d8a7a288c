/**
 * `/v1/completions`: a text that is gone on with.
 *
 * @module
 */

import type { ServedModel, TextRequest, WrittenToken } from "../engine.ts";
import { badRequest } from "./errors.ts";
import { objectOf, type Schema, unsupported } from "./schema.ts";
import {
  CACHED_HEADER,
  type Call,
  newId,
  now,
  type Route,
  type Service,
} from "./service.ts";
import {
  assertTokens,
  CHOOSING,
  type ChoosingBody,
  choosingOf,
  DEFAULTS,
  MAX_LIKELIEST,
  MAX_TEXTS,
  nextSeed,
  STOP,
  stopsOf,
} from "./settings.ts";
import { plainEvent, streamed } from "./streaming.ts";
import {
  beginText,
  type BegunText,
  merged,
  modelNamed,
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

/** What every endpoint that writes is told. */
export function writingParameters(
  maxTokens: number,
): Readonly<Record<string, Schema>> {
  return {
    model: {
      type: "string",
      description: "A model of /v1/models; the first where none is named.",
    },
    stream: { type: "boolean", default: false },
    stop: STOP,
    ...CHOOSING,
    max_tokens: { type: "integer", minimum: 1, maximum: maxTokens },
    n: {
      type: "integer",
      minimum: 1,
      maximum: MAX_TEXTS,
      default: 1,
      description: "Texts to write, with the seeds from seed on.",
    },
    stream_options: objectOf({
      include_usage: {
        type: "boolean",
        description: "A last event has the usage.",
      },
    }),
    user: { type: "string", description: "Not looked at." },
  };
}

const IDS: Schema = {
  type: "array",
  minItems: 1,
  maxItems: MOST_IDS,
  items: { type: "integer", minimum: 0, maximum: 65_535 },
};

function bodySchema(maxTokens: number): Schema {
  return objectOf({
    ...writingParameters(maxTokens),
    prompt: {
      anyOf: [
        { type: "string" },
        {
          type: "array",
          minItems: 1,
          maxItems: MAX_TEXTS,
          items: { type: "string" },
        },
        IDS,
        { type: "array", minItems: 1, maxItems: MAX_TEXTS, items: IDS },
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
    suffix: unsupported("text before another text cannot be written"),
  });
}

/** The endpoint. */
export function completions({ maxTokens }: Service): Route {
  return {
    method: "post",
    path: "/v1/completions",
    summary: "Goes on with a text",
    body: bodySchema(maxTokens),
    answer: reference("Completion"),
    stream: { type: "text/event-stream", schema: reference("Completion") },
    handle: complete,
  };
}

async function complete(call: Call): Promise<Response> {
  const { service, signal } = call;
  const body = call.body as CompletionBody;
  const model = modelOf(service, body.model);
  const prompts = promptsOf(body.prompt ?? "");
  const count = body.n ?? 1;
  if (prompts.length * count > MAX_TEXTS) {
    throw badRequest(
      "n",
      `Cannot write ${
        prompts.length * count
      } texts: at most ${MAX_TEXTS} a request`,
    );
  }
  if (body.echo && typeof body.logprobs === "number") {
    throw badRequest(
      "echo",
      "Cannot tell the probabilities of a prompt: echo and logprobs exclude each other",
    );
  }
  for (const prompt of prompts) {
    if (typeof prompt !== "string") assertTokens(prompt, model, "prompt");
  }
  const settings = await choosingOf(body, model, service.engine);
  const requests = prompts.flatMap((prompt) =>
    Array.from({ length: count }, (_, i): TextRequest => ({
      model: model.name,
      prompt,
      settings: nextSeed(settings, i),
      maxTokens: body.max_tokens ??
        Math.min(DEFAULTS.completionTokens, service.maxTokens),
      stop: stopsOf(body.stop),
      likeliest: body.logprobs ?? undefined,
    }))
  );
  call.note({ model: model.name, prompt: prompts });
  const echoes = await Promise.all(
    requests.map(({ prompt }) =>
      !body.echo
        ? ""
        : typeof prompt === "string"
        ? prompt
        : service.engine.decode(model.name, prompt)
    ),
  );
  const texts = await Promise.all(
    requests.map((request) => beginText(service, request, signal)),
  );
  // A prompt counts once, however many texts follow it.
  const charged = texts.filter((_, i) => i % count === 0);
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
  const whole = await Promise.all(texts.map(wholeText));
  const usage = usageOf(charged, tokensOf(whole));
  call.note(usage);
  const choices = whole.map(({ text, tokens, reason }, index) => ({
    text: echoes[index] + text,
    index,
    logprobs: typeof body.logprobs === "number"
      ? logprobsOf(tokens, body.logprobs, 0).logprobs
      : null,
    finish_reason: reason,
  }));
  call.note({ text: choices.map(({ text }) => text) });
  return Response.json({ ...answer, choices, usage }, { headers });
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

/** The model that a request names, or the first. */
export function modelOf(
  { engine }: Service,
  name: string | null | undefined,
): ServedModel {
  return name === undefined || name === null
    ? engine.models[0]
    : modelNamed(engine, name);
}

/** What a header says of the states that were kept. */
export function cachedHeader(
  texts: readonly BegunText[],
): Record<string, string> {
  const cached = texts.reduce((sum, text) => sum + text.cachedTokens, 0);
  return { [CACHED_HEADER]: String(cached) };
}

/** Tokens that were written in all. */
export function tokensOf(
  texts: readonly { completionTokens: number }[],
): number {
  return texts.reduce((sum, text) => sum + text.completionTokens, 0);
}

function promptsOf(prompts: Prompts): (string | readonly number[])[] {
  if (typeof prompts === "string") return [prompts];
  return typeof prompts[0] === "number"
    ? [prompts as readonly number[]]
    : [...prompts as readonly (string | readonly number[])[]];
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
