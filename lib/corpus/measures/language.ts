/**
 * Which language a text is in, by the n-grams of `eld` (Nito T.M., Apache-2.0).
 *
 * It knows 60 languages. Galician and Mirandese are not among them: where it says
 * Portuguese, `near_languages.ts` is asked. Varieties of Portuguese are not told
 * apart.
 *
 * @module
 */

import { nearLanguageOf } from "./near_languages.ts";

/** A text's language. */
export interface IdentifiedLanguage {
  /** Its ISO 639 code, such as `pt` or `mwl`; absent where no sample has letters. */
  readonly language?: string;
  /** The share of the samples that are in it, from 0 to 1. */
  readonly score: number;
}

/**
 * What {@linkcode loadLanguageIdentifier} gives. A text is judged by samples of
 * it, one every {@linkcode SAMPLE_EVERY} UTF-16 units and at most
 * {@linkcode MAX_SAMPLES}; from some 50 letters on that is reliable.
 */
export interface LanguageIdentifier {
  /** The language of most samples; of several the one that comes first. */
  identify(text: string): IdentifiedLanguage;
  /**
   * The share of the samples that are in a language. Where not all are, as many
   * as there may be are looked at: the first may have met a quotation.
   *
   * @param language Its ISO 639 code.
   */
  shareOf(text: string, language: string): number;
}

/**
 * A sample is this long, in UTF-16 units. On 5,000 samples of Portuguese, verse
 * among it, those of 240 erred once, which those of 380 did twice.
 */
const SAMPLE = 240;
/** How much text a sample stands for, in UTF-16 units. */
export const SAMPLE_EVERY = 3000;
/** How many samples of a long text are looked at, at most. */
export const MAX_SAMPLES = 8;

/**
 * Loads the n-grams, which takes half a second and some 100 MB of memory; a
 * thread loads them once.
 *
 * @example
 * ```ts
 * import { loadLanguageIdentifier } from "./language.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { identify } = await loadLanguageIdentifier();
 * assertEquals(identify("O gato dormia na janela da cozinha."), {
 *   language: "pt",
 *   score: 1,
 * });
 * assertEquals(identify("1234").language, undefined);
 * ```
 */
export async function loadLanguageIdentifier(): Promise<LanguageIdentifier> {
  // Here and not above: who does not identify languages need not wait for it.
  const { eld } = await import("npm:eld@2.1.0/small");
  const languagesOf = (text: string, samples: number): string[] =>
    samplesOf(text, samples).map((sample) => {
      const { language } = eld.detect(sample);
      return language === "pt" ? nearLanguageOf(sample) ?? language : language;
    });
  return {
    identify(text) {
      const languages = languagesOf(text, samplesFor(text));
      const votes = new Map<string, number>();
      for (const language of languages) {
        if (language === "") continue;
        votes.set(language, (votes.get(language) ?? 0) + 1);
      }
      let best: string | undefined;
      for (const [language, count] of votes) {
        if (best === undefined || count > votes.get(best)!) best = language;
      }
      return best === undefined
        ? { score: 0 }
        : { language: best, score: votes.get(best)! / languages.length };
    },
    shareOf(text, language) {
      const inIt = (found: string) => found === language;
      const few = languagesOf(text, samplesFor(text));
      if (few.length > 0 && few.every(inIt)) return 1;
      const all = languagesOf(text, text === "" ? 0 : MAX_SAMPLES);
      return all.filter(inIt).length / Math.max(1, all.length);
    },
  };
}

function samplesFor(text: string): number {
  return Math.min(MAX_SAMPLES, Math.ceil(text.length / SAMPLE_EVERY));
}

/** Samples evenly spread over the text, from where a word begins. */
function samplesOf(text: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const middle = (i + 0.5) / count * text.length;
    const start = Math.max(0, Math.floor(middle - SAMPLE / 2));
    const blank = start === 0 ? -1 : text.indexOf(" ", start);
    const from = blank >= 0 && blank < start + SAMPLE / 4 ? blank + 1 : start;
    return text.slice(from, from + SAMPLE);
  });
}
