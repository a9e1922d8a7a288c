/**
 * The thread that `heartbeat.ts` starts.
 *
 * @module
 */

import { workerData } from "node:worker_threads";
import { SharedBar } from "./heartbeat.ts";
import {
  barLine,
  CLEAR_LINE,
  duration,
  GAP,
  terminalColumns,
} from "./output.ts";

/** Without a word for so long, in ms, a bar is drawn again. */
const SILENCE = 700;

const shared = new SharedBar(workerData);
const encoder = new TextEncoder();

for (let beat = shared.beat;;) {
  shared.wait(beat, SILENCE);
  if (shared.beat !== beat) {
    beat = shared.beat;
    // Whoever draws ten times a second need not wake this thread as often.
    shared.wait(beat, SILENCE);
    if (shared.beat !== beat) continue;
  }
  shared.alone(() => {
    if (shared.beat === beat) draw();
  });
}

function draw(): void {
  const { bar } = shared;
  if (bar === undefined) return;
  const { parts, since, begun, wording } = bar;
  const elapsed = (from: number) => duration((Date.now() - from) / 1000);
  const time = parts.share === undefined
    ? elapsed(begun)
    : [parts.time, wording.replace("{1}", () => elapsed(since))]
      .filter((part) => part !== "").join(GAP);
  const line = barLine({ ...parts, time }, terminalColumns());
  const cleared = shared.stands ? CLEAR_LINE : "";
  try {
    Deno.stderr.writeSync(encoder.encode(cleared + line));
    shared.stands = true;
  } catch {
    // The terminal was closed: the main thread finds that out by itself.
  }
}
