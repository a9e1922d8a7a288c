/**
 * The site as the task builds it, with a model that has learnt for a few steps:
 * made once for all tests of a file.
 *
 * @module
 */

import { buildSite, type SiteResult } from "../../tools/site/site.ts";
import { trainDemoModel } from "../../tools/site/demo_model.ts";

/** A site that was built. */
export interface BuiltSite extends SiteResult {
  /** Its folder. */
  readonly root: string;
  /** The folder of its model. */
  readonly model: string;
}

let building: Promise<BuiltSite> | undefined;

/** Builds it, or gives the one that was built. */
export function builtSite(): Promise<BuiltSite> {
  return building ??= build();
}

async function build(): Promise<BuiltSite> {
  const folder = await Deno.makeTempDir({ prefix: "ptbr-slm-site-test-" });
  addEventListener("unload", () => {
    Deno.removeSync(folder, { recursive: true });
  });
  const model = await trainDemoModel(folder, { steps: 3 });
  const root = `${folder}/site`;
  return { ...await buildSite({ output: root, model }), root, model };
}
