/**
 * Brings Brazilian-Portuguese text to one spelling before it is counted or
 * encoded. The settings are part of a vocabulary file, so that training and
 * use cannot differ.
 *
 * @module
 */

import { repairC1, repairMojibake } from "../corpus/clean/mojibake.ts";
import {
  assertKind,
  assertOptions,
  type OptionKinds,
} from "../option_kinds.ts";

/** Which rules of a {@linkcode PTBRNormalizer} apply. */
export interface NormalizerSettings {
  /** Repair text decoded with the wrong table; accents are kept. */
  readonly mojibake: boolean;
  /**
   * `\r\n`, `\r`, form feeds and the like become `\n`; other control
   * characters but the tab, soft hyphens, byte-order and direction marks go.
   * The joiners U+200C and U+200D stay.
   */
  readonly control: boolean;
  /** No-break and other typographic spaces become a plain space. */
  readonly spaces: boolean;
  /** Typographic quotation marks become `"` and `'`. */
  readonly quotes: boolean;
  /** Typographic hyphens, dashes and the minus sign become `-`. */
  readonly dashes: boolean;
  /** Unicode's composed form, NFC. */
  readonly nfc: boolean;
  /** Capitals become small letters, as Unicode maps them in any language. */
  readonly lowercase: boolean;
}

/** The rules' names, in the order they apply. */
export const NORMALIZER_RULES = [
  "mojibake",
  "control",
  "spaces",
  "quotes",
  "dashes",
  "nfc",
  "lowercase",
] as const;

/**
 * Rules that apply only where they are asked for, since they lose what people
 * want back. Vocabulary files name them only where they are on.
 */
export const OPT_IN_RULES: ReadonlySet<keyof NormalizerSettings> = new Set([
  "lowercase",
]);

/** What its settings are. */
const KINDS = Object.fromEntries(
  NORMALIZER_RULES.map((rule) => [rule, "flag?"]),
) as OptionKinds<NormalizerSettings>;

/** The rules that are tables: what each finds, what it puts there. */
const REPLACEMENTS: Record<
  "control" | "spaces" | "quotes" | "dashes",
  readonly (readonly [find: string, put: string])[]
> = {
  control: [
    ["\\r\\n?|[\\v\\f\\x85\\u2028\\u2029]", "\n"],
    [
      "[\\0-\\x08\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f\\xad\\u200b\\u200e\\u200f" +
      "\\u202a-\\u202e\\u2060\\u2066-\\u2069\\ufeff]",
      "",
    ],
  ],
  spaces: [["[\\xa0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000]", " "]],
  quotes: [
    ["[“”„‟«»]", '"'],
    ["[‘’‚‛‹›]", "'"],
  ],
  dashes: [["[\\u2010-\\u2015\\u2212]", "-"]],
};

/**
 * The normaliser. Applying it twice is applying it once.
 *
 * @example
 * ```ts
 * import { PTBRNormalizer } from "./normalizer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const normalizer = new PTBRNormalizer();
 * assertEquals(normalizer.normalize("“Não” — disse"), '"Não" - disse');
 *
 * const plain = new PTBRNormalizer({ dashes: false });
 * assertEquals(plain.normalize("“Não” — disse"), '"Não" — disse');
 *
 * const small = new PTBRNormalizer({ lowercase: true });
 * assertEquals(small.normalize("NÃO É"), "não é");
 * ```
 */
export class PTBRNormalizer {
  /** Which rules apply. */
  readonly settings: NormalizerSettings;
  readonly #active: boolean;
  readonly #pattern?: RegExp;
  readonly #puts: readonly string[];

  /**
   * Makes a normaliser.
   *
   * @param settings What to switch off or on; by themselves all rules are on
   * but the {@linkcode OPT_IN_RULES}.
   * @throws {TypeError} For a rule that is unknown, or neither true nor false.
   */
  constructor(settings: Partial<NormalizerSettings> = {}) {
    assertOptions("normalise", settings, KINDS);
    this.settings = Object.fromEntries(
      NORMALIZER_RULES.map((rule) => [
        rule,
        settings[rule] ?? !OPT_IN_RULES.has(rule),
      ]),
    ) as unknown as NormalizerSettings;
    this.#active = NORMALIZER_RULES.some((rule) => this.settings[rule]);
    const rules = (["control", "spaces", "quotes", "dashes"] as const)
      .filter((rule) => this.settings[rule])
      .flatMap((rule) => REPLACEMENTS[rule]);
    this.#puts = rules.map(([, put]) => put);
    if (rules.length > 0) {
      const finds = rules.map(([find]) => `(${find})`).join("|");
      this.#pattern = new RegExp(finds, "gu");
    }
  }

  /** The normaliser that changes nothing. */
  static off(): PTBRNormalizer {
    return PTBRNormalizer.only();
  }

  /** The normaliser of just the rules named. */
  static only(...rules: (keyof NormalizerSettings)[]): PTBRNormalizer {
    return new PTBRNormalizer(
      Object.fromEntries(
        NORMALIZER_RULES.map((rule) => [rule, rules.includes(rule)]),
      ),
    );
  }

  /**
   * Normalises a text. Lines normalised one by one give the same.
   *
   * @returns The text after every rule, until none changes it.
   * @throws {TypeError} When it is no text.
   */
  normalize(text: string): string {
    assertKind("normalise", "the text", text, "text");
    if (!this.#active) return text;
    // One rule's output can be another's input (NFC can complete a mojibake
    // pair, a repair can uncover a quotation mark). Every rule but NFC
    // shortens the text or its list of capitals and typographic characters, so
    // this ends.
    for (;;) {
      const next = this.#pass(text);
      if (next === text) return text;
      text = next;
    }
  }

  #pass(text: string): string {
    if (this.settings.mojibake) {
      text = repairC1(repairMojibake(shortenChains(text)));
    }
    if (this.#pattern !== undefined) {
      text = text.replace(this.#pattern, (...found) => {
        for (let i = 0; i < this.#puts.length; i++) {
          if (found[i + 1] !== undefined) return this.#puts[i];
        }
        return found[0];
      });
    }
    if (this.settings.nfc) text = text.normalize("NFC");
    return this.settings.lowercase ? text.toLowerCase() : text;
  }
}

/**
 * The two ways in which a repair's outcome is again half of a damaged pair, on
 * and on: "Ãƒ" is a damaged Ã, and "Â€" what stands for U+0080 twice over. One
 * link a round would make the time quadratic, so chains lose all links but 16,
 * more than any real text was ever damaged.
 */
const CHAINS = new RegExp(
  "(?<=Ã[ƒ\\x83]{16})[ƒ\\x83]+|(?<!Â)Â+(?=Â{16}[€ƒ†‡ˆ‰ŠŒŽ˜™šœžŸ\\x80\\x83" +
    "\\x86-\\x8a\\x8c\\x8e\\x98-\\x9a\\x9c\\x9e\\x9f\\xa1-\\xaa\\xac-\\xb6" +
    "\\xb8-\\xba\\xbc-\\xbf])",
  "g",
);

function shortenChains(text: string): string {
  return text.replace(CHAINS, "");
}
