/**
 * A disk that is full, or may not be written, at any write of any command: a
 * clear line, and what was there before is there still.
 *
 * The system's refusals are made by `at_operation.ts`, at any write; where that
 * is permitted the long form fills small disks, too.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Checkpoint } from "../../lib/checkpoint/native/mpk_reader.ts";
import { start, startUntil, succeeds } from "../commands/run_cli.ts";
import { type Case, COMMANDS, outputOf, withCases } from "./cases.ts";
import { type Content, contentOf, copyFolder, readable } from "./folders.ts";
import { showCounts } from "./programs.ts";

const LONG = Deno.env.has("PTBR_SLM_TEST_LONG");
/** Every which write fails. */
const STRIDE = LONG ? 1 : 17;
const SHORT = ["process-wiki", "tokenize", "export-model", "train"];

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const commandOf = ({ name, args }: Case) => [name, ...args];

/** What a refusal looks like, whatever was said before. */
const refusal = (reason: string) =>
  new RegExp(
    `(?:^|\\n)error: Cannot (?:write|write into|save into) "[^"\\n]+": ${reason}\\n$`,
  );

/** A folder with an earlier output; a training takes an empty one. */
async function makeOlder(one: Case, output: string): Promise<Content> {
  if (!/^(?:train|resume)$/.test(one.name)) {
    await succeeds([one.name, ...one.older], outputOf(one, output));
  }
  return await contentOf(output);
}

/** What was there is there still, and nothing is left that nobody reads. */
async function assertIntact(
  one: Case,
  output: string,
  older: Content,
): Promise<void> {
  const found = await contentOf(output, one.varying);
  const strange = Object.keys(found).filter((path) =>
    /[.]tmp$|[/][.]in-use$/.test(path)
  );
  assertEquals(strange, [], one.name);
  if (!/^(?:train|resume)$/.test(one.name)) {
    assertEquals(readable(found), older, one.name);
    return;
  }
  // It keeps what it has saved.
  for (const path of Object.keys(found)) {
    if (!path.endsWith(".mpk")) continue;
    using checkpoint = await Checkpoint.open(output + path);
    checkpoint.verify();
  }
}

for (const name of LONG ? COMMANDS : SHORT) {
  Deno.test(`${name} on a full disk, at any write, leaves what was there`, () =>
    withCases([name], async (folder, one) => {
      const older = await makeOlder(one, `${folder}/older`);
      const output = `${folder}/out`;
      let refused = 0;
      for (let write = 1;; write += STRIDE) {
        if (Object.keys(older).length > 0) {
          await copyFolder(`${folder}/older`, output);
        }
        const args = [commandOf(one), outputOf(one, output)];
        const done = await startUntil(`full:${write}`, ...args).output();
        if (done.code === 0) break;
        const what = `${name}, write ${write}: ${textOf(done.stderr)}`;
        assertEquals(done.code, 1, what);
        assertMatch(textOf(done.stderr), refusal("the disk is full"), what);
        await assertIntact(one, output, older);
        refused++;
        await Deno.remove(output, { recursive: true }).catch(() => {});
      }
      assert(refused > 0);
      await Deno.remove(output, { recursive: true });
      const args = [commandOf(one), outputOf(one, output)];
      const done = await startUntil("read-only:1", ...args).output();
      assertEquals(done.code, 1);
      assertMatch(
        textOf(done.stderr),
        refusal("the file system is read-only"),
      );
      if (LONG) showCounts(`full disks of ${name}`, { refused });
    }));
}

/** Runs a command of the system; whether it did. */
async function system(command: string, ...args: string[]): Promise<boolean> {
  try {
    const options = { args, stdout: "null", stderr: "null" } as const;
    return (await new Deno.Command(command, options).output()).success;
  } catch {
    return false;
  }
}

/** Whether disks of memory can be mounted: by root, where that is permitted. */
async function canMount(): Promise<boolean> {
  if (!LONG || Deno.build.os !== "linux") return false;
  const folder = await Deno.makeTempDir();
  const mounted = await system("mount", "-t", "tmpfs", "tmpfs", folder);
  if (mounted) await system("umount", folder);
  await Deno.remove(folder);
  return mounted;
}

/** Lets work be done on a disk of so many kilobytes. */
async function withDisk(
  folder: string,
  kilobytes: number,
  work: () => Promise<void>,
): Promise<void> {
  await Deno.mkdir(folder);
  const size = `size=${kilobytes}k`;
  assert(await system("mount", "-t", "tmpfs", "-o", size, "tmpfs", folder));
  try {
    await work();
  } finally {
    assert(await system("umount", folder));
    await Deno.remove(folder);
  }
}

const DISKS = 12;
const ignore = !await canMount();

for (const name of COMMANDS) {
  Deno.test({
    name: `${name} on small disks${
      ignore ? " (needs the long form, and root)" : ""
    }`,
    ignore,
    fn: () =>
      withCases([name], async (folder, one) => {
        const older = await makeOlder(one, `${folder}/older`);
        await succeeds(commandOf(one), outputOf(one, `${folder}/newer`));
        const bytes = await sizeOf(`${folder}/older`);
        const more = await sizeOf(`${folder}/newer`);
        const counts = { refused: 0, written: 0 };
        for (let i = 0; i < DISKS; i++) {
          const kilobytes = Math.max(4, bytes) +
            Math.ceil(i / DISKS * 2 * more);
          await withDisk(`${folder}/disk`, kilobytes, async () => {
            const output = `${folder}/disk/out`;
            if (bytes > 0) await copyFolder(`${folder}/older`, output);
            const args = [commandOf(one), outputOf(one, output)];
            const { code, stderr } = await start(...args).output();
            if (code === 0) {
              counts.written++;
              return;
            }
            counts.refused++;
            assertEquals(code, 1, textOf(stderr));
            assertMatch(
              textOf(stderr),
              refusal("(?:the disk is full|[\\d.]+ MB are needed, and .*)"),
            );
            await assertIntact(one, output, older);
            if (bytes === 0) return;
            await system("mount", "-o", "remount,ro", `${folder}/disk`);
            const again = await start(...args).output();
            assertMatch(
              textOf(again.stderr),
              refusal("the file system is read-only"),
            );
            assertEquals(readable(await contentOf(output)), older);
          });
        }
        assert(counts.refused > 0);
        showCounts(`small disks of ${name}`, counts);
      }),
  });
}

/** What the files of a folder take, in kilobytes, in pages. */
async function sizeOf(folder: string): Promise<number> {
  let pages = 0;
  for (const sum of Object.values(await contentOf(folder))) {
    pages += Math.ceil(Number(sum.split(" ")[0]) / 4096);
  }
  return pages * 4;
}
