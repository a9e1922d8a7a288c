/** What the page says, in two languages. */

import { figure, languageTag, sayer, whole } from "../../page/language.js";

/** Says a word of the table. */
export const say = sayer({
  report: ["evaluation", "avaliação"],
  bitsPerByte: ["Bits per byte", "Bits por byte"],
  aboutBits: [
    "What each byte of text costs a model that has read all of the document before it: lower is better. Bars are intervals of 95 %, found by drawing documents again and again.",
    "Quanto cada byte de texto custa a um modelo que já leu todo o documento até ali: menos é melhor. As barras são intervalos de 95 %, obtidos sorteando documentos muitas vezes.",
  ],
  model: ["Model", "Modelo"],
  interval: ["95 %", "95 %"],
  perplexity: ["Perplexity", "Perplexidade"],
  tokens: ["Tokens", "Tokens"],
  bytes: ["Bytes", "Bytes"],
  from: ["Against the first", "Em relação ao primeiro"],
  absent: ["Not measured", "Não medido"],
  "not-permitted": [
    "its program may not be started by a task, but by deno run -A cli.ts evaluate",
    "uma tarefa não pode iniciar o programa; deno run -A cli.ts evaluate pode",
  ],
  "not-found": [
    "its program is not on this machine",
    "o programa não está nesta máquina",
  ],
  "too-much": [
    "there is more than 1 GiB to compress",
    "há mais de 1 GiB a comprimir",
  ],
  bySource: ["By source", "Por fonte"],
  byLength: ["By length of the document", "Por tamanho do documento"],
  byPosition: ["By place in the document", "Por posição no documento"],
  aboutPosition: [
    "Bytes of the document that the model has read before.",
    "Bytes do documento que o modelo já leu.",
  ],
  eachDocument: ["Every document", "Cada documento"],
  aboutEach: [
    "Length in bytes, and bits per byte.",
    "Tamanho em bytes e bits por byte.",
  ],
  figures: ["Figures", "Números"],
  document: ["Document", "Documento"],
  documents: ["Documents", "Documentos"],
  source: ["Source", "Fonte"],
  bytesRange: ["Bytes", "Bytes"],
  firstShown: ["shown of", "mostrados de"],
  read: [
    "Each document is read from beginning to end, by itself.",
    "Cada documento é lido do começo ao fim, sozinho.",
  ],
  forgets: [
    "All is forgotten after so many tokens:",
    "Tudo é esquecido após este número de tokens:",
  ],
  learnt: ["Baselines learnt from", "As referências aprenderam de"],
  draws: ["draws", "sorteios"],
  seed: ["seed", "semente"],
});

/** Bits a byte for people. */
export function bits(value, digits = 3) {
  return value.toLocaleString(languageTag(), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** An interval for people. */
export function between(interval) {
  return interval === undefined
    ? "–"
    : `${bits(interval[0])} – ${bits(interval[1])}`;
}

/** A difference for people. */
export function signed(value) {
  return `${value > 0 ? "+" : value < 0 ? "−" : ""}${bits(Math.abs(value))}`;
}

/** A number of bytes in few letters: 256, 4 KB, 1 MB. */
export function size(count) {
  if (count < 1024) return whole(count);
  const units = ["KiB", "MiB", "GiB"];
  const power = Math.min(units.length, Math.floor(Math.log2(count) / 10));
  return `${figure(count / 1024 ** power, 3)} ${units[power - 1]}`;
}

/** From so many bytes to so many. */
export function range({ from, to }) {
  if (to === undefined) return `≥ ${size(from)}`;
  return from === 0 ? `< ${size(to)}` : `${size(from)} – ${size(to)}`;
}
