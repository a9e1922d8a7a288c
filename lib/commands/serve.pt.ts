/** What `serve` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Answer programs over HTTP, as OpenAI's and Ollama's servers do":
    "Atende programas por HTTP, como os servidores da OpenAI e do Ollama",
  "Completions, chat and responses under /v1, Ollama's under /api, /health, /ready,\n/metrics for Prometheus; /openapi.json has all of them. Only this machine is\nanswered. For another --host a key is needed, and the line of the task in\ndeno.json with that host in --allow-net. Requests are logged on stderr without\nprompts, as JSON where that is no terminal; --quiet keeps them off. Ctrl-C finishes what was begun.":
    "Completions, chat e responses em /v1, os do Ollama em /api, /health, /ready,\n/metrics para o Prometheus; /openapi.json traz todos. Só esta máquina é atendida.\nPara outro --host é preciso uma chave, e a linha da tarefa em deno.json com esse\nhost em --allow-net. Os pedidos são registrados na saída de erros sem os prompts, em\nJSON onde ela não é um terminal; --quiet os omite. Ctrl-C termina o que foi começado.",
  "models or their folders, separated by commas; NAME=FOLDER names one":
    "modelos ou suas pastas, separados por vírgulas; NOME=PASTA dá nome a um",
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
