import { assertEquals } from "@std/assert";
import { TypedText } from "../../../lib/commands/shared/typed_text.ts";

/** The texts that lines make. */
function textsOf(...lines: string[]): (string | undefined)[] {
  const typed = new TypedText();
  return lines.map((line) => typed.push(line));
}

Deno.test("TypedText takes a line for a text unless it goes on", () => {
  assertEquals(textsOf("um", "", 'a "b"'), ["um", "", 'a "b"']);
  assertEquals(textsOf("um\\", "\\", "três"), [
    undefined,
    undefined,
    "um\n\ntrês",
  ]);
});

Deno.test("TypedText takes what is between fences as it is", () => {
  const fence = '"""';
  const text = textsOf(fence, "um\\", "", "/quit", fence).at(-1);
  assertEquals(text, "um\\\n\n/quit");
  assertEquals(textsOf(`${fence}um`, `dois${fence}`).at(-1), "um\ndois");
  assertEquals(textsOf(`${fence}um${fence}`), ["um"]);
});

Deno.test("TypedText forgets what was begun", () => {
  const typed = new TypedText();
  typed.push('"""um');
  assertEquals(typed.isOpen, true);
  typed.drop();
  assertEquals([typed.isOpen, typed.push("dois")], [false, "dois"]);
});
