import { assertEquals, assertLess } from "@std/assert";
import { Namespaces } from "../../../lib/corpus/wikitext/namespaces.ts";
import { expand } from "../../../lib/corpus/wikitext/expand.ts";
import { GONE, Residue } from "../../../lib/corpus/wikitext/marks.ts";

function run(text: string): { text: string; residue: Record<string, number> } {
  const residue = new Residue();
  const expanded = expand(text, {
    title: "T",
    namespaces: new Namespaces(),
    residue,
  });
  return {
    text: expanded.replaceAll(GONE, "·"),
    residue: residue.toObject(),
  };
}

Deno.test("expand() matches braces as MediaWiki does", () => {
  for (
    const [wikitext, text] of [
      ["{{a}}", "·"],
      ["{{{a|b}}}", "b"],
      ["{{nowrap|{{{a|b}}}}}", "b"],
      ["{{{{{a}}}}}", "·"],
      ["{{{{{a|nowrap}}}|b}}", "b"],
      ["{a} }", "{a} }"],
      ["{{nowrap|a|b=[[c|d]]|e}}", "a"],
      ["{{nowrap|1=a=b}}", "a=b"],
      ["{{ Nowrap \n| a }}", "a"],
    ]
  ) assertEquals(run(wikitext), { text, residue: {} }, wikitext);
});

Deno.test("expand() goes no deeper than MediaWiki", () => {
  const nest = (depth: number) =>
    "{{nowrap|".repeat(depth) + "x" + "}}".repeat(depth);
  assertEquals(run(nest(40)).text, "x");
  assertEquals(run(nest(41)).text, "·");
});

Deno.test("expand() takes a million brackets in its stride", () => {
  const start = performance.now();
  for (const [open, close] of [["{{a|x", "}}"], ["[[a|x", "]]"]]) {
    run(open.repeat(1_000_000));
    run(close.repeat(1_000_000));
    run(open.repeat(500_000) + close.repeat(500_000));
  }
  run("{".repeat(1_000_000) + "}".repeat(1_000_000));
  run("[[".repeat(500_000) + "}}".repeat(500_000));
  run("{{[[".repeat(500_000) + "}}]]".repeat(500_000));
  assertLess(performance.now() - start, 120_000); // hours, if it were quadratic
});

Deno.test("expand() gives back what never closes", () => {
  assertEquals(run("a {{b|c"), { text: "a c", residue: { "{{": 1 } });
  assertEquals(run("a [[b|c"), { text: "a c", residue: { "[[": 1 } });
  assertEquals(run("a [http://b c"), { text: "a http://b c", residue: {} });
  assertEquals(run("{{a|[[b}}"), { text: "·", residue: { "[[": 1 } });
});
