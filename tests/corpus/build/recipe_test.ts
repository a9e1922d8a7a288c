/** Recipes, right and wrong. */

import { assertEquals, assertThrows } from "@std/assert";
import { PRESETS, RULE_NAMES } from "../../../lib/corpus/build/filters.ts";
import { parseRecipe } from "../../../lib/corpus/build/recipe.ts";

const SOURCE = '[[sources]]\nname = "a"\npath = "a"\n';

Deno.test("parseRecipe() has FineWeb-2's thresholds unless told otherwise", () => {
  const recipe = parseRecipe(SOURCE);
  assertEquals(recipe, {
    sources: [{
      name: "a",
      path: "a",
      weight: 1,
      textField: "text",
      filters: { language: "pt", thresholds: PRESETS.web },
    }],
    duplicates: { exact: true, near: 0.75 },
  });
});

Deno.test("parseRecipe() reads every key", () => {
  const { seed, targetBytes, duplicates, sources: [source] } = parseRecipe(`
    seed = 7
    target_bytes = 1_000
    [duplicates]
    exact = false
    near = false
    [[sources]]
    name = "livros-1"
    path = "b/*.jsonl"
    weight = 0.5
    text_field = "texto"
    licence = "CC0"
    url = "https://example.org"
    [sources.filters]
    preset = "none"
    language = "es"
    min_words = 3
  `);
  assertEquals([seed, targetBytes], [7, 1000]);
  assertEquals(duplicates, { exact: false });
  assertEquals(source, {
    name: "livros-1",
    path: "b/*.jsonl",
    weight: 0.5,
    textField: "texto",
    licence: "CC0",
    url: "https://example.org",
    filters: { language: "es", thresholds: { min_words: 3 } },
  });
});

Deno.test("parseRecipe() puts a source's filters before the common ones", () => {
  const { sources } = parseRecipe(`
    [filters]
    preset = "edited"
    min_chars = 7
    max_top_2_gram = false
    ${SOURCE}
    [[sources]]
    name = "b"
    path = "b"
    filters = { preset = "web", min_words = 9 }
  `);
  const [a, b] = sources.map(({ filters }) => filters.thresholds);
  const { max_top_2_gram: _, ...edited } = PRESETS.edited;
  assertEquals(a, { ...edited, min_chars: 7 });
  assertEquals(b, { ...PRESETS.web, min_words: 9 });
});

Deno.test("parseRecipe() reads the recipe that ships, which names all rules", async () => {
  const toml = await Deno.readTextFile("configs/corpus.toml");
  for (const name of RULE_NAMES) {
    // Of a range of n-grams the first and the last are named.
    const inRange = /_(?:3_gram|[6-9]_grams)$/.test(name);
    assertEquals(inRange || toml.includes(name), true, name);
  }
  const recipe = parseRecipe(toml);
  assertEquals(recipe.sources.map(({ name }) => name), [
    "wiki",
    "laws",
    "books",
  ]);
});

Deno.test("parseRecipe() refuses what it does not know or cannot use", () => {
  const wrong: [string, RegExp][] = [
    ["", /"sources": there must be 1/],
    ["sources = 1", /"sources": it must be tables/],
    ["sources = [1]", /"sources": it must be a table/],
    ["a = 1\n= 1", /^Cannot read the recipe: line 2: /],
    [`${SOURCE}wieght = 2`, /"sources\[0\]\.wieght": it is not known/],
    [`filtres = {}\n${SOURCE}`, /"filtres": it is not known/],
    [`filters = { min_word = 1 }\n${SOURCE}`, /"filters\.min_word"/],
    [`filters = { min_words = true }\n${SOURCE}`, /must be a number/],
    [`filters = { min_letters = 2 }\n${SOURCE}`, /from 0 to 1/],
    [`filters = { min_letters = nan }\n${SOURCE}`, /from 0 to 1/],
    [`filters = { preset = "x" }\n${SOURCE}`, /web, edited, none, not "x"/],
    [`filters = { language = "por" }\n${SOURCE}`, /two letters/],
    [`duplicates = { near = 0.1 }\n${SOURCE}`, /from 0\.5 to 1/],
    [`duplicates = { exact = 1 }\n${SOURCE}`, /true or false/],
    [`seed = 1.5\n${SOURCE}`, /no whole number/],
    [`${SOURCE}weight = -1`, /from 0 to 100/],
    [`${SOURCE}path2 = 1`, /not known/],
    ['[[sources]]\nname = "a"', /"sources\[0\]\.path": it is missing/],
    ['[[sources]]\npath = "a"', /"sources\[0\]\.name": it is missing/],
    ['[[sources]]\nname = "../a"\npath = "a"', /letters, digits/],
    [`${SOURCE}${SOURCE.replace('"a"', '"A"')}`, /two have the name "a"/],
    [`filters = 2021-01-01\n${SOURCE}`, /it must be a table/],
  ];
  for (const [toml, reason] of wrong) {
    const error = assertThrows(() => parseRecipe(toml), SyntaxError);
    assertEquals(reason.test(error.message), true, `${toml}: ${error.message}`);
    assertEquals(error.message.includes("\n"), false);
  }
});

Deno.test("parseRecipe() reads the recipes of data sets that ship", async () => {
  const names: string[] = [];
  for await (const { name } of Deno.readDir("configs")) {
    if (!/^corpus_.*\.toml$/.test(name)) continue;
    const toml = await Deno.readTextFile(`configs/${name}`);
    const { sources: [{ path }] } = parseRecipe(toml);
    // Where its own comment has it downloaded to.
    const dataset = /--dataset (\S+)/.exec(toml)![1];
    const configuration = /--configuration (\S+)/.exec(toml)?.[1] ?? "default";
    assertEquals(path, `data/datasets/${dataset}/${configuration}`);
    names.push(name);
  }
  assertEquals(names.length, 4);
});

Deno.test("parseRecipe() takes a variety for all, and any for one source", () => {
  const { sources } = parseRecipe(`
    [filters]
    variant = "pt-BR"
    spelling = "since-1990"
    ${SOURCE}[sources.filters]
    spelling = "any"
  `);
  const { variant, spelling } = sources[0].filters;
  assertEquals([variant, spelling], ["pt-BR", undefined]);
  assertThrows(
    () => parseRecipe(`[filters]\nvariant = "pt"\n${SOURCE}`),
    SyntaxError,
    'it is one of any, pt-BR, pt-PT, not "pt"',
  );
});
