import { assert, assertEquals, assertMatch } from "@std/assert";
import { Checkpoint } from "../../lib/checkpoint/native/mpk.ts";
import {
  reads,
  refuses,
  succeeds,
  TEXT,
  withFiles,
  writeSmallVocab,
} from "./run_cli.ts";

Deno.test("train clips gradients to --max-grad-norm", async () => {
  const files = {
    "text.txt": TEXT,
    "model.toml": "d_model = 32\nn_layers = 1\nd_ffn = 32\nmax_seq_len = 8\n",
  };
  await withFiles(files, async (folder) => {
    const tokenizer = `${folder}/tokenizer.json`, data = `${folder}/data`;
    await writeSmallVocab(tokenizer);
    await succeeds(
      ["tokenize", "--input", `${folder}/text.txt`, "--output", data],
      ["--tokenizer", tokenizer],
    );
    await succeeds(
      ["train", "--data", data, "--output", `${folder}/run`],
      ["--model-config", `${folder}/model.toml`, "--max-steps", "1"],
      ["--grad-accum", "1", "--max-grad-norm", "0.5", "--threads", "1"],
    );
    using checkpoint = await Checkpoint.open(`${folder}/run`);
    assertEquals(checkpoint.train?.training.clipNorm, 0.5);
  });
});

Deno.test("train and resume --dry-run say what a run takes, and write nothing", async () => {
  const files = {
    "text.txt": TEXT,
    "model.toml": "d_model = 32\nn_layers = 1\nd_ffn = 32\nmax_seq_len = 8\n",
  };
  await withFiles(files, async (folder) => {
    const tokenizer = `${folder}/tokenizer.json`, data = `${folder}/data`;
    const output = `${folder}/run`;
    await writeSmallVocab(tokenizer);
    await succeeds(
      ["tokenize", "--input", `${folder}/text.txt`, "--output", data],
      ["--tokenizer", tokenizer],
    );
    const train = ["train", "--data", data, "--output", output, "--threads=1"]
      .concat("--model-config", `${folder}/model.toml`, "--max-steps", "50")
      .concat("--save-every", "20", "--json");
    const before = await reads(folder);
    const { stdout, result } = await succeeds(train, ["--dry-run"]);
    assertEquals(await reads(folder), before);
    assertMatch(stdout, /\nmemory: 0\.1\d GB, [\d.]+ GB are free\n/);
    assertMatch(stdout, /\nsteps: 50 of 256 tokens, 12,800 in all, [\d.]+ ep/);
    assertMatch(stdout, /\ntime: \S+ at \d+ tokens\/s\nNothing was written\n/);
    assertEquals(
      [result.steps, result.tokens, result.checkpoints, result.recompute],
      [50, 12_800, 3, false],
    );

    const few = await succeeds(train, ["--dry-run", "--keep-last", "1"]);
    const each = result.checkpointBytes as number;
    assertEquals(
      [few.result.checkpoints, few.result.diskBytes],
      [2, result.diskBytes as number - each],
    );

    const { stderr } = await succeeds(train);
    assertMatch(stderr, /^About 0\.1\d GB of memory and 0\.00 GB of disk for/m);
    const { size } = await Deno.stat(`${output}/checkpoint_20.mpk`);
    const reckoned = result.checkpointBytes as number;
    assert(size > reckoned && size < reckoned + 20_000, `${size} ${reckoned}`);

    const made = await reads(output);
    const resumed = await succeeds(
      ["resume", "--checkpoint", `${output}/checkpoint_20.mpk`],
      ["--data", data, "--output", output, "--dry-run", "--json"],
    );
    assertEquals([resumed.result.steps, resumed.result.checkpoints], [30, 2]);
    assertEquals(await reads(output), made);

    await refuses(
      ["train", "--data", data, "--output", `${folder}/other`, "--dry-run"]
        .concat("--batch-size=65536", "--seq-len=4096"),
      1,
      /GB and .*; try --batch-size \d+ --seq-len 4096\n$/,
    );
  });
});
