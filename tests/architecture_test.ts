/**
 * Who may import whom. Data flows one way through `lib/`, and so do imports.
 *
 * @module
 */

import { assertEquals } from "@std/assert";

/**
 * Room (a folder of `lib/`, or a file that stands alone), and the rooms that it
 * may import from besides itself.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  "platform.ts": [],
  "base64.ts": [],
  "crc32.ts": ["platform.ts"],
  "text_encoding.ts": [],
  "text_hash.ts": ["random.ts"],
  "placing.ts": ["permissions.ts"],
  "files.ts": ["placing.ts", "platform.ts"],
  "output_set.ts": ["files.ts", "placing.ts"],
  "folder_lock.ts": [
    "files.ts",
    "output_set.ts",
    "permissions.ts",
    "placing.ts",
  ],
  "input_files.ts": ["files.ts"],
  "input_kinds.ts": ["files.ts", "input_files.ts", "text_encoding.ts"],
  "toml.ts": [],
  "option_kinds.ts": [],
  "permissions.ts": [],
  "checked_json.ts": [],
  "random.ts": [],
  "fields.ts": [],
  "training_config.ts": ["fields.ts"],
  "turns.ts": [],
  "version.ts": [],
  "workers.ts": ["turns.ts"],
  "corpus/wikitext": ["option_kinds.ts"],
  "corpus/dump": ["files.ts", "text_encoding.ts"],
  "corpus/wiki": [
    "corpus/clean",
    "corpus/dump",
    "corpus/output",
    "corpus/wikitext",
    "workers.ts",
  ],
  "corpus/clean": ["corpus/wikitext", "text_encoding.ts", "text_hash.ts"],
  "corpus/laws": ["corpus/clean", "corpus/wikitext"],
  "corpus/measures": ["random.ts"],
  "corpus/formats": [
    "corpus/dump",
    "corpus/laws",
    "files.ts",
    "input_files.ts",
  ],
  "corpus/documents": [
    "corpus/clean",
    "corpus/formats",
    "corpus/output",
    "files.ts",
    "folder_lock.ts",
    "input_files.ts",
    "input_kinds.ts",
  ],
  "corpus/output": [
    "checked_json.ts",
    "files.ts",
    "folder_lock.ts",
    "input_files.ts",
    "output_set.ts",
    "placing.ts",
  ],
  "corpus/build": [
    "corpus/documents",
    "corpus/measures",
    "corpus/output",
    "files.ts",
    "input_files.ts",
    "input_kinds.ts",
    "option_kinds.ts",
    "random.ts",
    "toml.ts",
    "workers.ts",
  ],
  "corpus/audit": [
    "corpus/audit/page",
    "corpus/build",
    "corpus/clean",
    "corpus/documents",
    "corpus/formats",
    "corpus/measures",
    "page",
    "files.ts",
    "input_files.ts",
    "random.ts",
    "text_encoding.ts",
    "text_hash.ts",
  ],
  "corpus/download": ["files.ts", "input_files.ts"],
  "tokenizer": [
    "base64.ts",
    "corpus/clean",
    "files.ts",
    "option_kinds.ts",
    "platform.ts",
  ],
  "corpus/audit/page": ["page"],
  "tokenizer/count": [
    "corpus/documents",
    "tokenizer",
    "files.ts",
    "option_kinds.ts",
    "workers.ts",
  ],
  "tokenizer/bpe": [
    "corpus/documents",
    "tokenizer",
    "tokenizer/count",
    "option_kinds.ts",
    "turns.ts",
  ],
  "tokenizer/world": ["tokenizer", "option_kinds.ts"],
  "tokenizer/sentencepiece": [
    "tokenizer",
    "tokenizer/bpe",
    "option_kinds.ts",
  ],
  "tokenizer/vocab": [
    "tokenizer",
    "tokenizer/bpe",
    "tokenizer/sentencepiece",
    "tokenizer/world",
  ],
  "tokenizer/interchange": [
    "base64.ts",
    "tokenizer",
    "tokenizer/bpe",
    "tokenizer/sentencepiece",
    "tokenizer/vocab",
    "tokenizer/world",
  ],
  "dataset": [
    "checked_json.ts",
    "corpus/documents",
    "folder_lock.ts",
    "output_set.ts",
    "placing.ts",
    "tokenizer",
    "tokenizer/vocab",
    "files.ts",
    "input_files.ts",
    "option_kinds.ts",
    "permissions.ts",
    "random.ts",
    "turns.ts",
    "workers.ts",
  ],
  "backend": [],
  "backend/reference": ["backend", "random.ts"],
  "backend/cpu": ["backend", "base64.ts", "permissions.ts", "random.ts"],
  "backend/webgpu": ["backend", "base64.ts"],
  "backend/choice": [
    "backend",
    "backend/cpu",
    "backend/reference",
    "backend/webgpu",
    "files.ts",
    "permissions.ts",
  ],
  "tensor": ["backend"],
  "ops": ["tensor", "backend"],
  "model": ["ops", "tensor", "backend", "fields.ts", "random.ts", "toml.ts"],
  "checkpoint/encoding": ["backend", "crc32.ts", "files.ts", "placing.ts"],
  "checkpoint/quantized": ["checkpoint/encoding", "model", "tensor"],
  "checkpoint/native": [
    "backend",
    "checkpoint/encoding",
    "checkpoint/quantized",
    "model",
    "tensor",
    "crc32.ts",
    "files.ts",
    "platform.ts",
    "random.ts",
    "training_config.ts",
  ],
  "checkpoint/formats": [
    "checkpoint/encoding",
    "model",
    "crc32.ts",
    "files.ts",
  ],
  "checkpoint/formats/gguf": [
    "checkpoint/encoding",
    "checkpoint/formats",
    "checkpoint/quantized",
    "model",
    "tokenizer/bpe",
    "tokenizer/interchange",
    "tokenizer/world",
    "files.ts",
  ],
  "checkpoint/formats/torch": ["checkpoint/encoding"],
  "checkpoint/import": [
    "backend",
    "checkpoint/encoding",
    "checkpoint/formats",
    "checkpoint/formats/gguf",
    "checkpoint/formats/torch",
    "checkpoint/native",
    "checkpoint/quantized",
    "model",
    "files.ts",
  ],
  "checkpoint/export": [
    "checkpoint/encoding",
    "checkpoint/native",
    "model",
    "tokenizer",
    "tokenizer/world",
    "files.ts",
  ],
  distributed: ["permissions.ts"],
  "train": [
    "backend",
    "checkpoint/encoding",
    "checkpoint/formats",
    "checkpoint/native",
    "dataset",
    "distributed",
    "model",
    "tensor",
    "files.ts",
    "random.ts",
    "training_config.ts",
    "turns.ts",
  ],
  "train/run_folder": [
    "crc32.ts",
    "model",
    "train",
    "files.ts",
    "permissions.ts",
    "toml.ts",
    "training_config.ts",
    "version.ts",
  ],
  page: [],
  evaluation: [
    "backend",
    "dataset",
    "evaluation/page",
    "model",
    "page",
    "tensor",
    "tokenizer",
    "permissions.ts",
    "random.ts",
    "turns.ts",
  ],
  dashboard: ["dashboard/page", "page", "files.ts", "folder_lock.ts"],
  "serve/page": ["page"],
  "evaluation/page": ["page"],
  "load_adapter.ts": [
    "checkpoint/encoding",
    "checkpoint/formats",
    "checkpoint/native",
    "checkpoint/formats/torch",
    "checkpoint/native",
    "model",
    "input_kinds.ts",
    "option_kinds.ts",
  ],
  "model_input.ts": ["checkpoint/encoding"],
  "read_model.ts": [
    "backend",
    "checkpoint/encoding",
    "checkpoint/import",
    "checkpoint/native",
    "model",
    "model_input.ts",
    "option_kinds.ts",
    "tokenizer",
    "tokenizer/interchange",
    "tokenizer/vocab",
  ],
  "load_checkpoint.ts": [
    "read_model.ts",
    "backend",
    "checkpoint/formats",
    "checkpoint/native",
    "load_adapter.ts",
    "model",
    "tokenizer",
    "tokenizer/bpe",
    "tokenizer/vocab",
    "tokenizer/world",
    "train",
    "files.ts",
    "input_kinds.ts",
    "option_kinds.ts",
    "training_config.ts",
  ],
  generate: [
    "backend",
    "crc32.ts",
    "model",
    "tensor",
    "tokenizer",
    "option_kinds.ts",
    "random.ts",
    "turns.ts",
  ],
  "evaluation/pairs": [],
  "evaluation/suite": [
    "evaluation",
    "evaluation/pairs",
    "files.ts",
    "generate",
    "model",
    "tokenizer",
    "turns.ts",
  ],
  serve: ["generate"],
  "serve/engine": [
    "backend",
    "backend/choice",
    "generate",
    "model",
    "serve",
    "tensor",
    "tokenizer",
    "load_checkpoint.ts",
  ],
  "serve/http": ["generate", "page", "serve", "toml.ts"],
  "site": [
    "checkpoint/formats/torch",
    "backend/cpu",
    "backend/webgpu",
    "checkpoint/encoding",
    "checkpoint/native",
    "dataset",
    "model",
    "serve",
    "serve/engine",
    "serve/http",
    "tokenizer",
    "train",
    "read_model.ts",
    "training_config.ts",
  ],
  // The tables of errors in Portuguese, and what looks into them.
  "site/page": ["commands/shared", "page", "serve/page"],
};

/** What the subpaths of the package export, in the order data flows. */
const DOORS: readonly string[] = [
  "corpus",
  "cleaning",
  "tokenizer",
  "dataset",
  "backend",
  "model",
  "checkpoint",
  "distributed",
  "train",
  "evaluation",
  "generate",
  "stages",
].map((room) => `lib/${room}/mod.ts`);

/** Parts that touch the outside world; the rest could run in a browser. */
const MAY_USE_DENO =
  /^lib\/((?:(?:input_)?(?:files|kinds)|folder_lock|output_set|permissions|placing)\.ts|corpus|tokenizer\/(vocab_text|count\/word_counter_file)|dataset|checkpoint|backend\/(cpu|choice)|distributed|train\/run_(?:log|folder)|evaluation\/compressors|dashboard|serve|stages|commands)/;

async function sourcesOf(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) paths.push(...await sourcesOf(path));
    else if (name.endsWith(".ts")) paths.push(path);
  }
  return paths.sort();
}

/** The source without its comments, examples among them. */
async function codeOf(path: string): Promise<string> {
  const source = await Deno.readTextFile(path);
  return source.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
}

/** The project's own files that a file imports, as paths from the root. */
function importsOf(path: string, code: string): string[] {
  const specifiers = code.matchAll(/(?:from|import\(?)\s*"(\.[^"]+)"/g);
  const base = new URL(path, "file:///");
  return [...specifiers].map(([, to]) => new URL(to, base).pathname.slice(1));
}

/** The room that a file of `lib/` is in; a kernel's is the folder of kernels. */
function roomOf(path: string): string {
  const parts = path.split("/");
  if (parts[0] !== "lib") return parts.slice(0, 2).join("/");
  return parts.length === 2 ? parts[1] : parts.slice(1, -1).join("/");
}

/** The kernels that a room may import. */
const KERNELS: Readonly<Record<string, string>> = {
  "backend/cpu": "kernels/simd",
  "backend/webgpu": "kernels/wgsl",
  "corpus/dump": "kernels/dump",
};

Deno.test("imports in lib/ follow the flow of data", async () => {
  const wrong: string[] = [];
  for (const path of await sourcesOf("lib")) {
    const from = roomOf(path);
    if (from.startsWith("commands")) continue;
    if (from === "stages" || isDoor(path)) continue; // see the next tests
    for (const target of importsOf(path, await codeOf(path))) {
      const to = roomOf(target);
      const allowed = to === from || to === KERNELS[from] ||
        MAY_IMPORT[from]?.includes(to);
      if (!allowed) wrong.push(`${path} imports ${target}`);
    }
  }
  assertEquals(wrong, []);
});

/** What a subpath of the package exports: `lib/model/mod.ts` and the like. */
function isDoor(path: string): boolean {
  return DOORS.includes(path);
}

Deno.test("doors export what is in lib/, and are for others than lib/", async () => {
  const wrong: string[] = [];
  for (const path of await sourcesOf("lib")) {
    const code = await codeOf(path);
    if (isDoor(path)) {
      const others = code.replaceAll(/export (?:type )?[{*][^;]*;/g, "").trim();
      if (others !== "") wrong.push(`${path} has ${others}`);
    }
    for (const target of importsOf(path, code)) {
      const isOwn = path.startsWith("lib/commands") || isDoor(path);
      if (isDoor(target) && !isOwn) wrong.push(`${path} imports ${target}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("every room of the library has a door, and mod.ts has them all", async () => {
  const { exports } = JSON.parse(await Deno.readTextFile("deno.json"));
  const { ".": all, "./cli": _, ...rooms } = exports;
  assertEquals(Object.values(rooms), DOORS.map((path) => `./${path}`));
  for (const [name, path] of Object.entries(rooms)) {
    assertEquals(path, `./lib/${name.slice(2)}/mod.ts`);
  }
  assertEquals(importsOf("mod.ts", await codeOf(all)), DOORS);
});

Deno.test("no two doors mean different things by a name", async () => {
  const doors = await Promise.all(
    ["mod.ts", ...DOORS].map((path) =>
      import(new URL(`../${path}`, import.meta.url).href)
    ),
  );
  const [all, ...rooms] = doors;
  for (const room of rooms) {
    // What is ambiguous is left out of mod.ts without a word.
    for (const name of Object.keys(room)) assertEquals(all[name], room[name]);
  }
});

Deno.test("the library needs no import map, and nothing of JSR", async () => {
  const { imports } = JSON.parse(await Deno.readTextFile("deno.json"));
  const versions = new Map<string, string>();
  for (const specifier of Object.values<string>(imports)) note(specifier);
  const wrong: string[] = [];
  for (const path of await sourcesOf("lib")) {
    const code = await codeOf(path);
    for (const [, to] of code.matchAll(/(?:from |import\()"([^"$\s]+)"[;)]/g)) {
      if (/^(?:\.|node:)/.test(to)) continue;
      const isOurs = path.startsWith("lib/commands/") && to.startsWith("@std/");
      if (!isOurs && !note(to)) wrong.push(`${path} imports ${to}`);
    }
  }
  assertEquals(wrong, []);

  /** Whether it is a package of npm, in the version that others have. */
  function note(specifier: string): boolean {
    const [, name, version] =
      /^npm:(@?[^@]+)@([\d.]+)(?:\/.*)?$/.exec(specifier) ?? [];
    if (name === undefined) return false;
    if (!versions.has(name)) versions.set(name, version);
    return versions.get(name) === version;
  }
});

Deno.test("stages know of no command, and nothing but commands of stages", async () => {
  const wrong: string[] = [];
  for (const path of await sourcesOf("lib")) {
    const from = roomOf(path);
    for (const target of importsOf(path, await codeOf(path))) {
      const to = roomOf(target);
      if (
        from === "stages"
          ? to.startsWith("commands")
          : to === "stages" && !from.startsWith("commands")
      ) wrong.push(`${path} imports ${target}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("no room imports itself by way of others", () => {
  const circular = (from: string) => {
    const reached = new Set(MAY_IMPORT[from]);
    for (const room of reached) {
      for (const next of MAY_IMPORT[room] ?? []) reached.add(next);
    }
    return reached.has(from);
  };
  assertEquals(Object.keys(MAY_IMPORT).filter(circular), []);
});

Deno.test("only the parts at the border use Deno.*", async () => {
  const wrong: string[] = [];
  for (const path of await sourcesOf("lib")) {
    if (/\bDeno\./.test(await codeOf(path)) && !MAY_USE_DENO.test(path)) {
      wrong.push(path);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("only the command line prints or exits", async () => {
  const wrong: string[] = [];
  for (const path of await sourcesOf("lib")) {
    const prints = /\bconsole\.|Deno\.(exit|stdout|stderr)\b/;
    if (!path.startsWith("lib/commands/") && prints.test(await codeOf(path))) {
      wrong.push(path);
    }
  }
  assertEquals(wrong, []);
});
