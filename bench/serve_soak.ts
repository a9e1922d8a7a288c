/**
 * `serve` under load: so many clients ask one after another for so many minutes,
 * some of them leave early, and /health is asked beside. A line a minute says
 * what was answered, how fast, and what memory the server has; the first text
 * that differs from the same request alone ends it.
 *
 *     deno run -A bench/serve_soak.ts --model checkpoints/micro [--clients 96]
 *       [--streams 64] [--queue 16] [--minutes 30] [--tokens 60] [--threads 2]
 *       [--blas none]
 *
 * @module
 */

import { readOptions } from "./shared.ts";

/** One client in so many leaves after the first piece of a text. */
const LEAVES = 8;
/** Different prompts, each of whose texts is known. */
const PROMPTS = 24;

const options = readOptions({
  model: "checkpoints",
  clients: "96",
  streams: "64",
  queue: "16",
  minutes: "30",
  tokens: "60",
  threads: `${navigator.hardwareConcurrency}`,
  blas: "auto",
});

const cli = new URL("../cli.ts", import.meta.url).pathname;
const server = new Deno.Command(Deno.execPath(), {
  args: [
    ...["run", "--no-prompt", "--allow-read", "--allow-ffi"],
    ...["--allow-net=127.0.0.1", "--allow-sys=homedir,systemMemoryInfo"],
    ...[cli, "serve", "--quiet", "--model", options.model, "--port", "0"],
    ...["--streams", options.streams, "--queue", options.queue],
    ...["--threads", options.threads, "--blas", options.blas],
  ],
  stdout: "piped",
}).spawn();
const address = await firstLineOf(server.stdout);
console.log(`${address}, ${options.clients} clients, process ${server.pid}`);

/** What was seen since the last line. */
let seen = newCounts();
const known: string[] = [];
for (let i = 0; i < PROMPTS; i++) known.push((await ask(i)).text!);

const end = performance.now() + 60_000 * Number(options.minutes);
const every = setInterval(report, 60_000);
await Promise.all([
  ...Array.from({ length: Number(options.clients) }, (_, i) => client(i)),
  watchHealth(),
]);
clearInterval(every);
report();
server.kill("SIGTERM");
console.log(`ended by SIGTERM with code ${(await server.status).code}`);

function newCounts() {
  return {
    codes: {} as Record<string, number>,
    left: 0,
    tokens: 0,
    since: performance.now(),
    first: [] as number[],
    health: [] as number[],
  };
}

async function client(number: number): Promise<void> {
  for (let n = number; performance.now() < end; n += 7) {
    const leaves = n % LEAVES === 0;
    const { code, text } = await ask(n % PROMPTS, leaves);
    seen.codes[code] = (seen.codes[code] ?? 0) + 1;
    if (code === 429) await new Promise((go) => setTimeout(go, 1000));
    if (text !== undefined && text !== known[n % PROMPTS]) {
      throw new Error(
        `another text of ${n % PROMPTS} than alone: ${text}\nnot ${
          known[n % PROMPTS]
        }`,
      );
    }
  }
}

/** Asks for a text as a stream; none where it was refused or left. */
async function ask(
  index: number,
  leaves = false,
): Promise<{ code: number; text?: string }> {
  const start = performance.now();
  const response = await fetch(`${address}v1/completions`, {
    method: "POST",
    body: JSON.stringify({
      prompt: `Texto ${index}: a cidade de São Paulo`,
      max_tokens: Number(options.tokens),
      seed: index,
      stream: true,
    }),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    return { code: response.status };
  }
  let text = "", rest = "", isFirst = true, isDone = false;
  const lines = response.body!.pipeThrough(new TextDecoderStream());
  for await (const part of lines) {
    if (isFirst) seen.first.push(performance.now() - start);
    isFirst = false;
    if (leaves) {
      seen.left++;
      return { code: 200 };
    }
    const events = (rest + part).split("\n\n");
    rest = events.pop()!;
    for (const event of events) {
      isDone = event === "data: [DONE]";
      if (isDone) continue;
      text += JSON.parse(event.slice("data: ".length)).choices[0].text;
      seen.tokens++;
    }
  }
  if (!isDone) throw new Error(`a stream of ${index} broke off: ${text}`);
  return { code: 200, text };
}

async function watchHealth(): Promise<void> {
  while (performance.now() < end) {
    const start = performance.now();
    const response = await fetch(`${address}health`);
    await response.body?.cancel();
    if (!response.ok) throw new Error(`/health is ${response.status}`);
    seen.health.push(performance.now() - start);
    await new Promise((go) => setTimeout(go, 500));
  }
}

function report(): void {
  const { codes, left, tokens, since, first, health } = seen;
  seen = newCounts();
  const at = (values: number[], share: number) =>
    values.sort((a, b) => a - b)[Math.floor(share * (values.length - 1))]
      ?.toFixed(0);
  const seconds = (performance.now() - since) / 1000;
  console.log(
    `${JSON.stringify(codes)}, ${left} left, ` +
      `${(tokens / seconds).toFixed(0)} pieces/s, ` +
      `first ${at(first, 0.5)}/${at(first, 0.99)} ms, ` +
      `health ${at(health, 0.5)}/${at(health, 1)} ms, ` +
      `${megabytesOf(server.pid)} MB`,
  );
}

/** Memory that a process has, on Linux. */
function megabytesOf(pid: number): string {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return (Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024).toFixed(0);
}

async function firstLineOf(
  stream: ReadableStream<Uint8Array>,
): Promise<string> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = "";;) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`the server said only "${text}"`);
    text += value;
    if (text.includes("\n")) return text.split("\n")[0];
  }
}
