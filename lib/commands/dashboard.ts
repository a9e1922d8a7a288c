/**
 * `dashboard`: training runs in a browser, those under way among them.
 *
 * @module
 */

import { dashboard as showRuns } from "../stages/dashboard.ts";
import { portuguese } from "./dashboard.pt.ts";
import type { Command } from "./shared/command.ts";
import { onInterrupt } from "./shared/interrupt.ts";
import { t } from "./shared/language.ts";
import { integer, text } from "./shared/options.ts";

const options = {
  runs: text(
    "FOLDERS",
    "runs, or folders with runs below them, separated by commas; the --runs may be left out",
    { default: "checkpoints" },
  ),
  port: integer("port to listen on; 0 for any that is free", {
    default: 8686,
    max: 65_535,
  }),
};

/** The command. */
export const dashboard: Command<typeof options> = {
  name: "dashboard",
  summary: "Show training runs in the browser, those under way too",
  options,
  portuguese,
  positional: "runs",
  notes:
    "Loss, bits per byte, learning rate, gradient norm, speed, memory and samples of\n" +
    "text, of several runs in one picture. Only this machine is answered, and nothing\n" +
    "is loaded from elsewhere. Ctrl-C ends it; the runs do not notice.",
  examples: ["", "checkpoints/micro", "checkpoints/micro,checkpoints/tuned"],
  async run(values, output) {
    using interrupt = onInterrupt(output, t`stopping`);
    const result = await showRuns({
      runs: values.runs.split(","),
      port: values.port,
      signal: interrupt.signal,
      onListening: (address) => {
        output.print(address);
        output.note(t`Open this address in a browser; Ctrl-C ends it`);
      },
    });
    return { ...result };
  },
};
