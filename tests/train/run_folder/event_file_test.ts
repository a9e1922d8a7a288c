import { assert, assertEquals } from "@std/assert";
import { EventFile } from "../../../lib/train/run_folder/event_file.ts";
import { readEvents } from "./events.ts";

Deno.test("EventFile keeps numbers and texts by step", async () => {
  const folder = await Deno.makeTempDir();
  const file = await EventFile.create(`${folder}/run`, 0);
  const long = "ção ".repeat(100);
  await file.append({ step: 300, scalars: { a: 0.5, "b/c": -(2 ** 40) } });
  await file.append({ step: 2 ** 33, texts: { sample: long } });
  const [version, _restart, ...events] = readEvents(
    await Deno.readFile(file.path),
  );
  assertEquals(version.fileVersion, "brain.Event:2");
  assertEquals(events.map(({ seconds: _, ...rest }) => rest), [
    {
      step: 300,
      fileVersion: undefined,
      isRestart: false,
      scalars: { a: 0.5, "b/c": -(2 ** 40) },
      texts: {},
    },
    {
      step: 2 ** 33,
      fileVersion: undefined,
      isRestart: false,
      scalars: {},
      texts: { sample: long },
    },
  ]);
  const now = Date.now() / 1000;
  assert(events.every(({ seconds }) => Math.abs(now - seconds) < 60));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("EventFile.create() makes a file a start, and says what is made again", async () => {
  const folder = await Deno.makeTempDir();
  const first = await EventFile.create(folder, 0);
  const before = await Deno.readFile(first.path);
  const [, begin] = readEvents(before);
  assertEquals([begin.isRestart, begin.step], [true, 1]);
  const second = await EventFile.create(folder, 20);
  assert(second.path > first.path, second.path);
  assertEquals(await Deno.readFile(first.path), before);
  const [, restart] = readEvents(await Deno.readFile(second.path));
  assertEquals([restart.isRestart, restart.step], [true, 21]);
  await Deno.remove(folder, { recursive: true });
});
