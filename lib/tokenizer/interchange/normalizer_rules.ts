/**
 * The normaliser as Hugging Face's files say it: replacements of characters,
 * then NFC. The repair of mojibake and lower-casing have no equal there.
 *
 * @module
 */

import { type NormalizerSettings, PTBRNormalizer } from "../normalizer.ts";

/** The rules that can be said, in the order they apply. */
export const SAYABLE_RULES = [
  "control",
  "spaces",
  "quotes",
  "dashes",
  "nfc",
] as const satisfies readonly (keyof NormalizerSettings)[];

/** A step of a Hugging Face normaliser. */
type Step =
  | { readonly type: "NFC" }
  | {
    readonly type: "Replace";
    readonly pattern: { readonly String: string } | { readonly Regex: string };
    readonly content: string;
  };

/** What no rule but NFC and lower-casing ever changes. */
const LETTERS = /[\p{L}\p{M}\p{N}\p{Cn}\p{Co}\p{Cs}]/u;
/** No rule reaches beyond the first plane. */
const LAST_CHARACTER = 0xffff;

/**
 * Says a normaliser's rules.
 *
 * @param settings Which rules apply; those that cannot be said are left out.
 * @returns The value of `normalizer` in the file, null for none.
 *
 * @example
 * ```ts
 * import { sayRules } from "./normalizer_rules.ts";
 * import { PTBRNormalizer } from "../normalizer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(sayRules(PTBRNormalizer.only("nfc").settings), { type: "NFC" });
 * assertEquals(sayRules(PTBRNormalizer.off().settings), null);
 * ```
 */
export function sayRules(settings: NormalizerSettings): object | null {
  const steps = SAYABLE_RULES.filter((rule) => settings[rule])
    .flatMap((rule): Step[] =>
      rule === "nfc" ? [{ type: "NFC" }] : replacementsOf(rule)
    );
  if (steps.length <= 1) return steps[0] ?? null;
  return { type: "Sequence", normalizers: steps };
}

/**
 * Understands rules that were said by {@linkcode sayRules}, or a plain NFC.
 *
 * @param value The value of `normalizer` in a file.
 * @returns The rules; undefined for a normaliser of another make.
 */
export function understandRules(
  value: unknown,
): NormalizerSettings | undefined {
  const said = JSON.stringify(simplified(value));
  for (let chosen = 0; chosen < 2 ** SAYABLE_RULES.length; chosen++) {
    const rules = SAYABLE_RULES.filter((_, i) => (chosen >> i) & 1);
    const { settings } = PTBRNormalizer.only(...rules);
    if (JSON.stringify(sayRules(settings)) === said) return settings;
  }
  return undefined;
}

/** A sequence of one step is that step, and one of none is none. */
function simplified(value: unknown): unknown {
  const { type, normalizers } = (value ?? {}) as Record<string, unknown>;
  if (type !== "Sequence" || !Array.isArray(normalizers)) return value ?? null;
  return normalizers.length > 1 ? value : normalizers[0] ?? null;
}

const REPLACEMENTS = new Map<string, Step[]>();

/**
 * A rule's replacements, found by trying the rule on every character that it
 * could mean, so that the two cannot differ.
 */
function replacementsOf(
  rule: Exclude<typeof SAYABLE_RULES[number], "nfc">,
): Step[] {
  const known = REPLACEMENTS.get(rule);
  if (known !== undefined) return known;
  const normalizer = PTBRNormalizer.only(rule);
  const found = new Map<string, string>();
  for (let code = 0; code <= LAST_CHARACTER; code++) {
    const char = String.fromCharCode(code);
    if (LETTERS.test(char)) continue;
    const put = normalizer.normalize(char);
    if (put !== char) found.set(put, (found.get(put) ?? "") + char);
  }
  const steps: Step[] = [...found].map(([content, chars]) => ({
    type: "Replace",
    pattern: { Regex: `[${chars}]` },
    content,
  }));
  // The one pair of characters that becomes one.
  const end = normalizer.normalize("\r\n");
  if (end.length === 1) {
    steps.unshift({
      type: "Replace",
      pattern: { String: "\r\n" },
      content: end,
    });
  }
  REPLACEMENTS.set(rule, steps);
  return steps;
}
