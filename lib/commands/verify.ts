/**
 * `verify`: whether files of ours are what they were when they were written.
 *
 * @module
 */

import { verify as verifyFiles } from "../stages/verify.ts";
import type { Command } from "./shared/command.ts";
import { onInterrupt, unlessInterrupted } from "./shared/interrupt.ts";
import { count, sayError, t } from "./shared/language.ts";
import { requiredText } from "./shared/options.ts";
import { portuguese } from "./verify.pt.ts";

const options = {
  path: requiredText(
    "PATH",
    "a model, checkpoint, dataset, tokenizer or corpus, or their folder",
  ),
};

/** The command. */
export const verify: Command<typeof options> = {
  name: "verify",
  summary: "Find out whether files are whole",
  options,
  portuguese,
  examples: ["--path checkpoints/micro", "--path data/tokenized --json"],
  notes:
    "All is read and held against the checksums that models, checkpoints, datasets\n" +
    "and corpora carry; older files have none. A text that was edited is told of as\n" +
    "damaged, and can be used. The exit code is 1 where something is damaged. Files\n" +
    "that exports write for other programs have no checksums; what can be read of\n" +
    "them is.",
  async run({ path }, output) {
    using interrupt = onInterrupt(output, t`stopping`);
    using progress = output.progress(t`verify`);
    const found = await unlessInterrupted(
      interrupt,
      verifyFiles({
        path,
        signal: interrupt.signal,
        onProgress: ({ done, total }) =>
          progress.update(done, total, t`${count(done)} [file|files]`),
      }),
    );
    if (found === undefined) {
      output.print(t`interrupted`);
      return { complete: false };
    }
    for (const { path, state, reason } of found.files) {
      output.print(
        state === "whole"
          ? t`${path}: whole`
          : state === "unchecked"
          ? t`${path}: can be read; it has no checksum`
          : state === "unknown"
          ? t`${path}: not a file that verify knows` +
            (reason === undefined ? "" : `: ${sayError(reason)}`)
          : t`${path}: damaged: ${sayError(reason!)}`,
      );
    }
    return { ...found };
  },
};
