/** What `evaluate` says, in Portuguese. */

import { ABOUT_DOCUMENTS } from "./shared/documents.ts";
import { ABOUT_DOCUMENTS_PT } from "./shared/documents.pt.ts";
import type { Translations } from "./shared/language.ts";
import { ABOUT_SUITES } from "./shared/suites.ts";
import { ABOUT_SUITES_PT } from "./shared/suites.pt.ts";

export const portuguese: Translations = {
  "Measure how well a model predicts a text: bits per byte":
    "Mede o quanto um modelo prevê um texto: bits por byte",
  [
    `Each token is predicted once. With one model and --data or --input, from the tokens
before it in its window. With --text, several models or datasets, --baselines or --html,
from all of its document before it, however long: documents are read one by one, and
figures have intervals of 95 % over documents.
Bits per byte compare models with different tokenizers: lower is better. xz and ppmd
are the programs xz and 7z, which a task may not start: deno run -A cli.ts evaluate.

${ABOUT_SUITES}

${ABOUT_DOCUMENTS}`
  ]: `Cada token é previsto uma vez. Com um modelo e --data ou --input, a partir dos tokens
anteriores em sua janela. Com --text, vários modelos ou conjuntos de dados, --baselines ou
--html, a partir de todo o documento até ali, por mais longo que seja: os documentos são
lidos um a um, e os números têm intervalos de 95 % sobre os documentos.
Bits por byte comparam modelos de tokenizadores diferentes: menos é melhor. xz e ppmd são
os programas xz e 7z, que uma tarefa não pode iniciar: deno run -A cli.ts evaluate.

${ABOUT_SUITES_PT}

${ABOUT_DOCUMENTS_PT}`,
  "model_final.mpk or a checkpoint, or their folder; several are compared with the first (default: models/machado)":
    "model_final.mpk ou um checkpoint, ou a pasta deles; vários são comparados com o primeiro (padrão: models/machado)",
  "a dataset; its val.bin is used, or one token file":
    "um conjunto de dados, do qual se usa val.bin; ou um arquivo de tokens",
  "instead of --data: text (.txt .md .html .jsonl .parquet .epub): a file or a folder":
    "em vez de --data: texto (.txt .md .html .jsonl .parquet .epub): um arquivo ou uma pasta",
  "text to be read by documents, each from its beginning to its end; several are sources":
    "texto a ser lido por documentos, cada um do começo ao fim; vários são fontes",
  "what to compare with: unigram, zstd, xz, ppmd":
    "com o que comparar: unigram, zstd, xz, ppmd",
  "text that baselines learn from (default: none)":
    "texto de que as referências aprendem (padrão: nenhum)",
  "write the report as a page": "grava o relatório como página",
  "how often documents are drawn for intervals":
    "quantas vezes sortear os documentos para os intervalos",
  "windows at a time, or documents (default: 2, or 8)":
    "janelas de cada vez, ou documentos (padrão: 2, ou 8)",
  "tokens of a window (default: the model's), or after which a document is forgotten (default: never)":
    "tokens de uma janela (padrão: os do modelo), ou após os quais o documento é esquecido (padrão: nunca)",
  "evaluate": "avaliação",
  "{1} [token|tokens]": "{1} [token|tokens]",
  "{1} holds nothing out: this is train.bin, which the model may have been trained on":
    "{1} não reserva nada: isto é train.bin, com que o modelo pode ter sido treinado",
  "loss {1}, perplexity {2}, {3} bits per byte ({4} [token|tokens], {5} [byte|bytes])":
    "perda {1}; perplexidade {2}; {3} bits por byte ({4} [token|tokens], {5} [byte|bytes])",
  "report: {1}": "relatório: {1}",
  "{1} [document|documents], {2} [byte|bytes]":
    "{1} [documento|documentos], {2} [byte|bytes]",
  "bits per byte": "bits por byte",
  "95 %": "95 %",
  "perplexity": "perplexidade",
  "tokens": "tokens",
  "documents": "documentos",
  "{1} against {2}: {3}": "{1} em relação a {2}: {3}",
  "{1} against {2}: {3} (95 %: {4})": "{1} em relação a {2}: {3} (95 %: {4})",
  "{1} is not measured: {2}": "{1} não foi medido: {2}",
  "its program may not be started by a task, but by deno run -A cli.ts evaluate":
    "uma tarefa não pode iniciar o programa; deno run -A cli.ts evaluate pode",
  "its program is not on this machine": "o programa não está nesta máquina",
  "there is more than 1 GiB to compress": "há mais de 1 GiB a comprimir",
  "by source": "por fonte",
  "by length of the document, in bytes": "por tamanho do documento, em bytes",
  "by place in the document, in bytes": "por posição no documento, em bytes",
  "from {1} on": "a partir de {1}",
  "{1} to {2}": "{1} a {2}",
};
