/** What `tokenize` says, in Portuguese. */

import { ABOUT_DOCUMENTS } from "./shared/documents.ts";
import { ABOUT_DOCUMENTS_PT } from "./shared/documents.pt.ts";
import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Turn text into tokens to train on":
    "Transforma texto em tokens para treinar",
  "where the token files, dataset.json and tokenizer.json go":
    "para onde vão os arquivos de tokens, dataset.json e tokenizer.json",
  "the tokenizer.json or its folder, or a World vocabulary":
    "o tokenizer.json ou a pasta dele, ou um vocabulário World",
  "share of the text held out; 0 for none":
    "parte do texto que fica de fora do treino; 0 para nenhuma",
  "keep bytes that are not UTF-8, as tokens of one byte":
    "mantém bytes que não são UTF-8, como tokens de um byte",
  [
    `${ABOUT_DOCUMENTS}

Each document is framed by [BOS] and [EOS]. Whole ones are held out, as many as
come nearest to the share of the text's bytes, in the order of a hash of their
text: so they stay on their side from run to run. Any number of threads gives
the same files.

Text that is not UTF-8 is refused, with the file's name, and nothing is
written: clean-corpus converts such files. With --keep-bytes the broken bytes
become tokens of one byte each, and the rest is read as usual.`
  ]: `${ABOUT_DOCUMENTS_PT}

Cada documento fica entre [BOS] e [EOS]. Ficam de fora do treino documentos inteiros,
tantos quantos mais se aproximam da parte pedida dos bytes do texto, na ordem de um
hash do que dizem: assim ficam do mesmo lado de uma execução para outra. Qualquer
número de threads dá os mesmos arquivos.

Texto que não é UTF-8 é recusado, com o nome do arquivo, e nada é gravado:
clean-corpus converte esses arquivos. Com --keep-bytes os bytes inválidos viram
tokens de um byte, e o resto é lido como sempre.`,
  "choosing what is held out": "escolhendo o que fica de fora do treino",
  "Nothing is held out: all the text is one work, or copies of one, and a work stays whole":
    "Nada é reservado: todo o texto é uma só obra, ou cópias de uma, e uma obra fica inteira",
  "Much is held out, as a document stays whole; --val-fraction 0 holds out nothing":
    "Muito fica de fora do treino, porque um documento fica inteiro; --val-fraction 0 não deixa nada de fora",
  "Bytes that are not UTF-8 and were kept: {1}":
    "Bytes que não são UTF-8 e foram mantidos: {1}",
  "{1}: {2} [token|tokens] to train on, {3} held out ({4} % of the text), of {5} [document|documents] in {6} s; {7} tokens a word":
    "{1}: {2} [token|tokens] de treino, {3} fora do treino ({4} % do texto), de {5} [documento|documentos] em {6} s; {7} tokens por palavra",
};
