/** What a document is, in Portuguese, for the help of several commands. */

/** `ABOUT_DOCUMENTS` of `documents.ts`. */
export const ABOUT_DOCUMENTS_PT =
  "O que é um documento (--documents auto): numa pasta gravada por um dos nossos comandos, o\n" +
  "que diz o manifest.json dela, e só se leem os arquivos que ele nomeia; uma linha de .jsonl\n" +
  "(um objeto com text); um arquivo .md inteiro; um bloco entre linhas em branco nos arquivos\n" +
  "numerados a partir de NOME_000.txt e nos de mais de 16 MiB; nos outros, o arquivo inteiro.\n" +
  "Num arquivo sozinho que não é claramente um só texto (toda linha seguida de uma em branco,\n" +
  "ou quebrada na largura da página) é um bloco. Arquivos .jsonl têm sempre objetos.";
