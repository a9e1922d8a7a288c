/**
 * What each rank of the tests runs: every operation with values that can be
 * reckoned, then what the first argument asks for.
 */

import { assertEquals } from "@std/assert";
import { joinRanks } from "../../lib/distributed/join.ts";

const [what = "all", path = "auto", limit = "60"] = Deno.args;
const ranks = joinRanks({ mpi: path, timeLimit: Number(limit) });
const { rank, size } = ranks;
const all = Array.from({ length: size }, (_, i) => i);

/** What a rank has at a place: no sum of them is exact, so order matters. */
const valueOf = (rank: number, i: number) =>
  Math.fround(1 / (1 + rank + (i % 97)) + 1e4 * (rank % 2));

function sumAt(i: number): number {
  return all.reduce(
    (sum, rank) => Math.fround(sum + valueOf(rank, i)),
    Math.fround(0),
  );
}

async function everything(): Promise<void> {
  await ranks.barrier();
  for (const root of all) {
    const given = Uint8Array.of(rank, root, 9);
    await ranks.broadcast(given, root);
    assertEquals(given, Uint8Array.of(root, root, 9));
  }
  for (const length of [0, 1, 1000, 50_001]) {
    const values = Float32Array.from({ length }, (_, i) => valueOf(rank, i));
    await ranks.allReduce(values);
    assertEquals(values, Float32Array.from({ length }, (_, i) => sumAt(i)));
  }
  const lengths = all.map((i) => 3 * i),
    length = lengths.reduce((a, b) => a + b);
  const start = lengths.slice(0, rank).reduce((a, b) => a + b, 0);
  const values = Float32Array.from({ length }, (_, i) => valueOf(rank, i));
  const part = await ranks.reduceScatter(values, lengths);
  assertEquals(
    part,
    Float32Array.from({ length: 3 * rank }, (_, i) => sumAt(start + i)),
  );
  const own = new Uint8Array(rank * 1000).fill(rank);
  const gathered = await ranks.allGather(own);
  assertEquals(gathered, all.map((i) => new Uint8Array(i * 1000).fill(i)));
  const came = await ranks.allToAll(
    all.map((to) => new Float32Array(to + 2 * rank).fill(10 * rank + to)),
  );
  assertEquals(
    came,
    all.map((from) => new Float32Array(rank + 2 * from).fill(10 * from + rank)),
  );
  // Two at once are done one after the other.
  const [one, two] = await Promise.all([
    ranks.allGather(Uint8Array.of(rank)),
    ranks.allGather(Uint8Array.of(rank + 100)),
  ]);
  assertEquals([one[size - 1][0], two[0][0]], [size - 1, 100]);
}

await everything();
switch (what) {
  case "fail":
    if (rank === size - 1) {
      console.error(`rank ${rank}: something is wrong`);
      ranks.abort(3);
    }
    break;
  case "die":
    if (rank === size - 1) Deno.kill(Deno.pid, "SIGKILL");
    break;
  case "stay":
    // The last one never comes.
    if (rank === size - 1) await new Promise((done) => setTimeout(done, 1e5));
    break;
}
try {
  await ranks.barrier();
  console.log(`rank ${rank} of ${size}: ${ranks.description}`);
  await ranks.close();
} catch (error) {
  console.error((error as Error).message);
  ranks.abort(1);
}
