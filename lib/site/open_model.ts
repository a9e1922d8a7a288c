/**
 * A model's files to one that can be asked, on a GPU or on the CPU's SIMD.
 *
 * @module
 */

import type { CpuBackend } from "../backend/cpu/cpu_backend.ts";
import type { WebGpuBackend } from "../backend/webgpu/webgpu_backend.ts";
import { readModelFolder } from "../read_model.ts";
import type { RWKV } from "../model/rwkv.ts";
import {
  CHAT_FILE,
  type ChatTemplate,
  readChatTemplate,
} from "../serve/http/chat_template.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { getKernels } from "./kernels.ts";
import type { ModelFiles, OpenFile } from "./model_store.ts";
import { type EngineChoice, TroubleError } from "./protocol.ts";

/** What computes. */
export type PageBackend = CpuBackend | WebGpuBackend;

/** What was chosen to compute, and why it is not a GPU. */
export interface ChosenBackend {
  readonly backend: PageBackend;
  readonly reason?: string;
}

/** Beside the worker's module: what its threads run. */
const THREAD = "./thread.js";

/**
 * Starts what computes. An adapter that is a CPU in disguise counts as none.
 *
 * @param choice What is wanted; a GPU that cannot be had is an error where it
 * is asked for by name.
 */
export async function openBackend(
  choice: EngineChoice,
): Promise<ChosenBackend> {
  let reason: string | undefined;
  if (choice !== "simd") {
    try {
      return { backend: await openWebGpu() };
    } catch (error) {
      if (choice === "webgpu") throw error;
      reason = (error as Error).message
        .replace(/^Cannot start the webgpu backend: /, "");
    }
  }
  return { backend: await openSimd(), reason };
}

// Either is loaded where it is used: nobody needs the kernels of both.

async function openWebGpu(): Promise<WebGpuBackend> {
  const { WebGpuBackend } = await import(
    "../backend/webgpu/webgpu_backend.ts"
  );
  return await WebGpuBackend.create({ software: false });
}

async function openSimd(): Promise<CpuBackend> {
  await getKernels();
  const { CpuBackend } = await import("../backend/cpu/cpu_backend.ts");
  const { webHost } = await import("../backend/cpu/web_host.ts");
  const host = webHost(new URL(THREAD, import.meta.url));
  return await CpuBackend.create({ host });
}

/** A model that is ready. */
export interface ReadyModel {
  readonly model: RWKV;
  readonly tokenizer: Tokenizer;
  /** How its conversations are written, where its files say so. */
  readonly template?: ChatTemplate;
}

/**
 * Reads a model.
 *
 * @param files Its files.
 * @param backend Where it shall live.
 * @param training Whether it shall be trained.
 * @throws {TroubleError} When they are no model.
 */
export async function readModel(
  files: ModelFiles,
  backend: PageBackend,
  training = false,
): Promise<ReadyModel> {
  using open = new DisposableStack();
  const sources = new Map<string, OpenFile>();
  for (const [name, openFile] of files) {
    sources.set(name, open.use(await openFile()));
  }
  const template = sources.get(CHAT_FILE);
  try {
    const { model, tokenizer } = await readModelFolder(sources, backend, {
      training,
    });
    return {
      model,
      tokenizer,
      template: template && readChatTemplate(textOf(template), CHAT_FILE),
    };
  } catch (error) {
    throw troubleWith(error);
  }
}

/** What people are told who gave a model's files. */
function troubleWith(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { message } = error;
  if (
    /holds no tokenizer|was trained with another|with this tokenizer/.test(
      message,
    )
  ) {
    return new TroubleError("noTokenizer", message, { cause: error });
  }
  const isOfFiles = error instanceof SyntaxError ||
    error instanceof TypeError || message.startsWith("Cannot read the model: ");
  return isOfFiles
    ? new TroubleError("notAModel", message, { cause: error })
    : error;
}

function textOf(source: OpenFile): string {
  const bytes = new Uint8Array(source.length);
  source.read(bytes, 0);
  return new TextDecoder().decode(bytes);
}
