import { assertEquals, assertRejects } from "@std/assert";
import type { TextEvent } from "../../../lib/serve/engine.ts";
import { TextEvents } from "../../../lib/serve/engine/text_events.ts";

const piece = (text: string): TextEvent => ({
  kind: "piece",
  text,
  tokens: [],
});

Deno.test("TextEvents gives what comes, and joins pieces that nobody took", async () => {
  const events = new TextEvents();
  const first = events.next();
  events.push(piece("a"));
  assertEquals(await first, piece("a"));
  events.push(piece("b"));
  events.push(piece("c"));
  const ended = { kind: "ended", reason: "stop", completionTokens: 3 } as const;
  events.push(ended);
  assertEquals(await events.next(), piece("bc"));
  assertEquals(await events.next(), ended);
});

Deno.test("TextEvents fails whoever waits, and whoever asks later", async () => {
  const events = new TextEvents();
  const waiting = assertRejects(() => events.next(), Error, "gone");
  events.fail(new Error("gone"));
  events.fail(new Error("later"));
  await waiting;
  events.push(piece("a"));
  await assertRejects(() => events.next(), Error, "gone");
});
