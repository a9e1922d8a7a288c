import { assertEquals, assertRejects } from "@std/assert";
import { readStarts } from "../../../lib/train/run_folder/run_record.ts";

Deno.test("readStarts() finds none where no record is, and refuses what cannot be read", async () => {
  const folder = await Deno.makeTempDir();
  assertEquals(await readStarts(`${folder}/run.json`), []);
  // What cannot be looked at would otherwise be written over.
  await Deno.mkdir(`${folder}/run.json`);
  await assertRejects(
    () => readStarts(`${folder}/run.json`),
    Error,
    `Cannot read "${folder}/run.json": it is a folder`,
  );
  if (Deno.build.os === "windows") return; // which says that it is not there
  await Deno.writeTextFile(`${folder}/file`, "");
  await assertRejects(
    () => readStarts(`${folder}/file/run.json`),
    Error,
    "it is not a folder",
  );
});
