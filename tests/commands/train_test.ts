import { assertEquals } from "@std/assert";
import { Checkpoint } from "../../lib/checkpoint/native/mpk.ts";
import { succeeds, TEXT, withFiles, writeSmallVocab } from "./run_cli.ts";

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
