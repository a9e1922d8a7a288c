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
  "this list, or the help of a command: help train":
    "esta lista, ou a ajuda de um comando: help train",
  "the version of the program and of Deno": "a versão do programa e do Deno",
  "what makes a shell complete commands and options":
    "o que faz um shell completar comandos e opções",
  "completion bash|zsh|fish|powershell prints a script for that shell. To have it, in the project's folder:":
    "completion bash|zsh|fish|powershell imprime um script para esse shell. Para usá-lo, na pasta do projeto:",
  "Exit codes: 0 done, 1 failed, 2 called wrongly, 130 interrupted.":
    "Códigos de saída: 0 feito, 1 falhou, 2 chamado de modo errado, 130 interrompido.",
  "error: {1}": "erro: {1}",
  // Progress and interrupts.
  "{1} left": "faltam {1}",
  "1 file": "1 arquivo",
  "{1} files": "{1} arquivos",
  "Interrupted after {1}: {2} (once more to stop at once)":
    "Interrompido depois de {1}: {2} (outra vez para parar já)",
  "stopping": "parando",
  "interrupted": "interrompido",
};
