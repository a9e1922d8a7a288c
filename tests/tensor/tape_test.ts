import { assertEquals } from "@std/assert";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { Tape } from "../../lib/tensor/tape.ts";

Deno.test("Tape claimGrad() says that the first is to write, the next to add", () => {
  const tape = new Tape(new ReferenceBackend());
  const x = tape.tensor(2, 3);
  const { grad, accumulate } = tape.claimGrad(x);
  assertEquals([accumulate, grad.length], [false, 6]);
  assertEquals(tape.claimGrad(x), { grad, accumulate: true });
  assertEquals(x.grad, grad);
});

Deno.test("Tape claimGrad() adds to gradients of zeros and of weights", async () => {
  const backend = new ReferenceBackend();
  const tape = new Tape(backend);
  const x = tape.tensor(2);
  const used = tape.take(2);
  backend.run("fill", { out: used }, { value: 7 });
  tape.give(used);
  assertEquals(await backend.read(x.grad), new Float32Array(2));
  assertEquals(tape.claimGrad(x).accumulate, true);
  const weight = { shape: [2], data: backend.alloc(2), grad: backend.alloc(2) };
  const claim = { grad: weight.grad, accumulate: true };
  assertEquals(tape.claimGrad(weight), claim);
});
