/**
 * The contract of {@linkcode Backend}, as one suite for every backend: each op
 * gives what the reference gives in f64, and writes nowhere else.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import type { Backend, Memory } from "../../lib/backend/backend.ts";
import type { OpName } from "../../lib/backend/ops.ts";
import { PLANS } from "../../lib/backend/plan.ts";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { assertClose, type Case, normal, run } from "./case.ts";
import { CASES } from "./cases.ts";
import { OP_CASES } from "./cases/ops.ts";

/** What the oracle gives, computed once for all backends. */
const expectations = new Map<Case, Promise<Record<string, Float32Array>>>();

function expected(one: Case): Promise<Record<string, Float32Array>> {
  let expectation = expectations.get(one);
  if (expectation === undefined) {
    expectation = run(new ReferenceBackend("f64"), one);
    expectations.set(one, expectation);
  }
  return expectation;
}

/**
 * Registers the suite for one backend.
 *
 * @param name What the tests call it.
 * @param createBackend Makes one; the suite disposes of it.
 * @param ignore Skips the suite; the reason belongs in the name.
 */
export function contract(
  name: string,
  createBackend: () => Backend | Promise<Backend>,
  ignore = false,
): void {
  Deno.test({
    name: `${name} does what the reference does`,
    ignore,
    sanitizeResources: false, // a BLAS is never closed
    sanitizeOps: false, // WebGPU's maps end by themselves, see sync.ts
    fn: async (t) => {
      using backend = await createBackend();
      for (const [name, step] of contractSteps()) {
        await t.step(name, async () => await step(backend));
      }
    },
  });
}

/** What a step of the suite does with a backend; it throws where that fails. */
export type ContractStep = (backend: Backend) => Promise<void> | void;

/** The suite, step by step, for those who have another way to run tests. */
export function* contractSteps(): Generator<
  [name: string, step: ContractStep]
> {
  for (const [op, cases] of Object.entries(CASES)) {
    yield [`${op}()`, async (backend) => {
      for (const one of cases) await check(backend, op, one);
    }];
  }
  for (const op of Object.keys(OP_CASES) as OpName[]) {
    yield [`${op}() refuses memories that are too short`, (backend) => {
      checkLengths(backend, op);
    }];
  }
  yield ["together() does what the calls do one by one", checkTogether];
  yield ["slice() shares memory, alloc() zeroes it", checkMemory];
}

async function check(backend: Backend, op: string, one: Case): Promise<void> {
  const want = await expected(one);
  const got = await run(backend, one);
  for (const output of [...one.outputs, ...one.choosesIds ? ["ids"] : []]) {
    const label = `${op} ${one.name}: ${output}`;
    assertClose(got[output], want[output], one.tolerance, label);
  }
}

/** Every memory of a call in turn is one value short of what it should hold. */
function checkLengths(backend: Backend, op: OpName): void {
  const { measure, table } = PLANS[op];
  const one = OP_CASES[op].at(-1)!;
  const ids = backend.allocIndices(Math.max(1, one.ids?.length ?? 0));
  backend.writeIndices(ids, one.ids ?? []);
  const words = one.words ?? {};
  const lengths = Object.entries({ ...one.memories, ...words })
    .map(([name, { length }]) => [name, length] as const);
  for (const [short] of lengths) {
    // These say how large the others have to be.
    if (short === measure || short === table) continue;
    const memories = Object.fromEntries(
      lengths.map(([name, length]) => [
        name,
        backend[name in words ? "allocIndices" : "alloc"](
          name === short ? length - 1 : length,
        ),
      ]),
    );
    if (one.left?.includes(short)) continue;
    assertThrows(
      () => one.call(backend, memories, ids),
      RangeError,
      `Cannot compute ${op}: ${short.replace(/\d+$/, "")} holds`,
    );
  }
}

async function checkTogether(backend: Backend): Promise<void> {
  // More products than any backend does at once; vectors and matrices.
  const products = Array.from({ length: 11 }, (_, i) => {
    const m = i % 3 === 0 ? 70 : 1 + i % 4, k = 30 + i, n = 65 + 32 * i;
    const [a, b] = [m * k, k * n].map((length) => {
      const memory = backend.alloc(length);
      backend.write(memory, normal(length));
      return memory;
    });
    const outs = [0, 1].map(() => backend.alloc(m * n));
    const options = { transposeB: i % 2 === 0, accumulate: i > 5 };
    const multiply = (out: Memory) =>
      backend.matmul(out, a, b, { m, k, n }, options);
    return { outs, multiply };
  });
  for (const { outs, multiply } of products) multiply(outs[0]);
  const other = backend.alloc(5000);
  const count = backend.together(() => {
    products.slice(0, 4).forEach(({ outs, multiply }) => multiply(outs[1]));
    backend.run("fill", { out: other }, { value: 3 });
    return backend.together(() => {
      products.slice(4).forEach(({ outs, multiply }) => multiply(outs[1]));
      return products.length;
    });
  });
  assertEquals(count, 11);
  assertEquals(await backend.read(other), new Float32Array(5000).fill(3));
  for (const { outs: [alone, together] } of products) {
    assertEquals(await backend.read(together), await backend.read(alone));
  }
}

async function checkMemory(backend: Backend): Promise<void> {
  const whole = backend.alloc(200);
  assertEquals(await backend.read(whole), new Float32Array(200));
  const part = backend.slice(whole, 64, 100);
  const inner = backend.slice(part, 64, 3);
  backend.run("fill", { out: part }, { value: 1 });
  backend.write(inner, new Float32Array([5, 6]));
  const values = new Float32Array(200).fill(1, 64, 164);
  values.set([5, 6], 128);
  assertEquals(await backend.read(whole), values);
  assertEquals(await backend.read(inner), new Float32Array([5, 6, 1]));
  backend.write(inner, new Float32Array([7]), 1);
  values[129] = 7;
  assertEquals(await backend.read(whole), values);
  const few = await backend.read(whole, { start: 127, length: 4 });
  assertEquals(few, values.slice(127, 131));
  const into = new Float32Array(3);
  assertEquals(
    await backend.read(whole, { start: 128, length: 3, into }),
    into,
  );
  assertEquals(into, values.slice(128, 131));
}
