/**
 * `download`: a Wikimedia dump, whole and checked.
 *
 * @module
 */

import { megabytes } from "./shared/output.ts";
import { HttpSource } from "../corpus/download/http_source.ts";
import { download } from "../corpus/download/resumable_download.ts";
import { ALGORITHM_NAMES, findDump } from "../corpus/download/wikimedia.ts";
import type { Command } from "./shared/command.ts";
import { integer, requiredChoice, text, UsageError } from "./shared/options.ts";

const OFFICIAL = "dumps.wikimedia.org";

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
    default: `https://${OFFICIAL}`,
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
  positional: "wiki",
  notes: "Interrupted downloads go on where they stopped when started again. " +
    "The file gets its name\nonly when it is whole and its SHA-1 (or MD5) is " +
    "right. For a --mirror the task's permission\ndoes not hold: Deno asks, " +
    "or run it with --allow-net=HOST.",
  examples: ["ptwiki", "ptwikibooks --date 20260101 --output data/dumps"],
  async run(values, output) {
    const start = performance.now();
    const { wiki, date, mirror } = values;
    if (date !== "latest" && !/^2\d{7}$/.test(date)) {
      throw new UsageError(`--date takes YYYYMMDD or latest, not "${date}"`);
    }
    const source = new HttpSource(mirror, {
      hosts: [OFFICIAL],
      timeout: values.timeout * 1000,
      onRetry: (error, pause) =>
        output.note(
          `${error.message}; trying again in ${Math.ceil(pause / 1000)} s`,
        ),
    });
    const file = await findDump(source, wiki, date);
    const path = `${values.output.replace(/(?<=.)\/+$/, "")}/${file.name}`;
    using transfer = output.progress("download");
    using check = output.progress("check");
    const begun = performance.now();
    let first: number | undefined;
    const result = await download(source, file, path, {
      onProgress: (done, total) => {
        first ??= done;
        const rate = (done - first) / (performance.now() - begun) / 1000;
        transfer.update(done, total, `${rate.toFixed(1)} MB/s`);
      },
      onCheck: (done, total) => check.update(done, total),
    });
    const seconds = (performance.now() - start) / 1000;
    const { algorithm, hex } = file.checksum;
    output.print(
      `${path}: ${megabytes(result.bytes)} MB, dump of ${file.date}, ` +
        `${ALGORITHM_NAMES[algorithm]} ${hex} ` +
        (result.wasThere ? "(it was there)" : `in ${seconds.toFixed(1)} s`),
    );
    if (result.resumedAt > 0) {
      output.print(
        `continued after ${megabytes(result.resumedAt)} MB of an earlier run`,
      );
    }
    return {
      wiki,
      date: file.date,
      url: file.url,
      [algorithm]: hex,
      ...result,
      seconds,
      output: path,
    };
  },
};
