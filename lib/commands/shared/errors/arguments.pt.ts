/** Errors of the command line, of files, and of the commands themselves. */

import type { Translations } from "../language.ts";

export const args: Translations = {
  // The command line.
  'Unknown command "{1}"; see --help':
    'Comando desconhecido "{1}"; veja --help',
  'Unknown command "{1}"; did you mean {2}?':
    'Comando desconhecido "{1}"; você quis dizer {2}?',
  "Give --model, a folder that train, finetune or import-model has made (or demo: data/demo/model); none came with the program":
    "Dê --model, uma pasta feita por train, finetune ou import-model (ou por demo: data/demo/model); nenhum veio com o programa",
  'Unknown option "-{1}"': 'Opção desconhecida "-{1}"',
  'Unknown option "-{1}"; did you mean --{2}?':
    'Opção desconhecida "-{1}"; você quis dizer --{2}?',
  "Unknown option --{1}": "Opção desconhecida --{1}",
  "Unknown option --{1}; did you mean --{2}?":
    "Opção desconhecida --{1}; você quis dizer --{2}?",
  "Unknown option {1}; see --help": "Opção desconhecida {1}; veja --help",
  "Cannot use --{1} here: {2}": "Não é possível usar --{1} aqui: {2}",
  "--{1} needs a value; if {2} is meant, write --{3}={4}":
    "--{1} precisa de um valor; se é {2} mesmo, escreva --{3}={4}",
  "completion takes one of {1}": "completion aceita um de {1}",
  'completion takes one of {1}, not "{2}"':
    'completion aceita um de {1}, e não "{2}"',
  "Cannot read the prompt: it is longer than {1} bytes":
    "Não é possível ler o prompt: tem mais de {1} bytes",
  'Cannot read "{1}": it is not UTF-8 text':
    'Não é possível ler "{1}": não é texto em UTF-8',
  "Cannot read the prompt: it is not UTF-8 text":
    "Não é possível ler o prompt: não é texto UTF-8",
  '{1} (in "{2}")': '{1} (em "{2}")',
  'Cannot use config "{1}": it describes a model, which train takes as --model-config':
    'Não é possível usar a configuração "{1}": ela descreve um modelo, que train recebe em --model-config',
  '--{1} takes a whole number or {2}, not "{3}"':
    '--{1} aceita um número inteiro ou {2}, e não "{3}"',
  'Cannot use "{1}": {2} takes options only, and a value of several words in quotes':
    'Não é possível usar "{1}": {2} só aceita opções, e um valor de várias palavras entre aspas',
  'Cannot use "{1}": {2} takes one name and options':
    'Não é possível usar "{1}": {2} só aceita um nome e opções',
  "--{1} is given {2} times": "--{1} foi dada {2} vezes",
  "--{1} needs a value": "--{1} precisa de um valor",
  "{1} needs --{2}": "{1} precisa de --{2}",
  "{1} needs --{2} {3}": "{1} precisa de --{2} {3}",
  "it has more than {1} bytes": "tem mais de {1} bytes",
  '--{1} is for the command line only (in "{2}")':
    '--{1} vale só na linha de comando (em "{2}")',
  '--blas is {1} in a file: a library is named on the command line only (in "{2}")':
    '--blas é {1} em um arquivo: uma biblioteca só é indicada na linha de comando (em "{2}")',
  '--{1} leads out of the working folder (in "{2}"); --allow-outside permits it':
    '--{1} leva para fora da pasta de trabalho (em "{2}"); --allow-outside permite isso',
  'Cannot read config "{1}": {2} cannot be {3}':
    'Não é possível ler a configuração "{1}": {2} não pode ser {3}',
  'Cannot read config "{1}": {2}':
    'Não é possível ler a configuração "{1}": {2}',
  '--{1} is one of {2}, not "{3}"': '--{1} é um destes: {2}, e não "{3}"',
  '--{1} is one of pt-BR, en, not "{2}"': '--{1} é pt-BR ou en, e não "{2}"',
  "--{1} takes no value": "--{1} não aceita um valor",
  '--{1} takes a whole number, not "{2}"':
    '--{1} aceita um número inteiro, e não "{2}"',
  '--{1} takes a number, not "{2}"': '--{1} aceita um número, e não "{2}"',
  "--{1} must be {2}, not {3}": "--{1} tem de ser {2}, e não {3}",
  "at least {1}": "no mínimo {1}",
  "from {1} to {2}": "de {1} a {2}",
  '--{1} takes a size as 500MB, not "{2}"':
    '--{1} aceita um tamanho como 500MB, e não "{2}"',
  '--date takes YYYYMMDD or latest, not "{1}"':
    '--date aceita AAAAMMDD ou latest, e não "{1}"',
  "evaluate needs --text, or one of --data and --input":
    "evaluate precisa de --text, ou de um entre --data e --input",
  "evaluate needs --text or --data": "evaluate precisa de --text ou de --data",
  "--input is read by windows: give --text for several models, --baselines or --html":
    "--input é lido por janelas: dê --text para vários modelos, --baselines ou --html",
  "--learn-from needs --baselines": "--learn-from precisa de --baselines",
  '--{1} takes all or some of {2}, not "{3}"':
    '--{1} aceita all ou alguns destes: {2}, e não "{3}"',
  "--compare takes files with a comma between them":
    "--compare aceita arquivos separados por vírgula",
  "--dtype {1} is for --format gguf only":
    "--dtype {1} é só para --format gguf",
  '--special-tokens takes different NAME=ID, not "{1}"':
    '--special-tokens aceita NOME=ID diferentes, e não "{1}"',
  "--special-tokens gives two names one id":
    "--special-tokens dá o mesmo id a dois nomes",
  '--tokens takes ids and commas, not "{1}"':
    '--tokens aceita ids e vírgulas, e não "{1}"',
  '--keep takes some of {1}, not "{2}"':
    '--keep aceita alguns destes: {1}, e não "{2}"',
  '--data is FOLDER, or FOLDER=WEIGHT,FOLDER=WEIGHT; not "{1}"':
    '--data é PASTA, ou PASTA=PESO,PASTA=PESO; e não "{1}"',
  "Give --model-size or --model-config, not both":
    "Use --model-size ou --model-config, não os dois",
  // Fields of a configuration.
  'Cannot read the {1} configuration: unknown field "{2}"':
    'Não é possível ler a configuração de {1}: campo desconhecido "{2}"',
  "Cannot use {1} {2}: it is true or false":
    "Não é possível usar {1} {2}: é true ou false",
  "Cannot use {1} {2}: not a whole number":
    "Não é possível usar {1} {2}: não é um número inteiro",
  "Cannot use {1} {2}: it must be from {3} to {4}":
    "Não é possível usar {1} {2}: tem de ser de {3} a {4}",
  'Cannot use {1} "{2}": it is one of {3}':
    'Não é possível usar {1} "{2}": é um destes: {3}',
  // What a file is instead.
  'Cannot use "{1}" as {2}: it is {3}':
    'Não é possível usar "{1}" como {2}: é {3}',
  "a Wikimedia dump": "um dump da Wikimedia",
  "a page of HTML": "uma página de HTML",
  "a folder of HTML pages": "uma pasta de páginas de HTML",
  "a folder of text": "uma pasta de textos",
  "documents as lines of JSON": "documentos em linhas de JSON",
  "documents as rows of parquet": "documentos em linhas de parquet",
  "a book in EPUB": "um livro em EPUB",
  "text that is not UTF-8": "texto que não está em UTF-8",
  "a tokenizer": "um tokenizador",
  "a tokenized dataset": "um conjunto de dados tokenizado",
  "a file of tokens": "um arquivo de tokens",
  "a model": "um modelo",
  "a dataset": "um conjunto de dados",
  "a checkpoint": "um checkpoint",
  "weights of another program": "pesos de outro programa",
  "a recipe": "uma receita",
  "a dump": "um dump",
  "a recipe of sources": "uma receita de fontes",
  "a file of settings": "um arquivo de opções",
  "an archive": "um arquivo compactado",
  "a saved state": "um estado salvo",
  "generate takes as --load-state": "que generate recebe como --load-state",
  "a picture": "uma imagem",
  "a PDF": "um PDF",
  "a program": "um programa",
  "binary data": "dados binários",
  "a folder": "uma pasta",
  "a folder of datasets": "uma pasta de conjuntos de dados",
  "a folder of models": "uma pasta de modelos",
  "{1}, which {2}": "{1}, que {2}",
  "tokenize and train-tokenizer take": "tokenize e train-tokenizer aceitam",
  "process-wiki takes": "process-wiki aceita",
  "process-laws takes": "process-laws aceita",
  "clean-corpus takes": "clean-corpus aceita",
  "tokenize takes as --tokenizer": "tokenize aceita em --tokenizer",
  "train and evaluate take as --data": "train e evaluate aceitam em --data",
  "train takes one by one as --data": "train aceita um a um em --data",
  "generate takes as --model": "generate aceita em --model",
  "generate takes one by one as --model": "generate aceita um a um em --model",
  "import-model takes": "import-model aceita",
  "build-corpus takes": "build-corpus aceita",
  "every command takes as --config": "todo comando aceita em --config",
  // Files.
  'Cannot write into "{1}": it and the input "{2}" must lie apart':
    'Não é possível gravar em "{1}": ela e a entrada "{2}" têm de estar em lugares separados',
  "it is in use by {1}": "está em uso por {1}",
  "its {1} is not a plain file of its own; remove it":
    "o {1} dela não é um arquivo comum próprio; remova-o",
  "another process": "outro processo",
  "process {1} since {2} {3} UTC": "um processo ({1}), desde {2} {3} UTC",
  'Cannot read "{1}": {2}': 'Não é possível ler "{1}": {2}',
  'Cannot remove "{1}": {2}': 'Não é possível apagar "{1}": {2}',
  "no such file or folder": "não existe esse arquivo ou pasta",
  "permission denied": "permissão negada",
  "Deno was not given the permission ({1})":
    "o Deno não recebeu a permissão ({1})",
  "it exists already": "já existe",
  "it is a folder": "é uma pasta",
  "it is not a folder": "não é uma pasta",
  "the disk is full": "o disco está cheio",
  "the file system is read-only": "o sistema de arquivos é só de leitura",
  "it has more than {1} bytes, so it has to be split":
    "tem mais de {1} bytes, portanto tem de ser dividido",
  'Cannot read "{1}": it has more than {2} MiB of text, so it has to be split; build-corpus reads it as it is':
    'Não é possível ler "{1}": tem mais de {2} MiB de texto, portanto tem de ser dividido; build-corpus o lê como está',
  'Cannot write to "{1}": {2}': 'Não é possível gravar em "{1}": {2}',
  "Cannot work in a thread: {1}": "Não é possível trabalhar em uma thread: {1}",
  // Commands.
  "Cannot run the demo: {1} is not here; run it in the project's folder":
    "Não é possível executar a demonstração: {1} não está aqui; execute-a na pasta do projeto",
  'Cannot write "{1}": it is there already, and not from an earlier export; choose another folder':
    'Não é possível gravar "{1}": já existe, e não é de uma exportação anterior; escolha outra pasta',
  '--{1} takes no date or time; text stands in quotes (in "{2}")':
    '--{1} não aceita data nem hora; texto fica entre aspas (em "{2}")',
  '--{1} takes one value, no list or table (in "{2}")':
    '--{1} aceita um só valor, nem lista nem tabela (em "{2}")',
};
