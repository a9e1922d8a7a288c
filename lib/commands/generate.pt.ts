/** What `generate` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Write text with a model": "Escreve texto com um modelo",
  "The text is shown as it is made. The same --seed gives the same text.\n--count writes several, with the seeds from --seed on, and shows them when\nall are made. Without a --prompt a text is written from its start.":
    "O texto aparece enquanto é feito. A mesma --seed dá o mesmo texto. --count escreve\nvários, com as sementes a partir de --seed, e os mostra quando todos estão prontos.\nSem --prompt, um texto é escrito desde o começo.",
  "how the text begins; - reads it from stdin":
    "como o texto começa; - lê da entrada padrão",
  "tokens to write at most": "tokens a escrever, no máximo",
  "texts to write at once": "textos a escrever de uma vez",
  "0 for the likeliest token, higher for variety":
    "0 para o token mais provável, mais para variedade",
  "choose among the N likeliest tokens only":
    "escolhe só entre os N tokens mais prováveis",
  "choose among the likeliest tokens that reach this probability":
    "escolhe entre os tokens mais prováveis que juntos chegam a esta probabilidade",
  "generate": "escrita",
  "{1} [token|tokens] in {2} s ({3} tokens/s, {4})":
    "{1} [token|tokens] em {2} s ({3} tokens/s, {4})",
};
