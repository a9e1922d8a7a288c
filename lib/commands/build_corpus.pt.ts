/** What `build-corpus` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "TOML file of sources and filters": "arquivo TOML de fontes e filtros",
  "where the corpus goes": "para onde vai o corpus",
  "put the text of what is dropped into dropped.jsonl":
    "põe o texto do que é descartado em dropped.jsonl",
  "write a line about every document: what became of it and why":
    "grava uma linha sobre cada documento: o que foi feito dele e por quê",
  "every document: {1}": "cada documento: {1}",
  explaining: "explicando",
  "forget what an interrupted run has done":
    "esquece o que uma execução interrompida fez",
  "Filter, deduplicate and mix sources of text by a recipe":
    "Filtra, deduplica e mistura fontes de texto por uma receita",
  "configs/corpus.toml is a recipe with every key explained. Paths in it are seen from\nwhere you are, and stay below it without --allow-outside. Writes SOURCE_000.txt and so on, dropped.jsonl (a line about every\ndocument dropped: where it stands, the rule, value, threshold, the twin that was kept)\nand manifest.json. Interrupted, the same command goes on. The recipe's seed comes\nbefore --seed.":
    "configs/corpus.toml é uma receita com cada chave explicada. Os caminhos nela são vistos de\nonde você está, e não saem dali sem --allow-outside. Grava FONTE_000.txt e assim por diante, dropped.jsonl (uma linha sobre cada\ndocumento descartado: onde está, a regra, o valor, o limite, o gêmeo que ficou) e\nmanifest.json. Interrompido, o mesmo comando continua. A semente da receita vale mais que\n--seed.",
  "{1} [document|documents], {2} MB in {3} in {4}, in {5} s":
    "{1} [documento|documentos], {2} MB em {3} em {4}, em {5} s",
  "reading": "lendo",
  "comparing": "comparando",
  "writing": "gravando",
  "noting what was dropped": "anotando o que foi descartado",
  "source": "fonte",
  "read": "lidos",
  "kept": "mantidos",
  "weight": "peso",
  "written": "gravados",
  "nothing was dropped": "nada foi descartado",
  "dropped by": "descartados por",
  "warning: source {1} holds no document ({2})":
    "aviso: a fonte {1} não tem nenhum documento ({2})",
  "warning: nothing of source {1} is kept: {2} ({3})":
    "aviso: nada da fonte {1} ficou: {2} ({3})",
  "; clean-corpus makes UTF-8 of it": "; clean-corpus a converte para UTF-8",
  "{1}: {2} [paragraph|paragraphs] in other languages taken out of {3} [document|documents]":
    "{1}: {2} [parágrafo|parágrafos] em outras línguas [retirado|retirados] de {3} [documento|documentos]",
};
