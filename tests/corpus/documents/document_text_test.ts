/** Documents' bytes as text, and their faults. */

import { assertEquals } from "@std/assert";
import { readText } from "../../../lib/corpus/documents/document_text.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const plain = { json: false, textField: "text" };
const json = { json: true, textField: "texto" };

Deno.test("readText() gives lines without blank ones", () => {
  const source = "\n Um. \r\n\t\r\nDois.\rTrês.\n\u00a0\n";
  assertEquals(readText(bytes(source), plain), {
    text: " Um.\nDois.\nTrês.",
  });
});

Deno.test("readText() reads the field of an object", () => {
  const source = JSON.stringify({ id: "a", texto: "Um.\n\nDois.", text: "x" });
  assertEquals(readText(bytes(source), json), {
    text: "Um.\nDois.",
    name: "a",
  });
  const long = JSON.stringify({ id: "a".repeat(1e6), texto: "Um." });
  assertEquals(readText(bytes(long), json).name!.length, 200);
  const lone = readText(bytes('{"texto":"a\\ud800"}'), json).text!;
  assertEquals(lone, "a\ufffd");
});

Deno.test("readText() says what is wrong with any bytes", () => {
  assertEquals(readText(undefined, plain).fault, "too_long");
  assertEquals(readText(Uint8Array.of(0x61, 0xe7), plain).fault, "not_utf8");
  assertEquals(readText(bytes("a\0b"), plain).fault, "binary");
  assertEquals(readText(bytes("\u00a0\n"), plain).fault, "no_text");
  const cases: Record<string, string> = {
    "{": "not_json",
    "": "not_json",
    "[1]": "no_text",
    "null": "no_text",
    '"texto"': "no_text",
    "{}": "no_text",
    '{"texto": 1}': "no_text",
    '{"texto": ""}': "no_text",
    '{"texto": "a\\u0000"}': "binary",
    '{"__proto__": {"texto": "a"}}': "no_text",
  };
  for (const [source, fault] of Object.entries(cases)) {
    assertEquals(readText(bytes(source), json).fault, fault, source);
  }
  const deep = "[".repeat(1e6);
  assertEquals(readText(bytes(deep), json).fault, "not_json");
  assertEquals(readText(bytes('{"id": 7}'), json), {
    fault: "no_text",
    name: "7",
  });
});
