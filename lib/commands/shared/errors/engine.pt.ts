/** Errors of the engine that `serve` asks for texts. */

import type { Translations } from "../language.ts";

export const engine: Translations = {
  'Cannot open backend "{1}": there are {2}':
    'Não é possível abrir o backend "{1}": há {2}',
  'Cannot go on from "{1}": no such state of "{2}" is kept':
    'Não é possível continuar de "{1}": nenhum estado de "{2}" com esse nome está guardado',
  'Cannot serve two models by the name "{1}"':
    'Não é possível servir dois modelos com o nome "{1}"',
  'Cannot use "{1}": there is no such model':
    'Não é possível usar "{1}": não há tal modelo',
  "Cannot write a text: the engine was closed":
    "Não é possível escrever um texto: o serviço de textos foi encerrado",
  "Cannot write {1} tokens: at most {2} are allowed":
    "Não é possível escrever {1} tokens: são permitidos no máximo {2}",
  "Cannot take another text: {1} wait already":
    "Não é possível aceitar mais um texto: {1} já esperam",
  "Cannot go on with the text: the engine was closed":
    "Não é possível continuar o texto: o serviço de textos foi encerrado",
  "Cannot write {1} texts at once: 1 to {2} are possible":
    "Não é possível escrever {1} textos ao mesmo tempo: são possíveis de 1 a {2}",
  "Cannot serve with {1} {2}: it must be a whole number from 0 on":
    "Não é possível servir com {1} {2}: deve ser um número inteiro a partir de 0",
  "Cannot read token {1}: the model has {2}":
    "Não é possível ler o token {1}: o modelo tem {2}",
  "Cannot use the engine: {1}": "Não é possível usar o serviço de textos: {1}",
  "it was closed": "foi encerrado",
  "its Worker failed: {1}": "seu Worker falhou: {1}",
  "its Worker said what cannot be read":
    "seu Worker disse o que não pode ser lido",
};
