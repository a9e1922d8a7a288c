import { assertEquals, assertThrows } from "@std/assert";
import { UnknownStateError } from "../../../lib/serve/engine.ts";
import { KeptStates } from "../../../lib/serve/engine/kept_states.ts";

/** A state of 80 bytes. */
function kept(model = "m") {
  return { model, ids: Array(10).fill(1), read: 10, state: [] };
}

Deno.test("KeptStates keeps those that were used last", () => {
  const states = new KeptStates(240);
  for (const name of ["a", "b", "c"]) states.put(name, kept());
  states.get("a", "m");
  states.put("d", kept());
  assertEquals(states.bytes, 240);
  for (const name of ["a", "c", "d"]) {
    assertEquals(states.get(name, "m"), kept());
  }
  const error = assertThrows(() => states.get("b", "m"), UnknownStateError);
  assertEquals(
    error.message,
    'Cannot go on from "b": no such state of "m" is kept',
  );
});

Deno.test("KeptStates gives a model no state of another, and replaces by name", () => {
  const states = new KeptStates(1000);
  states.put("a", kept("one"));
  assertThrows(() => states.get("a", "two"), UnknownStateError);
  states.put("a", kept("two"));
  assertEquals(states.get("a", "two").model, "two");
  assertEquals(states.bytes, 80);
  states.forget("a");
  states.forget("a");
  assertThrows(() => states.get("a", "two"), UnknownStateError);
  assertEquals(states.bytes, 0);
});
