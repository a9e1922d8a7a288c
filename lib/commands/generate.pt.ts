/** What `generate` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Write text with a model": "Escreve texto com um modelo",
  "The text is shown as it is made. The same --seed gives the same text.\n--count writes several, with the seeds from --seed on, and shows them when\nall are made. Without a --prompt a text is written from its start.\n\nA long prompt need be read only once: --max-tokens 0 --save-state FILE reads\nit, --load-state FILE goes on from there. A state is for the same weights.":
    "O texto aparece enquanto é feito. A mesma --seed dá o mesmo texto. --count escreve\nvários, com as sementes a partir de --seed, e os mostra quando todos estão prontos.\nSem --prompt, um texto é escrito desde o começo.\n\nUm prompt longo só precisa ser lido uma vez: --max-tokens 0 --save-state ARQUIVO o\nlê, --load-state ARQUIVO continua dali. Um estado vale para os mesmos pesos.",
  "how the text begins; - reads it from stdin":
    "como o texto começa; - lê da entrada padrão",
  'many prompts, one a line, or a .jsonl file of {"prompt": …}':
    'muitos prompts, um por linha, ou um arquivo .jsonl de {"prompt": …}',
  "write in turns: what is typed, and what the model adds":
    "escreve por turnos: o que se digita e o que o modelo acrescenta",
  "go on from a state that was saved": "continua de um estado que foi salvo",
  "save the state at the end of the text": "salva o estado no fim do texto",
  "with --json, tell how likely every token and the N likeliest were":
    "com --json, informa a probabilidade de cada token e dos N mais prováveis",
  "choose among tokens at least X times as likely as the likeliest":
    "escolhe entre os tokens ao menos X vezes tão prováveis quanto o mais provável",
  "choose among the most typical tokens that reach this probability":
    "escolhe entre os tokens mais típicos que juntos chegam a esta probabilidade",
  "above 1, tokens that were there are less likely":
    "acima de 1, tokens que já apareceram são menos prováveis",
  "taken from the logit of a token that was there":
    "subtraído do logit de um token que já apareceu",
  "the same, for each time that it was there":
    "o mesmo, para cada vez que apareceu",
  "tokens that penalties and DRY look back at (default: 1024)":
    "tokens para trás que as penalidades e o DRY olham (padrão: 1024)",
  "how strongly DRY keeps the text from repeating itself; 0 for not at all":
    "com que força o DRY impede o texto de se repetir; 0 para nenhuma",
  "by what that grows with every token repeated":
    "quanto isso cresce a cada token repetido",
  "tokens that may be repeated for nothing":
    "tokens que podem se repetir sem custo",
  "added to the logits of tokens, by id": "somado aos logits de tokens, por id",
  "text at which it ends, \\n for a line end; may be given several times":
    "texto no qual termina, \\n para fim de linha; pode ser dado várias vezes",
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
