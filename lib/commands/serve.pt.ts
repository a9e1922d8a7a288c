/** What `serve` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Answer programs over HTTP, as OpenAI's and Ollama's servers do":
    "Atende programas por HTTP, como os servidores da OpenAI e do Ollama",
  "A page for the browser at /; completions, chat and responses under /v1, Ollama's\nunder /api, /health, /ready, /metrics for Prometheus; /openapi.json has all of\nthem. Only this machine is answered. Another --host needs a key and Deno's\n--allow-net with it, which a task has in its line of deno.json. Requests are\nlogged on stderr without prompts, as JSON where that is no terminal; --quiet\nkeeps them off. Ctrl-C finishes what was begun.":
    "Uma página para o navegador em /; completions, chat e responses em /v1, os do\nOllama em /api, /health, /ready, /metrics para o Prometheus; /openapi.json traz\ntodos. Só esta máquina é atendida. Outro --host exige uma chave e o --allow-net do\nDeno com ele, que uma tarefa tem em sua linha de deno.json. Os pedidos são\nregistrados na saída de erros sem os prompts, em JSON onde ela não é um terminal;\n--quiet os omite. Ctrl-C termina o que foi começado.",
  "models or their folders, separated by commas; NAME=FOLDER names one, FOLDER+FILE gives it an adapter (default: models/machado)":
    "modelos ou suas pastas, separados por vírgulas; NOME=PASTA dá nome a um, PASTA+ARQUIVO lhe dá um adaptador (padrão: models/machado)",
  "address to listen on; others than 127.0.0.1 need a key":
    "endereço em que escutar; outros que não 127.0.0.1 exigem uma chave",
  "port to listen on; 0 for any that is free":
    "porta em que escutar; 0 para qualquer uma livre",
  "keys that requests may have, one a line (or one in PTBR_SLM_API_KEY)":
    "chaves que os pedidos podem ter, uma por linha (ou uma em PTBR_SLM_API_KEY)",
  "sites whose pages may ask, by commas; * for all":
    "sites cujas páginas podem pedir, por vírgulas; * para todos",
  "texts written at once": "textos escritos de uma vez",
  "texts that may wait beside them": "textos que podem esperar além deles",
  "megabytes of states kept to spare reading":
    "megabytes de estados guardados para poupar leitura",
  "tokens that a text may have": "tokens que um texto pode ter",
  "connections open at once; others are told to come back":
    "conexões abertas de uma vez; às outras se diz que voltem",
  "seconds that texts may go on when it is ended":
    "segundos que os textos podem continuar quando ele é encerrado",
  "TOML that says how conversations are written (default: chat.toml beside the model)":
    "TOML que diz como as conversas são escritas (padrão: chat.toml ao lado do modelo)",
  "prompts and texts are in the log": "prompts e textos ficam no registro",
  "finishing what was begun": "terminando o que foi começado",
  "where {1} is one of the keys": "onde {1} é uma das chaves",
  "{1} [request|requests]": "{1} [pedido|pedidos]",
  "{1} [token|tokens]": "{1} [token|tokens]",
  "the client has gone": "o cliente se foi",
  "Reading {1}": "Lendo {1}",
  "Open this address in a browser, or ask it (Ctrl-C ends it):":
    "Abra este endereço no navegador, ou pergunte (Ctrl-C encerra):",
};
