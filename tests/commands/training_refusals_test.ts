/** What the commands that train a model or use one refuse, in one line. */

import { assertEquals } from "@std/assert";
import { finishedRun } from "./finished_run.ts";
import { refuses, succeeds } from "./run_cli.ts";

let folder: string;

Deno.test.beforeAll(async () => {
  ({ folder } = await finishedRun());
  await Deno.writeFile(`${folder}/odd.bin`, new Uint8Array(101));
  await Deno.writeFile(`${folder}/empty.bin`, new Uint8Array());
  await Deno.writeFile(
    `${folder}/beyond.bin`,
    new Uint8Array(4000).fill(255),
  );
  await Deno.mkdir(`${folder}/cut`);
  const good = await Deno.readFile(`${folder}/whole/model_final.mpk`);
  await Deno.writeFile(
    `${folder}/cut/checkpoint_1.mpk`,
    good.subarray(0, good.length >> 1),
  );
  await succeeds(
    ["train-tokenizer", "--corpus", `${folder}/text.txt`],
    ["--output", `${folder}/other.json`, "--vocab-size", "300"],
  );
});

Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

function trainOn(data: string, tokenizer: string): string[] {
  return [
    ...["train", "--data", `${folder}/${data}`],
    ...["--tokenizer", `${folder}/${tokenizer}`],
  ];
}

const FAULTS: [string, () => string[], RegExp][] = [
  [
    "a missing dataset",
    () => ["train", "--data", `${folder}/nothing`],
    /Cannot read .*nothing.*no such file/,
  ],
  [
    "a token file of odd length",
    () => trainOn("odd.bin", "tokenizer.json"),
    /its length is odd/,
  ],
  [
    "an empty token file",
    () => trainOn("empty.bin", "tokenizer.json"),
    /it is empty/,
  ],
  [
    "tokens beyond the vocabulary",
    () => trainOn("beyond.bin", "tokenizer.json"),
    /has token 65535, the vocabulary/,
  ],
  [
    "a dataset of another tokenizer",
    () => trainOn("data", "other.json"),
    /made with another tokenizer/,
  ],
  [
    "a folder that holds a run",
    () => [
      ...["train", "--data", `${folder}/data`],
      ...["--output", `${folder}/whole`],
    ],
    /it holds checkpoint_\d+\.mpk; use resume/,
  ],
  [
    "an output that is a file",
    () => [
      ...["train", "--data", `${folder}/data`],
      ...["--output", `${folder}/text.txt`, "--max-steps", "1"],
    ],
    /Cannot write to .*it is not a folder/,
  ],
  [
    "a model of another tokenizer",
    () => [
      ...["generate", "--model", `${folder}/whole`],
      ...["--tokenizer", `${folder}/other.json`],
    ],
    /with this tokenizer/,
  ],
  [
    "a checkpoint of another size",
    () => [
      ...["resume", "--checkpoint", `${folder}/whole/checkpoint_100.mpk`],
      ...["--data", `${folder}/data`, "--model-size", "mini"],
    ],
    /as mini: its d_model is 32, not 384/,
  ],
  [
    "a finished model to resume from",
    () => [
      ...["resume", "--checkpoint", `${folder}/whole/model_final.mpk`],
      ...["--data", `${folder}/data`],
    ],
    /it is a finished model/,
  ],
  [
    "a run that is complete",
    () => [
      ...["resume", "--checkpoint", `${folder}/whole`],
      ...["--data", `${folder}/data`],
    ],
    /all 200 steps are done/,
  ],
  [
    "a truncated checkpoint",
    () => ["generate", "--model", `${folder}/cut/checkpoint_1.mpk`],
    /Cannot read checkpoint/,
  ],
  [
    "a model too large for the engine",
    () => [
      ...["train", "--data", `${folder}/data`, "--model-size", "85m"],
      ...["--seq-len", "16384", "--batch-size", "8"],
    ],
    /try --batch-size 1 --seq-len \d+/,
  ],
];

for (const [what, args, message] of FAULTS) {
  Deno.test(`training commands refuse ${what} in one line`, async () => {
    const output = `${folder}/refused`;
    const list = args();
    if (list[0] !== "generate" && !list.includes("--output")) {
      list.push("--output", output);
    }
    await refuses(list, 1, message);
    const made = await Deno.stat(output).then(() => true, () => false);
    assertEquals(made, false, "something was written");
  });
}

Deno.test("train names its flags where a number is too large", async () => {
  const needed = ["train", "--data", "nowhere"];
  for (
    const [flag, value, bound] of [
      ["--batch-size", "1000000", "65536"],
      ["--grad-accum", "65537", "65536"],
      ["--max-steps", "1000000001", "1000000000"],
    ]
  ) {
    await refuses(
      [...needed, flag, value],
      2,
      `${flag} must be from 1 to ${bound}, not ${value}`,
    );
  }
});
