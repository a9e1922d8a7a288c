/** What the page says, in two languages. */

import { languageTag, sayer, speakIn } from "../../page/language.js";

/** Says a word of the table. */
export const say = sayer({
  dashboard: ["dashboard", "painel"],
  over: ["over", "por"],
  steps: ["steps", "passos"],
  step: ["step", "passo"],
  tokens: ["tokens", "tokens"],
  hours: ["hours", "horas"],
  smoothed: ["smoothed", "suavizado"],
  smoothing: ["smoothing", "suavização"],
  logarithmic: ["logarithmic", "logarítmico"],
  whole: ["whole run", "treino inteiro"],
  runs: ["Runs", "Treinos"],
  run: ["run", "treino"],
  none: [
    "No runs here yet: they appear when train has logged its first steps.",
    "Ainda não há treinos aqui: eles aparecem quando o train registra os primeiros passos.",
  ],
  samples: ["Samples of text", "Amostras de texto"],
  noSamples: ["none so far", "nenhuma até agora"],
  keyboard: ["Keyboard", "Teclado"],
  close: ["Close", "Fechar"],
  lost: [
    "The dashboard does not answer; what is shown is of before. Is it still running?",
    "O painel não responde; o que se vê é de antes. Ele ainda está em execução?",
  ],
  reading: ["reading…", "lendo…"],
  running: ["running", "em andamento"],
  complete: ["complete", "completo"],
  interrupted: ["interrupted", "interrompido"],
  silent: ["no sign of life", "sem sinal de vida"],
  since: ["since", "desde"],
  loss: ["Training loss", "Perda no treino"],
  valLoss: ["Validation loss", "Perda na validação"],
  valBitsPerByte: [
    "Bits per byte, validation",
    "Bits por byte, validação",
  ],
  learningRate: ["Learning rate", "Taxa de aprendizado"],
  gradientNorm: ["Gradient norm", "Norma do gradiente"],
  updateRatio: ["Update to weight ratio", "Razão entre atualização e pesos"],
  tokensPerSecond: ["Tokens per second", "Tokens por segundo"],
  memory: ["Memory, MB", "Memória, MB"],
  lossShort: ["loss", "perda"],
  bitsShort: ["bits/byte", "bits/byte"],
  speedShort: ["tokens/s", "tokens/s"],
  left: ["time left", "tempo restante"],
  lasted: ["lasted", "durou"],
  parameters: ["parameters", "parâmetros"],
  slowest: ["slowest rank", "processo mais lento:"],
  keyAxis: ["over steps, tokens or hours", "por passos, tokens ou horas"],
  keyLog: ["logarithmic or linear", "logarítmico ou linear"],
  keySmooth: ["less or more smoothing", "menos ou mais suavização"],
  keyWhole: ["the whole run again", "o treino inteiro de novo"],
  keyRuns: ["show or hide a run", "mostra ou esconde um treino"],
  keyMove: [
    "the values before and after, in a chart",
    "os valores antes e depois, em um gráfico",
  ],
  keyZoom: [
    "drag in a chart: a part of it",
    "arrastar em um gráfico: uma parte dele",
  ],
});

const KEYS = [
  ["x", "keyAxis"],
  ["l", "keyLog"],
  ["[ ]", "keySmooth"],
  ["0", "keyWhole"],
  ["1 … 9", "keyRuns"],
  ["← →", "keyMove"],
  ["⇔", "keyZoom"],
];

/** Puts the words into the parts of the page that are always there. */
export function speak() {
  speakIn(say, KEYS);
}

/** A moment for people, with its day where that is not today. */
export function moment(time) {
  const date = new Date(time);
  const isToday = date.toDateString() === new Date().toDateString();
  return date.toLocaleString(languageTag(), {
    ...!isToday && { dateStyle: "short" },
    timeStyle: "medium",
  });
}

/** Seconds for people. */
export function duration(seconds) {
  if (seconds === undefined) return "–";
  const s = Math.round(seconds);
  const two = (n) => String(Math.floor(n)).padStart(2, "0");
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${two(s % 3600 / 60)} min`;
  return `${Math.floor(s / 86_400)} d ${two(s % 86_400 / 3600)} h`;
}
