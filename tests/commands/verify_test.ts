/** What verify says of files that are whole, of old ones and of damaged ones. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { train } from "../../lib/stages/train.ts";
import { type VerifiedFile, verify } from "../../lib/stages/verify.ts";
import { withTraining } from "../stages/small_training.ts";
import { refuses, run, withFiles } from "./run_cli.ts";

/** The states of the files by their names. */
function statesOf(files: readonly VerifiedFile[]): Record<string, string> {
  return Object.fromEntries(
    files.map(({ path, state }) => [path.replace(/.*[/]/, ""), state]),
  );
}

Deno.test("verify tells what is whole, what has no checksum and what is damaged", async () => {
  await withTraining(async (folder, recipe) => {
    const output = `${folder}/run`, { data } = recipe;
    await train({ ...recipe, output, maxSteps: 4 });
    const names = ["checkpoint_4.mpk", "model_final.mpk", "tokenizer.json"];
    const whole = Object.fromEntries(names.map((name) => [name, "whole"]));
    const { files, sound } = await verify({ path: output });
    assertEquals([statesOf(files), sound], [whole, true]);

    const checkpoint = `${output}/checkpoint_4.mpk`;
    const bytes = await Deno.readFile(checkpoint);
    bytes[bytes.length >> 1] ^= 4;
    await Deno.writeFile(checkpoint, bytes);
    const args = ["verify", "--path", output, "--json"];
    const { code, stdout, result } = await run(args);
    assertEquals(code, 1);
    assertStringIncludes(stdout, "checkpoint_4.mpk: damaged: Cannot read");
    const found = result.files as VerifiedFile[];
    const states = { ...whole, "checkpoint_4.mpk": "damaged" };
    assertEquals([statesOf(found), result.sound], [states, false]);

    // As datasets were before: no sums.
    await Deno.remove(`${data}/dataset.json`);
    const old = await verify({ path: `${data}/` });
    assertEquals([statesOf(old.files), old.sound], [{
      "tokenizer.json": "unchecked",
      "train.bin": "unchecked",
      "val.bin": "unchecked",
    }, true]);
  });
});

Deno.test("verify reads datasets and corpora", async () => {
  await withTraining(async (folder, { data }) => {
    const names = ["dataset.json", "train.bin", "val.bin", "tokenizer.json"];
    const whole = Object.fromEntries(names.map((name) => [name, "whole"]));
    assertEquals(statesOf((await verify({ path: data })).files), whole);
    await Deno.remove(`${data}/val.bin`);
    const { files } = await verify({ path: data });
    assertEquals(files[0].state, "damaged");
    assertStringIncludes(files[0].reason!, "its val.bin: no such file");

    const manifest = `${folder}/manifest.json`;
    await Deno.writeTextFile(manifest, '{"files": ["a.txt"]}');
    assertEquals((await verify({ path: manifest })).sound, false);
    await Deno.writeTextFile(`${folder}/a.txt`, "a");
    assertEquals(
      (await verify({ path: manifest })).files[0].state,
      "unchecked",
    );
  });
});

Deno.test("verify refuses what is not of ours in one line", async () => {
  await withFiles({ "a.txt": "Era uma vez.\n" }, async (folder) => {
    await refuses(["verify", "--path", folder], 1, "it holds no file of ours");
    const nowhere = ["verify", "--path", `${folder}/no`];
    await refuses(nowhere, 1, "no such file or folder");
    const text = ["verify", "--path", `${folder}/a.txt`];
    await refuses(text, 1, "as a file of ours: it is text");
  });
});
