/** Files that appear as one, and what is made of the records of it. */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { findTextFiles } from "../lib/corpus/documents/text_files.ts";
import { readTextOf } from "../lib/files.ts";
import { lockFolder } from "../lib/folder_lock.ts";
import { OutputSet } from "../lib/output_set.ts";
import { placeOf, PLACING, placingText, readPlacing } from "../lib/placing.ts";
import { reads, withFiles } from "./commands/run_cli.ts";
import { contentsOf, nextStart } from "./killed.ts";

Deno.test("OutputSet replaces, adds and removes files at once, or does nothing", async () => {
  const old = { "a.txt": "a", "b.txt": "b" };
  await withFiles(old, async (folder) => {
    await using _lock = await lockFolder(folder);
    {
      await using set = new OutputSet(folder);
      await set.write("a.txt", "new");
      assertEquals(await Deno.readTextFile(`${folder}/a.txt`), "a");
      assertEquals(await set.sizeOf("a.txt"), 3);
    }
    assertEquals(await reads(folder), [".in-use", "a.txt", "b.txt"]);
    await using set = new OutputSet(folder);
    await set.write("a.txt", "new");
    await set.write("c.txt", "c");
    await set.commit(["b.txt", "none.txt"]);
    assertEquals(await reads(folder), [".in-use", "a.txt", "c.txt"]);
    assertEquals(await Deno.readTextFile(`${folder}/a.txt`), "new");
    assertThrows(
      () => set.take("elsewhere/a.txt", "elsewhere/a.txt.tmp"),
      RangeError,
      `as one with what is in "${folder}"`,
    );
  });
});

Deno.test("OutputSet keeps what is recorded when a file cannot be moved", async () => {
  await withFiles({ "b.txt/in": "" }, async (folder) => {
    {
      await using _lock = await lockFolder(folder);
      await using set = new OutputSet(folder);
      await set.write("a.txt", "a");
      await set.write("b.txt", "b");
      await assertRejects(
        () => set.commit(),
        Error,
        `Cannot write "${folder}": `,
      );
    }
    // Readers have the new set, and a start goes on once nothing is in the way.
    assertEquals(await readTextOf(`${folder}/b.txt`), "b");
    await assertRejects(() => lockFolder(folder), Error, "Cannot write into");
    await Deno.remove(`${folder}/b.txt`, { recursive: true });
    await nextStart(folder);
    assertEquals(await contentsOf(folder), { "a.txt": "a", "b.txt": "b" });
  });
});

Deno.test("a record leads nowhere but into its folder", async () => {
  await withFiles({ "in/a.txt": "a", "b.txt": "b" }, async (top) => {
    const folder = `${top}/in`, path = `${folder}/${PLACING}`;
    const bad = ["../b.txt", "/b.txt", "x/../../b.txt", "", ".", "x//y", 7];
    const records = bad.flatMap((name) => [
      { version: 1, moves: [[name, "a.txt"]], removed: [] },
      { version: 1, moves: [["a.txt", name]], removed: [] },
      { version: 1, moves: [], removed: [name] },
    ]).map((record) => JSON.stringify(record));
    records.push("", "{}", "null", '{"version":2,"moves":[],"removed":[]}');
    for (const record of records) {
      await Deno.writeTextFile(path, record);
      const reason = "it is no record of files being put in place; remove it";
      assertThrows(() => readPlacing(folder), SyntaxError, reason);
      await assertRejects(() => lockFolder(folder), Error, reason);
    }
    await Deno.remove(path);
    assertEquals(await contentsOf(top), { "b.txt": "b", "in/a.txt": "a" });
    await Deno.mkdir(path);
    assertThrows(() => placeOf(`${folder}/a.txt`), SyntaxError, "no record");
  });
});

Deno.test("findTextFiles() finishes a corpus before it lists it", async () => {
  const files = {
    "sub/a.txt": "velho",
    "sub/c.txt": "sobra",
    "sub/.unfinished/a.txt": "novo",
    "sub/.unfinished/b/b.txt": "novo",
  };
  await withFiles(files, async (folder) => {
    const moves = ["a.txt", "b/b.txt"]
      .map((name) => [`.unfinished/${name}`, name] as const);
    await Deno.writeTextFile(
      `${folder}/sub/${PLACING}`,
      placingText({ moves, removed: ["c.txt"] }),
    );
    const found = await findTextFiles(folder);
    const names = found.files.map(({ name }) => name);
    assertEquals(names, ["sub/a.txt", "sub/b/b.txt"]);
    for (const { path } of found.files) {
      assertEquals(await Deno.readTextFile(path), "novo");
    }
  });
});
