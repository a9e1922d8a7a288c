/**
 * `finetune`: a model further, on new text or on questions and answers.
 *
 * @module
 */

import { finetune as tune } from "../stages/finetune.ts";
import {
  FINETUNE_METHODS,
  type FinetuneMeasure,
  type FinetuneResult,
  FINETUNING,
} from "../stages/finetune_options.ts";
import type { DataSource } from "../stages/training_options.ts";
import { LORA } from "../training_config.ts";
import { portuguese } from "./finetune.pt.ts";
import type { Command } from "./shared/command.ts";
import {
  ABOUT_DOCUMENTS,
  DOCUMENTS,
  noteDocuments,
} from "./shared/documents.ts";
import { ENGINE_OPTIONS, openBackend } from "./shared/engine.ts";
import { decimals, signed, t } from "./shared/language.ts";
import { tellDamaged } from "./shared/model_files.ts";
import {
  choice,
  decimal,
  integer,
  requiredText,
  SEED,
  text,
} from "./shared/options.ts";
import type { Output } from "./shared/output.ts";
import { RECIPE_OPTIONS, recipeOf } from "./shared/recipe.ts";
import { showTraining, TRAINING_OPTIONS } from "./shared/training.ts";

/** More steps than anybody does. */
const MOST_STEPS = 1e9;
const { "dry-run": _, ...TRAINING } = TRAINING_OPTIONS;

const options = {
  model: requiredText(
    "FILE",
    "the model to begin with: model_final.mpk, a checkpoint, or their folder",
  ),
  data: requiredText(
    "PATH",
    'what it is to learn: a dataset of tokenize, text, or .jsonl of {"question", "answer"} or {"messages"}',
  ),
  output: text("FOLDER", "where checkpoints go", { default: "checkpoints" }),
  method: choice(
    FINETUNE_METHODS,
    "all weights, a LoRA beside them, or the first state",
    {
      default: FINETUNING.method,
    },
  ),
  "lora-rank": integer(`a LoRA's rank (default: ${LORA.rank})`, {
    min: 1,
    max: 4096,
  }),
  "lora-alpha": decimal("its alpha (default: its rank)", {
    min: 1e-6,
    max: 1e6,
  }),
  "lora-targets": text(
    "LIST",
    "what it adapts, with commas, as att.key,ffn (default: all of the blocks)",
  ),
  freeze: text(
    "LIST",
    "with --method full: parts that stay as they are, as emb,head,att.key",
  ),
  mix: text("FOLDER", "a dataset of what it has learnt before, to mix in"),
  "mix-share": decimal("how much of it", {
    default: FINETUNING.mixShare,
    min: 0.001,
    max: 0.999,
  }),
  tokenizer: text(
    "FILE",
    "its tokenizer.json or World vocabulary (default: that beside it)",
  ),
  ...DOCUMENTS,
  "val-fraction": decimal("share of text to hold out", {
    default: FINETUNING.valFraction,
    max: 0.9,
  }),
  epochs: decimal("how often the new data are seen", {
    default: FINETUNING.epochs,
    min: 1e-6,
    max: 1e6,
  }),
  "max-steps": integer("optimizer steps, instead of --epochs", {
    min: 1,
    max: MOST_STEPS,
  }),
  "batch-size": integer("windows of a micro-batch", {
    default: 2,
    min: 1,
    max: 65_536,
  }),
  "grad-accum": integer("micro-batches of a step", {
    default: FINETUNING.gradAccum,
    min: 1,
    max: 65_536,
  }),
  "seq-len": integer("tokens of a window (default: the model's)", {
    min: 1,
    max: 65_536,
  }),
  "learning-rate": decimal(
    "learning rate at its peak (default: full 3e-4, lora 1e-3, state 0.1)",
    { max: 1 },
  ),
  "warmup-steps": integer("steps up to the peak (default: 5 % of all)", {
    max: MOST_STEPS,
  }),
  "weight-decay": decimal("decoupled, of matrices", {
    default: FINETUNING.weightDecay,
    max: 10,
  }),
  "max-grad-norm": decimal("the gradients' global norm is clipped to it", {
    default: 1,
    min: 1e-6,
    max: 1e6,
  }),
  ...RECIPE_OPTIONS,
  dropout: decimal("share of each branch dropped (default: the model's)", {
    max: 0.99,
  }),
  "save-every": integer("steps between checkpoints (default: a fifth of all)", {
    min: 1,
    max: MOST_STEPS,
  }),
  "eval-every": integer("steps between validations (default: a fifth of all)", {
    min: 1,
    max: MOST_STEPS,
  }),
  ...TRAINING,
  ...SEED,
  ...ENGINE_OPTIONS,
};

/** The command. */
export const finetune: Command<typeof options> = {
  name: "finetune",
  summary: "Train a model further on new text, or on questions and answers",
  options,
  portuguese,
  notes:
    "A LoRA or a state is written as adapter.safetensors, for --adapter of generate,\n" +
    "evaluate and export-model, which merges it. Of questions and answers, and of\n" +
    "messages, what the assistant says is learnt. --mix keeps a model from forgetting.\n" +
    "Ctrl-C saves a checkpoint and stops; `resume` goes on from it.\n\n" +
    ABOUT_DOCUMENTS,
  examples: [
    "--model checkpoints/micro --data my_books/livro.txt --output checkpoints/books --mix data/tokenized",
    "--model checkpoints/micro --data my_books/perguntas.jsonl --output checkpoints/faq --lora-rank 16 --epochs 5",
    "--model checkpoints/micro --data data/tokenized --output checkpoints/more --method full --freeze emb,head --learning-rate 1e-4",
  ],
  async run(values, output) {
    let data: readonly DataSource[] = [{ path: values.data, weight: 1 }];
    let result: FinetuneResult | undefined;
    // What goes on is named by the data that were made of the text.
    const shown = {
      output: values.output,
      get data() {
        return data.length === 1
          ? data[0].path
          : data.map(({ path, weight }) => `${path}=${weight}`).join(",");
      },
    };
    const record = await showTraining(
      { output, values: shown, isNew: true },
      async (callbacks) =>
        result = await tune({
          model: values.model,
          data: values.data,
          output: values.output,
          ...recipeOf(values),
          method: values.method,
          loraRank: values["lora-rank"],
          loraAlpha: values["lora-alpha"],
          loraTargets: values["lora-targets"],
          freeze: values.freeze,
          mix: values.mix,
          mixShare: values["mix-share"],
          tokenizer: values.tokenizer,
          documents: values.documents,
          valFraction: values["val-fraction"],
          epochs: values.epochs,
          maxSteps: values["max-steps"],
          batchSize: values["batch-size"],
          gradAccum: values["grad-accum"],
          seqLen: values["seq-len"],
          learningRate: values["learning-rate"],
          warmupSteps: values["warmup-steps"],
          weightDecay: values["weight-decay"],
          maxGradNorm: values["max-grad-norm"],
          dropout: values.dropout,
          saveEvery: values["save-every"],
          evalEvery: values["eval-every"],
          evalWindows: values["eval-windows"],
          keepLast: values["keep-last"],
          keepBest: values["keep-best"],
          sampleEvery: values["sample-every"],
          recompute: values.recompute,
          seed: values.seed,
          onDamaged: tellDamaged(output),
          onFiles: (files) => noteDocuments(files, output),
          onData: (found) => data = found,
          onMeasured: (before) => tellUnmeasured(before, output),
          backend: () => openBackend(values, output),
          ...callbacks,
        }),
    );
    if (result?.after !== undefined) {
      tell(output, result.before, result.after);
    }
    return record;
  },
};

/** Says where it will not be known how well the new text is learnt. */
function tellUnmeasured({ new: bits }: FinetuneMeasure, output: Output): void {
  if (bits !== undefined) return;
  output.warn(
    t`Nothing of the new text is held out, so that how well it is learnt is not measured: its documents are too few or too long (--documents, --val-fraction)`,
  );
}

/** Says what is predicted better and worse than before. */
function tell(
  output: Output,
  before: FinetuneMeasure,
  after: FinetuneMeasure,
): void {
  const change = (from: number, to: number) => signed(100 * (to / from - 1), 1);
  if (before.new !== undefined && after.new !== undefined) {
    const from = decimals(before.new, 3), to = decimals(after.new, 3);
    output.print(
      t`New text: ${from} to ${to} bits per byte (${
        change(before.new, after.new)
      } %)`,
    );
  }
  if (before.old !== undefined && after.old !== undefined) {
    const from = decimals(before.old, 3), to = decimals(after.old, 3);
    output.print(
      t`Old text: ${from} to ${to} bits per byte (${
        change(before.old, after.old)
      } %)`,
    );
  }
}
