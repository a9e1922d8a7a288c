import { assertEquals, assertRejects } from "@std/assert";
import { LoadWatch } from "../../../lib/serve/http/load_watch.ts";
import { FakeEngine } from "./fake_engine.ts";

Deno.test("LoadWatch.load() is the last that is known, but not for ever", async () => {
  const engine = new FakeEngine();
  const watch = new LoadWatch(engine, 250);
  assertEquals((await watch.load()).running, 0);
  let say = () => {};
  let asked = 0;
  engine.load = () => {
    asked++;
    const load = { ...FIRST, running: 7 };
    return new Promise((resolve) => say = () => resolve(load));
  };
  assertEquals((await watch.load()).running, 0);
  assertEquals((await watch.load()).running, 0);
  await assertRejects(() => watch.load(), Error, "do not answer");
  assertEquals(asked, 1);
  say();
  await Promise.resolve();
  engine.load = () => Promise.resolve({ ...FIRST, running: 7 });
  assertEquals((await watch.load()).running, 7);
  engine.load = () => Promise.reject(new Error("private matter"));
  await assertRejects(() => watch.load(), Error, "the models failed");
});

const FIRST = await new FakeEngine().load();
