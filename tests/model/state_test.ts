import { assertEquals, assertThrows } from "@std/assert";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { RWKVConfig } from "../../lib/model/config.ts";
import { RWKV } from "../../lib/model/rwkv.ts";

Deno.test("RWKVState.restoreRow() changes one sequence and no other", async () => {
  const config = new RWKVConfig({ vocabSize: 9, dModel: 8, dFfn: 16 });
  const model = new RWKV(config, new ReferenceBackend());
  const state = model.newState(3);
  const before = await state.saveRow(0);
  const other = before.map(({ timeShift, wkv, channelShift }, i) => ({
    timeShift: timeShift.map((_, j) => i + j),
    wkv: wkv.map((_, j) => i + 2 * j),
    channelShift: channelShift.map((_, j) => i + 3 * j),
  }));
  state.restoreRow(1, other);
  assertEquals(await state.saveRow(0), before);
  assertEquals(await state.saveRow(1), other);
  assertEquals(await state.saveRow(2), before);
  const two = await model.newState(2).save();
  assertThrows(() => state.restoreRow(1, two), RangeError, "another shape");
});
