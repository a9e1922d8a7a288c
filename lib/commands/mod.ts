/**
 * Every subcommand, in the order data flows.
 *
 * @module
 */

import { auditCorpus } from "./audit_corpus.ts";
import { buildCorpus } from "./build_corpus.ts";
import { cleanCorpus } from "./clean_corpus.ts";
import type { Command } from "./shared/command.ts";
import { dashboard } from "./dashboard.ts";
import { demo } from "./demo.ts";
import { doctor } from "./doctor.ts";
import { downloadDump } from "./download.ts";
import { evaluate } from "./evaluate.ts";
import { evaluateTokenizer } from "./evaluate_tokenizer.ts";
import { exportModel } from "./export_model.ts";
import { exportTokenizer } from "./export_tokenizer.ts";
import { finetune } from "./finetune.ts";
import { generate } from "./generate.ts";
import { importModel } from "./import_model.ts";
import { importTokenizer } from "./import_tokenizer.ts";
import { inspectDataset } from "./inspect_dataset.ts";
import { logits } from "./logits.ts";
import { processLaws } from "./process_laws.ts";
import { processWiki } from "./process_wiki.ts";
import { quantize } from "./quantize.ts";
import { resume } from "./resume.ts";
import { serve } from "./serve.ts";
import { testModel } from "./test_model.ts";
import { tokenize } from "./tokenize.ts";
import { train } from "./train.ts";
import { trainTokenizer } from "./train_tokenizer.ts";
import { verify } from "./verify.ts";

/** The commands as the help lists them. */
// deno-lint-ignore no-explicit-any
export const commands: readonly Command<any>[] = [
  demo,
  doctor,
  downloadDump,
  processWiki,
  processLaws,
  cleanCorpus,
  auditCorpus,
  buildCorpus,
  trainTokenizer,
  evaluateTokenizer,
  exportTokenizer,
  importTokenizer,
  tokenize,
  inspectDataset,
  train,
  resume,
  finetune,
  dashboard,
  evaluate,
  testModel,
  generate,
  serve,
  logits,
  importModel,
  exportModel,
  quantize,
  verify,
];
