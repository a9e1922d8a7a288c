import { assertEquals, assertThrows } from "@std/assert";
import { ApiError } from "../../../lib/serve/http/errors.ts";
import {
  assertFits,
  objectOf,
  type Schema,
  unsupported,
  unsupportedList,
} from "../../../lib/serve/http/schema.ts";

const SCHEMA: Schema = objectOf({
  name: { type: "string", minLength: 1, maxLength: 3 },
  share: { type: "number", exclusiveMinimum: 0, maximum: 1 },
  kind: { type: "string", enum: ["a", "b"] },
  ids: {
    anyOf: [
      { type: "integer" },
      { type: "array", maxItems: 2, items: { type: "integer", minimum: 0 } },
    ],
  },
  tools: unsupportedList("tools are not supported"),
  suffix: unsupported("there is none"),
}, ["name"]);

Deno.test("assertFits() takes what fits", () => {
  for (
    const value of [
      { name: "a" },
      { name: "😀😀😀", share: 1, kind: "b", ids: 5, tools: [] },
      { name: "a", share: null, kind: null, ids: null, suffix: null },
      { name: "a", ids: [0, 1] },
    ]
  ) assertFits(SCHEMA, value);
});

Deno.test("assertFits() says what is wrong, and where", () => {
  const cases: [value: unknown, param: string | null, message: string][] = [
    [5, null, "Cannot use the body: it must be an object, not 5"],
    [{}, "name", "Cannot do without name: it is required"],
    [
      { name: null },
      "name",
      "Cannot use name: it must be a string, not null",
    ],
    [{ name: "" }, "name", 'Cannot use name: it must not be empty, not ""'],
    [
      { name: "abcd" },
      "name",
      "Cannot use name: it must have at most 3 characters, not 4",
    ],
    [
      { name: "a", share: 0 },
      "share",
      "Cannot use share: it must be above 0, not 0",
    ],
    [
      { name: "a", kind: "c" },
      "kind",
      'Cannot use kind: it must be a or b, not "c"',
    ],
    [
      { name: "a", ids: "1" },
      "ids",
      "Cannot use ids: it must be an integer or an array, not a string",
    ],
    [
      { name: "a", ids: 0.5 },
      "ids",
      "Cannot use ids: it must be an integer or an array, not 0.5",
    ],
    [
      { name: "a", ids: [0, -1] },
      "ids[1]",
      "Cannot use ids[1]: it must be at least 0, not -1",
    ],
    [
      { name: "a", ids: [0, 1, 2] },
      "ids",
      "Cannot use ids: it must have at most 2 items, not 3",
    ],
    [
      { name: "a", tools: [1] },
      "tools",
      "Cannot use tools: tools are not supported",
    ],
    [
      { name: "a", suffix: "b" },
      "suffix",
      "Cannot use suffix: there is none",
    ],
    [
      { name: "a", constructor: 1 },
      "constructor",
      "Cannot use constructor: there is no such parameter here",
    ],
  ];
  for (const [value, param, message] of cases) {
    const error = assertThrows(() => assertFits(SCHEMA, value), ApiError);
    assertEquals([error.status, error.param, error.message], [
      400,
      param,
      message,
    ]);
  }
});
