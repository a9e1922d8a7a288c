/**
 * Messages of errors in Portuguese, by their shape: a hole stands for what a
 * message is about, and what a hole holds is looked up in turn. Each room has
 * a table of its own in `errors/`.
 */

import type { Translations } from "./language.ts";
import { args } from "./errors/arguments.pt.ts";
import { checkpoint } from "./errors/checkpoint.pt.ts";
import { corpus } from "./errors/corpus.pt.ts";
import { distributed } from "./errors/distributed.pt.ts";
import { engine } from "./errors/engine.pt.ts";
import { finetuning } from "./errors/finetune.pt.ts";
import { notes } from "./errors/notes.pt.ts";
import { serving } from "./errors/serve.pt.ts";
import { suites } from "./errors/suites.pt.ts";
import { system } from "./errors/system.pt.ts";
import { tokenizer } from "./errors/tokenizer.pt.ts";
import { train } from "./errors/train.pt.ts";
import { writing } from "./errors/writing.pt.ts";

/** What the sources of the library and of the commands say. */
export const ours: readonly Translations[] = [
  args,
  corpus,
  tokenizer,
  train,
  checkpoint,
  engine,
  distributed,
  finetuning,
  notes,
  writing,
  serving,
  suites,
];

export const errors: Translations = Object.assign({}, system, ...ours);
