/**
 * A folder of runs that the dashboard shows, for the tests of its server and of
 * its page.
 *
 * @module
 */

import { assert } from "@std/assert";
import { dashboard } from "../../lib/stages/dashboard.ts";

/**
 * Lets work be done while a server shows the runs of a folder.
 *
 * @param files The files of the runs, by their paths in the folder.
 * @param work Given the address and the folder; it has to ask for something.
 */
export async function served(
  files: Record<string, string>,
  work: (address: string, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  for (const [name, text] of Object.entries(files)) {
    await Deno.mkdir(`${folder}/${name}`.replace(/\/[^/]*$/, ""), {
      recursive: true,
    });
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
  const controller = new AbortController();
  const listening = Promise.withResolvers<string>();
  const done = dashboard({
    runs: [folder],
    port: 0,
    signal: controller.signal,
    onListening: listening.resolve,
  });
  try {
    await work(await listening.promise, folder);
  } finally {
    controller.abort();
    assert((await done).requests > 0);
    await Deno.remove(folder, { recursive: true });
  }
}
