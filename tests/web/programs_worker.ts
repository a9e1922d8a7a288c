/**
 * The programs of `tests/programs` that run anywhere, in a browser's worker.
 *
 * @module
 */

// The threads of its backend start this file again.
import "../../lib/backend/cpu/web_host.ts";
import { PROGRAMS_ANYWHERE } from "./programs_anywhere.ts";

addEventListener("message", async ({ data }: MessageEvent<string>) => {
  try {
    await PROGRAMS_ANYWHERE[data]();
    postMessage({ report: data });
  } catch (error) {
    postMessage({ error: String((error as Error).stack ?? error) });
  }
});
