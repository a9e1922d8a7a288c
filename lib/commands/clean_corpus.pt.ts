/** What `clean-corpus` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Repair and clean text files: characters, line breaks, boilerplate":
    "Conserta e limpa arquivos de texto: caracteres, quebras de linha, textos de praxe",
  "where the clean files go": "para onde vão os arquivos limpos",
  "what blank lines divide in the input":
    "o que as linhas em branco separam na entrada",
  "leave mojibake, controls and odd spaces":
    "mantém mojibake, controles e espaços estranhos",
  "leave lines that were broken at a page's width":
    "mantém as linhas quebradas na largura da página",
  "leave tags, wikitext and Markdown": "mantém etiquetas, wikitexto e Markdown",
  "leave maintenance lines and headers of pages":
    "mantém as linhas de manutenção e os cabeçalhos de páginas",
  "leave lines that many files begin or end with":
    "mantém as linhas com que muitos arquivos começam ou terminam",
  "drop lines that are shorter; 30 suits pages of the web, not verse":
    "tira as linhas mais curtas; 30 serve para páginas da web, não para versos",
  "print a line about every file": "imprime uma linha sobre cada arquivo",
  "Folders are read with their subfolders; files of other types are counted and left out.\nEvery file is written under the same name with .txt, a paragraph a line and a blank\nline between documents. Verse keeps its lines. In .jsonl files each line is an object whose text is a\ndocument, in .parquet each row. Each file may be packed (.gz, .zst, .bz2, .xz)\nand have up to 256 MiB of text. manifest.json has what each rule did. The clean files of an earlier run are replaced\nwhen all is done; until then there must be room for both.":
    "As pastas são lidas com suas subpastas; arquivos de outros tipos são contados e ficam de fora.\nCada arquivo é gravado com o mesmo nome e .txt, um parágrafo por linha e uma linha em branco\nentre documentos. Versos mantêm suas linhas. Em arquivos .jsonl, cada linha é um objeto cujo text\né um documento, e em .parquet cada linha da tabela. Cada arquivo pode estar compactado (.gz, .zst, .bz2, .xz)\ne ter até 256 MiB de texto. manifest.json diz o que cada regra fez. Os arquivos limpos de uma execução anterior\nsão substituídos quando tudo está pronto; até lá deve haver espaço para os dois.",
  "comparing {1}": "comparando {1}",
  "counting the words of {1}": "contando as palavras de {1}",
  "nothing is left of: {1}": "nada ficou de: {1}",
  "left out, as they are binary data: {1}":
    "deixados de fora, por serem dados binários: {1}",
  "{1} and {2} more": "{1} e mais {2}",
  "{1}: left out, binary data": "{1}: ficou de fora, dados binários",
  "{1}: {2} [byte|bytes] to {3}, {4} [line dropped|lines dropped]":
    "{1}: de {2} para {3} [byte|bytes], {4} [linha tirada|linhas tiradas]",
  ", line breaks undone": ", quebras de linha desfeitas",
  ", read as Windows-1252": ", lido como Windows-1252",
  "{1}, {2} MB to {3} MB, {4} [line dropped|lines dropped], in {5}":
    "{1}, de {2} MB para {3} MB, {4} [linha tirada|linhas tiradas], em {5}",
  "; {1} [file of another type left out|files of other types left out]":
    "; {1} [arquivo de outro tipo ficou|arquivos de outros tipos ficaram] de fora",
  "nothing to repair": "nada a consertar",
  "{1} [character was|characters were] lost before and cannot be repaired (U+FFFD)":
    "{1} [caractere já estava perdido e não tem|caracteres já estavam perdidos e não têm] conserto (U+FFFD)",
  "{1} mojibake repaired": "{1} de mojibake [consertado|consertados]",
  "{1} [control|controls] read as punctuation":
    "{1} [controle lido|controles lidos] como pontuação",
  "{1} line [break|breaks] undone":
    "{1} [quebra de linha desfeita|quebras de linha desfeitas]",
  "{1} [paragraph|paragraphs] rejoined":
    "{1} [parágrafo reunido|parágrafos reunidos]",
  "{1} [line|lines] with markup": "{1} [linha|linhas] com marcação",
  "{1} [line|lines] without letters": "{1} [linha|linhas] sem letras",
  "{1} of boilerplate": "{1} de textos de praxe",
  "{1} [header|headers] of pages": "{1} [cabeçalho|cabeçalhos] de páginas",
  "{1} repeated in many files": "{1} [repetida|repetidas] em muitos arquivos",
  "{1} shorter than --min-line-chars":
    "{1} [menor|menores] que --min-line-chars",
  "{1} [text|texts] kept of which the rules of boilerplate would have left nothing":
    "{1} [texto mantido|textos mantidos] dos quais as regras de textos de praxe não deixariam nada",
};
