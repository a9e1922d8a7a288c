/**
 * Every subcommand, in the order data flows.
 *
 * @module
 */

import { cleanCorpus } from "./clean_corpus.ts";
import type { Command } from "./command.ts";
import { processWiki } from "./process_wiki.ts";
import { tokenize } from "./tokenize.ts";
import { trainTokenizer } from "./train_tokenizer.ts";

/** The commands as the help lists them. */
// deno-lint-ignore no-explicit-any
export const commands: readonly Command<any>[] = [
  processWiki,
  cleanCorpus,
  trainTokenizer,
  tokenize,
];
