import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import type { DumpSource } from "../../../lib/corpus/dump/dump_source.ts";
import { WikiDump } from "../../../lib/corpus/wiki/wiki_dump.ts";
import { bzip2 } from "./bzip2_encoder.ts";
import {
  dumpXml,
  HEADER,
  OPTIONS,
  pages,
  pageXml,
  sourceOf,
} from "../sample_dump.ts";

/** With this set, a gigabyte instead of some megabytes. */
const LONG = Deno.env.has("PTBR_SLM_TEST_LONG");
const HUGE = LONG ? 2 ** 30 : 40 << 20;
const MARKUP = /\{\{|\}\}|\[\[|\]\]|<ref|\{\||\|\}/;

const encoder = new TextEncoder();

async function textOf(source: DumpSource, minChars = 1): Promise<string> {
  const dump = await WikiDump.open(source);
  const options = { ...OPTIONS, minChars, site: dump.site };
  let text = "";
  for await (const { bytes } of dump.documents(options)) {
    text += new TextDecoder().decode(bytes);
  }
  return text;
}

/** A text, then a piece again and again, then another text. */
function repeated(
  start: string,
  piece: string,
  bytes: number,
  end: string,
): DumpSource & { read: DumpSource["read"]; most: number } {
  const unit = encoder.encode(piece.repeat(Math.ceil(65_536 / piece.length)));
  const source = {
    most: 0,
    async *read(offset: number) {
      const head = encoder.encode(start), tail = encoder.encode(end);
      const units = Math.ceil(bytes / unit.length);
      if (offset < head.length) yield head.slice(offset);
      const skipped = Math.max(0, offset - head.length);
      const first = Math.floor(skipped / unit.length);
      for (let i = first; i < units; i++) {
        source.most = Math.max(source.most, i * unit.length);
        yield i === first ? unit.slice(skipped % unit.length) : unit.slice();
      }
      yield tail.slice(Math.max(0, skipped - units * unit.length));
    },
  };
  return source;
}

Deno.test("a dump cut at every 1,000th byte gives an error", async () => {
  const bytes = await Deno.readFile(
    new URL(
      "../../../data/sample/amostra-pages-articles-multistream.xml.bz2",
      import.meta.url,
    ),
  );
  for (let length = 0; length < bytes.length; length += 1000) {
    await assertRejects(
      () => textOf(sourceOf(bytes.subarray(0, length))),
      SyntaxError,
      "Cannot ",
    );
  }
  const xml = encoder.encode(dumpXml(pages(40)));
  for (let length = 0; length < xml.length - 20; length += 1000) {
    await assertRejects(
      () => textOf(sourceOf(xml.subarray(0, length))),
      SyntaxError,
      "Cannot ",
    );
  }
});

Deno.test("random bytes give an error, in every place", async () => {
  let state = 3;
  const noise = (length: number) =>
    Uint8Array.from({ length }, () => {
      state = Math.imul(state, 1103515245) + 12345 >>> 0;
      return state >>> 24;
    });
  const xml = dumpXml(pages(30));
  const sound = bzip2(xml, { blockBytes: 1500 });
  for (let round = 0; round < 30; round++) {
    const spoilt = sound.slice();
    spoilt.set(noise(40), (round * 997) % (sound.length - 40));
    for (
      const bytes of [
        noise(5000),
        Uint8Array.from([...encoder.encode("BZh9"), ...noise(5000)]),
        Uint8Array.from([
          ...encoder.encode("BZh9"),
          ...Uint8Array.fromHex("314159265359"),
          ...noise(5000),
        ]),
        Uint8Array.from([...encoder.encode(HEADER), ...noise(5000)]),
        spoilt,
      ]
    ) {
      await assertRejects(
        () => textOf(sourceOf(bytes)),
        SyntaxError,
        "Cannot ",
      );
    }
  }
});

Deno.test("entity bombs are refused before they go off", async () => {
  const bomb = '<!DOCTYPE a [<!ENTITY b "bbbb">' +
    Array.from(
      { length: 9 },
      (_, i) => `<!ENTITY b${i} "${`&b${i === 0 ? "" : i - 1};`.repeat(99)}">`,
    ).join("") +
    "]>";
  for (const bytes of [`${bomb}${dumpXml(pages(3))}`, `${HEADER}${bomb}`]) {
    await assertRejects(
      () => textOf(sourceOf(encoder.encode(bytes))),
      SyntaxError,
    );
  }
});

Deno.test("nesting a million deep is text or an error", async () => {
  const most = LONG ? 1_000_000 : 100_000;
  const prose = "Prosa que fica. ";
  for (
    const [open, close] of [
      ["{{", "}}"],
      ["{{a|", "}}"],
      ["[[", "]]"],
      ["[[Ficheiro:a|", "]]"],
      ["{|\n|", "\n|}\n"],
      ["&lt;div&gt;", "&lt;/div&gt;"],
      ["&lt;ref&gt;", "&lt;/ref&gt;"],
      ["&lt;table&gt;", "&lt;/table&gt;"],
      ["''", "'''"],
      ["&amp;", ""],
    ]
  ) {
    // A page of more than 16 Mi characters would be refused for that.
    const longest = open.length + close.length + 1;
    const depth = Math.min(most, Math.floor(16_000_000 / longest));
    for (const body of [open, `${open} ${close}`]) {
      const text = await textOf(sourceOf(
        encoder.encode(dumpXml([
          pageXml(1, "A", prose + body.repeat(depth)),
          pageXml(2, "B", prose + open.repeat(depth) + close.repeat(depth)),
          pageXml(3, "C", prose),
        ])),
        1 << 16,
      ));
      assert(text.endsWith("Prosa que fica.\n\n"), open);
      assert(!MARKUP.test(text), open);
    }
  }
  await assertRejects(
    () =>
      textOf(sourceOf(
        encoder.encode(
          HEADER + "<a>".repeat(most) + "</a>".repeat(most) +
            "</mediawiki>",
        ),
        1 << 16,
      )),
    SyntaxError,
    "nest too deeply",
  );
});

Deno.test("a page that does not end is refused long before the dump ends", async () => {
  for (
    const [start, piece] of [
      ["<page><title>A</title><revision><text>", "a".repeat(1000)],
      ["", " ".repeat(1000)],
    ]
  ) {
    const before = Deno.memoryUsage().rss;
    const source = repeated(HEADER + start, piece, HUGE, "");
    await assertRejects(() => textOf(source), SyntaxError);
    assertLess(source.most, 64 << 20);
    assertLess(Deno.memoryUsage().rss - before, 600 << 20);
  }
});

/** Two pages and six million spaces between them, by bzip2 1.0.8. */
const SPACES = `
QlpoOTFBWSZTWXwDaFYAwZ3flNAQUwP+/7gAVJG/7//gACAIAAAIQAKbtAAAJSjSBo00ZPRA00Gm
gaaaAGmQwAAAAAAAAAACKpAAAADQAAAAACqIgJommNFNqYj0p+pNNlNMyg8pmURVWyqECKkZV/AA
oADBEQBQBEwmAiAI+S+kPcnzVjvLVPvMfa4BEAATy+tjEvGaBJLThnaRMpJ4cHoi8TqSkVgFn5nO
63m0WfI6pgcJRHlTBTjznnk8Gkq1pWdipySrK+lVMEqLHSS+k1S8GDBYxu/3qwMdsVTe3RifRz3P
T55OpR71NWb7Nj2a8O9MkqNVSsY+NFVaUJWvb8J4P2TL4J3pVTHmzo4uLF3r+7iYsLluPxs8rFxk
k7bWSS+JjQ0tSzn922HKjnV/N7dXucY5cGbzbvQlZwImEf0zM73o/BhGvfxVNaUtcRpXLlpFKdZx
8+dIr6uh7N6ka1NjkVUTFZ3zGbcS3StMUqMXxXwYqG7bcPVOhyWrWa9VwOzUX9mUR0owPFkZIl4x
H5mZazff1MdSMs5aW8sKsTc6yOEM8juuOa3oLhu+udYaD+EVWrEdqPqu7ujQTS9hM22XUYT22rmJ
ozajfgiTpNa0+HSutvRviMmlay7HrhS3tu9zNsOhkvVYllC0/tLBWiyXKJSq3ncWMWhtYlKpse9M
WpNimW1NUaCpidDwaGxY0tUrEpVKlzWanzavZixZ9hsb2J+m1hq+CvXtXXRR+9MTEjJ/0eTZaCIA
j/xdyRThQkHwDaFY
`;

Deno.test("a block that grows a thousandfold is a block all the same", async () => {
  assertEquals(
    await textOf(sourceOf(Uint8Array.fromBase64(SPACES))),
    "Prosa que fica.\n\n".repeat(2),
  );
});
