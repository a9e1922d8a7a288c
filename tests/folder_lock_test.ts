/** A folder belongs to one process at a time, and a crash leaves nothing. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { AtomicFile } from "../lib/files.ts";
import { isFolderLocked, lockFolder } from "../lib/folder_lock.ts";
import { reads, withFiles } from "./commands/run_cli.ts";

/** A process that takes a folder, says so, and waits until it is ended. */
function holder(folder: string): Deno.ChildProcess {
  const code = `import { lockFolder } from "${new URL(
    "../lib/folder_lock.ts",
    import.meta.url,
  )}";
  await using _ = await lockFolder(Deno.args[0]);
  console.log("held");
  await new Promise((done) => setTimeout(done, 60_000));`;
  return new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", "--ext=ts", code, folder],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function saysHeld(process: Deno.ChildProcess): Promise<void> {
  const reader = process.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  assertEquals(new TextDecoder().decode(value), "held\n");
}

Deno.test("lockFolder() names who has the folder, and a lock of the dead is none", async () => {
  await withFiles({ "a.txt": "a" }, async (folder) => {
    const first = holder(folder);
    await saysHeld(first);
    assertEquals(await isFolderLocked(folder), true);
    const { message } = await assertRejects(() => lockFolder(folder), Error);
    assert(
      message.startsWith(
        `Cannot write into "${folder}": it is in use by process ${first.pid} since 20`,
      ),
      message,
    );
    first.kill("SIGKILL");
    await first.output();
    {
      await using _lock = await lockFolder(folder);
      assertEquals(await reads(folder), [".in-use", "a.txt"]);
    }
    assertEquals(await reads(folder), ["a.txt"]);
  });
});

Deno.test("lockFolder() removes what a crash left unfinished, and no more", async () => {
  const mine = "model.mpk.0123456789abcdef.tmp";
  const files = { [mine]: "", "notes.tmp": "", "a.0123.tmp": "", "b.mpk": "" };
  await withFiles(files, async (folder) => {
    await using _lock = await lockFolder(folder);
    assertEquals(
      await reads(folder),
      [".in-use", "a.0123.tmp", "b.mpk", "notes.tmp"],
    );
  });
});

Deno.test("lockFolder() lets one of many have it, however they come and go", async () => {
  await withFiles({}, async (folder) => {
    let inside = 0, times = 0;
    await Promise.all(Array.from({ length: 8 }, async () => {
      for (let i = 0; i < 20; i++) {
        try {
          await using _lock = await lockFolder(folder);
          assertEquals(++inside, 1);
          times++;
          await new Promise((done) => setTimeout(done, 1));
          inside--;
        } catch (error) {
          if (!/in use by/.test((error as Error).message)) throw error;
        }
      }
    }));
    assert(times > 0);
    assertEquals(await reads(folder), []);
  });
});

Deno.test("AtomicFile follows no link at the name of its temporary file", async () => {
  await withFiles({ "precious.txt": "kept" }, async (folder) => {
    await Deno.symlink(`${folder}/precious.txt`, `${folder}/a.txt.tmp`);
    await using one = await AtomicFile.create(`${folder}/a.txt`);
    await using two = await AtomicFile.create(`${folder}/a.txt`);
    await one.write(new TextEncoder().encode("one"));
    await two.write(new TextEncoder().encode("two"));
    await one.commit();
    assertEquals(await Deno.readTextFile(`${folder}/a.txt`), "one");
    await two.commit();
    assertEquals(await Deno.readTextFile(`${folder}/a.txt`), "two");
    assertEquals(await Deno.readTextFile(`${folder}/precious.txt`), "kept");
  });
});

Deno.test("lockFolder() leaves no folder that it made for nothing", async () => {
  await withFiles({ "a.txt": "a" }, async (folder) => {
    {
      await using _lock = await lockFolder(`${folder}/new`);
    }
    assertEquals(await reads(folder), ["a.txt"]);
    {
      await using _lock = await lockFolder(`${folder}/new`);
      await Deno.writeTextFile(`${folder}/new/b.txt`, "b");
    }
    assertEquals(await reads(`${folder}/new`), ["b.txt"]);
    await assertRejects(
      () => lockFolder(`${folder}/a.txt`),
      Error,
      "it is not a folder",
    );
  });
});

Deno.test("lockFolder() follows no link, so that nothing of others is written over", async () => {
  await withFiles({ "victim.txt": "mine" }, async (folder) => {
    const refused = () =>
      assertRejects(
        () => lockFolder(`${folder}/out`),
        Error,
        "its .in-use is not a plain file of its own",
      );
    const path = `${folder}/out/.in-use`;
    await Deno.mkdir(`${folder}/out`);
    for (const target of ["victim.txt", "none.txt"]) {
      await Deno.symlink(`../${target}`, path);
      await refused();
      await Deno.remove(path);
    }
    await Deno.link(`${folder}/victim.txt`, path);
    await refused();
    assertEquals(await Deno.readTextFile(`${folder}/victim.txt`), "mine");
    assertEquals((await reads(folder)).includes("none.txt"), false);
  });
});
