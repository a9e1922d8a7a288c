/** What `train-tokenizer` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Learn a vocabulary of byte pairs from text":
    "Aprende de um texto um vocabulário de pares de bytes",
  "SIZE": "TAMANHO",
  "RULES": "REGRAS",
  "tokenizer.json to write, or the folder for it":
    "tokenizer.json a gravar, ou a pasta para ele",
  "ids in all: 5 special tokens, 256 bytes, merges":
    "ids ao todo: 5 tokens especiais, 256 bytes, junções",
  "how often a pair must occur to become a token":
    "quantas vezes um par tem de ocorrer para virar token",
  "what text is brought to, stored in the file":
    "forma a que o texto é levado, guardada no arquivo",
  "what it leaves alone, some of mojibake,control,spaces,quotes,dashes,nfc,lowercase":
    "o que ela não altera, entre mojibake,control,spaces,quotes,dashes,nfc,lowercase",
  "bring all text to small letters": "leva todo o texto a letras minúsculas",
  "use so much of the corpus only, such as 500MB":
    "usa só essa parte do corpus, por exemplo 500MB",
  "use and keep the counted words in word-counts.bin, only keep them, neither":
    "usa e guarda as palavras contadas em word-counts.bin, só guarda, nenhum dos dois",
  "The result depends on the text and the options alone, not on the threads\nor the order of the files. A small text may give fewer ids.\nIn .jsonl files each line is an object whose text is a document.\n--limit takes the same share of every file, from its beginning.\nThe counted words stay beside the result, as word-counts.bin, so that another\nsize of vocabulary for the same files is quick.":
    "O resultado depende só do texto e das opções, não das threads nem da ordem dos\narquivos. Um texto pequeno pode dar menos ids.\nEm arquivos .jsonl cada linha é um objeto cujo text é um documento.\n--limit toma a mesma parte de cada arquivo, a partir do começo.\nAs palavras contadas ficam ao lado do resultado, em word-counts.bin, para que outro\ntamanho de vocabulário dos mesmos arquivos saia rápido.",
  "The words were counted before, in {1}":
    "As palavras já estavam contadas, em {1}",
  "{1}; counting anew": "{1}; contando de novo",
  "comparing with earlier counts": "comparando com contagens anteriores",
  "counting words": "contando palavras",
  "merging": "juntando",
  "interrupted; no tokenizer was written":
    "interrompido; nenhum tokenizador foi gravado",
  "The text has pairs for {1} [id|ids] only, not {2}":
    "O texto só tem pares para {1} [id|ids], não {2}",
  "{1}: {2} [id|ids] from {3}, {4} MB in {5} s; {6} tokens a word":
    "{1}: {2} [id|ids] de {3}, {4} MB em {5} s; {6} tokens por palavra",
};
