/** Errors of serving models. */

import type { Translations } from "../language.ts";

export const serving: Translations = {
  '--model takes NAME=FOLDER, not "{1}"':
    '--model aceita NOME=PASTA, e não "{1}"',
  '--cors takes sites such as https://example.org, not "{1}"':
    '--cors aceita sites como https://example.org, e não "{1}"',
  'Cannot read keys of "{1}": there are none':
    'Não é possível ler chaves de "{1}": não há nenhuma',
  'chat template "{1}"': 'o modelo de conversa "{1}"',
  'Cannot read {1}: unknown field "{2}"':
    'Não é possível ler {1}: campo desconhecido "{2}"',
  "Cannot read {1}: {2} must be a text":
    "Não é possível ler {1}: {2} tem de ser um texto",
  "Cannot read {1}: stop must be a list of texts":
    "Não é possível ler {1}: stop tem de ser uma lista de textos",
  "Cannot listen on {1} without a key: anybody there could ask (see --api-key-file, or PTBR_SLM_API_KEY)":
    "Não é possível escutar em {1} sem uma chave: qualquer um ali poderia pedir (veja --api-key-file, ou PTBR_SLM_API_KEY)",
  "Cannot listen on {1}: Deno was not given that address; run the command (a task's line is in deno.json) with --allow-net={2}":
    "Não é possível escutar em {1}: o Deno não recebeu esse endereço; execute o comando (a linha de uma tarefa está em deno.json) com --allow-net={2}",
  "Cannot use key {1}: keys have letters, digits and signs of ASCII only, without blanks":
    "Não é possível usar a chave {1}: chaves têm só letras, dígitos e sinais do ASCII, sem espaços",
  "Cannot serve without a model": "Não é possível servir sem um modelo",
  'Cannot serve a model as "{1}": names have letters, digits, and any of . : - _':
    'Não é possível servir um modelo como "{1}": nomes têm letras, dígitos e qualquer um de . : - _',
};
