/**
 * A server that speaks as much of the API as the page needs, and writes what it
 * is told to: one token after the other, with a wait between.
 *
 * @module
 */

import { PAGE_HEADERS } from "../../../lib/page/headers.ts";
import { PAGE_PARTS } from "../../../lib/serve/page/page.ts";

/** A token, its probability, and what might have been. */
export type FakeToken = readonly [
  text: string,
  probability: number,
  others?: Readonly<Record<string, number>>,
];

/** What the server does. */
export interface FakeAnswers {
  /** What it writes to whatever is asked. */
  tokens: readonly FakeToken[];
  /** Between tokens, in ms. */
  wait: number;
  /** The key that it asks for. */
  key?: string;
  /** What it refuses everything with. */
  refusal?: {
    readonly status: number;
    readonly message: string;
    /** What of the request is wrong. */
    readonly param?: string;
  };
}

/** A request that came: its path and its body. */
export interface FakeRequest {
  readonly path: string;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
  /** Whether whoever asked has gone. */
  isLeft: boolean;
}

const MODEL = {
  id: "mini-pt",
  object: "model",
  created: 1_790_000_000,
  owned_by: "ptbr-slm",
  architecture: "rwkv7",
  parameters: 24_563_712,
  vocab_size: 32_768,
  d_model: 384,
  layers: 8,
  state_bytes: 811_008,
  max_tokens: 4096,
  backend: "CPU, 2 threads",
};

/** Serves until it is disposed of. */
export function fakeServer(answers: FakeAnswers): AsyncDisposable & {
  readonly address: string;
  readonly requests: readonly FakeRequest[];
} {
  const requests: FakeRequest[] = [];
  const ended = new AbortController();
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    signal: ended.signal,
    onListen: () => {},
  }, async (request) => {
    const path = new URL(request.url).pathname;
    if (Object.hasOwn(PAGE_PARTS, path)) {
      const [type, text] = PAGE_PARTS[path];
      const headers = { ...PAGE_HEADERS, "content-type": type };
      return new Response(text, { headers });
    }
    const { key, refusal } = answers;
    const given = request.headers.get("authorization");
    if (key !== undefined && given !== `Bearer ${key}`) {
      return refused(401, "Cannot answer: the key is missing or wrong");
    }
    if (path === "/v1/models") {
      const other = { ...MODEL, id: "micro-pt", parameters: 3_100_000 };
      return Response.json({ object: "list", data: [MODEL, other] });
    }
    if (path === "/tokenize") {
      const { content } = await request.json();
      return Response.json({ tokens: tokensOf(content) });
    }
    if (refusal) return refused(refusal.status, refusal.message, refusal.param);
    const asked = { path, body: await request.json(), isLeft: false };
    requests.push(asked);
    return new Response(streamOf(answers, asked), {
      headers: { ...PAGE_HEADERS, "content-type": "text/event-stream" },
    });
  });
  return {
    address: `http://127.0.0.1:${server.addr.port}/`,
    requests,
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      await server.finished;
    },
  };
}

/** A token a character; beyond ASCII as a part of one. */
function tokensOf(text: string): object[] {
  return [...text].map((character) => {
    const id = character.codePointAt(0)!;
    return { id, piece: id < 128 ? character : [0xc3] };
  });
}

function refused(
  status: number,
  message: string,
  param: string | null = null,
): Response {
  const error = {
    message,
    type: "invalid_request_error",
    param,
    code: null,
  };
  return Response.json({ error }, { status });
}

/** Server-sent events, until they are all sent or nobody listens. */
function streamOf(answers: FakeAnswers, asked: FakeRequest): ReadableStream {
  async function* events(): AsyncGenerator<string> {
    const isChat = asked.path === "/v1/chat/completions";
    const tells = Boolean(asked.body.logprobs);
    const tokens = answers.tokens.slice(0, asked.body.max_tokens);
    for (const token of tokens) {
      await new Promise((resolve) => setTimeout(resolve, answers.wait));
      const logprobs = !tells ? null : isChat ? ofChat(token) : ofText(token);
      const [text] = token;
      const choice = isChat
        ? { index: 0, delta: { content: text }, logprobs }
        : { index: 0, text, logprobs };
      yield JSON.stringify({ choices: [{ ...choice, finish_reason: null }] });
    }
    const isWhole = tokens.length === answers.tokens.length;
    const end = { index: 0, finish_reason: isWhole ? "stop" : "length" };
    const last = isChat ? { ...end, delta: {} } : { ...end, text: "" };
    yield JSON.stringify({ choices: [last] });
    yield JSON.stringify({
      choices: [],
      usage: {
        prompt_tokens: 12,
        completion_tokens: tokens.length,
        total_tokens: 12 + tokens.length,
        prompt_tokens_details: { cached_tokens: 8 },
      },
    });
    yield "[DONE]";
  }
  const iterator = events();
  return new ReadableStream<string>({
    pull: async (controller) => {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(`data: ${value}\n\n`);
    },
    cancel: () => {
      asked.isLeft = true;
    },
  }).pipeThrough(new TextEncoderStream());
}

function likeliest([text, probability, others = {}]: FakeToken) {
  return Object.entries({ ...others, [text]: probability })
    .sort(([, a], [, b]) => b - a);
}

function ofText(token: FakeToken) {
  const top = likeliest(token).map(([text, p]) => [text, Math.log(p)]);
  return {
    tokens: [token[0]],
    token_logprobs: [Math.log(token[1])],
    top_logprobs: [Object.fromEntries(top)],
    text_offset: [0],
  };
}

function ofChat(token: FakeToken) {
  const bytes = null;
  return {
    content: [{
      token: token[0],
      logprob: Math.log(token[1]),
      bytes,
      top_logprobs: likeliest(token).map(([text, p]) => ({
        token: text,
        logprob: Math.log(p),
        bytes,
      })),
    }],
  };
}
