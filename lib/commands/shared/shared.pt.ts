/** What all commands say, in Portuguese. */

import type { Translations } from "./language.ts";

export const portuguese: Translations = {
  // Help.
  "{1} (required)": "{1} (obrigatória)",
  "{1} (default: {2})": "{1} (padrão: {2})",
  "Options:": "Opções:",
  "Common options:": "Opções comuns:",
  "Examples:": "Exemplos:",
  "FILE": "ARQUIVO",
  "FOLDER": "PASTA",
  "PATH": "CAMINHO",
  "TEXT": "TEXTO",
  "TOML file of these options; flags win over it":
    "arquivo TOML com estas opções; o que está na linha de comando vale mais",
  "print one JSON object of results as the last line":
    "imprime os resultados como um objeto JSON na última linha",
  "no progress": "sem mostrar o progresso",
  "show the stack of an error": "mostra a pilha de um erro",
  "show this help": "mostra esta ajuda",
  "language of messages: pt-BR or en (default: the system's)":
    "idioma das mensagens: pt-BR ou en (padrão: o do sistema)",
  "threads to use (default: one a core)":
    "threads a usar (padrão: uma por núcleo)",
  "random seed": "semente do acaso",
  "text file, or folder of .txt, .md and .jsonl files":
    "arquivo de texto, ou pasta de arquivos .txt, .md e .jsonl",
  // What a document is.
  "what a document is; auto is told below":
    "o que é um documento; auto está explicado abaixo",
  "documents: {1}": "documentos: {1}",
  "{1} ({2})": "{1} ({2})",
  "{1} in {2}": "{1} em {2}",
  "not read, as the manifest does not name them: {1} ({2})":
    "não lidos, porque não estão no manifesto: {1} ({2})",
  "blocks between blank lines": "blocos entre linhas em branco",
  "a file each": "um por arquivo",
  "a line of JSON each": "um por linha de JSON",
  "as asked": "como pedido",
  "by its manifest": "segundo o manifesto",
  "by its ending": "segundo a extensão",
  "numbered files; --documents files for whole files":
    "arquivos numerados; --documents files para um por arquivo",
  "more than 16 MiB; --documents files for whole files":
    "mais de 16 MiB; --documents files para um por arquivo",
  "no manifest; --documents has others":
    "sem manifesto; há outros em --documents",
  "no manifest; --documents blank-lines for blocks":
    "sem manifesto; --documents blank-lines para blocos",
  // The overview.
  "ptbr-slm: a small RWKV language model of Brazilian Portuguese, from dump to text":
    "ptbr-slm: um pequeno modelo de linguagem RWKV do português do Brasil, do dump ao texto",
  "deno task <command> --help shows a command's options.":
    "deno task <comando> --help mostra as opções de um comando.",
  "error: {1}": "erro: {1}",
  // Progress and interrupts.
  "{1} left": "faltam {1}",
  "1 file": "1 arquivo",
  "{1} files": "{1} arquivos",
  "Interrupted after {1}: {2} (once more to stop at once)":
    "Interrompido depois de {1}: {2} (outra vez para parar já)",
  "stopping": "parando",
  "interrupted; the same command goes on from here":
    "interrompido; o mesmo comando continua daqui",
  "interrupted; nothing was written": "interrompido; nada foi gravado",
};
