/** Tests of what commands that compute say of the backend. */

import { assertEquals } from "@std/assert";
import { noteFaster } from "../../../lib/commands/shared/engine.ts";
import type { Output } from "../../../lib/commands/shared/output.ts";
import { NO_OWN_KERNELS } from "../../../lib/backend/choice/open_backend.ts";

/** An output that keeps what is noted. */
function listening(): Output & { readonly notes: string[] } {
  const notes: string[] = [], nothing = () => {};
  return {
    notes,
    print: nothing,
    write: nothing,
    warn: nothing,
    note: (line) => notes.push(line),
    progress: () => ({ update: nothing, [Symbol.dispose]: nothing }),
  };
}

Deno.test("noteFaster() says once what would be faster", () => {
  const hint = { adapter: "OpenBLAS (Prescott)", reason: NO_OWN_KERNELS };
  const output = listening(), other = listening();
  // Measuring a run opens a backend of its own.
  noteFaster(hint, output);
  noteFaster(hint, output);
  noteFaster(hint, other);
  assertEquals(output.notes, [
    "OpenBLAS (Prescott): it has no kernels for this processor; deno task doctor names what is faster",
  ]);
  assertEquals(other.notes, output.notes);
});
