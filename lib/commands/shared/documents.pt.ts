/** What a document is, in Portuguese, for the help of several commands. */

/** `ABOUT_DOCUMENTS` of `documents.ts`. */
export const ABOUT_DOCUMENTS_PT =
  "O que é um documento (--documents auto): numa pasta gravada por um dos nossos comandos, o\n" +
  "que diz o manifest.json dela, e só se leem os arquivos que ele nomeia; uma linha de .jsonl\n" +
  "(um objeto com text) ou de .parquet (uma coluna text); um arquivo .md, .html ou .epub\n" +
  "inteiro; um bloco entre linhas em branco nos arquivos numerados a partir de NOME_000.txt e\n" +
  "nos de mais de 16 MiB; nos outros, o arquivo inteiro. Num arquivo sozinho que não é\n" +
  "claramente um só texto (toda linha seguida de uma em branco, ou quebrada na largura da\n" +
  "página) é um bloco. .jsonl e .parquet têm sempre objetos. Todos podem estar compactados:\n" +
  ".gz, .zst, .bz2, .xz.";
