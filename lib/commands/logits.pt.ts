/** What `logits` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Write a model's raw logits after given ids":
    "Grava os logits de um modelo depois de certos ids",
  "The ids are fed just as they are to a fresh state, and the logits are\nthose of the id after the last. No tokenizer is needed.":
    "Os ids entram como estão em um estado novo, e os logits são os do id depois do\núltimo. Não é preciso tokenizador.",
  "the ids to feed, in their order": "os ids que entram, em sua ordem",
  "the logits to write: f32, little-endian, no header":
    "os logits a gravar: f32, little-endian, sem cabeçalho",
  "{1}: {2} [logit|logits]": "{1}: {2} [logit|logits]",
};
