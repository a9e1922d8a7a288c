/** Errors of writing text, in Portuguese. */

import type { Translations } from "../language.ts";

export const writing: Translations = {
  "Give --prompt or --prompts, not both":
    "Dê --prompt ou --prompts, não os dois",
  "--save-state is for one text alone": "--save-state serve para um só texto",
  "--interactive is for one text on a terminal":
    "--interactive serve para um só texto em um terminal",
  "--interactive reads stdin itself, --prompt cannot":
    "--interactive lê a entrada padrão, e --prompt não pode",
  "--logprobs needs --json": "--logprobs precisa de --json",
  '--{1} takes ids and what is added, such as 12=-100,7=1.5, not "{2}"':
    '--{1} recebe ids e o que se soma, como 12=-100,7=1.5, e não "{2}"',
  'Cannot read "{1}": it has no prompt':
    'Não é possível ler "{1}": não contém nenhum prompt',
  'Cannot read "{1}": line {2} is not JSON':
    'Não é possível ler "{1}": a linha {2} não é JSON',
  'Cannot read "{1}": line {2} is no object with a "prompt"':
    'Não é possível ler "{1}": a linha {2} não é um objeto com "prompt"',
  "Cannot write text: the session has no tokenizer":
    "Não é possível escrever texto: a sessão não tem tokenizador",
  "its head names tokens that the model has not":
    "o cabeçalho cita tokens que o modelo não tem",
  "Cannot stop at a text: it is empty":
    "Não é possível parar em um texto: ele está vazio",
  "Cannot tell of the {1} likeliest tokens: the model has {2}":
    "Não é possível informar os {1} tokens mais prováveis: o modelo tem {2}",
  "Cannot choose a token: there are {1} logits, not {2}":
    "Não é possível escolher um token: há {1} logits, e não {2}",
  "Cannot sample with a seed of {1}":
    "Não é possível sortear com a semente {1}",
  "Cannot sample among tokens {1} times as likely as the likeliest":
    "Não é possível sortear entre tokens {1} vezes tão prováveis quanto o mais provável",
  "Cannot sample among typical tokens of a probability of {1}":
    "Não é possível sortear entre os tokens típicos que somam a probabilidade {1}",
  "Cannot sample with a repetition penalty of {1}":
    "Não é possível sortear com uma penalidade de repetição de {1}",
  "Cannot sample with a penalty of {1}":
    "Não é possível sortear com uma penalidade de {1}",
  "Cannot look back at {1} tokens: at most {2}":
    "Não é possível olhar {1} tokens para trás: no máximo {2}",
  "Cannot bias token {1}: the model has {2}":
    "Não é possível favorecer o token {1}: o modelo tem {2}",
  "Cannot bias token {1} by {2}": "Não é possível favorecer o token {1} em {2}",
  "Cannot sample with DRY times {1}":
    "Não é possível sortear com DRY vezes {1}",
  "Cannot sample with DRY to the base {1}":
    "Não é possível sortear com DRY na base {1}",
  "Cannot sample with DRY from {1} tokens on":
    "Não é possível sortear com DRY a partir de {1} tokens",
  "Cannot save a state: there is not one text alone":
    "Não é possível salvar um estado: não há um só texto",
};
