/**
 * `config.toml` and `model.toml`: what a run was started with, as `train
 * --config` takes it.
 *
 * @module
 */

import { stringify } from "npm:smol-toml@1.9.1";
import { readTextOf, reasonOf, writeFileAtomic } from "../../files.ts";
import type { RWKVConfig } from "../../model/config.ts";
import { parseToml } from "../../toml.ts";
import type { TrainingConfig } from "../../training_config.ts";

/** What a run goes on with besides its recipe, unless it is told otherwise. */
export interface RunHabits {
  /** Windows of a validation. */
  readonly evalWindows?: number | "all";
  /** Steps between samples of text. */
  readonly sampleEvery?: number | "never";
  /** Checkpoints to keep, the newest. */
  readonly keepLast?: number | "all";
  /** Whether the model of the best validation is kept. */
  readonly keepBest?: boolean;
}

/** What a run was started with. */
export interface RunSettings extends RunHabits {
  /** The model's shape. */
  readonly model: RWKVConfig;
  /** The recipe. */
  readonly training: TrainingConfig;
  /** The datasets with their weights. */
  readonly data: readonly { readonly path: string; readonly weight: number }[];
  /** The tokenizer, where it is not the one beside the data. */
  readonly tokenizer?: string;
  /** The run's folder. */
  readonly output: string;
  /** The model whose weights it began with. */
  readonly initFrom?: string;
  /** Whether blocks are computed again on the way back. */
  readonly recompute: boolean;
  /** Whether `finetune` has started it; `train` has unless given. */
  readonly isFinetuning?: boolean;
}

/** The recipe's fields by the name of their option. */
const OPTIONS = {
  maxSteps: "max_steps",
  batchSize: "batch_size",
  gradientAccumulation: "grad_accum",
  sequenceLength: "seq_len",
  learningRate: "learning_rate",
  warmupSteps: "warmup_steps",
  schedule: "schedule",
  decayShare: "decay_share",
  finalRate: "final_rate",
  optimizer: "optimizer",
  muonMomentum: "muon_momentum",
  muonRate: "muon_rate",
  embeddingRate: "embedding_rate",
  headRate: "head_rate",
  vectorRate: "vector_rate",
  weightDecay: "weight_decay",
  weightDecaySchedule: "weight_decay_schedule",
  cautiousWeightDecay: "cautious_weight_decay",
  emaDecay: "ema_decay",
  clipNorm: "max_grad_norm",
  saveEvery: "save_every",
  evalEvery: "eval_every",
  seed: "seed",
  shuffleDocuments: "shuffle_documents",
  carryState: "carry_state",
  sequenceWarmup: "sequence_warmup",
  adapter: "method",
  loraRank: "lora_rank",
  loraAlpha: "lora_alpha",
  loraTargets: "lora_targets",
  freeze: "freeze",
} as const;

/** Those of the recipe that `finetune` does not take. */
const OF_TRAIN: readonly string[] = [
  "shuffleDocuments",
  "carryState",
  "sequenceWarmup",
];

/** The habits by the name of their option, with the word that each may be. */
const HABITS = {
  evalWindows: ["eval_windows", "all"],
  sampleEvery: ["sample_every", "never"],
  keepLast: ["keep_last", "all"],
  keepBest: ["keep_best", undefined],
} as const satisfies Record<keyof RunHabits, readonly unknown[]>;

/**
 * Writes both files.
 *
 * @param settings What the run was started with.
 * @param version Of the program.
 * @throws {Error} When they cannot be written.
 */
export async function writeRunConfig(
  settings: RunSettings,
  version: string,
): Promise<void> {
  const { output, model } = settings;
  const head = `# ptbr-slm ${version}\n`;
  const fields = Object.entries(model.toJSON())
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [snakeCase(name), value]);
  await writeFileAtomic(
    `${output}/model.toml`,
    head + stringify(Object.fromEntries(fields)) + "\n",
  );
  await writeFileAtomic(
    `${output}/config.toml`,
    `${head}# The run once more: deno task ${
      settings.isFinetuning ? "finetune" : "train"
    } --config THIS_FILE --output FOLDER\n` +
      fixedFields(settings.training) + stringify(optionsOf(settings)) + "\n",
  );
}

/**
 * Reads what a run was started with besides its recipe.
 *
 * @param folder The run's.
 * @returns What its `config.toml` says; nothing where there is none, as in a
 * folder of an older version.
 * @throws {Error} When the file is there and cannot be read.
 * @throws {SyntaxError} When it is not TOML.
 * @throws {RangeError} When it says what cannot be.
 */
export async function readRunHabits(folder: string): Promise<RunHabits> {
  const path = `${folder}/config.toml`;
  let text: string;
  try {
    text = await readTextOf(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw new Error(`Cannot read config "${path}": ${reasonOf(error)}`);
  }
  const table = parseToml(text, `config "${path}"`);
  const habits: Record<string, unknown> = {};
  for (const [field, [name, word]] of Object.entries(HABITS)) {
    const value = table[name];
    if (value === undefined) continue;
    const isKnown = word === undefined
      ? typeof value === "boolean"
      : value === word || Number.isSafeInteger(value) && value as number >= 1;
    if (!isKnown) {
      throw new RangeError(
        `Cannot read config "${path}": ${name} cannot be ${
          JSON.stringify(value)
        }`,
      );
    }
    habits[field] = value;
  }
  return habits;
}

function optionsOf(settings: RunSettings): Record<string, unknown> {
  const { model, training, data, output, initFrom } = settings;
  const [first, ...others] = data;
  const recipe = Object.entries(OPTIONS)
    .filter(([field]) => !settings.isFinetuning || !OF_TRAIN.includes(field))
    .map(([field, option]) => [option, training[field as keyof typeof OPTIONS]])
    .filter(([, value]) => value !== undefined);
  const [old] = others;
  const start = settings.isFinetuning
    ? {
      model: initFrom,
      data: first.path,
      ...old !== undefined && { mix: old.path, "mix_share": old.weight },
      ...training.adapter === undefined && { method: "full" },
    }
    : {
      data: others.length === 0 && first.weight === 1
        ? first.path
        : data.map(({ path, weight }) => `${path}=${weight}`).join(","),
      "model_config": `${output}/model.toml`,
      ...initFrom !== undefined && { "init_from": initFrom },
    };
  return {
    ...start,
    ...settings.tokenizer !== undefined && { tokenizer: settings.tokenizer },
    output,
    dropout: model.dropout,
    ...Object.fromEntries(recipe),
    ...Object.fromEntries(
      Object.entries(HABITS)
        .map(([field, [name]]) => [name, settings[field as keyof RunHabits]])
        .filter(([, value]) => value !== undefined),
    ),
    recompute: settings.recompute,
  };
}

/** What no option sets, as comments. */
function fixedFields(training: TrainingConfig): string {
  return Object.entries(training.toJSON())
    .filter(([name, value]) => !(name in OPTIONS) && value !== undefined)
    .map(([name, value]) => `# ${snakeCase(name)} = ${value}\n`).join("");
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
