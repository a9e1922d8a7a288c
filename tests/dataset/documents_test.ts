import { assertEquals, assertRejects } from "@std/assert";
import {
  LONGEST_DOCUMENT,
  splitDocuments,
} from "../../lib/dataset/documents.ts";

function chunk(name: string, text: string) {
  return { name, bytes: new TextEncoder().encode(text) };
}

async function texts(
  chunks: ReturnType<typeof chunk>[],
): Promise<string[]> {
  const found: string[] = [];
  for await (const { text, sourceBytes } of splitDocuments(chunks)) {
    assertEquals(sourceBytes, new TextEncoder().encode(text).length);
    found.push(text);
  }
  return found;
}

Deno.test("splitDocuments() splits text at blank lines, wherever it is cut", async () => {
  const text =
    "\n\nUm dia.\r\nDois dias.\r\n \u00a0\r\n\r\nÉ três 🇧🇷.\n\t\nFim";
  const expected = ["Um dia.\nDois dias.", "É três 🇧🇷.", "Fim"];
  assertEquals(await texts([chunk("a.txt", text)]), expected);
  for (let cut = 0; cut <= text.length; cut++) {
    // Inside a surrogate pair no reader would cut.
    if (!text.slice(0, cut).isWellFormed()) continue;
    const chunks = [text.slice(0, cut), text.slice(cut)]
      .map((part) => chunk("a.txt", part));
    assertEquals(await texts(chunks), expected);
  }
});

Deno.test("splitDocuments() ends documents with their files, Markdown only there", async () => {
  assertEquals(
    await texts([
      chunk("a.txt", "um\n"),
      chunk("b.txt", "dois"),
      chunk("c.md", "\n# Três\n\nquatro\n\n"),
      chunk("d.txt", " \n\n"),
    ]),
    ["um", "dois", "# Três\n\nquatro"],
  );
});

Deno.test("splitDocuments() cuts what would not end", async () => {
  const line = "x".repeat(2 ** 20);
  const lines = await texts(
    Array.from({ length: 40 }, () => chunk("a.txt", `${line}\n`)),
  );
  assertEquals(lines.length, 3);
  assertEquals(lines.join("\n").length, 40 * (line.length + 1) - 1);
  const endless = await texts(
    Array.from({ length: 40 }, () => chunk("a.txt", line)),
  );
  assertEquals(endless.join("").length, 40 * line.length);
  for (const text of [...lines, ...endless]) {
    assertEquals(text.length <= LONGEST_DOCUMENT + line.length, true);
  }
});

Deno.test("splitDocuments() refuses text that is not UTF-8", async () => {
  const bytes = Uint8Array.of(0x61, 0xe7, 0xe3, 0x6f);
  await assertRejects(
    () => texts([{ name: "a.txt", bytes }]),
    SyntaxError,
    'Cannot read "a.txt": it is not UTF-8 text; clean-corpus converts it',
  );
});

Deno.test("splitDocuments() takes a file whole where told, and says what goes on", async () => {
  const line = "x".repeat(2 ** 22);
  const bytes = new TextEncoder().encode(`${line}\n\n`.repeat(9));
  const whole = { name: "a.txt", bytes, whole: true };
  const next = { ...chunk("b.txt", "um\n\ndois\n"), whole: true };
  const found = await Array.fromAsync(splitDocuments([whole, next]));
  assertEquals(
    found.map(({ continues = false }) => continues),
    [false, true, true, false],
  );
  assertEquals(found.at(-1)!.text, "um\n\ndois");
  const blocks = await Array.fromAsync(
    splitDocuments([{ ...whole, whole: false }]),
  );
  assertEquals(
    blocks.map(({ continues }) => continues),
    Array(9).fill(undefined),
  );
});
