/** What the page says, in two languages. */

const WORDS = {
  dashboard: ["dashboard", "painel"],
  over: ["over", "por"],
  steps: ["steps", "passos"],
  step: ["step", "passo"],
  tokens: ["tokens", "tokens"],
  hours: ["hours", "horas"],
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
  silent: ["no news", "sem notícias"],
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
};

const KEYS = [
  ["x", "keyAxis"],
  ["l", "keyLog"],
  ["[ ]", "keySmooth"],
  ["0", "keyWhole"],
  ["1 … 9", "keyRuns"],
  ["← →", "keyMove"],
  ["⇔", "keyZoom"],
];

/** As chosen before, else as the browser has it. */
let language = localStorage.getItem("language") ??
  (navigator.language.startsWith("pt") ? "pt" : "en");

/** Says a word of the table. */
export function say(word) {
  return WORDS[word][language === "pt" ? 1 : 0];
}

/** Changes between the two languages. */
export function otherLanguage() {
  language = language === "pt" ? "en" : "pt";
  localStorage.setItem("language", language);
}

/** Puts the words into the parts of the page that are always there. */
export function speak() {
  document.documentElement.lang = language === "pt" ? "pt-BR" : "en";
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = say(element.dataset.word);
  }
  for (const element of document.querySelectorAll("[data-title]")) {
    element.title = say(element.dataset.title);
    element.setAttribute("aria-label", element.title);
  }
  const other = document.querySelector("#language");
  other.textContent = language === "pt" ? "English" : "Português";
  other.lang = language === "pt" ? "en" : "pt-BR";
  document.querySelector("#keys-list").replaceChildren(
    ...KEYS.flatMap(([key, word]) => {
      const name = document.createElement("dt");
      name.textContent = key;
      const meaning = document.createElement("dd");
      meaning.textContent = say(word);
      return [name, meaning];
    }),
  );
}

/** A number for people, with so many digits that count. */
export function figure(value, digits = 4) {
  if (value === undefined || value === null || !Number.isFinite(value)) {
    return "–";
  }
  const tag = language === "pt" ? "pt-BR" : "en";
  if (value !== 0 && Math.abs(value) < 1e-3) {
    const [factor, exponent] = value.toExponential(2).split("e");
    return `${Number(factor).toLocaleString(tag)}e${exponent}`;
  }
  return value.toLocaleString(tag, {
    notation: Math.abs(value) >= 1e5 ? "compact" : "standard",
    maximumSignificantDigits: digits,
  });
}

/** A whole number for people. */
export function whole(value) {
  if (value === undefined) return "–";
  return value.toLocaleString(language === "pt" ? "pt-BR" : "en");
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
