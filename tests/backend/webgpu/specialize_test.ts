import { assertEquals, assertThrows } from "@std/assert";
import { specialize } from "../../../lib/backend/webgpu/specialize.ts";

/** Joins lines. */
function lines(...all: string[]): string {
  return all.join("\n");
}

Deno.test("specialize() takes one of two alternatives", () => {
  const source = lines(
    "const FOURS = false;",
    "//: if FOURS",
    "var<storage> out: array<vec4f>;",
    "  //: else",
    "var<storage> out: array<f32>;",
    "//: end",
    "more",
  );
  assertEquals(
    specialize(source),
    lines("const FOURS = false;", "var<storage> out: array<f32>;", "more"),
  );
  assertEquals(
    specialize(source, { FOURS: true }),
    lines("const FOURS = true;", "var<storage> out: array<vec4f>;", "more"),
  );
});

Deno.test("specialize() writes loops in loops out", () => {
  const source = lines(
    "const N = 2u;",
    "  //: unroll",
    "  for (var i = 0u; i < N; i++) {",
    "    let x = a[i];",
    "    //: unroll",
    "    for (var j = 0u; j < 1u; j++) {",
    "      b[i][j] += x * ij;",
    "    }",
    "  }",
    "  for (var i = 0u; i < N; i++) {",
    "  }",
  );
  assertEquals(
    specialize(source),
    lines(
      "const N = 2u;",
      ...["0u", "1u"].flatMap((i) => [
        "  {",
        `    let x = a[${i}];`,
        "    {",
        `      b[${i}][0u] += x * ij;`,
        "    }",
        "  }",
      ]),
      "  for (var i = 0u; i < N; i++) {",
      "  }",
    ),
  );
});

Deno.test("specialize() writes blocks out where the condition is false", () => {
  const source = lines(
    "const OUT = true;",
    "//: unroll if OUT, else by 1",
    "for (var i = 0u; i < 2u; i++) {",
    "  a[i] = b;",
    "}",
  );
  assertEquals(
    specialize(source),
    lines(
      "const OUT = true;",
      "{",
      "  a[0u] = b;",
      "}",
      "{",
      "  a[1u] = b;",
      "}",
    ),
  );
  assertEquals(
    specialize(source, { OUT: false }),
    lines(
      "const OUT = false;",
      "for (var block = 0u; block < 2u; block += 1) {",
      "{",
      "let i = block + 0u;",
      "  a[i] = b;",
      "}",
      "}",
    ),
  );
});

const WRONG: readonly [string, string][] = [
  ["it has no TILE", "const DEPTH = 3u;"],
  ['"//: if NOTHING"', lines("//: if NOTHING", "//: end")],
  ['"//: if TILE"', lines("const TILE = 3u;", "//: if TILE", "//: end")],
  ['"//: end"', "//: end"],
  [
    '"//: unroll if N, else by 1"',
    lines("//: unroll if N, else by 1", "for (var i = 0u; i < 2u; i++) {", "}"),
  ],
  ['"for (var i = 1u;', lines("//: unroll", "for (var i = 1u; i < 2u; i++) {")],
  ['"for (var i = 0u;', lines("//: unroll", "for (var i = 0u; i < n; i++) {")],
  ['"for (var i = 0u;', lines("//: unroll", "for (var i = 0u; i < 2u; i++) {")],
  ['""', "//: unroll"],
];

for (const [what, source] of WRONG) {
  Deno.test(`specialize() refuses ${source.replaceAll("\n", " | ")}`, () => {
    assertThrows(
      () => specialize(source, what.includes("TILE") ? { TILE: 3 } : undefined),
      TypeError,
      `Cannot specialize a kernel: ${what}`,
    );
  });
}
