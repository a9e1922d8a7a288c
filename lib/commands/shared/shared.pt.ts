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
