import { assert, assertEquals } from "@std/assert";
import { Random } from "../../../lib/random.ts";
import {
  bytesOf,
  type KnownState,
  StateCache,
} from "../../../lib/serve/engine/state_cache.ts";

/** A state that can be told from others. */
function stateOf(value: number, logits = false): KnownState {
  const part = new Float32Array([value]);
  const state = [{ timeShift: part, wkv: part, channelShift: part }];
  return logits ? { state, logits: part } : { state };
}

Deno.test("StateCache finds the longest beginning that a search of all finds", () => {
  const random = new Random(3);
  const below = (n: number) => Math.floor(random.uniform() * n);
  const cache = new StateCache(1e6);
  const all = new Map<string, KnownState>();
  for (let i = 0; i < 3000; i++) {
    const ids = Array.from({ length: below(9) }, () => below(3));
    if (i % 2 === 0) {
      const known = stateOf(i, below(2) === 0);
      cache.put("m", ids, known);
      const before = all.get(ids.join());
      if (before?.logits === undefined) all.set(ids.join(), known);
      continue;
    }
    let want: { known: KnownState; read: number } | undefined;
    for (let read = 0; read <= ids.length; read++) {
      const known = all.get(ids.slice(0, read).join());
      if (known === undefined) continue;
      if (read < ids.length || known.logits !== undefined) {
        want = { known, read };
      }
    }
    const found = cache.find("m", ids);
    assertEquals(found?.read, want?.read);
    assertEquals(found?.state, want?.known.state);
    assertEquals(cache.find("another", ids), undefined);
  }
  assertEquals(cache.size, all.size);
});

Deno.test("StateCache lets go of what was used longest ago, and of all its bytes", () => {
  const random = new Random(4);
  const below = (n: number) => Math.floor(random.uniform() * n);
  const most = 500;
  const cache = new StateCache(most);
  const used: string[] = [];
  for (let i = 0; i < 3000; i++) {
    const ids = Array.from({ length: 1 + below(7) }, () => below(3));
    cache.put("m", ids, stateOf(i));
    const key = ids.join();
    used.splice(0, used.length, ...used.filter((one) => one !== key), key);
    assert(cache.bytes <= most);
    used.splice(0, used.length - cache.size);
    // The latest are those that are left.
    const oldest = used[0].split(",").map(Number);
    assertEquals(cache.find("m", [...oldest, 9])?.read, oldest.length);
    used.push(used.shift()!);
  }
  assert(cache.size > 10 && cache.size < 42);
  cache.put("m", [5], { state: [], logits: new Float32Array(most) });
  assertEquals(cache.find("m", [5]), undefined); // larger than all
});

Deno.test("StateCache of no bytes keeps nothing", () => {
  const cache = new StateCache(0);
  cache.put("m", [1], stateOf(1));
  assertEquals([cache.find("m", [1, 2]), cache.bytes], [undefined, 0]);
  assertEquals(bytesOf(stateOf(1, true)), 16);
});
