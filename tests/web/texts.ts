/**
 * The texts that every host writes alike.
 *
 * @module
 */

/** What is written: greedily, drawn where the model is, and chosen by rules. */
export const TEXTS = [
  { prompt: "O rio", maxTokens: 12, temperature: 0, seed: 3 },
  { prompt: "O rio", maxTokens: 12, temperature: 0.9, topP: 0.9, seed: 7 },
  {
    prompt: "Era uma vez",
    maxTokens: 12,
    temperature: 1,
    topK: 20,
    repetitionPenalty: 1.2,
    seed: 11,
  },
];

/** What a host is asked. */
export interface TextRequest {
  /** Where to compute. */
  readonly backend: "cpu" | "webgpu";
  /** A model folder's files in base64, by name. */
  readonly files: Readonly<Record<string, string>>;
}

/** What it answers. */
export interface Written {
  /** What its backend calls itself. */
  readonly description: string;
  /** The texts, in order. */
  readonly texts: readonly string[];
}
