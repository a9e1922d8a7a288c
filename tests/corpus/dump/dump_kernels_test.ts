import { assert, assertEquals } from "@std/assert";
import {
  DumpKernels,
  type RawPage,
} from "../../../lib/corpus/dump/dump_kernels.ts";
import { buildModule } from "../../../tools/build_simd.ts";

const encoder = new TextEncoder();

/** What the kernels make of the page that a text starts with. */
function read(xml: string): RawPage | "cut off" | undefined {
  const kernels = new DumpKernels();
  kernels.open([encoder.encode(xml)]);
  return kernels.readPage(0);
}

Deno.test("kernels/dump/module.ts is what its sources give", async () => {
  const path = new URL("../../../kernels/dump/module.ts", import.meta.url);
  assert(
    await Deno.readTextFile(path) === await buildModule("dump"),
    "run `deno task build-simd`",
  );
});

Deno.test("DumpKernels.readPage() reads pages as MediaWiki writes them", () => {
  const kernels = new DumpKernels();
  const page = (text: string) =>
    `<page>
    <title>A &quot;b&quot; &amp; c</title>
    <ns>0</ns>
    <id>12</id>
    <revision>
      <id>99</id>
      <timestamp>2024-01-01T00:00:00Z</timestamp>
      <contributor><username>ana</username><id>7</id></contributor>
      <minor />
      <comment>um &lt;b&gt;</comment>
      <model>wikitext</model>
      <format>text/x-wiki</format>
      <text bytes="9" sha1="x" xml:space="preserve">${text}</text>
      <sha1>x</sha1>
    </revision>
  </page>`;
  for (
    const [text, decoded] of [
      ["", ""],
      ["Olá — \u{1f600}", "Olá — \u{1f600}"],
      ["&lt;ref&gt;&amp;nbsp;&quot;&apos;", `<ref>&nbsp;"'`],
      ["x".repeat(1000) + "&amp;", "x".repeat(1000) + "&"],
      ["&amp;".repeat(99), "&".repeat(99)],
      ["\ufeffa", "\ufeffa"],
    ]
  ) {
    kernels.open([encoder.encode(page(text))]);
    const raw = kernels.readPage(0);
    assert(raw !== undefined && raw !== "cut off" && !raw.unusual, text);
    assertEquals(kernels.textOf("text"), decoded);
    assertEquals(kernels.textOf("title"), 'A "b" & c');
    assertEquals(kernels.textOf("id"), "12");
    assertEquals(kernels.textOf("namespace"), "0");
    assertEquals(kernels.textOf("model"), "wikitext");
    assertEquals(raw.redirect, false);
  }
});

Deno.test("DumpKernels.readPage() leaves what is unusual to a parser", () => {
  const inside = (rest: string) => `<page><title>a</title>${rest}</page>`;
  const revision = (rest: string) => inside(`<revision>${rest}</revision>`);
  for (
    const xml of [
      "<page></page>",
      inside("<title>b</title>"),
      inside("<ns>0</ns><ns>0</ns>"),
      inside("<revision/><revision/>"),
      inside("<page/>"),
      inside("<title"),
      inside("<b></c>"),
      inside("</b>"),
      inside("&foo;"),
      inside("&#65;"),
      inside("& b"),
      inside("<b c='d'/>"),
      inside('<b c="d" c="e"/>'),
      inside('<b c="<"/>'),
      inside('<b c="&d"/>'),
      inside('<b c="d"e="f"/>'),
      inside("<b-c/>"),
      inside("<a>".repeat(20) + "</a>".repeat(20)),
      revision("<text>a<b/></text>"),
      revision("<text>a</text><text>b</text>"),
    ]
  ) {
    const raw = read(xml);
    assert(raw !== undefined && raw !== "cut off" && raw.unusual, xml);
  }
  for (
    const xml of [
      revision("<text><![CDATA[a]]></text>"),
      inside("<!-- a -->"),
      inside("<?a?>"),
    ]
  ) assertEquals(read(xml), undefined, xml);
  assertEquals(read("<page><title>a</title>"), "cut off");
});

Deno.test("DumpKernels.isPlain() takes what XML allows in text", () => {
  const kernels = new DumpKernels();
  const plain = (bytes: Uint8Array) => {
    kernels.open([bytes]);
    return kernels.isPlain();
  };
  const around = (middle: string | number[], at: number) => {
    const bytes = typeof middle === "string"
      ? encoder.encode(middle)
      : Uint8Array.from(middle);
    const all = new Uint8Array(64).fill(0x61);
    all.set(bytes, at);
    return all;
  };
  for (let at = 0; at < 60; at += 1) {
    for (
      const good of ["é", "\t\n", "–", "]]a", "]>", "\u{10ffff}", "\ufffd"]
    ) {
      if (at + 4 <= 64) assert(plain(around(good, at)), `${good} at ${at}`);
    }
    for (
      const bad of [
        [0],
        [0x1f],
        [13],
        [0x80],
        [0xc1, 0x80],
        [0xc3, 0x28],
        [0xe0, 0x80, 0x80],
        [0xed, 0xa0, 0x80],
        [0xef, 0xbf, 0xbe],
        [0xef, 0xbf, 0xbf],
        [0xf0, 0x80, 0x80, 0x80],
        [0xf4, 0x90, 0x80, 0x80],
        [0xf8],
        [0xff],
        [0x5d, 0x5d, 0x3e],
      ]
    ) assert(!plain(around(bad, at)), `${bad} at ${at}`);
  }
  assert(!plain(encoder.encode("aé").subarray(0, 2)));
});

Deno.test("DumpKernels.isPlain() agrees with the decoder of the platform", () => {
  const kernels = new DumpKernels();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let state = 7;
  const random = (below: number) => {
    state = Math.imul(state, 1103515245) + 12345 >>> 0;
    return (state >>> 8) % below;
  };
  let sound = 0;
  for (let round = 0; round < 20_000; round++) {
    const text = Array.from({ length: 8 }, () =>
      String.fromCodePoint(
        [0x41, 0xe9, 0x2014, 0x1f600, 0x7ff, 0x800, 0xffff, 0x10000][random(8)],
      )).join("");
    const bytes = encoder.encode(text);
    if (round % 2 === 1) bytes[random(bytes.length)] = random(256);
    kernels.open([bytes]);
    let expected: boolean;
    try {
      // deno-lint-ignore no-control-regex
      expected = !/[\0-\x08\x0b-\x1f\ufffe\uffff]|\]\]>/.test(
        decoder.decode(bytes),
      );
    } catch {
      expected = false;
    }
    assertEquals(kernels.isPlain(), expected, [...bytes].join(" "));
    if (expected) sound++;
  }
  assert(sound > 1000 && sound < 19_000);
});

Deno.test("DumpKernels.findPage() finds tags wherever they lie", () => {
  const kernels = new DumpKernels();
  for (let at = 0; at < 50; at++) {
    const text = "<pag<p/page</pag".repeat(4).slice(0, at);
    for (const tail of ["", "x", "<page".repeat(9)]) {
      kernels.open([encoder.encode(`${text}<page>${tail}`)]);
      assertEquals(kernels.findPage(0), at);
      kernels.open([encoder.encode(`${text}</page>${tail}`)]);
      assertEquals(kernels.findPage(0), kernels.length);
      const page = "<page><title>A</title><revision><text>" +
        `${"</pa".repeat(4).slice(0, at % 16).replaceAll("<", "&lt;")}` +
        "</text></revision></page>";
      kernels.open([encoder.encode(`${page}${tail}`)]);
      const read = kernels.readPage(0);
      assert(read !== undefined && read !== "cut off");
      assertEquals(read.end, page.length);
    }
  }
});
