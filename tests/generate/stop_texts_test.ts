import { assert, assertEquals, assertThrows } from "@std/assert";
import { StopTexts } from "../../lib/generate/stop_texts.ts";
import { Random } from "../../lib/random.ts";

/** What is before the stop text that is complete first, by looking everywhere. */
function plainlyShown(text: string, stops: readonly string[]) {
  for (let end = 1; end <= text.length; end++) {
    const found = stops.filter((stop) => text.slice(0, end).endsWith(stop));
    const longest = Math.max(0, ...found.map(({ length }) => length));
    if (longest > 0) return { text: text.slice(0, end - longest), ended: true };
  }
  return { text, ended: false };
}

Deno.test("StopTexts stops at the same place however a text is cut", () => {
  const random = new Random(7);
  const letters = (most: number) =>
    Array.from(
      { length: 1 + Math.floor(most * random.uniform()) },
      () => "ab\n"[Math.floor(3 * random.uniform())],
    ).join("");
  let ended = 0;
  for (let round = 0; round < 3000; round++) {
    const text = letters(30);
    const stops = Array.from(
      { length: Math.floor(4 * random.uniform()) },
      () => letters(7),
    );
    const expected = plainlyShown(text, stops);
    const searching = new StopTexts(stops);
    let shown = "", stopped = false;
    for (let at = 0; at < text.length;) {
      const size = Math.floor(4 * random.uniform());
      const piece = searching.push(text.slice(at, at + size));
      shown += piece.text;
      stopped ||= piece.stopped;
      // Nothing that is shown may have to be taken back.
      assert(expected.text.startsWith(shown));
      at += size;
    }
    shown += searching.flush();
    assertEquals({ text: shown, ended: stopped }, expected);
    if (stopped) ended++;
  }
  assert(ended > 1000);
});

Deno.test("StopTexts holds back no more than may be the beginning of a stop", () => {
  const stops = new StopTexts(["\n\nUsuário:", "Fim"]);
  assertEquals(stops.push("Olá"), { text: "Olá", stopped: false });
  assertEquals(stops.push("\n"), { text: "", stopped: false });
  assertEquals(stops.push("\n"), { text: "", stopped: false });
  assertEquals(stops.push("Um"), { text: "\n\nUm", stopped: false });
  assertEquals(stops.push("F"), { text: "", stopped: false });
  assertEquals(stops.flush(), "F");
  assertEquals(stops.flush(), "");
});

Deno.test("StopTexts says nothing more once it has stopped", () => {
  const stops = new StopTexts(["fim"]);
  assertEquals(stops.push("o fim 😀"), { text: "o ", stopped: true });
  assertEquals(stops.push("mais"), { text: "", stopped: true });
  assertEquals(stops.flush(), "");
});

Deno.test("StopTexts takes time that does not depend on the texts", () => {
  const stops = new StopTexts(["a".repeat(100_000) + "b"]);
  const start = performance.now();
  for (let i = 0; i < 20; i++) stops.push("a".repeat(10_000));
  assert(performance.now() - start < 2000);
  assertEquals(stops.flush().length, 100_000);
});

Deno.test("StopTexts refuses an empty text", () => {
  assertThrows(() => new StopTexts(["a", ""]), RangeError, "it is empty");
});
