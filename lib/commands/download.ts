/**
 * `download`: a Wikimedia dump, whole and checked.
 *
 * @module
 */

import { downloadDump as download } from "../stages/download.ts";
import { portuguese } from "./download.pt.ts";
import type { Command } from "./shared/command.ts";
import { onInterrupt } from "./shared/interrupt.ts";
import { decimals, sayError, t } from "./shared/language.ts";
import {
  integer,
  requiredChoice,
  stageValues,
  text,
  UsageError,
} from "./shared/options.ts";
import { megabytes } from "./shared/output.ts";
import { PassBars } from "./shared/pass_bars.ts";

const options = {
  wiki: requiredChoice(
    ["ptwiki", "ptwikibooks", "ptwikinews", "ptwikisource"],
    "which wiki; the --wiki may be left out",
  ),
  date: text("YYYYMMDD", "which dump, or the latest that is complete", {
    default: "latest",
  }),
  output: text("FOLDER", "where the dump goes", { default: "data/dumps" }),
  mirror: text("URL", "another server with the same folders", {
    default: "https://dumps.wikimedia.org",
  }),
  timeout: integer("seconds without a byte before trying again", {
    default: 30,
    min: 1,
    max: 3600,
  }),
};

/** The command. */
export const downloadDump: Command<typeof options> = {
  name: "download",
  summary: "Download a Wikimedia dump, resumable and checked",
  options,
  portuguese,
  positional: "wiki",
  notes: "Interrupted downloads go on where they stopped when started again. " +
    "The file gets its name\nonly when it is whole and its SHA-1 (or MD5) is " +
    "right. For a --mirror the task's permission\ndoes not hold: Deno asks, " +
    "or run it with --allow-net=HOST.",
  examples: ["ptwiki", "ptwikibooks --date 20260101 --output data/dumps"],
  async run(values, output) {
    const { date } = values;
    if (date !== "latest" && !/^2\d{7}$/.test(date)) {
      throw new UsageError(`--date takes YYYYMMDD or latest, not "${date}"`);
    }
    using interrupt = onInterrupt(output, t`stopping`);
    using bars = new PassBars(output);
    const host = URL.parse(values.mirror)?.host ?? values.mirror;
    bars.update(t`asking ${host} for the dump`, 0);
    let begun: { readonly at: number; readonly done: number } | undefined;
    const result = await download({
      ...stageValues(values),
      signal: interrupt.signal,
      onRetry: (error, seconds) => {
        const pause = Math.ceil(seconds);
        output.note(t`${sayError(error.message)}; trying again in ${pause} s`);
      },
      onProgress: ({ done, total, pass }) => {
        if (pass === "check") return bars.update(t`check`, done, total);
        begun ??= { at: performance.now(), done };
        const elapsed = Math.max(1, performance.now() - begun.at);
        const rate = decimals((done - begun.done) / elapsed / 1000, 1);
        bars.update("download", done, total, `${rate} MB/s`);
      },
    });
    if (!result.complete) {
      output.print(t`interrupted; the same command goes on from here`);
      return { ...result };
    }
    const { sha1, md5, wasThere } = result;
    const size = megabytes(result.bytes);
    const checksum = sha1 === undefined ? `MD5 ${md5}` : `SHA-1 ${sha1}`;
    const seconds = decimals(result.seconds, 1);
    output.print(
      t`${result.output}: ${size} MB, dump of ${result.date}, ${checksum}` +
        " " + (wasThere ? t`(it was there)` : t`in ${seconds} s`),
    );
    if (result.resumedAt > 0) {
      const earlier = megabytes(result.resumedAt);
      output.print(t`continued after ${earlier} MB of an earlier run`);
    }
    return { ...result };
  },
};
