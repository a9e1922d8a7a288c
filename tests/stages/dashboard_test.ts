/** The dashboard's server, asked as its page asks it, and as it must not be. */

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { lockFolder } from "../../lib/folder_lock.ts";
import { dashboard } from "../../lib/stages/dashboard.ts";
import { served } from "./served_runs.ts";

/** A line of a log, written so many seconds ago. */
const entry = (step: number, ago = 0) =>
  JSON.stringify({
    step,
    tokens: 100 * step,
    loss: 8 / step,
    gradientNorm: 1,
    learningRate: 1e-3,
    tokensPerSecond: 50,
    time: new Date(Date.now() - 1000 * ago).toISOString(),
    memory: 1e8,
  }) + "\n";

const record = (more: Record<string, unknown>) =>
  JSON.stringify({
    architecture: "rwkv7",
    parameters: 1234,
    tokensPerStep: 100,
    lastStep: 20,
    starts: [{ backend: "cpu", seconds: 5, ...more }],
  });

const FILES = {
  "one/metrics.jsonl": entry(1) + entry(2),
  "one/run.json": record({}),
  "one/samples.jsonl": [
    { step: 1, prompt: "O rio", text: " corre" },
    { step: 2, prompt: "O rio", text: " <b>nasce</b>" },
  ].map((sample) => `${JSON.stringify(sample)}\n`).join("") + '{"step":3,"pro',
  "deep/er/two/metrics.jsonl": entry(5),
  "deep/er/two/run.json": record({ ended: "complete", joules: 7 }),
  ".hidden/metrics.jsonl": entry(1),
  "broken/metrics.jsonl": "not JSON\n",
  "broken/run.json": "[1",
  "strange/metrics.jsonl": entry(1, 60),
  "strange/run.json": '{"starts":"none"}',
  "stranger/metrics.jsonl": entry(1, 60),
  "stranger/run.json": '{"starts":[null]}',
};

// deno-lint-ignore no-explicit-any
async function ask(address: string, path: string): Promise<any> {
  const response = await fetch(`${address}${path}`);
  assertEquals(response.status, 200, path);
  return await response.json();
}

Deno.test("dashboard() shows the runs below a folder and how they stand", () =>
  served(FILES, async (address, folder) => {
    await using _lock = await lockFolder(`${folder}/one`);
    const { runs, isReading } = await ask(address, "api/runs");
    assertEquals(isReading, false);
    // deno-lint-ignore no-explicit-any
    assertEquals(runs.map(({ name, state }: any) => [name, state]), [
      ["broken", "silent"],
      ["two", "complete"],
      ["one", "running"],
      ["strange", "silent"],
      ["stranger", "silent"],
    ]);
    const [, two, one] = runs;
    assertEquals(one.id, `${folder}/one`);
    assertEquals([one.step, one.lastStep, one.loss], [2, 20, 4]);
    assertEquals(one.secondsLeft, 18 * 100 / 50);
    assertEquals([two.secondsLeft, two.joules], [undefined, 7]);
    assertEquals([two.architecture, two.parameters], ["rwkv7", 1234]);
  }));

Deno.test("dashboard() says since when a run that was killed is silent", async () => {
  const lines = [100, 97, 94, 20, 17].map((ago, i) => entry(i + 1, ago));
  const started = new Date(Date.now() - 105_000).toISOString();
  const files = {
    "killed/metrics.jsonl": lines.join(""),
    "killed/run.json": record({ started, seconds: 7 }),
    // Of a process that is gone.
    "killed/.in-use": '{"process":1,"since":"2026-01-01T00:00:00Z"}',
    "copied/metrics.jsonl": [400, 340, 280, 20]
      .map((ago, i) => entry(i + 1, ago)).join(""),
  };
  await served(files, async (address, folder) => {
    const stateOf = async (name: string) => {
      const { runs } = await ask(address, "api/runs");
      return runs.find(({ id }: { id: string }) => id === `${folder}/${name}`);
    };
    const { state, silentSince, secondsLeft } = await stateOf("killed");
    assertEquals([state, secondsLeft], ["silent", undefined]);
    assertEquals(
      silentSince,
      Date.parse(JSON.parse(files["killed/metrics.jsonl"].split("\n")[4]).time),
    );
    // A line takes a minute there.
    assertEquals((await stateOf("copied")).state, "running");
    await using _lock = await lockFolder(`${folder}/killed`);
    assertEquals((await stateOf("killed")).state, "running");
  });
});

Deno.test("dashboard() names a log that cannot be read, and shows the runs after it", async () => {
  const files = { "a/metrics.jsonl/x": "", "b/metrics.jsonl": entry(2) };
  await served(files, async (address, folder) => {
    const { runs: [, b], error } = await ask(address, "api/runs");
    assertEquals([b.name, b.step, b.loss], ["b", 2, 4]);
    const reason = "it is a folder";
    assertEquals(error, `Cannot read "${folder}/a/metrics.jsonl": ${reason}`);
  });
});

Deno.test("dashboard() gives curves over what they are asked for, and what is new", () =>
  served(FILES, async (address, folder) => {
    await ask(address, "api/runs");
    const run = encodeURIComponent(`${folder}/one`);
    const first = await ask(address, `api/curves?run=${run}`);
    assertEquals(first.curves.loss, { x: [1, 2], y: [8, 4], mean: [8, 4] });
    assertEquals(first.curves.valBitsPerByte.x, []);
    assertEquals([first.last.loss, first.last.valBitsPerByte], [4, undefined]);
    await Deno.writeTextFile(`${folder}/one/metrics.jsonl`, entry(4), {
      append: true,
    });
    await ask(address, "api/runs");
    const byTokens = `api/curves?run=${run}&axis=tokens`;
    const second = await ask(address, byTokens);
    assert(second.version !== first.version);
    assertEquals(second.curves.loss.x, [100, 200, 400]);
    const part = await ask(address, `${byTokens}&from=350&to=500`);
    assertEquals(part.curves.loss.x, [200, 400]);
  }));

Deno.test("dashboard() gives the whole lines of samples, the last first", () =>
  served(FILES, async (address, folder) => {
    await ask(address, "api/runs");
    const run = encodeURIComponent(`${folder}/one`);
    const { samples } = await ask(address, `api/samples?run=${run}`);
    assertEquals(samples, [
      { step: 2, prompt: "O rio", text: " <b>nasce</b>" },
      { step: 1, prompt: "O rio", text: " corre" },
    ]);
  }));

Deno.test("dashboard() serves a page that needs nothing from elsewhere", () =>
  served(FILES, async (address) => {
    const response = await fetch(address);
    const page = await response.text();
    const policy = response.headers.get("content-security-policy")!;
    assertStringIncludes(policy, "default-src 'none'");
    assert(!/https?:/.test(policy + page), page);
    const parts = [...page.matchAll(/(?:src|href)="\/([^"]+)"/g)];
    assertEquals(parts.length, 5);
    const asked = parts.map(([, part]) => part);
    for (const part of asked) {
      const response = await fetch(`${address}${part}`);
      assertEquals(response.status, 200, part);
      const text = await response.text();
      assert(text.length > 100);
      for (
        const [, more] of text.matchAll(
          / from "(?:\.\.\/\.\.|\.)\/([\w/]+\.js)"/g,
        )
      ) {
        if (!asked.includes(more)) asked.push(more);
      }
    }
    assertEquals(asked.length, 9);
  }));

Deno.test("dashboard() refuses other hosts, methods and paths", () =>
  served(FILES, async (address) => {
    await ask(address, "api/runs");
    const { hostname, port } = new URL(address);
    assertEquals(hostname, "127.0.0.1");
    const statusOf = async (request: string) => {
      using connection = await Deno.connect({ hostname, port: Number(port) });
      await connection.write(new TextEncoder().encode(request));
      const answer = new Uint8Array(4096);
      const count = await connection.read(answer);
      const head = new TextDecoder().decode(answer.subarray(0, count ?? 0));
      assert(!/access-control/i.test(head), head);
      return Number(head.split(" ")[1]);
    };
    const asked = (method: string, path: string, host: string) =>
      statusOf(
        `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
    const own = `127.0.0.1:${port}`;
    assertEquals(await asked("GET", "/", own), 200);
    assertEquals(await asked("GET", "/", `localhost:${port}`), 200);
    assertEquals(await asked("GET", "/", "example.com"), 403);
    assertEquals(await asked("GET", "/api/runs", `example.com:${port}`), 403);
    assertEquals(await asked("POST", "/api/runs", own), 405);
    assertEquals(await asked("GET", "/deno.json", own), 404);
    assertEquals(await asked("GET", "/api/curves?run=/etc", own), 404);
    assertEquals(await asked("GET", "/api/samples?run=..", own), 404);
    assertEquals(await asked("GET", "/api/curves?axis=loss", own), 400);
  }));

Deno.test("dashboard() says what it cannot show, and where it cannot listen", async () => {
  const { signal } = new AbortController();
  const gone = await assertRejects(
    () => dashboard({ runs: ["nowhere"], signal }),
    Error,
  );
  assertEquals(
    gone.message,
    'Cannot read "nowhere": no such file or folder',
  );
  const file = await assertRejects(
    () => dashboard({ runs: ["deno.json"], signal }),
    Error,
  );
  assertEquals(file.message, 'Cannot read "deno.json": it is not a folder');
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const { message } = await assertRejects(
    () => dashboard({ runs: ["tests"], port, signal }),
    Error,
  );
  assertStringIncludes(
    message,
    `Cannot listen on 127.0.0.1:${port}: the port is in use by another program; --port`,
  );
});
