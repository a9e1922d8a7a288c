/**
 * What the stages of the pipeline have in common. A stage is a command as a
 * function: it reads files, writes files, tells through callbacks how far it
 * is, and returns what it made; it prints nothing. `lib/commands` puts options,
 * words and a progress bar around it.
 *
 * @module
 */

import type { OptionKinds } from "../option_kinds.ts";

/** How far a stage is. */
export interface Progress {
  /** How much is done, in the stage's own unit. */
  readonly done: number;
  /** How much there is; 0 where nobody knows yet. */
  readonly total: number;
}

/** What every stage with long work takes. */
export interface StageOptions<P extends Progress = Progress> {
  /**
   * Ends the work in good order when it is aborted. What can be gone on with is
   * kept, and the result says `complete: false`; a stage that cannot go on later
   * leaves nothing behind and rejects with the signal's reason.
   */
  readonly signal?: AbortSignal;
  /** Told often how far the work is. */
  readonly onProgress?: (progress: P) => void;
}

/** What its options are. */
export const STAGE_KINDS: OptionKinds<StageOptions> = {
  signal: "signal?",
  onProgress: "function?",
};
