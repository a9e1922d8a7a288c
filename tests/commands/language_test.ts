/**
 * What commands say exists in Portuguese: every template in their sources and
 * every text of their help, and no table has what nobody says.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { doctor } from "../../lib/commands/doctor.ts";
import { commands } from "../../lib/commands/mod.ts";
import {
  count,
  decimals,
  keyOf,
  languageFor,
  say,
  sayError,
  sayReason,
  signed,
  speak,
  t,
  type Translations,
} from "../../lib/commands/shared/language.ts";
import type { Command } from "../../lib/commands/shared/command.ts";
import { portuguese as shared } from "../../lib/commands/shared/shared.pt.ts";
import { COMMON_OPTIONS } from "../../lib/commands/shared/options.ts";
import { errors } from "../../lib/commands/shared/errors.pt.ts";
import { run } from "./run_cli.ts";

/** The keys of the templates of a source: t`...`, also within one another. */
function keysIn(source: string): string[] {
  const keys: string[] = [];
  const template = (start: number): [strings: string[], end: number] => {
    const strings = [""];
    for (let at = start;;) {
      const character = source[at];
      if (character === "`") return [strings, at + 1];
      if (character === "$" && source[at + 1] === "{") {
        at = code(at + 2, true);
        strings.push("");
        continue;
      }
      const escaped = character === "\\" ? source[at + 1] : undefined;
      strings[strings.length - 1] += escaped === "n"
        ? "\n"
        : escaped ?? character;
      at += escaped === undefined ? 1 : 2;
    }
  };
  const code = (start: number, isHole: boolean): number => {
    let depth = 0;
    for (let at = start; at < source.length;) {
      const rest =
        /^(?:\/\*[^]*?\*\/|\/\/.*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n*[])+\/[a-z]*(?=[.,)\s]))/
          .exec(source.slice(at, at + 20_000));
      if (rest !== null) {
        at += rest[0].length;
        continue;
      }
      if (source[at] === "`") {
        const [strings, end] = template(at + 1);
        if (/(?<![\w.])t$/.test(source.slice(Math.max(0, at - 2), at))) {
          keys.push(keyOf(strings));
        }
        at = end;
        continue;
      }
      if (source[at] === "{") depth++;
      if (source[at] === "}" && depth-- === 0 && isHole) return at + 1;
      at++;
    }
    return source.length;
  };
  code(0, false);
  return keys;
}

/** The texts of a description that are looked up as they stand. */
function textsOf({ summary, notes, options }: Command): string[] {
  return [
    summary,
    ...notes === undefined ? [] : [notes],
    ...Object.values(options).map(({ description }) => description),
  ];
}

const readSource = (file: string) => Deno.readTextFile(`lib/commands/${file}`);

const sharedSources = await Promise.all([
  "../../cli.ts",
  ...(await Array.fromAsync(Deno.readDir("lib/commands/shared")))
    .filter(({ isFile }) => isFile).map(({ name }) => name)
    .filter((name) => !/(?:\.pt|^language)\.ts$/.test(name)).sort()
    .map((name) => `shared/${name}`),
].map(readSource));
const sharedKeys = new Set(sharedSources.flatMap(keysIn));

Deno.test("keysIn() finds templates within templates", () => {
  const source = 'const a = t`a ${b ? t`c` : `d`} e ${"}"}`; // t`f`\n at`g`';
  assertEquals(keysIn(source), ["c", "a {1} e {2}"]);
});

for (const command of commands) {
  const { name, portuguese } = command;
  const file = name.replaceAll("-", "_");
  Deno.test(`${name} says all it has to say in Portuguese`, async () => {
    assert(portuguese !== undefined);
    const source = await readSource(`${file}.ts`);
    const keys = keysIn(source);
    const known: Translations = { ...shared, ...portuguese };
    const missing = [...keys, ...textsOf(command)]
      .filter((key) => !(key in known));
    assertEquals(missing, [], `${file}.pt.ts lacks`);
    // A text that is looked up by say() is a string of the source.
    const unused = Object.keys(portuguese).filter((key) =>
      !keys.includes(key) && !textsOf(command).includes(key) &&
      !source.includes(JSON.stringify(key))
    );
    assertEquals(unused, [], `${file}.pt.ts has`);
  });
}

Deno.test("what commands share is said in Portuguese", () => {
  const missing = [
    ...sharedKeys,
    ...Object.values(COMMON_OPTIONS).map(({ description }) => description),
  ].filter((key) => !(key in shared));
  assertEquals(missing, []);
});

Deno.test("what the help calls a value is said in Portuguese", () => {
  // What is the same word in either language.
  const words = (value: string) =>
    value.match(/(?!\b(?:ID|URL|HOST)\b)\b[A-Z]{2,}/g) ?? [];
  for (const { name, options, portuguese } of commands as Command[]) {
    const known: Translations = { ...shared, ...portuguese };
    for (const [option, { value = "" }] of Object.entries(options)) {
      const isKnown = words(value).length === 0 || value in known;
      assert(isKnown, `${name} --${option} ${value}`);
    }
  }
});

Deno.test("an option that the help explains above is explained there", () => {
  for (const { name, options, notes = "" } of commands as Command[]) {
    for (const [option, { description }] of Object.entries(options)) {
      if (!/\b(?:told|see) (?:above|below)\b/.test(description)) continue;
      assert(notes.includes(`--${option}`), `${name} --${option}`);
    }
  }
});

Deno.test("translations have the holes of what they translate", () => {
  const holes = (text: string) => (text.match(/\{\d+\}/g) ?? []).sort();
  const tables = [shared, errors, ...commands.map((c) => c.portuguese ?? {})];
  for (const [english, portuguese] of tables.flatMap(Object.entries)) {
    assertEquals(holes(portuguese), holes(english), english);
  }
});

Deno.test("one English text has one translation", () => {
  const all: Record<string, string> = {};
  for (const table of [shared, ...commands.map((c) => c.portuguese ?? {})]) {
    for (const [english, portuguese] of Object.entries(table)) {
      assertEquals(all[english] ?? portuguese, portuguese, english);
      all[english] = portuguese;
    }
  }
});

Deno.test("languageFor() obeys --lang, then the system", () => {
  assertEquals(languageFor([], "pt-BR"), "pt");
  assertEquals(languageFor([], "pt"), "pt");
  assertEquals(languageFor([], "de-DE"), "en");
  assertEquals(languageFor([], "und"), "en");
  assertEquals(languageFor(["--lang=pt_BR"], "en-US"), "pt");
  assertEquals(languageFor(["a", "--lang", "en"], "pt-BR"), "en");
});

Deno.test("t, say and numbers follow the language", () => {
  try {
    speak("pt", [{ "{1} of {2}": "de {2}, {1}", "yes": "sim" }], {
      'Cannot open "{1}": {2}': 'Não abre "{1}": {2}',
      "it is gone": "sumiu",
    });
    assertEquals([t`${1} of ${2}`, say("yes")], ["de 2, 1", "sim"]);
    assertEquals([decimals(1234.56, 1), count(1234)], ["1234,6", "1.234"]);
    assertEquals(
      sayError('Cannot open "a: b": it is gone'),
      'Não abre "a: b": sumiu',
    );
    assertEquals(sayError("What is this"), "What is this");
  } finally {
    speak("en", []);
  }
  assertEquals([t`${1} of ${2}`, decimals(0.25, 1)], ["1 of 2", "0.3"]);
});

Deno.test("signed() shows a change that can be seen", () => {
  try {
    assertEquals(
      [0.004, -0.004, 0.006, -1.25, 0].map((value) => signed(value, 2)),
      ["0.00", "0.00", "+0.01", "-1.25", "0.00"],
    );
    speak("pt", []);
    assertEquals(signed(-0.31, 1), "-0,3");
  } finally {
    speak("en", []);
  }
});

Deno.test("t writes one and many as the count before them asks", () => {
  const said = (files: number, rows: number) =>
    t`${count(files)} [file|files] of ${count(rows)} [row|rows], [BOS]`;
  try {
    assertEquals(said(1, 2), "1 file of 2 rows, [BOS]");
    assertEquals(said(0, 1), "0 files of 1 row, [BOS]");
    assertEquals(t`${"[a|b]"}: ${"1"} [row|rows]`, "[a|b]: 1 row");
    speak("pt", [{
      "{1} [file|files] of {2} [row|rows], [BOS]":
        "de {2} [linha|linhas], {1} [arquivo|arquivos], [BOS]",
    }]);
    assertEquals(said(1, 1000), "de 1.000 linhas, 1 arquivo, [BOS]");
    assertEquals(said(21, 1), "de 1 linha, 21 arquivos, [BOS]");
  } finally {
    speak("en", []);
  }
});

Deno.test("a count that is told has a word for one", async () => {
  const files = commands.map(({ name }) => `${name.replaceAll("-", "_")}.ts`);
  const sources = await Promise.all(files.map(readSource));
  const plural =
    /\{\d\} (?:articles|bytes|documents|files|ids|laws|lines|pages|tokens|words)\b(?!\/| a )/;
  const keys = [...sources.flatMap(keysIn), ...sharedKeys];
  assertEquals(keys.filter((key) => plural.test(key)), []);
});

Deno.test("sayReason() says a reason of a few words, or an error", () => {
  try {
    speak("pt", [doctor.portuguese!], errors);
    assertEquals(
      sayReason("not tuned, see deno task tune"),
      "sem ajuste, veja deno task tune",
    );
    assert(sayReason('Cannot read "a": {}').startsWith("Não é possível ler"));
  } finally {
    speak("en", []);
  }
});

Deno.test("the program speaks Portuguese where it is asked to", async () => {
  const help = await run(["process-wiki", "--help", "--lang", "pt-BR"]);
  assert(help.stdout.includes("Opções comuns:"), help.stdout);
  const failed = await run([
    "process-wiki",
    ..."--input /nada --output /nada --lang pt".split(" "),
  ]);
  assertEquals(
    failed.stderr,
    'erro: Não é possível ler "/nada": não existe esse arquivo ou pasta\n',
  );
});
