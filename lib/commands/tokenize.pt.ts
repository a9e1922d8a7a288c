/** What `tokenize` says, in Portuguese. */

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
    "What a document is (--documents auto): in a folder that one of our commands wrote, what\n" +
    "its manifest.json says, and only the files that it names are read; a line of .jsonl (an\n" +
    "object with a text); a whole .md file; a block between blank lines in files numbered\n" +
    "from NAME_000.txt and in those of more than 16 MiB; else the whole file. In a single\n" +
    "file that is not plainly one text (every line followed by a blank one, or broken at a\n" +
    "page's width) it is a block. .jsonl files have objects under every rule.\n" +
    "\n" +
    "Each document is framed by [BOS] and [EOS]. Whole ones are held out, as many as\n" +
    "come nearest to the share of the text's bytes, in the order of a hash of their\n" +
    "text: so they stay on their side from run to run. Any number of threads gives\n" +
    "the same files.\n" +
    "\n" +
    "Text that is not UTF-8 is refused, with the file's name, and nothing is\n" +
    "written: clean-corpus converts such files. With --keep-bytes the broken bytes\n" +
    "become tokens of one byte each, and the rest is read as usual."
  ]: "O que é um documento (--documents auto): numa pasta gravada por um dos nossos comandos, o\n" +
    "que diz o manifest.json dela, e só se leem os arquivos que ele nomeia; uma linha de .jsonl\n" +
    "(um objeto com text); um arquivo .md inteiro; um bloco entre linhas em branco nos arquivos\n" +
    "numerados a partir de NOME_000.txt e nos de mais de 16 MiB; nos outros, o arquivo inteiro.\n" +
    "Num arquivo sozinho que não é claramente um só texto (toda linha seguida de uma em branco,\n" +
    "ou quebrada na largura da página) é um bloco. Arquivos .jsonl têm sempre objetos.\n" +
    "\n" +
    "Cada documento fica entre [BOS] e [EOS]. Ficam de fora do treino documentos inteiros,\n" +
    "tantos quantos mais se aproximam da parte pedida dos bytes do texto, na ordem de um\n" +
    "hash do que dizem: assim ficam do mesmo lado de uma execução para outra. Qualquer\n" +
    "número de threads dá os mesmos arquivos.\n" +
    "\n" +
    "Texto que não é UTF-8 é recusado, com o nome do arquivo, e nada é gravado:\n" +
    "clean-corpus converte esses arquivos. Com --keep-bytes os bytes inválidos viram\n" +
    "tokens de um byte, e o resto é lido como sempre.",
  "choosing what is held out": "escolhendo o que fica de fora do treino",
  "Nothing is held out: all the text is one document":
    "Nada fica de fora do treino: todo o texto é um só documento",
  "Bytes that are not UTF-8 and were kept: {1}":
    "Bytes que não são UTF-8 e foram mantidos: {1}",
  "{1}: {2} tokens to train on, {3} held out ({4} % of the text), of {5} documents in {6} s; {7} tokens a word":
    "{1}: {2} tokens de treino, {3} fora do treino ({4} % do texto), de {5} documentos em {6} s; {7} tokens por palavra",
};
