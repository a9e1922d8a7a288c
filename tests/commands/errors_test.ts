/**
 * Errors are said in Portuguese: every message in the sources that a user can
 * meet is in a table of `lib/commands/shared/errors/`, and no table has what
 * nobody says.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  errorPatterns,
  translateError,
} from "../../lib/commands/shared/error_patterns.ts";
import { errors, ours } from "../../lib/commands/shared/errors.pt.ts";
import { errorTemplates } from "./error_templates.ts";

/**
 * Sources whose errors say that a program calls the library wrongly; what the
 * commands give them has been checked before. Only these speak English.
 */
const FOR_PROGRAMMERS = [
  /** What types rule out. */
  "lib/option_kinds.ts",
  /** Shapes of operands. */
  "lib/ops/",
  "lib/tensor/",
  "lib/backend/plan.ts",
  "lib/backend/cpu/call.ts",
  "lib/backend/webgpu/op_calls.ts",
  /** Kernels of our own. */
  "lib/backend/webgpu/kernels.ts",
  "lib/backend/webgpu/programs.ts",
  "lib/backend/webgpu/source.ts",
  "lib/backend/webgpu/specialize.ts",
  /** What clients of `serve` are told, in the language of its API. */
  "lib/serve/http/app.ts",
  "lib/serve/http/chat.ts",
  "lib/serve/http/completions.ts",
  "lib/serve/http/errors.ts",
  "lib/serve/http/guard.ts",
  "lib/serve/http/node_server.ts",
  "lib/serve/http/responses.ts",
  "lib/serve/http/schema.ts",
  "lib/serve/http/settings.ts",
  "lib/serve/http/texts.ts",
  /** Entries for pages and programs, which no command uses. */
  "lib/site/",
  "lib/backend/cpu/web_host.ts",
  "lib/base64.ts",
  "lib/model_input.ts",
  /** What the page says, by a table of its own (`tests/site/reasons_test.ts`). */
  "lib/site/",
  /** Profiling, which no command offers. */
  "lib/backend/webgpu/profile.ts",
  "lib/backend/webgpu/webgpu_backend.ts",
];

const patterns = errorPatterns(errors);
const sources = await sourcesOfErrors();
const found = errorTemplates(
  sources,
  (path) => !FOR_PROGRAMMERS.some((start) => path.startsWith(start)),
);

async function sourcesOfErrors(): Promise<Map<string, string>> {
  const sources = new Map<string, string>();
  for (const path of ["cli.ts", ...await filesIn("lib")]) {
    if (/(?<!\.pt)\.ts$/.test(path)) {
      sources.set(path, await Deno.readTextFile(path));
    }
  }
  return sources;
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const files = await Promise.all(entries.map(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? filesIn(path) : [path];
  }));
  return files.flat().sort();
}

/** The template with something in its holes. */
function rendered(template: string, values: readonly string[]): string {
  return template.replace(/\{(\d+)\}/g, (_, hole) => values[hole - 1]);
}

Deno.test("every error is said in Portuguese", () => {
  const missing = new Map(
    found.filter(({ template }) => !(template in errors))
      .map(({ template, where }) => [template, where]),
  );
  const lines = [...missing].map(([template, where]) =>
    `  // ${where}\n  ${JSON.stringify(template)}: "",`
  );
  assert(
    missing.size === 0,
    `a table of lib/commands/shared/errors/ lacks\n${lines.join("\n")}`,
  );
});

Deno.test("no error is translated that nobody makes", () => {
  const made = new Set(found.map(({ template }) => template));
  const unused = ours.flatMap(Object.keys).filter((key) => !made.has(key));
  assertEquals(unused, []);
});

Deno.test("an error has one translation, in one table", () => {
  const keys = ours.flatMap(Object.keys);
  assertEquals(
    keys.filter((key, i) => keys.indexOf(key) !== i),
    [],
  );
});

Deno.test("every error is recognised, whatever it is about", () => {
  const values = Array.from({ length: 8 }, (_, i) => `${i + 1}0`);
  for (const { template, where } of found) {
    if (!(template in errors)) continue;
    assertEquals(
      translateError(rendered(template, values), patterns),
      rendered(errors[template], values),
      where,
    );
  }
});

Deno.test("sources of errors for programmers are there", () => {
  for (const start of FOR_PROGRAMMERS) {
    assert([...sources.keys()].some((path) => path.startsWith(start)), start);
  }
});

Deno.test("errorTemplates() finds what errors say, wherever it is written", () => {
  const templatesOf = (...texts: string[]) =>
    errorTemplates(new Map(texts.map((text, i) => [`${i}.ts`, text])))
      .map(({ template }) => template);
  assertEquals(
    templatesOf('throw new Error(`a ${b} c ` + "d" + (n ? "" : `; ${e}`))'),
    ["a {1} c d", "a {1} c d; {2}"],
  );
  // Reasons: of a parameter, a constant, a table, and what a call returns.
  assertEquals(
    templatesOf(
      'f("it is so");\nfunction f(r) { throw new Error(`no: ${r}`); }',
    ),
    ["it is so", "no: {1}"],
  );
  assertEquals(
    templatesOf(
      'import { f } from "./1.ts"; f(1, `it is ${2}`);',
      "export function f(a, reason) { return new TypeError(`no: ${reason}`); }",
    ),
    ["it is {1}", "no: {1}"],
  );
  assertEquals(
    templatesOf(
      "const R = { a: 'too long' };\nconst g = () => 'too short';\n" +
        "const h = n ? 'so so' : 'or so';\n" +
        "throw new Error(`${R[x]} ${g()} ${h}, no`);",
    ),
    ["too long", "too short", "so so", "or so", "{1} {2} {3}, no"],
  );
  // Names, and what is not an error, are left alone.
  assertEquals(
    templatesOf(
      'f("a name");\nconsole.log(`a ${b}`);\n' +
        'function f(x) { throw new Error(`"${x}" is bad`); }',
    ),
    ['"{1}" is bad'],
  );
  assertEquals(
    templatesOf(
      "const cannot = (act, what) => new Error(`Cannot ${act} ${what}`);\n" +
        'cannot("read", a); cannot("write", b);',
    ),
    ["Cannot read {1}", "Cannot write {1}"],
  );
});

Deno.test("translateError() keeps names apart from reasons", () => {
  const say = (message: string) => translateError(message, patterns);
  assertEquals(
    say('Cannot read "a: b": it has more than 3 bytes'),
    'Não é possível ler "a: b": tem mais de 3 bytes',
  );
  assertEquals(
    say(
      'Cannot use "a" as text: it is a file of tokens, which train and evaluate take as --data',
    ),
    'Não é possível usar "a" como texto: é um arquivo de tokens, que train e evaluate aceitam em --data',
  );
  assertEquals(
    say(
      'Cannot use "it is "empty": ": train takes options only, and a value of several words in quotes',
    ),
    'Não é possível usar "it is "empty": ": train só aceita opções, e um valor de várias palavras entre aspas',
  );
  assertEquals(
    say('Cannot read "it is empty": it is a folder'),
    'Não é possível ler "it is empty": é uma pasta',
  );
  assertEquals(
    say('Unknown option --model; did you mean --mode? (in "a (in "b")")'),
    'Opção desconhecida --model; você quis dizer --mode? (em "a (in "b")")',
  );
  assertEquals(
    say(
      'Cannot read model "m.pth": it calls os.system (byte 12 of its pickle)',
    ),
    'Não é possível ler o modelo "m.pth": ele chama os.system (byte 12 do seu pickle)',
  );
  assertEquals(
    say('Cannot read "d": it is cut off inside <page>'),
    'Não é possível ler "d": está cortado dentro de <page>',
  );
  assertEquals(
    say('Cannot read checkpoint "c": cannot write MessagePack: it is empty'),
    'Não é possível ler o checkpoint "c": não é possível gravar MessagePack: está vazio',
  );
});

Deno.test("translateError() says what the system says", () => {
  const say = (message: string) => translateError(message, patterns);
  assertEquals(
    say('Cannot write "a": Too many open files (os error 24)'),
    'Não é possível gravar "a": há arquivos abertos demais (erro 24 do sistema)',
  );
  assertEquals(
    say(
      'Cannot read "a": Deno was not given the permission (Requires read ' +
        'access to "a", run again with the --allow-read flag)',
    ),
    'Não é possível ler "a": o Deno não recebeu a permissão (precisa de acesso ' +
      'de leitura de "a"; execute de novo com --allow-read)',
  );
  assertEquals(say("What is this"), "What is this");
});

Deno.test("translateError() is not held up by what a file says", () => {
  const started = performance.now();
  for (const part of ['": ', "it has ", " (byte ", " twice", '"']) {
    const message = `Cannot read "${part.repeat(1500)}`;
    translateError(message, patterns);
    translateError(`${message}!`.repeat(9).slice(0, 10_000), patterns);
  }
  const long = `Cannot read "${"a".repeat(1e6)}": it is empty`;
  assertEquals(translateError(long, patterns), long);
  assert(performance.now() - started < 5000);
});
