/** What `process-laws` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Clean pages of legislation, as Planalto has them, into text files":
    "Limpa páginas de legislação, como as do Planalto, para arquivos de texto",
  "a page, or a folder of .html and .htm pages":
    "uma página, ou uma pasta de páginas .html e .htm",
  "the input is an index: read the saved pages that it links to":
    "a entrada é um índice: lê as páginas salvas às quais ele leva",
  "{1} [link of the index leads|links of the index lead] to no page in its folder: {2}":
    "{1} [link do índice não leva|links do índice não levam] a nenhuma página da sua pasta: {2}",
  "where the text goes": "para onde vai o texto",
  'keep notes of amendments, "(Incluído pela Lei nº ...)"':
    'mantém as notas de alteração, "(Incluído pela Lei nº ...)"',
  "text, or a JSON object a line": "texto, ou um objeto JSON por linha",
  "shortest law to keep, in characters": "menor lei que fica, em caracteres",
  "print a line about every page": "imprime uma linha sobre cada página",
  "Revoked text (struck out) goes, and so do the pages' headers, indexes and footers. Every\nlaw is a document, a paragraph, item or row of a table a line, in laws_000.txt and so on\n(or laws_000.jsonl: id, title, law, text). manifest.json beside them has the origin of each,\nand which pages are revisions of one law. Pages: https://www.planalto.gov.br/legislacao":
    "Saem o texto revogado (riscado) e os cabeçalhos, índices e rodapés das páginas. Cada lei é\num documento, um parágrafo, item ou linha de tabela por linha, em laws_000.txt e assim por\ndiante (ou laws_000.jsonl: id, title, law, text). Ao lado, manifest.json tem a origem de cada\numa, e quais páginas são revisões da mesma lei. Páginas: https://www.planalto.gov.br/legislacao",
  "{1}: left out, {2}": "{1}: ficou de fora, {2}",
  "no name found": "nome não encontrado",
  "{1}: {2}, {3} [character|characters], {4}, {5} revoked, {6} [note|notes]":
    "{1}: {2}, {3} [caractere|caracteres], {4}, {5} [revogado|revogados], {6} [nota|notas]",
  "warning: {1} [element that strikes out is|elements that strike out are] never closed and [was|were] ended with [its paragraph|their paragraphs]":
    "aviso: {1} [elemento que risca nunca é fechado|elementos que riscam nunca são fechados] e [foi encerrado|foram encerrados] com [o seu parágrafo|os seus parágrafos]",
  ", {1} [article repeated|articles repeated]":
    ", {1} [artigo repetido|artigos repetidos]",
  "not HTML": "não é HTML",
  "shorter than --min-chars": "menor que --min-chars",
  "{1} [law|laws], {2} MB of text in {3}, from {4} [page|pages] in {5} s":
    "{1} [lei|leis], {2} MB de texto em {3}, de {4} [página|páginas] em {5} s",
  "taken out: {1} [revoked paragraph|revoked paragraphs], {2} [note|notes], {3} [line of the pages|lines of the pages]; not kept: {4} not HTML, {5} too short":
    "retirados: {1} [parágrafo revogado|parágrafos revogados], {2} [nota|notas], {3} [linha das páginas|linhas das páginas]; não ficaram: {4} [que não é HTML|que não são HTML], {5} [curta demais|curtas demais]",
  "files of other types left out: {1} ({2})":
    "arquivos de outros tipos deixados de fora: {1} ({2})",
  "revisions of {1}: {2}": "revisões de {1}: {2}",
};
