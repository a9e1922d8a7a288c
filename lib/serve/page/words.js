/** What the page says, in two languages. */

import { sayer, speakIn } from "../../page/language.js";

const words = {
  playground: ["playground", "para experimentar"],
  mode: ["What to write", "O que escrever"],
  completion: ["Text", "Texto"],
  chat: ["Chat", "Conversa"],
  settings: ["Settings", "Ajustes"],
  keyboard: ["Keyboard", "Teclado"],
  close: ["Close", "Fechar"],
  prompt: ["Text to go on from", "Texto a continuar"],
  promptHint: [
    "Begin a text; the model goes on.",
    "Comece um texto; o modelo continua.",
  ],
  message: ["Message", "Mensagem"],
  messageHint: ["Write a message", "Escreva uma mensagem"],
  completionKeys: [
    "Ctrl+Enter writes on from the text.",
    "Ctrl+Enter escreve a partir do texto.",
  ],
  chatKeys: [
    "Enter sends, Shift+Enter breaks the line.",
    "Enter envia, Shift+Enter quebra a linha.",
  ],
  chatHint: [
    "A base model has learnt to go on with texts, not to answer: what it says here is how it goes on with a conversation.",
    "Um modelo de base aprendeu a continuar textos, não a responder: o que ele diz aqui é como continua uma conversa.",
  ],
  user: ["You", "Você"],
  assistant: ["Model", "Modelo"],
  actions: ["Actions", "Ações"],
  write: ["Write", "Escrever"],
  goOn: ["Go on", "Continuar"],
  send: ["Send", "Enviar"],
  cancel: ["Cancel", "Cancelar"],
  again: ["Try again", "Tentar de novo"],
  edit: ["Edit", "Editar"],
  undo: ["Undo", "Desfazer"],
  fresh: ["New", "Novo"],
  copy: ["Copy", "Copiar"],
  copied: ["Copied", "Copiado"],
  share: ["Link", "Link"],
  linked: ["Link copied", "Link copiado"],
  shareHint: [
    "The link holds the text and the settings; whoever opens it sees them. Nothing is stored elsewhere.",
    "O link contém o texto e os ajustes; quem o abre os vê. Nada fica guardado em outro lugar.",
  ],
  tooLong: [
    "The text is too long for a link.",
    "O texto é longo demais para um link.",
  ],
  badLink: [
    "The link cannot be read: it is damaged, or of another version.",
    "Não é possível ler o link: está danificado ou é de outra versão.",
  ],
  model: ["Model", "Modelo"],
  maxTokens: ["Tokens at most", "Máximo de tokens"],
  mostTokens: ["{} at most, on this server", "no máximo {}, neste servidor"],
  temperature: ["Temperature", "Temperatura"],
  topP: ["Top-p", "Top-p"],
  topK: ["Top-k (0: off)", "Top-k (0: sem)"],
  minP: ["Min-p", "Min-p"],
  repetition: ["Repetition penalty", "Penalidade de repetição"],
  dry: ["Against loops (DRY)", "Contra repetições (DRY)"],
  presence: ["Presence penalty", "Penalidade de presença"],
  frequency: ["Frequency penalty", "Penalidade de frequência"],
  seed: ["Seed", "Semente"],
  anySeed: ["any", "qualquer"],
  stop: ["Stop at", "Parar em"],
  stopHint: [
    "One text a line; \\n is a line end.",
    "Um texto por linha; \\n é um fim de linha.",
  ],
  system: ["Before the conversation", "Antes da conversa"],
  tells: ["Probabilities of tokens", "Probabilidades dos tokens"],
  legend: [
    "stronger: less likely",
    "mais forte: menos provável",
  ],
  more: ["More settings", "Mais ajustes"],
  reset: ["As at first", "Como no início"],
  card: ["About the model", "Sobre o modelo"],
  architecture: ["architecture", "arquitetura"],
  parameters: ["parameters", "parâmetros"],
  vocabulary: ["vocabulary", "vocabulário"],
  channels: ["channels", "canais"],
  layers: ["blocks", "blocos"],
  stateSize: ["state of a text", "estado de um texto"],
  adapter: ["adapter", "adaptador"],
  backend: ["computed by", "calculado por"],
  written: ["written", "gravado"],
  noModels: ["No models", "Nenhum modelo"],
  speed: ["tokens/s", "tokens/s"],
  firstToken: ["first token", "primeiro token"],
  tokens: ["tokens written", "tokens escritos"],
  promptTokens: ["read before", "lidos antes"],
  cached: ["of these from the cache", "destes do cache"],
  writing: ["Writing…", "Escrevendo…"],
  reading: ["Reading the text…", "Lendo o texto…"],
  ended: ["The text ended here.", "O texto terminou aqui."],
  length: [
    "Stopped at the most tokens asked for.",
    "Parou no máximo de tokens pedido.",
  ],
  cancelled: ["Cancelled.", "Cancelado."],
  lost: [
    "The server does not answer. Is it still running?",
    "O servidor não responde. Ele ainda está em execução?",
  ],
  cut: [
    "The server stopped in mid-text.",
    "O servidor parou no meio do texto.",
  ],
  refused: ["The server says: ", "O servidor diz: "],
  refusedValue: [
    "The server does not take this value: ",
    "O servidor não aceita este valor: ",
  ],
  busy: [
    "The server has too much to do. Try again in a moment.",
    "O servidor está ocupado demais. Tente de novo daqui a pouco.",
  ],
  wrongKey: ["That key is not accepted.", "Essa chave não é aceita."],
  key: ["API key", "Chave de API"],
  keyNeeded: ["This server asks for a key", "Este servidor pede uma chave"],
  keyHint: [
    "It is kept in this tab alone, until it is closed.",
    "Fica apenas nesta aba, até ela ser fechada.",
  ],
  enter: ["Enter", "Entrar"],
  alternatives: ["In this place", "Neste lugar"],
  choose: [
    "Choose one to write on from there.",
    "Escolha um para continuar dali.",
  ],
  chosen: ["written", "escrito"],
  endOfText: ["end of text", "fim do texto"],
  writtenText: ["Text by the model", "Texto do modelo"],
  tokensHint: [
    "Arrow keys walk over the tokens, Enter shows what else might have been.",
    "As setas percorrem os tokens, Enter mostra o que mais poderia estar ali.",
  ],
  keyWrite: ["write, go on, send", "escrever, continuar, enviar"],
  keyCancel: [
    "cancel, or close what is open",
    "cancelar, ou fechar o que está aberto",
  ],
  keyAgain: ["try again", "tentar de novo"],
  keyWalk: ["from token to token", "de token em token"],
  keyOpen: ["what else might have been", "o que mais poderia estar ali"],
  memory: ["in memory", "na memória"],
  tokenizer: ["Tokens", "Tokens"],
  tokenizerText: [
    "Text to see the tokens of",
    "Texto cujos tokens se quer ver",
  ],
  tokenizerHint: [
    "Write or paste a text; below it is as the model reads it.",
    "Escreva ou cole um texto; abaixo está como o modelo o lê.",
  ],
  tokenizerTokens: ["Its tokens", "Os tokens dele"],
  tokenizerFigures: [
    "{} tokens for {} words and {} characters, {} tokens a word",
    "{} tokens para {} palavras e {} caracteres, {} tokens por palavra",
  ],
  tokenizerCut: ["The first {} are shown.", "São mostrados os primeiros {}."],
  ids: ["Ids", "Ids"],
};

/** Says a word of the table. */
export const say = sayer(words);

/** Adds words, or says some otherwise. */
export function addWords(more) {
  Object.assign(words, more);
}

/** Whether there is something to be said by that word. */
export function isKnown(word) {
  return Object.hasOwn(words, word);
}

const KEYS = [
  ["Ctrl ↵", "keyWrite"],
  ["Esc", "keyCancel"],
  ["Ctrl ⇧ ↵", "keyAgain"],
  ["← →", "keyWalk"],
  ["↵", "keyOpen"],
];

/** Puts the words into the parts of the page that are always there. */
export function speak() {
  speakIn(say, KEYS);
}
