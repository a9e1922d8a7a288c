/** resume through real invocations; what it makes is measured and written with. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { assertSame, finishedRun, MODEL, RECIPE } from "./finished_run.ts";
import { refuses, run, succeeds } from "./run_cli.ts";

let folder: string;

Deno.test.beforeAll(async () => {
  ({ folder } = await finishedRun());
});

Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

Deno.test("resume ends in the very files of a run that never stopped", async () => {
  await Deno.mkdir(`${folder}/again`);
  await Deno.copyFile(
    `${folder}/whole/checkpoint_100.mpk`,
    `${folder}/again/checkpoint_100.mpk`,
  );
  // The lines after step 100 are of a run that is not continued.
  await Deno.copyFile(
    `${folder}/whole/metrics.jsonl`,
    `${folder}/again/metrics.jsonl`,
  );
  const { result } = await succeeds(
    ["resume", "--checkpoint", `${folder}/again`, "--data", `${folder}/data`],
    ["--output", `${folder}/again`, "--threads", "2", "--json"],
  );
  assertEquals(result.steps, 200);
  for (const file of ["checkpoint_200.mpk", "model_final.mpk"]) {
    await assertSame(`${folder}/again`, `${folder}/whole`, file);
  }
  const stepsOf = async (name: string) =>
    (await Deno.readTextFile(`${folder}/${name}/metrics.jsonl`))
      .trimEnd().split("\n").map((line) => JSON.parse(line).step);
  assertEquals(await stepsOf("again"), await stepsOf("whole"));
});

Deno.test("resume --additional-steps goes beyond the run's end", async () => {
  const { result } = await succeeds(
    ["resume", "--checkpoint", `${folder}/whole/checkpoint_200.bin`],
    ["--data", `${folder}/data`, "--output", `${folder}/more`],
    ["--additional-steps", "3", "--json"],
  );
  assertEquals(result.steps, 203);
});

Deno.test("rwkv7 is trained, continued, measured and written with", async () => {
  const toml = `${folder}/rwkv7.toml`;
  await Deno.writeTextFile(
    toml,
    `architecture = "rwkv7"\nhead_size = 16\n${MODEL}`,
  );
  const output = `${folder}/rwkv7`;
  const whole = await succeeds(
    ["train", "--data", `${folder}/data`, "--output", output],
    ["--model-config", toml, "--max-steps", "60", "--save-every", "30"],
    [...RECIPE, "--json"],
  );
  assertStringIncludes(whole.stdout, "rwkv7, ");
  assert((whole.result.loss as number) < 4, `loss ${whole.result.loss}`);
  await succeeds(
    ["resume", "--checkpoint", `${output}/checkpoint_30.mpk`],
    ["--data", `${folder}/data`, "--output", `${output}_again`],
  );
  await assertSame(`${folder}/rwkv7_again`, `${folder}/rwkv7`);
  const measured = await run(
    ["evaluate", "--model", output, "--data", `${folder}/data`, "--json"],
  );
  assertEquals(measured.result.bitsPerByte, whole.result.valBitsPerByte);
  const written = await succeeds(
    ["generate", "--model", output, "--prompt", "No dia", "--json"],
    ["--max-tokens", "12", "--temperature", "0"],
  );
  assertEquals(written.result.tokens, 12);
  await succeeds(["test-model", "--model", output]);
});

const adapter = await navigator.gpu?.requestAdapter();

Deno.test({
  name:
    "a run goes on, and a model writes, on WebGPU as on the CPU (needs an adapter)",
  ignore: !adapter,
  fn: async () => {
    const resumed = await Promise.all(["cpu", "webgpu"].map((backend) =>
      run(
        ["resume", "--checkpoint", `${folder}/whole/checkpoint_100.mpk`],
        ["--data", `${folder}/data`, "--output", `${folder}/on_${backend}`],
        ["--additional-steps", "10", "--backend", backend, "--json"],
      )
    ));
    for (const { code, stderr } of resumed) assertEquals(code, 0, stderr);
    const [onCpu, onGpu] = resumed.map(({ result }) => result.loss as number);
    assert(Math.abs(onCpu - onGpu) < 1e-3, `${onCpu} and ${onGpu}`);
    const [cpu, gpu] = await Promise.all(["cpu", "webgpu"].map((backend) =>
      run(
        ["generate", "--model", `${folder}/whole`, "--prompt", "No dia"],
        ["--max-tokens", "20", "--temperature", "0", "--backend", backend],
        ["--json"],
      )
    ));
    assertEquals(gpu.result.text, cpu.result.text);
    assertStringIncludes(gpu.result.backend as string, "webgpu");
  },
});

Deno.test("resume says what stands in for options of train", async () => {
  const args = ["resume", "--checkpoint", "x", "--data", "y"];
  await refuses(
    [...args, "--max-steps", "9"],
    2,
    "Cannot use --max-steps here: --additional-steps says how many more",
  );
  await refuses([...args, "--learning-rate", "1"], 2, "train --init-from");
});
