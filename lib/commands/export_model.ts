/**
 * `export-model`: a model to other programs' formats, with its tokenizer and a
 * card.
 *
 * @module
 */

import { countOf } from "../checkpoint/encoding/tensor_encoding.ts";
import { writeBurn } from "../checkpoint/export/burn_writer.ts";
import { classicAsRwkv4 } from "../checkpoint/export/classic_as_rwkv4.ts";
import {
  huggingFaceConfig,
  officialTensors,
  tokenizerConfig,
  worldText,
} from "../checkpoint/export/hugging_face_folder.ts";
import {
  filesOfCard,
  modelCard,
  type ModelFacts,
} from "../checkpoint/export/model_card.ts";
import {
  ggufModel,
  ggufTensors,
} from "../checkpoint/formats/gguf/gguf_model.ts";
import { ggufTokenizer } from "../checkpoint/formats/gguf/gguf_tokenizer.ts";
import { writeGguf } from "../checkpoint/formats/gguf/gguf_writer.ts";
import { writeSafetensors } from "../checkpoint/formats/safetensors_writer.ts";
import { Checkpoint } from "../checkpoint/native/mpk.ts";
import { FINAL_MODEL } from "../checkpoint/native/paths.ts";
import { cannotRead, writeFileAtomic } from "../files.ts";
import { architectureOf } from "../model/architecture.ts";
import type { WeightSource } from "../model/foreign.ts";
import { BPEVocab } from "../tokenizer/bpe/bpe_vocab.ts";
import { toHuggingFace } from "../tokenizer/interchange/hugging_face.ts";
import { identityOf } from "../tokenizer/tokenizer.ts";
import type { WorldVocab } from "../tokenizer/world/world_vocab.ts";
import type { Command } from "./shared/command.ts";
import {
  choice,
  requiredChoice,
  requiredText,
  text,
  UsageError,
} from "./shared/options.ts";
import { megabytes } from "./shared/output.ts";
import { runFacts } from "./shared/model_facts.ts";
import { vocabOf } from "../stages/model_files.ts";
import { MODEL_OPTIONS } from "./shared/model_files.ts";
import { placeIn } from "../stages/tokenizer_files.ts";

const TYPES = { f32: "F32", f16: "F16", bf16: "BF16", q8_0: "Q8_0" } as const;
type Type = typeof TYPES[keyof typeof TYPES];

const CARD = "README.md";

const options = {
  ...MODEL_OPTIONS,
  output: requiredText("PATH", "the folder for it, or the file's name in it"),
  format: requiredChoice(["safetensors", "gguf", "burn"], "what to write"),
  dtype: choice(
    ["f32", "f16", "bf16", "q8_0"],
    "numbers; bf16, q8_0 for gguf only",
    {
      default: "f32",
    },
  ),
  name: text("NAME", "what the model is called (default: its folder's name)"),
  license: text("ID", "the weights' licence, for the card"),
  data: text("FOLDER", "the dataset it was trained on, for the card"),
};

/** The command. */
export const exportModel: Command<typeof options> = {
  name: "export-model",
  summary: "Write a model for other programs",
  options,
  examples: [
    "--model checkpoints/micro --format safetensors --output exported/micro",
    "--model checkpoints/world --format gguf --dtype f16 --output exported/world.gguf",
    "--model checkpoints/old --format burn --dtype f16 --output exported/burn --license apache-2.0",
  ],
  notes:
    "safetensors has the official tensor names (a classic model becomes the" +
    "\nRWKV-4 that computes the same), with config.json and Hugging Face's" +
    "\ntokenizer.json. gguf is for llama.cpp: RWKV-6, RWKV-7 with heads of 64, and the" +
    "\ntokenizer, which gives the same ids for normalised text. burn is the Rust" +
    "\nprogram's own layout, for classic models. A model card, README.md, goes" +
    "\nbeside each. Files that an earlier export wrote are replaced, others never.",
  async run(values, output) {
    const { format } = values;
    const type = TYPES[values.dtype];
    if (/^(?:bf16|q8_0)$/.test(values.dtype) && format !== "gguf") {
      throw new UsageError(`--dtype ${values.dtype} is for --format gguf only`);
    }
    using checkpoint = await Checkpoint.open(values.model, {
      timeMixing: values["time-mixing"],
    });
    const vocab = await vocabOf(checkpoint, values.tokenizer);
    const facts = await runFacts(checkpoint, values.data);
    const parameters = [...checkpoint.shapes.values()]
      .reduce((sum, shape) => sum + countOf(shape), 0);
    const name = values.name ?? nameOf(checkpoint.path);
    using progress = output.progress("export");
    let done = 0;
    const model: WeightSource = {
      config: checkpoint.config,
      shapes: checkpoint.shapes,
      readWeight(weight) {
        progress.update(done, parameters);
        done += countOf(checkpoint.shapes.get(weight)!);
        return checkpoint.readWeight(weight);
      },
    };
    const plan = PLANS[format]({ model, vocab, type, name });
    const path = await placeIn(values.output, plan.file);
    const [, folder, file] = /^(.*?)([^/\\]*)$/s.exec(path)!;
    const names = [file, ...Object.keys(plan.beside), CARD];
    const files = await checkFree(folder, names);

    const written = await plan.write(path);
    const notes = [...plan.notes, ...written ?? []];
    for (const [other, content] of Object.entries(plan.beside)) {
      await writeFileAtomic(folder + other, content);
    }
    const { size } = await Deno.stat(path);
    const card = modelCard({
      ...facts,
      name,
      config: checkpoint.config,
      parameters,
      tokenizer: vocab instanceof BPEVocab
        ? "byte-level BPE"
        : "longest matches",
      tokenizerSha256: await identityOf(vocab),
      license: values.license,
      weights: { name: file, type, bytes: size },
      files,
      run: plan.run(file),
      notes,
    });
    await writeFileAtomic(folder + CARD, card);
    for (const note of notes) output.note(note);
    output.print(
      `${path}: ${parameters.toLocaleString("en-US")} parameters, ${type}, ` +
        `${megabytes(size)} MB; with ${names.slice(1).join(", ")}`,
    );
    return {
      model: checkpoint.path,
      format,
      dtype: values.dtype,
      parameters,
      bytes: size,
      files: names.map((name) => folder + name),
      notes,
    };
  },
};

/** What a format makes of a model. */
interface Plan {
  /** What the file of weights is called in a folder. */
  readonly file: string;
  /** The files beside it and their content. */
  readonly beside: Readonly<Record<string, string>>;
  /** What the format cannot say. */
  readonly notes: readonly string[];
  /** Writes the weights; may find more to note. */
  readonly write: (path: string) => Promise<readonly string[] | void>;
  /** How to run the file of the given name. */
  readonly run: (file: string) => ModelFacts["run"];
}

/** What is exported. */
interface Subject {
  readonly model: WeightSource;
  readonly vocab: BPEVocab | WorldVocab;
  readonly type: Type;
  readonly name: string;
}

const PLANS = {
  safetensors: planSafetensors,
  gguf: planGguf,
  burn: planBurn,
} satisfies Record<string, (subject: Subject) => Plan>;

function planSafetensors({ model: own, vocab, type }: Subject): Plan {
  const plain = plainType(type);
  const isOfficial = architectureOf(own.config).official !== undefined;
  const model = isOfficial ? own : classicAsRwkv4(own);
  const { files, notes } = tokenizerFiles(vocab);
  const [tokenizer] = Object.keys(files);
  return {
    file: "model.safetensors",
    beside: {
      "config.json": json(huggingFaceConfig(model, vocab, plain)),
      ...files,
    },
    notes: [
      ...notes,
      ...isOfficial
        ? []
        : ["The model is classic; this is the RWKV-4 that computes the same"],
      "The tensors have the names of the architecture's official code; " +
      "programs that name them otherwise need their own converters",
    ],
    write: async (path) => {
      const tensors = officialTensors(model, plain);
      await writeSafetensors(path, tensors, { format: "pt" });
    },
    run: (file) => [{
      title: "With PTBR-SLM",
      command: `deno task import-model --input ${quoted(file)} --tokenizer ` +
        `${tokenizer} --seq-len ${model.config.maxSeqLen} --output ` +
        "checkpoints/imported\n" +
        "deno task generate --model checkpoints/imported --prompt " +
        '"O Brasil é"',
    }],
  };
}

/** The tokenizer as the programs that read safetensors have it. */
function tokenizerFiles(
  vocab: BPEVocab | WorldVocab,
): { files: Record<string, string>; notes: readonly string[] } {
  if (!(vocab instanceof BPEVocab)) {
    return { files: { "rwkv_vocab.txt": worldText(vocab) }, notes: [] };
  }
  const { files: [{ content }], notes } = toHuggingFace(vocab);
  const config = json(tokenizerConfig(vocab));
  return {
    files: { "tokenizer.json": content, "tokenizer_config.json": config },
    notes,
  };
}

function planGguf({ model, vocab, type, name }: Subject): Plan {
  const shape = ggufModel(model, { name, type });
  const { fields, notes } = ggufTokenizer(vocab);
  return {
    file: `model-${type.toLowerCase()}.gguf`,
    beside: {},
    notes,
    write: async (path) => {
      const all = new Map([...shape, ...fields]);
      await writeGguf(path, all, ggufTensors(model, type));
    },
    run: (file) => [{
      title: "With llama.cpp",
      command: `llama-completion -m ${quoted(file)} -p "O Brasil é" -n 100 ` +
        "--temp 0.8",
    }],
  };
}

function planBurn({ model, vocab, type }: Subject): Plan {
  const { timeMixing } = model.config;
  return {
    file: FINAL_MODEL,
    beside: { "tokenizer.json": vocab.toString() },
    notes: [],
    write: (path) => writeBurn(path, model, plainType(type)),
    run: (file) => [{
      title: "With PTBR-SLM",
      command: `deno task generate --model ${quoted(file)} ` +
        `--time-mixing ${timeMixing} --prompt "O Brasil é"`,
    }],
  };
}

/** The type for formats without bf16 and q8_0, which the command has refused there. */
function plainType(type: Type): "F32" | "F16" {
  return type === "F16" ? "F16" : "F32";
}

/**
 * Checks that no file would be written over but those of an earlier export.
 *
 * @param folder With its slash; empty for the present one.
 * @param names What shall be written there.
 * @returns The files of this export and those before it.
 * @throws {Error} When one is there that no export wrote.
 */
async function checkFree(
  folder: string,
  names: readonly string[],
): Promise<string[]> {
  let earlier: readonly string[] = [];
  try {
    earlier = filesOfCard(await Deno.readTextFile(folder + CARD)) ?? [];
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      throw cannotRead(folder + CARD, error);
    }
  }
  for (const name of names) {
    if (earlier.includes(name)) continue;
    if (await Deno.lstat(folder + name).then(() => true, () => false)) {
      throw new Error(
        `Cannot write "${folder}${name}": it is there already, and not from ` +
          "an earlier export; choose another folder",
      );
    }
  }
  return [...new Set([...earlier, ...names])];
}

/** The folder that a model stands in, as a name for it. */
function nameOf(path: string): string {
  const parts = path.split(/[/\\]/);
  const file = parts.pop()!.replace(/\.mpk$/i, "");
  return parts.findLast((part) => part !== "" && part !== ".") ?? file;
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2) + "\n";
}

/** A file's name for a shell. */
function quoted(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`;
}
