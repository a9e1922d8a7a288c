/**
 * `download`: a Wikimedia dump, or a data set of a hub, whole and checked.
 *
 * @module
 */

import { isGranted } from "../permissions.ts";
import {
  downloadDump as download,
  type DownloadProgress,
} from "../stages/download.ts";
import {
  downloadDataset as bringDataset,
  type DownloadDatasetResult,
} from "../stages/download_dataset.ts";
import { portuguese } from "./download.pt.ts";
import type { Command } from "./shared/command.ts";
import { onInterrupt } from "./shared/interrupt.ts";
import { count, decimals, sayError, t } from "./shared/language.ts";
import {
  choice,
  integer,
  text,
  UsageError,
  type Values,
} from "./shared/options.ts";
import { filesOf, megabytes, type Output } from "./shared/output.ts";
import { PassBars } from "./shared/pass_bars.ts";

const options = {
  wiki: choice(
    ["ptwiki", "ptwikibooks", "ptwikinews", "ptwikisource"],
    "which wiki; the --wiki may be left out",
  ),
  date: text("YYYYMMDD", "which dump, or the latest that is complete", {
    default: "latest",
  }),
  dataset: text(
    "NAME",
    "a hub's data set, instead of a wiki: ORGANISATION/NAME",
  ),
  configuration: text("NAME", "which part of the data set, such as a language"),
  revision: text("NAME", "the data set's branch, tag or commit", {
    default: "main",
  }),
  output: text("FOLDER", "where it goes (data/dumps, data/datasets)"),
  hub: text("URL", "another hub of the same kind", {
    default: "https://huggingface.co",
  }),
  "hub-hosts": text(
    "HOST,...",
    "hosts that such a hub may lead to for its files",
  ),
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
  summary: "Download a Wikimedia dump, or a data set, resumable and checked",
  options,
  portuguese,
  positional: "wiki",
  notes: "Interrupted downloads go on where they stopped when started again. " +
    "The file gets its name\nonly when it is whole and its SHA-1 (or MD5) is " +
    "right. For a --mirror the task's permission\ndoes not hold: Deno asks, " +
    "or run it with --allow-net=HOST.",
  examples: [
    "ptwiki",
    "ptwikibooks --date 20260101 --output data/dumps",
    "--dataset wikimedia/wikipedia --configuration 20231101.pt",
  ],
  async run(values, output) {
    const { wiki, date, dataset } = values;
    if ((wiki === undefined) === (dataset === undefined)) {
      throw new UsageError("download takes --wiki or --dataset, one of them");
    }
    if (dataset !== undefined) {
      return await downloadDataset(dataset, values, output);
    }
    if (date !== "latest" && !/^2\d{7}$/.test(date)) {
      throw new UsageError(`--date takes YYYYMMDD or latest, not "${date}"`);
    }
    using interrupt = onInterrupt(output, t`stopping`);
    using bars = new PassBars(output);
    const host = URL.parse(values.mirror)?.host ?? values.mirror;
    bars.update(t`asking ${host} for the dump`, 0);
    const { mirror, timeout } = values;
    const result = await download({
      ...{ wiki: wiki!, date, mirror, timeout, output: values.output },
      signal: interrupt.signal,
      onRetry: (error, seconds) => noteRetry(error, seconds, output),
      onProgress: showIn(bars),
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

/** Notes a failure that is tried again. */
function noteRetry(error: Error, seconds: number, output: Output): void {
  const pause = Math.ceil(seconds);
  output.note(t`${sayError(error.message)}; trying again in ${pause} s`);
}

/** Shows how far it is, and how fast. */
function showIn(bars: PassBars): (progress: DownloadProgress) => void {
  let begun: { readonly at: number; readonly done: number } | undefined;
  return ({ done, total, pass }) => {
    if (pass === "check") return bars.update(t`check`, done, total);
    begun ??= { at: performance.now(), done };
    const elapsed = Math.max(1, performance.now() - begun.at);
    const rate = decimals((done - begun.done) / elapsed / 1000, 1);
    bars.update("download", done, total, `${rate} MB/s`);
  };
}

/** Where a token for the hub may be. */
const TOKEN = "HF_TOKEN";

async function downloadDataset(
  dataset: string,
  values: Values<typeof options>,
  output: Output,
): Promise<DownloadDatasetResult> {
  using interrupt = onInterrupt(output, t`stopping`);
  using bars = new PassBars(output);
  const host = URL.parse(values.hub)?.host ?? values.hub;
  bars.update(t`asking ${host} for the data set`, 0);
  const mayAsk = isGranted({ name: "env", variable: TOKEN });
  const { configuration, revision, hub, timeout } = values;
  const result = await bringDataset({
    ...{ dataset, configuration, revision, hub, timeout },
    output: values.output,
    hosts: values["hub-hosts"]?.split(","),
    token: mayAsk ? Deno.env.get(TOKEN) || undefined : undefined,
    signal: interrupt.signal,
    onFound: (files, bytes) => {
      output.note(t`${count(files)} [file|files], ${megabytes(bytes)} MB`);
    },
    onRetry: (error, seconds) => noteRetry(error, seconds, output),
    onProgress: showIn(bars),
  });
  if (!result.complete) {
    output.print(t`interrupted; the same command goes on from here`);
    return result;
  }
  const size = megabytes(result.bytes), files = filesOf(result.files);
  const seconds = decimals(result.seconds, 1);
  output.print(
    t`${result.output}: ${files}, ${size} MB, commit ${result.commit}, in ${seconds} s`,
  );
  if (result.wereThere > 0) {
    output.print(t`${count(result.wereThere)} [was|were] there`);
  }
  return result;
}
