import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { killAfter } from "../crash/programs.ts";
import { bzip2 } from "../corpus/dump/bzip2_encoder.ts";
import { dumpXml, pages } from "../corpus/sample_dump.ts";
import { reads, refuses, start, succeeds, withFiles } from "./run_cli.ts";

/** With this set, hundreds of kills instead of a few. */
const LONG = Deno.env.has("PTBR_SLM_TEST_LONG");
const KILLS = LONG ? 300 : 4;

const OPTIONS = [
  ...["--articles-per-file", "15", "--min-chars", "40"],
  ...["--threads", "2", "--quiet"],
];

/** Everything in a folder, to be compared. */
async function contentOf(folder: string): Promise<Record<string, string>> {
  const content: Record<string, string> = {};
  for (const name of await reads(folder)) {
    content[name] = await Deno.readTextFile(`${folder}/${name}`);
  }
  return content;
}

/** A folder with a dump, and what an undisturbed run makes of it. */
function withDump(
  work: (
    folder: string,
    args: string[],
    whole: Record<string, string>,
    milliseconds: number,
  ) => Promise<void>,
): Promise<void> {
  const name = "dump.xml.bz2";
  const dump = bzip2(dumpXml(pages(500)), { blockBytes: 900 });
  return withFiles({ [name]: dump }, async (folder) => {
    const input = `${folder}/${name}`;
    const args = ["process-wiki", "--input", input, ...OPTIONS];
    const before = performance.now();
    await succeeds(args, ["--output", `${folder}/whole`]);
    const whole = await contentOf(`${folder}/whole`);
    assert(Object.keys(whole).length > 10);
    await work(folder, args, whole, performance.now() - before);
  });
}

/** Waits until a run has staged a file that is wanted. */
async function stagedOnce(
  output: string,
  isWanted: (name: string) => boolean,
): Promise<void> {
  for (;;) {
    if ((await staged(output)).some(isWanted)) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function staged(output: string): Promise<string[]> {
  return reads(`${output}/.unfinished`).catch(() => []);
}

Deno.test("process-wiki killed at any moment goes on to the same corpus", () =>
  withDump(async (folder, args, whole, milliseconds) => {
    const output = `${folder}/killed`;
    let state = Date.now() >>> 0, resumed = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      state = Math.imul(state, 1103515245) + 12345 >>> 0;
      const child = start(args, ["--output", output]);
      const wait = (0.4 + (state >>> 8) / 2 ** 24 * 0.7) * milliseconds;
      killAfter(child, wait);
      const { stderr, success } = await child.output();
      assertEquals(new TextDecoder().decode(stderr), "");
      if ((await staged(output)).includes("journal.json")) resumed++;
      if (success) {
        assertEquals(await contentOf(output), whole);
        await Deno.remove(output, { recursive: true });
      }
    }
    await succeeds(args, ["--output", output]);
    assertEquals(await contentOf(output), whole);
    if (LONG) assert(resumed > KILLS / 10, `${resumed} of ${KILLS} resumed`);
  }));

Deno.test("process-wiki goes on from what a killed run has left", () =>
  withDump(async (folder, args, whole) => {
    const output = `${folder}/begun`;
    const staging = `${output}/.unfinished`;
    const child = start(args, ["--output", output]);
    // As soon as a file is complete: no earlier, no later.
    await stagedOnce(output, (name) => name === "journal.json");
    child.kill("SIGKILL");
    await child.output();
    if (!(await reads(output)).includes("manifest.json")) {
      const begun = await contentOf(staging);
      const journal = JSON.parse(begun["journal.json"]);
      const complete: string[] = journal.totals.files.map(
        ({ name }: { name: string }) => name,
      );
      assert(complete.length >= 1);
      // What is complete is what it will be.
      for (const name of complete) assertEquals(begun[name], whole[name]);

      const other = [...args, "--output", output, "--format", "jsonl"];
      await refuses(other, 1, /other options or sources.*--restart/);
      assertEquals(await contentOf(staging), begun);

      const input = args[2];
      const dump = await Deno.readFile(input);
      const changed = dump.slice();
      changed[20] ^= 1;
      await Deno.writeFile(input, changed);
      await refuses([...args, "--output", output], 1, "has changed since");
      assertEquals(await contentOf(staging), begun);
      await Deno.writeFile(input, dump);
    }
    await succeeds(args, ["--output", output]);
    assertEquals(await contentOf(output), whole);
  }));

Deno.test("process-wiki stops in good order at Ctrl-C", () =>
  withDump(async (folder, args, whole) => {
    const output = `${folder}/stopped`;
    const child = start(args, ["--output", output]);
    await stagedOnce(output, (name) => name.startsWith("wiki_"));
    child.kill("SIGINT");
    const { code, stdout } = await child.output();
    if (code !== 0) {
      assertEquals(code, 130);
      assertStringIncludes(new TextDecoder().decode(stdout), "interrupted");
    }
    await succeeds(args, ["--output", output, "--restart"]);
    assertEquals(await contentOf(output), whole);
  }));
