/** Who writes, spoken to as OpenAI's API is: the server, or the page's own. */

/** @typedef {import("./matching.js").Token} Token */

const KEY = "api-key";
/** A line of a stream is not longer. */
const MAX_LINE = 4 * 2 ** 20;

/**
 * Who is asked: the server that the page came from, unless another takes its
 * place, which answers as that does.
 */
let engine = {
  /** @type {(path: string, options: RequestInit) => Promise<Response>} */
  fetch: (path, options) => fetch(path, options),
  /** @type {() => Promise<number | undefined>} Bytes in use, where one knows. */
  memory: () => Promise.resolve(undefined),
};

/** Has all be asked of another engine from now on. */
export function askInstead(other) {
  engine = other;
}

/** Bytes that the engine uses, where it tells. */
export function memoryInUse() {
  return engine.memory();
}

/** What the server refuses. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} message The server's own words.
   * @param {{ param?: string, code?: string }} [about] What of the request is
   * wrong, if it is one thing, and a word for what there is.
   */
  constructor(status, message, { param, code } = {}) {
    super(message);
    this.status = status;
    this.param = param;
    this.code = code;
  }
}

/** Keeps a key as long as the tab is open. */
export function keepKey(key) {
  sessionStorage.setItem(KEY, key);
}

/** Whether a key is kept. */
export function hasKey() {
  return sessionStorage.getItem(KEY) !== null;
}

async function ask(path, options = {}) {
  const headers = { ...options.headers };
  const key = sessionStorage.getItem(KEY);
  if (key !== null) {
    // No key is of other characters, and no header could carry them.
    if (!/^[!-~]+$/.test(key)) throw new Refusal(401, "the key is wrong");
    headers.authorization = `Bearer ${key}`;
  }
  const response = await engine.fetch(path, { ...options, headers });
  if (response.ok) return response;
  let message = `${response.status} ${response.statusText}`, about = {};
  try {
    const { error } = await response.json();
    message = error.message ?? message;
    const { param, code } = error;
    about = { param: param ?? undefined, code: code ?? undefined };
  } catch { /* not of the server itself, but of one before it */ }
  throw new Refusal(response.status, String(message), about);
}

/** The models that can be asked, the default first. */
export async function models() {
  return (await (await ask("/v1/models")).json()).data;
}

/**
 * A text's tokens.
 *
 * @param {string | undefined} model
 * @param {string} content
 * @returns {Promise<{ id: number, piece: string | number[] }[]>}
 */
export async function tokensIn(model, content) {
  const response = await ask("/tokenize", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, content, with_pieces: true }),
  });
  return (await response.json()).tokens;
}

/**
 * Asks for text.
 *
 * @param {"completions" | "chat/completions"} kind
 * @param {object} request
 * @param {AbortSignal} signal
 * @yields {{ text: string, tokens: Token[] } | { reason: string } |
 * { usage: object }}
 */
export async function* written(kind, request, signal) {
  const response = await ask(`/v1/${kind}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      ...request,
      stream: true,
      stream_options: { include_usage: true },
    }),
    signal,
  });
  for await (const data of eventsOf(response.body)) {
    if (data === "[DONE]") return;
    const { choices = [], usage, error } = JSON.parse(data);
    if (error) throw new Refusal(500, String(error.message));
    for (const choice of choices) {
      const text = choice.text ?? choice.delta?.content ?? "";
      const tokens = tokensOf(choice.logprobs);
      if (text !== "" || tokens.length > 0) yield { text, tokens };
      if (choice.finish_reason) yield { reason: choice.finish_reason };
    }
    if (usage) yield { usage };
  }
  throw new TypeError("the stream ended before its end");
}

/** The data of server-sent events. */
async function* eventsOf(body) {
  let rest = "";
  for await (const part of partsOf(body.pipeThrough(new TextDecoderStream()))) {
    const lines = (rest + part).split(/\r?\n/);
    rest = lines.pop();
    if (rest.length > MAX_LINE) throw new TypeError("a line without an end");
    for (const line of lines) {
      if (line.startsWith("data:")) yield line.slice(5).trim();
    }
  }
}

/** A stream's parts; not every browser can iterate over streams. */
async function* partsOf(stream) {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/**
 * The tokens of a choice, as completions or as chats tell of them.
 *
 * @returns {Token[]}
 */
export function tokensOf(logprobs) {
  if (!logprobs) return [];
  if (logprobs.content) {
    return logprobs.content.map(({ token, logprob, top_logprobs }) => ({
      text: token,
      logprob,
      alternatives: (top_logprobs ?? [])
        .map(({ token, logprob }) => ({ text: token, logprob }))
        .sort(likelier),
    }));
  }
  const { tokens = [], token_logprobs = [], top_logprobs = [] } = logprobs;
  return tokens.map((text, i) => ({
    text,
    logprob: token_logprobs[i],
    alternatives: Object.entries(top_logprobs?.[i] ?? {})
      .map(([text, logprob]) => ({ text, logprob }))
      .sort(likelier),
  }));
}

function likelier(a, b) {
  return b.logprob - a.logprob;
}
