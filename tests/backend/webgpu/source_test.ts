import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  bindingsOf,
  moduleOf,
  parametersOf,
  parseSource,
} from "../../../lib/backend/webgpu/source.ts";

/** Joins lines. */
function lines(...all: string[]): string {
  return all.join("\n");
}

Deno.test("parseSource() gives a kernel the file's head and its own lines", () => {
  const { kernels, ops, scratch } = parseSource(lines(
    "//: op three: one two",
    "//: scratch between: 6RH",
    "const SHARED = 1;",
    "//: kernel one by values: writes y between",
    "fn one(i: u32) {}",
    "//: kernel two by rows of 256 threads: reads x #ids between, sums dW dB",
    "fn two(row: u32, lane: u32) {}",
  ));
  assertEquals(ops, { three: ["one", "two"] });
  assertEquals(scratch.between, [{ factor: 6, extents: [1, 6] }]);
  const [one, two] = kernels;
  assertEquals(one.text, "const SHARED = 1;\nfn one(i: u32) {}");
  assertEquals(two.text, "const SHARED = 1;\nfn two(row: u32, lane: u32) {}");
  assertEquals([one.threads, two.threads], ["256u", "256u"]);
  assertEquals(bindingsOf(one), ["y", "between"]);
  assertEquals(bindingsOf(two), ["partials", "x", "#ids", "between"]);
});

const WRONG: readonly [what: string, source: string][] = [
  ['"//: kernel a by chance: writes y"', "//: kernel a by chance: writes y"],
  ['"//: kernel a by rows"', "//: kernel a by rows"],
  [
    '"//: kernel a by rows: makes y"',
    "//: kernel a by rows: makes y\nfn a() {}",
  ],
  ["there is no fn a", "//: kernel a by rows: writes y\nfn b() {}"],
];

for (const [what, source] of WRONG) {
  Deno.test(`parseSource() refuses ${source.replace("\n", " | ")}`, () => {
    assertThrows(
      () => parseSource(source),
      SyntaxError,
      `Cannot read a kernel: ${what}`,
    );
  });
}

Deno.test("moduleOf() writes bindings, parameters and the entry point", () => {
  const { kernels: [kernel] } = parseSource(lines(
    "//: kernel pick by values: writes y, reads x #ids",
    "fn pick(i: u32) {",
    "  y[i] = p.scale * x[ids[i] + p.start]; // not p.this",
    "}",
  ));
  assertEquals(parametersOf(kernel), ["count", "scale", "start"]);
  assertEquals(
    moduleOf(kernel),
    lines(
      "struct Parameters {",
      "  count: u32,",
      "  scale: f32,",
      "  start: u32,",
      "}",
      "@group(0) @binding(0) var<storage, read_write> y: array<f32>;",
      "@group(0) @binding(1) var<storage, read> x: array<f32>;",
      "@group(0) @binding(2) var<storage, read> ids: array<u32>;",
      "@group(0) @binding(3) var<uniform> p: Parameters;",
      "const WORKGROUP = 256u;",
      "",
      "fn pick(i: u32) {",
      "  y[i] = p.scale * x[ids[i] + p.start]; // not p.this",
      "}",
      "@compute @workgroup_size(WORKGROUP)",
      "fn main(",
      "  @builtin(workgroup_id) group: vec3u,",
      "  @builtin(num_workgroups) groups: vec3u,",
      "  @builtin(local_invocation_index) lane: u32,",
      ") {",
      "  let place = groupIndex(group, groups) * WORKGROUP + lane;",
      "  if (place < p.count) {",
      "    pick(place);",
      "  }",
      "}",
      "",
    ),
  );
});

Deno.test("moduleOf() stores sums side by side, a row of them a chunk", () => {
  for (const pattern of ["columns", "headColumns", "time"]) {
    const { kernels: [one, two] } = parseSource(lines(
      `//: kernel one by ${pattern}: reads x, sums dA`,
      "fn one() -> f32 {}",
      `//: kernel two by ${pattern}: reads x, sums dA dB`,
      "fn two() -> vec2f {}",
    ));
    const stores = (text: string) => text.match(/partials\[.*?\] = .*?;/g);
    assertEquals(stores(moduleOf(one)), [
      "partials[(1u * chunk + 0u) * p.width + c] = sum;",
    ]);
    assertEquals(stores(moduleOf(two)), [
      "partials[(2u * chunk + 0u) * p.width + c] = sum.x;",
      "partials[(2u * chunk + 1u) * p.width + c] = sum.y;",
    ]);
  }
});

Deno.test("parametersOf() begins with what the caller gives, in its order", () => {
  const { kernels: [kernel] } = parseSource(lines(
    "//: kernel add by values: writes y, reads x, takes stride first",
    "fn add(i: u32) {",
    "  y[i] += x[p.first + i * p.stride];",
    "}",
  ));
  assertEquals(parametersOf(kernel), ["count", "stride", "first"]);
  assert(moduleOf(kernel).includes("  stride: u32,\n  first: u32,\n"));
});
