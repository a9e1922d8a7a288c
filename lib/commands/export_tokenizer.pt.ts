/** What `export-tokenizer` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Write a tokenizer for other programs":
    "Grava um tokenizador para outros programas",
  "the tokenizer.json, or its folder": "o tokenizer.json ou a pasta dele",
  "what to write": "o que gravar",
  "the file, or the folder for it; for gpt2 the folder":
    "o arquivo, ou a pasta para ele; para gpt2, a pasta",
  [
    `hf is Hugging Face's tokenizer.json, tiktoken its ranks, gpt2 vocab.json and
merges.txt. Ids are the same for text that is normalised already; what a format
cannot say is noted, and refused where ids would differ. hf carries the
normaliser but for the repair of mojibake and lower-casing, the others none of
it.`
  ]: `hf é o tokenizer.json da Hugging Face, tiktoken a sua lista de postos, gpt2 o
vocab.json e o merges.txt. Os ids são os mesmos para texto já normalizado; o que um
formato não sabe dizer é avisado, e recusado onde os ids seriam outros. hf leva o
normalizador, menos o conserto de mojibake e a passagem a minúsculas; os outros não
levam nada dele.`,
  "{1}: {2} [id|ids], {3} [merge|merges]":
    "{1}: {2} [id|ids], {3} [fusão|fusões]",
};
