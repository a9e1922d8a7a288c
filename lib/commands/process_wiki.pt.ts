/** What `process-wiki` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Clean the articles of a Wikimedia dump into text files":
    "Limpa os artigos de um dump da Wikimedia para arquivos de texto",
  "Wikimedia dump, .xml or .xml.bz2 (required, but to compare alone)":
    "dump da Wikimedia, .xml ou .xml.bz2 (obrigatório, menos só para comparar)",
  "an earlier corpus of the same pages: say what is different now":
    "um corpus anterior das mesmas páginas: diz o que mudou desde então",
  "with --compare: how many of each list to show":
    "com --compare: quantos mostrar de cada lista",
  "where the text goes": "para onde vai o texto",
  "text, or a JSON object a line": "texto, ou um objeto JSON por linha",
  "whose rules to follow; auto asks the dump":
    "de que projeto são as regras; auto pergunta ao dump",
  "shortest article to keep, in characters":
    "menor artigo que fica, em caracteres",
  "articles in one file": "artigos em cada arquivo",
  "keep pages that list what a name may mean":
    "mantém as páginas de desambiguação",
  "throw away what an interrupted run has left":
    "joga fora o que uma execução interrompida deixou",
  "Writes wiki_000.txt and so on, a paragraph a line and a blank line between articles\n(or wiki_000.jsonl: id, title, url, text), and manifest.json. An earlier corpus in the\nfolder is replaced when all is done. After an interruption the same command goes on\nwhere the last complete file ended.\nDumps: https://dumps.wikimedia.org/ptwiki/ (pages-articles, with or without multistream).\nWith --compare, what a newer version of the cleaner changes is shown; without --input,\nthe corpus that is in the folder is compared.":
    "Grava wiki_000.txt e assim por diante, um parágrafo por linha e uma linha em branco entre\nartigos (ou wiki_000.jsonl: id, title, url, text), e manifest.json. Um corpus anterior na\npasta é substituído quando tudo está pronto. Depois de uma interrupção, o mesmo comando\ncontinua de onde o último arquivo completo terminou.\nDumps: https://dumps.wikimedia.org/ptwiki/ (pages-articles, com ou sem multistream).\nCom --compare se vê o que uma versão mais nova do limpador muda; sem --input, compara-se o\ncorpus que está na pasta.",
  "going on after {1} with {2} [article|articles]":
    "continuando depois de {1} com {2} [artigo|artigos]",
  "{1} MB/s of XML  {2} [article|articles]":
    "{1} MB/s de XML  {2} [artigo|artigos]",
  "{1} [article|articles], {2} MB of text in {3} in {4}, from {5} [page|pages] in {6} s":
    "{1} [artigo|artigos], {2} MB de texto em {3} em {4}, de {5} [página|páginas] em {6} s",
  "not kept: {1}": "não ficaram: {1}",
  "redirects": "redirecionamentos",
  "of other namespaces": "de outros domínios",
  "not wikitext": "sem wikitexto",
  "disambiguations": "desambiguações",
  "too short": "curtos demais",
  "not corrected yet": "ainda não corrigidos",
};
