/**
 * What a run says to TensorBoard, read by TensorBoard. Without it the test is
 * skipped; it is used only where it is there already:
 *
 *     python3 -m venv peers && peers/bin/pip install tensorboard
 *     PTBR_TENSORBOARD=peers/bin/python deno test -A tests/interop/tensorboard_test.ts
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { EventFile } from "../../lib/train/run_folder/event_file.ts";

/** Set to a Python that has the package. */
const PYTHON = Deno.env.get("PTBR_TENSORBOARD");

const READER = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
run = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "tensors": 0})
run.Reload()
tags = run.Tags()
print(json.dumps({
    "scalars": {tag: [[e.step, e.value] for e in run.Scalars(tag)]
                for tag in tags["scalars"]},
    "texts": {tag: [[e.step, e.tensor_proto.string_val[0].decode()]
                    for e in run.Tensors(tag)] for tag in tags["tensors"]},
    "plugins": [run.SummaryMetadata(tag).plugin_data.plugin_name
                for tag in tags["tensors"]],
}))
`;

Deno.test({
  name: "TensorBoard reads the events of a run that was cut and continued",
  ignore: PYTHON === undefined,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const first = await EventFile.create(folder, 0);
    for (const step of [10, 20, 30]) {
      await first.append({ step, scalars: { "loss/training": 8 - step / 10 } });
    }
    await first.append({ step: 10, texts: { "samples/É": "texto 10" } });
    await first.append({ step: 40, scalars: { "loss/training": 0 } });
    // A crash: half a record at the end.
    const whole = await Deno.readFile(first.path);
    await Deno.writeFile(first.path, whole.subarray(0, -7));
    const second = await EventFile.create(folder, 10);
    for (const step of [20, 30]) {
      await second.append({ step, scalars: { "loss/training": step / 10 } });
    }
    const { code, stdout, stderr } = await new Deno.Command(PYTHON!, {
      args: ["-c", READER, folder],
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    assertEquals(JSON.parse(new TextDecoder().decode(stdout)), {
      scalars: { "loss/training": [[10, 7], [20, 2], [30, 3]] },
      texts: { "samples/É": [[10, "texto 10"]] },
      plugins: ["text"],
    });
    await Deno.remove(folder, { recursive: true });
  },
});
