/** Long work ends when its signal says so, with the signal's reason. */

import { BPETrainer } from "@ptbr-slm/ptbr-slm/tokenizer";
import { assertEquals, assertRejects } from "@std/assert";

const abort = new AbortController();
let chunks = 0;
/** Text without end. */
function* endless() {
  for (;; chunks++) {
    if (chunks === 5) abort.abort(new Error("enough"));
    yield { name: "rio", bytes: new TextEncoder().encode("o rio corre\n") };
  }
}
await assertRejects(
  () => new BPETrainer().train(endless(), { signal: abort.signal }),
  Error,
  "enough",
);
assertEquals(chunks, 5);
