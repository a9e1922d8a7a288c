/**
 * The recipe of a corpus: where its documents come from, what is asked of them
 * and how much of each source goes in. TOML, as in `configs/corpus.toml`.
 *
 * @module
 */

import { parseToml } from "../../toml.ts";
import { SPELLINGS, VARIANTS } from "../measures/variants.ts";
import {
  DOCUMENT_RULES,
  type DocumentRule,
} from "../documents/document_rule.ts";
import {
  type Filters,
  highestThreshold,
  PRESETS,
  RULE_NAMES,
} from "./filters.ts";

/** Where documents come from. */
export interface RecipeSource {
  /** What its files in the corpus are called by. */
  readonly name: string;
  /** A file, a folder or a pattern, see `input_files.ts`. */
  readonly path: string;
  /**
   * How often each document is written that is kept: 2 is twice, 0.25 every
   * fourth.
   */
  readonly weight: number;
  /** What a document is in its files; unless given, as `findTextFiles()` finds. */
  readonly documents?: DocumentRule;
  /** Which field of JSON is the text. */
  readonly textField: string;
  /** What is asked of its documents. */
  readonly filters: Filters;
  /** Said in the manifest. */
  readonly licence?: string;
  /** Said in the manifest. */
  readonly url?: string;
}

/** What counts as written before. */
export interface DuplicateRules {
  /** Whether copies are dropped. */
  readonly exact: boolean;
  /** The similarity from which on a near-duplicate is dropped, if at all. */
  readonly near?: number;
}

/** How a corpus is made. */
export interface Recipe {
  /** Where documents come from; of equal ones that of the first source stays. */
  readonly sources: readonly RecipeSource[];
  /** What counts as written before. */
  readonly duplicates: DuplicateRules;
  /** Chooses documents where a weight is no whole number. */
  readonly seed?: number;
  /** About how many bytes to write at most. */
  readonly targetBytes?: number;
}

/** More sources than this are a mistake. */
const MOST_SOURCES = 200;
/** A weight above this is one. */
const MOST_WEIGHT = 100;
/** From this similarity on FineWeb's bands find most near-duplicates. */
const NEAR = 0.75;

/**
 * Reads a recipe.
 *
 * @param toml The text of its file.
 * @param what What errors call it.
 * @throws {SyntaxError} When it is not TOML, or a key or value is not right.
 *
 * @example
 * ```ts
 * import { parseRecipe } from "./recipe.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { sources } = parseRecipe(`
 *   [filters]
 *   max_words = false
 *   [[sources]]
 *   name = "wiki"
 *   path = "data/wiki_clean"
 *   filters = { min_words = 20 }
 * `);
 * const { thresholds } = sources[0].filters;
 * assertEquals(thresholds.max_words, undefined);
 * assertEquals([thresholds.min_words, thresholds.min_chars], [20, 300]);
 * ```
 */
export function parseRecipe(
  toml: string,
  what: string = "the recipe",
): Recipe {
  const table = new Table("", parseToml(toml, what));
  const seed = table.number("seed", 0, 2 ** 32 - 1);
  if (seed !== undefined && !Number.isInteger(seed)) {
    table.refuse("seed", "it is no whole number");
  }
  const targetBytes = table.number("target_bytes", 1, 1e15);
  const common = filtersOf(
    table.table("filters"),
    { language: "pt", thresholds: PRESETS.web },
  );
  const duplicates = duplicatesOf(table.table("duplicates"));
  const sources = table.tables("sources").map((source) =>
    sourceOf(source, common)
  );
  table.finish();
  if (sources.length === 0 || sources.length > MOST_SOURCES) {
    table.refuse("sources", `there must be 1 to ${MOST_SOURCES}`);
  }
  // Some file systems do not tell case apart.
  const names = sources.map(({ name }) => name.toLowerCase());
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) {
    table.refuse("sources", `two have the name "${twice}"`);
  }
  return {
    sources,
    duplicates,
    ...(seed === undefined ? {} : { seed }),
    ...(targetBytes === undefined ? {} : { targetBytes }),
  };
}

function sourceOf(table: Table, common: Filters): RecipeSource {
  const name = table.text("name") ?? table.refuse("name", "it is missing");
  if (!/^[\p{L}\p{N}][\p{L}\p{N}_-]{0,63}$/u.test(name)) {
    table.refuse("name", "it must be letters, digits, - and _, at most 64");
  }
  const path = table.text("path") ?? table.refuse("path", "it is missing");
  const weight = table.number("weight", 0, MOST_WEIGHT) ?? 1;
  const documents = documentsOf(table);
  const textField = table.text("text_field") ?? "text";
  const filters = filtersOf(table.table("filters"), common);
  const licence = table.text("licence"), url = table.text("url");
  table.finish();
  return {
    name,
    path,
    weight,
    ...(documents === undefined ? {} : { documents }),
    textField,
    filters,
    ...(licence === undefined ? {} : { licence }),
    ...(url === undefined ? {} : { url }),
  };
}

function documentsOf(table: Table): DocumentRule | undefined {
  const given = table.text("documents") ?? "auto";
  const rule = DOCUMENT_RULES.find((rule) => rule === given);
  return rule !== undefined || given === "auto" ? rule : table.refuse(
    "documents",
    `it is one of auto, ${DOCUMENT_RULES.join(", ")}, not "${given}"`,
  );
}

/** What is said here goes over what is said for all; a preset, over both. */
function filtersOf(table: Table, above: Filters): Filters {
  const preset = table.text("preset");
  if (preset !== undefined && !Object.hasOwn(PRESETS, preset)) {
    table.refuse(
      "preset",
      `it is one of ${Object.keys(PRESETS).join(", ")}, not "${preset}"`,
    );
  }
  const thresholds: Record<string, number> = {
    ...(preset === undefined ? above.thresholds : PRESETS[preset]),
  };
  for (const name of RULE_NAMES) {
    const threshold = table.switch(name, 0, highestThreshold(name));
    if (threshold === false) delete thresholds[name];
    else if (threshold !== undefined) thresholds[name] = threshold;
  }
  const language = table.text("language") ?? above.language;
  if (!/^[a-z]{2}$/.test(language)) {
    table.refuse("language", `it is two letters, such as pt`);
  }
  const variant = table.oneOf("variant", VARIANTS, above.variant);
  const spelling = table.oneOf("spelling", SPELLINGS, above.spelling);
  table.finish();
  return {
    language,
    thresholds,
    ...variant !== undefined && { variant },
    ...spelling !== undefined && { spelling },
  };
}

function duplicatesOf(table: Table): DuplicateRules {
  const exact = table.flag("exact") ?? true;
  const near = table.switch("near", 0.5, 1) ?? NEAR;
  table.finish();
  return near === false ? { exact } : { exact, near };
}

/** A table of which each key is asked for once; others are refused. */
class Table {
  readonly #where: string;
  readonly #left: Map<string, unknown>;

  constructor(where: string, table: Record<string, unknown>) {
    this.#where = where;
    this.#left = new Map(Object.entries(table));
  }

  text(key: string): string | undefined {
    const value = this.#take(key);
    if (value === undefined) return undefined;
    if (typeof value !== "string" || value === "" || value.length > 4096) {
      this.refuse(key, "it must be text");
    }
    return value;
  }

  flag(key: string): boolean | undefined {
    const value = this.#take(key);
    if (value !== undefined && typeof value !== "boolean") {
      this.refuse(key, "it must be true or false");
    }
    return value;
  }

  number(key: string, low: number, high: number): number | undefined {
    const value = this.#take(key);
    if (value === undefined) return undefined;
    if (typeof value !== "number" || !(value >= low && value <= high)) {
      this.refuse(key, `it must be a number from ${low} to ${high}`);
    }
    return value;
  }

  /** A number, or false for none. */
  switch(key: string, low: number, high: number): number | false | undefined {
    if (this.#left.get(key) !== false) return this.number(key, low, high);
    this.#take(key);
    return false;
  }

  /** One of some words, "any" for none of them. */
  oneOf<const W extends string>(
    key: string,
    words: readonly W[],
    otherwise: W | undefined,
  ): W | undefined {
    const given = this.text(key);
    if (given === undefined) return otherwise;
    const word = words.find((word) => word === given);
    return word !== undefined || given === "any" ? word : this.refuse(
      key,
      `it is one of any, ${words.join(", ")}, not "${given}"`,
    );
  }

  table(key: string): Table {
    const value = this.#take(key) ?? {};
    return new Table(`${this.#where}${key}.`, this.#asTable(key, value));
  }

  tables(key: string): Table[] {
    const values = this.#take(key) ?? [];
    if (!Array.isArray(values)) this.refuse(key, "it must be tables");
    return values.map((value, i) =>
      new Table(`${this.#where}${key}[${i}].`, this.#asTable(key, value))
    );
  }

  /** Refuses what nobody has asked for. */
  finish(): void {
    for (const key of this.#left.keys()) this.refuse(key, "it is not known");
  }

  refuse(key: string, reason: string): never {
    throw new SyntaxError(
      `Cannot use the recipe's "${this.#where}${key}": ${reason}`,
    );
  }

  #take(key: string): unknown {
    const value = this.#left.get(key);
    this.#left.delete(key);
    return value;
  }

  #asTable(key: string, value: unknown): Record<string, unknown> {
    if (
      typeof value !== "object" || value === null || Array.isArray(value) ||
      value instanceof Date
    ) this.refuse(key, "it must be a table");
    return value as Record<string, unknown>;
  }
}
