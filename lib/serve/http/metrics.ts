/**
 * Measurements for Prometheus, by names that dashboards know already:
 * llama-server's (`llamacpp:`) and vLLM's (`vllm:`). Histograms are vLLM's.
 *
 * @module
 */

import type { EngineLoad } from "../engine.ts";

/** Bounds of waiting for a text's first token, in seconds, as vLLM has them. */
const FIRST_TOKEN = [
  0.001,
  0.005,
  0.01,
  0.02,
  0.04,
  0.06,
  0.08,
  0.1,
  0.25,
  0.5,
  0.75,
  1,
  2.5,
  5,
  7.5,
  10,
  20,
  40,
  80,
];
/** Bounds of the time from one token to the next. */
const NEXT_TOKEN = [
  0.001,
  0.0025,
  0.005,
  0.01,
  0.025,
  0.05,
  0.075,
  0.1,
  0.15,
  0.2,
  0.3,
  0.4,
  0.5,
  0.75,
  1,
  2.5,
  5,
];
/** Bounds of the time that a whole text takes. */
const WHOLE = [0.1, 0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 60, 120];

/** Counts by labels. */
type Counts = Map<string, number>;

/** How many values were at most so large, for a model each. */
class Histogram {
  readonly #bounds: readonly number[];
  readonly #series = new Map<string, { counts: number[]; sum: number }>();

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
  }

  observe(model: string, seconds: number): void {
    let series = this.#series.get(model);
    if (series === undefined) {
      series = { counts: this.#bounds.map(() => 0).concat(0), sum: 0 };
      this.#series.set(model, series);
    }
    const at = this.#bounds.findIndex((bound) => seconds <= bound);
    series.counts[at < 0 ? this.#bounds.length : at]++;
    series.sum += seconds;
  }

  *lines(name: string): Iterable<string> {
    for (const [model, { counts, sum }] of this.#series) {
      const label = `model_name=${quoted(model)}`;
      let total = 0;
      for (const [i, count] of counts.entries()) {
        total += count;
        const bound = this.#bounds[i] ?? "+Inf";
        yield `${name}_bucket{${label},le="${bound}"} ${total}`;
      }
      yield `${name}_sum{${label}} ${sum}`;
      yield `${name}_count{${label}} ${total}`;
    }
  }
}

/** What is counted where requests are answered. */
export class Metrics {
  readonly #firstToken = new Histogram(FIRST_TOKEN);
  readonly #nextToken = new Histogram(NEXT_TOKEN);
  readonly #whole = new Histogram(WHOLE);
  readonly #ended: Counts = new Map();
  readonly #answers: Counts = new Map();
  #promptSeconds = 0;
  #writingSeconds = 0;

  /** A text's first token came so long after it was asked for. */
  firstToken(model: string, seconds: number): void {
    this.#firstToken.observe(model, seconds);
    this.#promptSeconds += seconds;
  }

  /** The next piece of a text came so long after the one before. */
  nextToken(model: string, seconds: number): void {
    this.#nextToken.observe(model, seconds);
    this.#writingSeconds += seconds;
  }

  /** A text ended; `abort` where its client left. */
  ended(model: string, reason: string, seconds: number): void {
    const labels = `model_name=${quoted(model)},finished_reason="${reason}"`;
    count(this.#ended, labels);
    if (reason !== "abort") this.#whole.observe(model, seconds);
  }

  /** A request was answered. */
  answered(path: string, status: number): void {
    count(this.#answers, `path=${quoted(path)},code="${status}"`);
  }

  /**
   * All of them, as Prometheus reads them.
   *
   * @param load What the engine says of itself.
   */
  text(load: EngineLoad): string {
    const { promptTokens, cachedTokens, completionTokens } = load;
    const readTokens = promptTokens;
    const asked = readTokens + cachedTokens;
    const rate = (tokens: number, seconds: number) =>
      seconds > 0 ? tokens / seconds : 0;
    const values: readonly Family[] = [
      [
        "counter",
        "llamacpp:prompt_tokens_total",
        "Tokens of prompts read.",
        readTokens,
      ],
      [
        "counter",
        "llamacpp:prompt_seconds_total",
        "Seconds until first tokens.",
        this.#promptSeconds,
      ],
      [
        "counter",
        "llamacpp:tokens_predicted_total",
        "Tokens written.",
        completionTokens,
      ],
      [
        "counter",
        "llamacpp:tokens_predicted_seconds_total",
        "Seconds between tokens.",
        this.#writingSeconds,
      ],
      ["counter", "llamacpp:n_decode_total", "Steps of the batch.", load.steps],
      [
        "gauge",
        "llamacpp:prompt_tokens_seconds",
        "Tokens of prompts read per second, on average.",
        rate(readTokens, this.#promptSeconds),
      ],
      [
        "gauge",
        "llamacpp:predicted_tokens_seconds",
        "Tokens written per second of a text, on average.",
        rate(completionTokens, this.#writingSeconds),
      ],
      [
        "gauge",
        "llamacpp:requests_processing",
        "Texts being read or written.",
        load.running,
      ],
      ["gauge", "llamacpp:requests_deferred", "Texts that wait.", load.waiting],
      [
        "gauge",
        "vllm:num_requests_running",
        "Texts being read or written.",
        load.running,
      ],
      ["gauge", "vllm:num_requests_waiting", "Texts that wait.", load.waiting],
      [
        "counter",
        "vllm:prompt_tokens_total",
        "Tokens of prompts, cached ones among them.",
        asked,
      ],
      [
        "counter",
        "vllm:generation_tokens_total",
        "Tokens written.",
        completionTokens,
      ],
      [
        "counter",
        "vllm:prefix_cache_queries_total",
        "Tokens of prompts looked up in the cache of states.",
        asked,
      ],
      [
        "counter",
        "vllm:prefix_cache_hits_total",
        "Tokens of prompts that need not be read again.",
        cachedTokens,
      ],
      [
        "counter",
        "vllm:request_success_total",
        "Texts that ended, by how.",
        this.#ended,
      ],
      [
        "histogram",
        "vllm:time_to_first_token_seconds",
        "From a request to its first token.",
        this.#firstToken,
      ],
      [
        "histogram",
        "vllm:inter_token_latency_seconds",
        "From one token to the next.",
        this.#nextToken,
      ],
      [
        "histogram",
        "vllm:e2e_request_latency_seconds",
        "From a request to the end of its text.",
        this.#whole,
      ],
      [
        "gauge",
        "ptbr_slm:cache_bytes",
        "Bytes of kept states.",
        load.cacheBytes,
      ],
      [
        "counter",
        "ptbr_slm:http_requests_total",
        "Requests answered.",
        this.#answers,
      ],
    ];
    return values.flatMap(family).map((line) => `${line}\n`).join("");
  }
}

/** Values under one name. */
type Family = readonly [
  type: "counter" | "gauge" | "histogram",
  name: string,
  help: string,
  value: number | Counts | Histogram,
];

function family([type, name, help, value]: Family): string[] {
  const head = [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
  if (value instanceof Histogram) return [...head, ...value.lines(name)];
  if (typeof value === "number") return [...head, `${name} ${value}`];
  const lines = [...value].map(([labels, n]) => `${name}{${labels}} ${n}`);
  return [...head, ...lines];
}

function count(counts: Counts, labels: string): void {
  counts.set(labels, (counts.get(labels) ?? 0) + 1);
}

function quoted(text: string): string {
  return `"${
    text.replaceAll(/["\\\n]/g, (c) => c === "\n" ? "\\n" : `\\${c}`)
  }"`;
}
