import { assertEquals, assertRejects } from "@std/assert";
import { resolveCheckpoint } from "../../../lib/checkpoint/native/paths.ts";

async function folderWith(...names: string[]): Promise<string> {
  const folder = await Deno.makeTempDir();
  for (const name of names) await Deno.writeTextFile(`${folder}/${name}`, "");
  return folder;
}

Deno.test("resolveCheckpoint() takes a file as it is", async () => {
  const folder = await folderWith("any.mpk", "other.weights");
  for (const name of ["any.mpk", "other.weights"]) {
    assertEquals(
      await resolveCheckpoint(`${folder}/${name}`),
      `${folder}/${name}`,
    );
  }
});

Deno.test("resolveCheckpoint() finds the .mpk of a .bin or a bare name", async () => {
  const folder = await folderWith("checkpoint_2500.mpk", "checkpoint_2500.bin");
  for (const name of ["checkpoint_2500.bin", "checkpoint_2500"]) {
    assertEquals(
      await resolveCheckpoint(`${folder}/${name}`),
      `${folder}/checkpoint_2500.mpk`,
    );
  }
});

Deno.test("resolveCheckpoint() finds the newest of a folder", async () => {
  const folder = await folderWith(
    "checkpoint_900.mpk",
    "checkpoint_10000.mpk",
    "checkpoint_20000.mpk.tmp",
    "checkpoint_30000.bin",
    "checkpoint_040000.mpk",
    "checkpoint_best.mpk",
    "old_checkpoint_50000.mpk",
    "model_final.mpk",
  );
  await Deno.mkdir(`${folder}/checkpoint_60000.mpk`);
  for (const path of [folder, `${folder}/`]) {
    assertEquals(
      await resolveCheckpoint(path),
      `${folder}/checkpoint_10000.mpk`,
    );
  }
});

Deno.test("resolveCheckpoint() finds the finished model where there is nothing else", async () => {
  const folder = await folderWith("model_final.mpk", "metrics.jsonl");
  assertEquals(await resolveCheckpoint(folder), `${folder}/model_final.mpk`);
});

Deno.test("resolveCheckpoint() finds checkpoint_0.mpk", async () => {
  const folder = await folderWith("checkpoint_0.mpk");
  assertEquals(
    await resolveCheckpoint(folder),
    `${folder}/checkpoint_0.mpk`,
  );
});

Deno.test("resolveCheckpoint() says what is not there", async () => {
  const folder = await folderWith("metrics.jsonl", "checkpoint_5.mpk.tmp");
  await assertRejects(
    () => resolveCheckpoint(folder),
    Error,
    `Cannot read checkpoint "${folder}": there is no checkpoint_*.mpk in`,
  );
  await assertRejects(
    () => resolveCheckpoint(`${folder}/checkpoint_5.bin`),
    Error,
    `Cannot read checkpoint "${folder}/checkpoint_5.mpk": no such file`,
  );
  await assertRejects(
    () => resolveCheckpoint(`${folder}/metrics.jsonl/x`),
    Error,
    "it is not a folder",
  );
});

Deno.test("resolveCheckpoint() finds a model in a folder named as old files", async () => {
  const folder = `${await Deno.makeTempDir()}/X.bin`;
  await Deno.mkdir(folder);
  await Deno.writeTextFile(`${folder}/model_final.mpk`, "");
  assertEquals(await resolveCheckpoint(folder), `${folder}/model_final.mpk`);
});
