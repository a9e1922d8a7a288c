/** Files that have no end, or let one wait for ever, are refused at once. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { DumpFile } from "../lib/corpus/dump/dump_file.ts";
import { openPlain, readText, readWhole } from "../lib/files.ts";
import { RunLog } from "../lib/train/run_log.ts";
import { verify } from "../lib/stages/verify.ts";
import {
  run,
  TEXT,
  withFiles,
  writeSmallDataset,
  writeSmallVocab,
} from "./commands/run_cli.ts";

const ignore = Deno.build.os !== "linux";

/** Makes a pipe that nobody will ever write into. */
function makePipe(path: string): string {
  const libc = Deno.dlopen("libc.so.6", {
    mkfifo: { parameters: ["buffer", "u32"], result: "i32" },
  });
  const name = new TextEncoder().encode(`${path}\0`);
  const failed = libc.symbols.mkfifo(name, 0o600);
  libc.close();
  assertEquals(failed, 0);
  return path;
}

Deno.test({
  name: "openPlain() and what reads with it refuse devices and pipes",
  ignore,
  async fn() {
    const pipe = makePipe(`${await Deno.makeTempDir()}/pipe`);
    for (const path of ["/dev/zero", "/dev/null", pipe]) {
      const reason = "it is not a plain file";
      await assertRejects(() => openPlain(path), Error, reason);
      await assertRejects(() => readText(path), Error, reason);
      await assertRejects(() => readWhole(path, 100), Error, reason);
      await assertRejects(() => RunLog.open(path, 0), Error, reason);
      await assertRejects(() => DumpFile.open(path), Error, reason);
    }
    await assertRejects(() => readText("/"), Error, "it is a folder");
  },
});

Deno.test("readText() and readWhole() stop at their bounds", async () => {
  const path = await Deno.makeTempFile();
  await Deno.truncate(path, 2 ** 24 + 1);
  const reason = "it has more than 16777216 bytes";
  await assertRejects(() => readText(path), Error, reason);
  await Deno.writeTextFile(path, "çã");
  assertEquals(await readText(path), "çã");
  assertEquals((await readWhole(path, 4)).length, 4);
  await assertRejects(
    () => readWhole(path, 3),
    Error,
    "it has more than 3 bytes, so it has to be split",
  );
});

Deno.test({
  name:
    "readText() reads what the system gives no size of (needs all of Deno's permissions)",
  ignore: ignore || !await mayReadProc(),
  async fn() {
    assertEquals((await Deno.stat("/proc/self/status")).size, 0);
    assertMatch(await readText("/proc/self/status"), /^Name:/);
  },
});

Deno.test({
  name: "commands refuse a device or a pipe whatever it is given as",
  ignore,
  async fn() {
    const files = { "text.txt": TEXT, "data.bin": new Uint8Array(99) };
    await withFiles(files, async (folder) => {
      const tokenizer = `${folder}/tokenizer.json`;
      await writeSmallVocab(tokenizer);
      const pipe = makePipe(`${folder}/pipe`), output = `${folder}/out`;
      const text = `${folder}/text.txt`;
      const places = (path: string): string[][] => [
        ["build-corpus", "--recipe", path, "--output", output],
        ["tokenize", "--config", path],
        ["tokenize", "--input", text, "--output", output, "--tokenizer", path],
        ["tokenize", "--input", path, "--output", output, "--tokenizer"]
          .concat(tokenizer),
        ["inspect-dataset", "--data", path, "--tokenizer", tokenizer],
        ["train", "--data", path, "--tokenizer", tokenizer],
        ["train", "--data", `${folder}/data.bin`, "--model-config", path]
          .concat("--tokenizer", tokenizer),
        ["generate", "--model", path],
        ["export-tokenizer", "--tokenizer", path, "--output", output]
          .concat("--format", "hf"),
        ["evaluate-tokenizer", "--tokenizer", path, "--input", text],
        ["process-wiki", "--input", path, "--output", output],
      ];
      for (const path of ["/dev/zero", pipe]) {
        for (const args of places(path)) {
          const { code, stderr } = await run(args);
          const said = `${args.join(" ")}: ${stderr}`;
          assert(code === 1 || code === 2, said);
          assertMatch(stderr, /^(?:OpenBLAS [^\n]+\n)?error: [^\n]+\n$/, said);
          assert(stderr.includes("not a plain file"), said);
        }
      }
    });
  },
});

Deno.test({
  name: "verify() tells of a pipe in the place of a file of ours",
  ignore,
  async fn() {
    await withFiles({}, async (folder) => {
      await writeSmallDataset(folder);
      await Deno.remove(`${folder}/val.bin`);
      makePipe(`${folder}/val.bin`);
      const { files, sound } = await verify({ path: folder });
      assertEquals(sound, false);
      assertEquals(
        files.filter(({ state }) => state === "damaged").map(({ path }) =>
          path
        ),
        [`${folder}/dataset.json`, `${folder}/val.bin`],
      );
      for (const { state, reason } of files) {
        if (state === "damaged") assertMatch(reason!, /it is not a plain file/);
      }
    });
  },
});

/** Deno gives /proc to none but who has all permissions. */
async function mayReadProc(): Promise<boolean> {
  return await Deno.stat("/proc/self/status").then(() => true, () => false);
}
