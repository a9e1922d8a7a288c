/**
 * `/api/generate`, `/api/chat` and what goes with them, as Ollama's front ends
 * ask for it: a thin layer over the same texts.
 *
 * @module
 */

import type { ServedModel, TextRequest } from "../engine.ts";
import { list, reference } from "./answer_schemas.ts";
import { nextBeginning, writeTurns } from "./chat_template.ts";
import { asApiError } from "./errors.ts";
import {
  type MessageBodies,
  MESSAGES,
  messagesOf,
  TurnStart,
} from "./messages.ts";
import {
  objectOf,
  type Schema,
  unsupportedList,
  unsupportedText,
} from "./schema.ts";
import type { Call, Route, Service } from "./service.ts";
import {
  CHOOSING,
  type ChoosingBody,
  choosingOf,
  DEFAULTS,
  STOP,
  stopsOf,
} from "./settings.ts";
import { line, streamed } from "./streaming.ts";
import {
  beginTexts,
  cachedHeader,
  type Ending,
  modelNamed,
  modelOf,
  usageOf,
  wholeText,
} from "./texts.ts";

/** The highest temperature, as `generate` has it; Ollama names none. */
const HOTTEST = 100;
const NOT_LOOKED_AT = "Not looked at.";

/** Options that say how a machine is used; ours is used as it was started. */
const OF_THE_MACHINE = [
  "num_ctx",
  "num_batch",
  "num_gpu",
  "main_gpu",
  "num_thread",
  "num_keep",
  "use_mmap",
  "use_mlock",
  "low_vram",
  "numa",
  "f16_kv",
  "vocab_only",
  "logits_all",
  "embedding_only",
];
/** Options that Ollama itself does not look at any more, or not without mirostat. */
const OF_NOTHING = [
  "tfs_z",
  "penalize_newline",
  "mirostat_tau",
  "mirostat_eta",
];

interface OllamaBody {
  readonly model: string;
  readonly prompt?: string | null;
  readonly system?: string | null;
  readonly messages?: MessageBodies | null;
  readonly stream?: boolean | null;
  readonly options?:
    | ChoosingBody & {
      readonly num_predict?: number | null;
      readonly repeat_penalty?: number | null;
      readonly repeat_last_n?: number | null;
      readonly stop?: string | readonly string[] | null;
    }
    | null;
}

function parameters(maxTokens: number): Readonly<Record<string, Schema>> {
  const { repetition_penalty, penalty_window: _window, ...choosing } = CHOOSING;
  const others = [...OF_THE_MACHINE, ...OF_NOTHING].map((name) =>
    [name, { description: NOT_LOOKED_AT }] as const
  );
  return {
    model: { type: "string" },
    stream: { type: "boolean", default: true },
    options: objectOf({
      ...choosing,
      temperature: { ...choosing.temperature, maximum: HOTTEST },
      repeat_penalty: repetition_penalty,
      repeat_last_n: { type: "integer", minimum: -1, maximum: 65_536 },
      num_predict: {
        type: "integer",
        minimum: -2,
        maximum: maxTokens,
        description: "Negative: as many as are allowed.",
      },
      mirostat: { type: "integer", minimum: 0, maximum: 0 },
      stop: STOP,
      ...Object.fromEntries(others),
    }),
    keep_alive: { description: NOT_LOOKED_AT },
    think: { type: "boolean", enum: [false] },
    format: unsupportedText("JSON cannot be promised"),
  };
}

/** The endpoints. */
export function ollama(service: Service): Route[] {
  const { maxTokens, version } = service;
  const lines = (name: "Generation" | "ChatTurn") => ({
    answer: reference(name),
    stream: {
      type: "application/x-ndjson",
      schema: reference(name),
    } as const,
  });
  return [
    {
      method: "post",
      path: "/api/generate",
      summary: "Goes on with a text, for Ollama's clients",
      body: objectOf({
        ...parameters(maxTokens),
        prompt: { type: "string" },
        system: { type: "string", description: "Stands before the prompt." },
        raw: { type: "boolean", description: NOT_LOOKED_AT },
        suffix: unsupportedText("text before another text cannot be written"),
        template: unsupportedText("a model's template is the server's"),
        images: unsupportedList("images cannot be read"),
        context: unsupportedList("states are kept by /v1/responses"),
      }, ["model"]),
      ...lines("Generation"),
      handle: generate,
    },
    {
      method: "post",
      path: "/api/chat",
      summary: "Writes the next turn of a conversation, for Ollama's clients",
      body: objectOf({
        ...parameters(maxTokens),
        messages: { ...MESSAGES, minItems: 0 },
        tools: unsupportedList("tools are not supported"),
      }, ["model"]),
      ...lines("ChatTurn"),
      handle: chat,
    },
    {
      method: "get",
      path: "/api/tags",
      summary: "The models, for Ollama's clients",
      answer: list("models", "OllamaModel"),
      handle: ({ service: { engine } }) =>
        Response.json({ models: engine.models.map(tagOf) }),
    },
    {
      method: "get",
      path: "/api/ps",
      summary: "The models that are loaded, for Ollama's clients",
      answer: list("models", "OllamaModel"),
      handle: ({ service: { engine } }) =>
        Response.json({ models: engine.models.map(tagOf) }),
    },
    {
      method: "post",
      path: "/api/show",
      summary: "What a model is, for Ollama's clients",
      body: objectOf({
        model: { type: "string" },
        name: { type: "string", description: "The same, to older clients." },
        verbose: { type: "boolean", description: NOT_LOOKED_AT },
      }),
      answer: reference("OllamaModelCard"),
      handle: show,
    },
    {
      method: "get",
      path: "/api/version",
      summary: "The version of this program, for Ollama's clients",
      answer: {
        type: "object",
        properties: { version: { type: "string" } },
        required: ["version"],
      },
      handle: () => Response.json({ version }),
    },
  ];
}

async function generate(call: Call): Promise<Response> {
  const { prompt, system, ...body } = call.body as OllamaBody;
  const model = modelOf(call.service.engine, body.model);
  if (!prompt) return loaded(model, { response: "" });
  const text = system ? `${system}\n\n${prompt}` : prompt;
  const request = await requestOf(call, {
    body,
    model,
    prompt: text,
    stop: [],
  });
  return await written(call, request, (response) => ({ response }));
}

async function chat(call: Call): Promise<Response> {
  const { messages, ...body } = call.body as OllamaBody;
  const model = modelOf(call.service.engine, body.model);
  const said = (content: string) => ({
    message: { role: "assistant", content },
  });
  if (!messages?.length) return loaded(model, said(""));
  const template = call.service.templateOf(model);
  const turns = messagesOf(messages);
  const prompt = writeTurns(template, turns);
  const { stop } = template;
  const request = await requestOf(call, { body, model, prompt, stop });
  const follow = (reply: string) => {
    const beginning = nextBeginning(template, turns, reply);
    call.service.engine.readAhead(model.name, beginning);
  };
  return await written(call, request, said, { start: new TurnStart(), follow });
}

async function requestOf(
  { service: { engine, maxTokens } }: Call,
  { body, model, prompt, stop }: {
    body: OllamaBody;
    model: ServedModel;
    prompt: string;
    stop: readonly string[];
  },
): Promise<TextRequest> {
  const options = body.options ?? {};
  const { num_predict, repeat_last_n: window } = options;
  const asked = num_predict ?? Math.min(DEFAULTS.chatTokens, maxTokens);
  const choosing = {
    ...options,
    // 0 is no penalty there, and -1 looks back to the start.
    repetition_penalty: window === 0 ? null : options.repeat_penalty,
    penalty_window: window && window > 0 ? window : null,
  };
  return {
    model: model.name,
    prompt,
    settings: await choosingOf(choosing, model, engine),
    maxTokens: asked < 0 ? maxTokens : asked,
    stop: [...stop, ...stopsOf(options.stop)],
  };
}

/** What a text is shown as, piece by piece or whole. */
type Show = (text: string) => object;

async function written(
  call: Call,
  request: TextRequest,
  show: Show,
  { start, follow }: {
    readonly start?: TurnStart;
    /** Told what the text is, when it is whole. */
    readonly follow?: (text: string) => void;
  } = {},
): Promise<Response> {
  call.note({ model: request.model, prompt: request.prompt });
  const times = new Times();
  const [text] = await beginTexts(call.service, [request], call.signal);
  const headers = cachedHeader([text]);
  const head = () => ({
    model: request.model,
    created_at: new Date().toISOString(),
  });
  const last = ({ reason, completionTokens }: Ending) => {
    call.note(usageOf([text], completionTokens));
    return {
      done: true,
      done_reason: reason,
      ...times.fields(),
      prompt_eval_count: text.promptTokens,
      eval_count: completionTokens,
    };
  };
  async function* lines(): AsyncGenerator<object> {
    let all = "";
    for await (const piece of text.pieces) {
      times.wrote();
      all += piece.text;
      const shown = start?.push(piece.text) ?? piece.text;
      if (shown !== "") yield { ...head(), ...show(shown), done: false };
    }
    follow?.(all);
    yield { ...head(), ...show(""), ...last(text.ending) };
  }
  if (call.body.stream ?? true) {
    const onError = (error: unknown) => ({ error: asApiError(error).message });
    const type = "application/x-ndjson";
    const onFailure = call.fail;
    const how = { type, frame: line, headers, onError, onFailure } as const;
    return streamed(lines(), how);
  }
  const whole = await wholeText(text, () => times.wrote());
  call.note({ text: whole.text });
  follow?.(whole.text);
  const shown = start?.push(whole.text) ?? whole.text;
  return Response.json({ ...head(), ...show(shown), ...last(whole) }, {
    headers,
  });
}

/** How long a text took, in nanoseconds. */
class Times {
  readonly #start = performance.now();
  #first?: number;

  /** A piece came. */
  wrote(): void {
    this.#first ??= performance.now();
  }

  fields(): object {
    const now = performance.now();
    const first = this.#first ?? now;
    const nanoseconds = (from: number, to: number) =>
      Math.round((to - from) * 1e6);
    return {
      total_duration: nanoseconds(this.#start, now),
      load_duration: 0,
      prompt_eval_duration: nanoseconds(this.#start, first),
      eval_duration: nanoseconds(first, now),
    };
  }
}

/** What is said where only the model was to be loaded; it is already. */
function loaded(model: ServedModel, nothing: object): Response {
  return Response.json({
    model: model.name,
    created_at: new Date().toISOString(),
    ...nothing,
    done: true,
    done_reason: "load",
  });
}

function show(call: Call): Response {
  const { model: given, name } = call.body as { model?: string; name?: string };
  const asked = given ?? name;
  const { service } = call;
  const model = asked
    ? modelNamed(service.engine, asked)
    : modelOf(service.engine, null);
  const { architecture } = model;
  return Response.json({
    modelfile: "",
    parameters: "",
    template: writeTurns(service.templateOf(model), [
      { role: "user", content: "{{ .Prompt }}" },
    ]),
    details: detailsOf(model),
    modified_at: new Date(model.created * 1000).toISOString(),
    capabilities: ["completion"],
    model_info: {
      "general.architecture": architecture,
      "general.basename": model.name,
      "general.parameter_count": model.parameters,
      [`${architecture}.block_count`]: model.layers,
      [`${architecture}.embedding_length`]: model.dModel,
      [`${architecture}.vocab_size`]: model.vocabSize,
    },
  });
}

function tagOf(model: ServedModel): object {
  return {
    name: model.name,
    model: model.name,
    modified_at: new Date(model.created * 1000).toISOString(),
    size: model.parameters * 4, // f32
    digest: "",
    details: detailsOf(model),
  };
}

function detailsOf({ architecture, parameters }: ServedModel): object {
  return {
    parent_model: "",
    format: "mpk",
    family: architecture,
    families: [architecture],
    parameter_size: `${(parameters / 1e6).toFixed(1)}M`,
    quantization_level: "F32",
  };
}
