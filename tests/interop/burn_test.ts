/**
 * Burn 0.14 itself, with the Rust program's modules (`bench/peers/burn_load`),
 * loads what is exported for it. Without the program the test is skipped:
 *
 *     cargo build --release --manifest-path bench/peers/burn_load/Cargo.toml
 *     PTBR_BURN=bench/peers/burn_load/target/release/burn_load deno test -A tests/interop/burn_test.ts
 *
 * @module
 */

import { assertEquals, assertLess } from "@std/assert";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { writeBurn } from "../../lib/checkpoint/export/burn_writer.ts";
import {
  Checkpoint,
  loadModel,
} from "../../lib/checkpoint/native/mpk_reader.ts";
import { saveModel } from "../../lib/checkpoint/native/mpk_writer.ts";
import { logitsAfter } from "../../lib/generate/logits.ts";
import { tinyModel } from "../checkpoint/models.ts";

/** Set to the program that was built. */
const BURN = Deno.env.get("PTBR_BURN");
const WHY = BURN === undefined ? " (skipped: PTBR_BURN names no program)" : "";

Deno.test({
  name: `writeBurn() writes what Burn loads, computes and saves alike${WHY}`,
  ignore: BURN === undefined,
  async fn() {
    const fields = { architecture: "classic", timeMixing: "channels" } as const;
    const sizes = { vocabSize: 50, dModel: 24, nLayers: 3, dFfn: 40 };
    const folder = await Deno.makeTempDir();
    await saveModel(`${folder}/own.mpk`, tinyModel({ ...fields, ...sizes }));
    using own = await Checkpoint.open(`${folder}/own.mpk`);
    const ids = [3, 1, 4, 1, 5, 9, 2, 6];
    for (
      const [precision, type] of [["half", "F16"], ["full", "F32"]] as const
    ) {
      const path = `${folder}/${precision}.mpk`;
      await writeBurn(path, own, type);
      const { success, stderr } = await new Deno.Command(BURN!, {
        args: [
          precision,
          path,
          ...Object.values(sizes).map(String),
          `${folder}/again.mpk`,
          `${ids}`,
          `${folder}/logits.bin`,
        ],
      }).output();
      assertEquals(success, true, new TextDecoder().decode(stderr));

      // Nothing differs but the version that Burn says of itself.
      const text = async (path: string) =>
        new TextDecoder("latin1").decode(await Deno.readFile(path))
          .replace(/0\.14\.\d/, "0.14.x");
      assertEquals(await text(`${folder}/again.mpk`), await text(path));

      const bytes = await Deno.readFile(`${folder}/logits.bin`);
      const theirs = new Float32Array(bytes.buffer);
      const model = await loadModel(path, new ReferenceBackend());
      const ours = await logitsAfter(model, ids);
      assertEquals(theirs.length, ours.length);
      theirs.forEach((logit, id) =>
        assertLess(Math.abs(logit - ours[id]), 1e-5)
      );
    }
  },
});
