/** Errors of downloads, dumps, documents and the building of a corpus. */

import type { Translations } from "../language.ts";

export const corpus: Translations = {
  'Cannot use recipe "{1}": its source "{2}" leads out of the working folder; --allow-outside permits it':
    'Não é possível usar a receita "{1}": sua fonte "{2}" leva para fora da pasta de trabalho; --allow-outside permite isso',
  // Auditing and building.
  "give either --input or --recipe": "dê ou --input ou --recipe",
  "give --input, --compare or both": "dê --input, --compare ou os dois",
  "Cannot audit a corpus: give input or recipe, one of them":
    "Não é possível auditar um corpus: dê input ou recipe, um dos dois",
  "Cannot read a part of the analysis: it is damaged":
    "Não é possível ler uma parte da análise: está danificada",
  'Cannot read "{1}": {2}; --restart begins anew':
    'Não é possível ler "{1}": {2}; --restart começa de novo',
  "Cannot build a corpus: none of {1} documents is kept; {2}":
    "Não é possível construir um corpus: nenhum dos {1} documentos fica; {2}",
  "the sources are empty": "as fontes estão vazias",
  'Cannot read "{1}": it has been changed meanwhile':
    'Não é possível ler "{1}": foi alterado enquanto isso',
  "it has been changed meanwhile": "foi alterado enquanto isso",
  'Cannot use the recipe\'s "{1}{2}": {3}':
    'Não é possível usar "{1}{2}" da receita: {3}',
  "there must be 1 to {1}": "tem de haver de 1 a {1}",
  'two have the name "{1}"': 'duas têm o nome "{1}"',
  "it is missing": "está faltando",
  "it must be letters, digits, - and _, at most 64":
    "só pode ter letras, algarismos, - e _, no máximo 64",
  'it is one of auto, {1}, not "{2}"': 'é um destes: auto, {1}, e não "{2}"',
  'it is one of any, {1}, not "{2}"': 'é um destes: any, {1}, e não "{2}"',
  'it is one of {1}, not "{2}"': 'é um destes: {1}, e não "{2}"',
  "it is two letters, such as pt": "são duas letras, como pt",
  "it must be text": "tem de ser um texto",
  "it must be true or false": "tem de ser true ou false",
  "it must be a number from {1} to {2}": "tem de ser um número de {1} a {2}",
  "it must be tables": "tem de ser uma lista de tabelas",
  "it must be a table": "tem de ser uma tabela",
  "it is not known": "não é conhecido",
  "it is no whole number": "não é um número inteiro",
  // Documents.
  'Cannot read "{1}": line {2} {3}':
    'Não é possível ler "{1}": a linha {2} {3}',
  "has more than {1} bytes": "tem mais de {1} bytes",
  "is not UTF-8 text": "não é texto em UTF-8",
  "is not JSON": "não é JSON",
  'is no object with a "text"': 'não é um objeto com "text"',
  'Cannot read "{1}": it is not UTF-8 text; clean-corpus converts it':
    'Não é possível ler "{1}": não é texto em UTF-8; clean-corpus o converte',
  'Cannot read "{1}": none of the files that its manifest names is there':
    'Não é possível ler "{1}": não está lá nenhum dos arquivos que o manifesto nomeia',
  'Cannot read "{1}": it holds no {2} file':
    'Não é possível ler "{1}": não contém nenhum arquivo {2}',
  ".txt, .md, .html, .jsonl, .parquet or .epub":
    ".txt, .md, .html, .jsonl, .parquet ou .epub",
  'nothing of it can be read; of "{1}": {2}':
    'nada dele pode ser lido; de "{1}": {2}',
  "it is a link to a folder": "é um link para uma pasta",
  "it is a link that leads nowhere": "é um link que não leva a lugar nenhum",
  // Formats.
  "it has no data": "está sem dados",
  "it is cut off": "está cortado",
  "it is damaged: its checksum is wrong":
    "está danificado: sua soma de verificação está errada",
  "it is encrypted": "está criptografado",
  "it is no Zstandard data": "não são dados Zstandard",
  "it is no bzip2 data": "não são dados bzip2",
  "it is no gzip data, or something else follows them":
    "não são dados gzip, ou outra coisa vem depois deles",
  "it is no xz data, or something else follows them":
    "não são dados xz, ou outra coisa vem depois deles",
  "something else follows its data": "outra coisa vem depois dos seus dados",
  "it was packed with a dictionary": "foi compactado com um dicionário",
  "it asks for more than 128 MiB to be unpacked":
    "pede mais de 128 MiB para ser descompactado",
  "it asks for more than 64 MiB to be unpacked":
    "pede mais de 64 MiB para ser descompactado",
  "it uses what only the xz program reads: xz -d and xz pack it anew":
    "usa o que só o programa xz lê: xz -d e xz o compactam de novo",
  "it becomes more than {1} times as long unpacked":
    "fica mais de {1} vezes maior ao ser descompactado",
  "it is no parquet file": "não é um arquivo parquet",
  "it has no column of text": "não tem nenhuma coluna de texto",
  'it has no column "{1}" of text, but {2}: a recipe of build-corpus says which (text_field)':
    'não tem uma coluna "{1}" de texto, mas {2}: uma receita de build-corpus diz qual (text_field)',
  "its texts are neither plain nor in a dictionary, which is what is read":
    "seus textos não são simples nem estão num dicionário, que é o que se lê",
  "it has a page of more than 256 MiB": "tem uma página de mais de 256 MiB",
  "it is no EPUB": "não é um EPUB",
  "it is no EPUB, or cut off": "não é um EPUB, ou está cortado",
  "it has no page of text": "não tem nenhuma página de texto",
  "it has more than 256 MiB of text": "tem mais de 256 MiB de texto",
  "it names files that it has not": "nomeia arquivos que não tem",
  "what describes the book is damaged":
    "o que descreve o livro está danificado",
  "it has a file of more than {1} bytes": "tem um arquivo de mais de {1} bytes",
  "it has more than {1} files": "tem mais de {1} arquivos",
  'Cannot read "{1}": it is empty':
    'Não é possível ler "{1}": está sem conteúdo',
  "it has too many files": "tem arquivos demais",
  'Cannot make a corpus of "{1}": none of its {2} pages is an article of {3} characters or more':
    'Não é possível fazer um corpus de "{1}": nenhuma das suas {2} páginas é um artigo de {3} caracteres ou mais',
  'Cannot make a corpus of "{1}": none of its links leads to a page in its folder':
    'Não é possível fazer um corpus de "{1}": nenhum dos seus links leva a uma página da sua pasta',
  'Cannot make a corpus of "{1}": it holds no .html or .htm page':
    'Não é possível fazer um corpus de "{1}": não contém nenhuma página .html ou .htm',
  'Cannot make a corpus of "{1}": none of its {2} pages holds a law of {3} characters or more':
    'Não é possível fazer um corpus de "{1}": nenhuma das suas {2} páginas contém uma lei de {3} caracteres ou mais',
  'Cannot go on with "{1}": {2} the work on it began; --restart begins anew':
    'Não é possível continuar com "{1}": {2} que o trabalho nele começou; --restart começa de novo',
  "it has changed since": "mudou desde",
  'Cannot write into "{1}": {2}': 'Não é possível gravar em "{1}": {2}',
  "work was begun there with other options or sources; --restart begins anew":
    "um trabalho foi começado ali com outras opções ou fontes; --restart começa de novo",
  "the journal of work that was begun there cannot be read; --restart begins anew":
    "não é possível ler o diário do trabalho começado ali; --restart começa de novo",
  "it holds a corpus of {1}, which {2} does not replace":
    "contém um corpus de {1}, que {2} não substitui",
  "it holds a {1} that {2} has not written": "contém um {1} que {2} não gravou",
  "{1} was interrupted there and can go on; {2} does not throw its work away":
    "{1} foi interrompido ali e pode continuar; {2} não joga fora o trabalho dele",
  'Cannot make a corpus of "{1}": {2}':
    'Não é possível fazer um corpus de "{1}": {2}',
  "it is binary data": "são dados binários",
  "all its files are binary data": "todos os seus arquivos são dados binários",
  "nothing of it is left": "nada dele restou",
  "nothing of its {1} files is left": "nada dos seus {1} arquivos restou",
  // Downloads.
  "download takes --wiki or --dataset, one of them":
    "download recebe --wiki ou --dataset, um dos dois",
  'Cannot download data set "{1}": a name is ORGANISATION/NAME':
    'Não é possível baixar o conjunto de dados "{1}": um nome é ORGANIZAÇÃO/NOME',
  'Cannot download data set "{1}": it has no file of text there':
    'Não é possível baixar o conjunto de dados "{1}": não há ali nenhum arquivo de texto',
  'Cannot download data set "{1}": --configuration is one of {2}':
    'Não é possível baixar o conjunto de dados "{1}": --configuration é um destes: {2}',
  'Cannot read "{1}": it does not answer as a hub of data sets does':
    'Não é possível ler "{1}": não responde como um hub de conjuntos de dados',
  "{1}; a token that may read it goes into HF_TOKEN":
    "{1}; um token que possa lê-lo vai em HF_TOKEN",
  "{1}; the token in HF_TOKEN may not read it":
    "{1}; o token em HF_TOKEN não pode lê-lo",
  'Cannot download the dump of "{1}": a date is YYYYMMDD or latest':
    'Não é possível baixar o dump de "{1}": uma data é AAAAMMDD ou latest',
  'Cannot read "{1}": it has more than {2} bytes':
    'Não é possível ler "{1}": tem mais de {2} bytes',
  'Cannot read "{1}": it leads to "{2}", which is not one of the hosts that dumps come from':
    'Não é possível ler "{1}": leva a "{2}", que não é um dos servidores de onde vêm os dumps',
  'Cannot read "{1}": it leads in a circle':
    'Não é possível ler "{1}": os redirecionamentos andam em círculo',
  'Cannot read "{1}": the server answers {2}':
    'Não é possível ler "{1}": o servidor responde {2}',
  'Cannot read "{1}": the server answers {2} {3}':
    'Não é possível ler "{1}": o servidor responde {2} {3}',
  'Cannot read "{1}": there is no connection to {2}: {3}':
    'Não é possível ler "{1}": não há conexão com {2}: {3}',
  'Cannot read "{1}": nothing came for {2} s':
    'Não é possível ler "{1}": nada chegou por {2} s',
  'Cannot use "{1}": it is not an address such as https://dumps.wikimedia.org':
    'Não é possível usar "{1}": não é um endereço como https://dumps.wikimedia.org',
  "another download is writing it": "outro download está gravando nele",
  'Cannot download "{1}": it has {2} bytes there and should have {3}':
    'Não é possível baixar "{1}": tem {2} bytes no servidor e devia ter {3}',
  'Cannot download "{1}": more than the {2} bytes announced came':
    'Não é possível baixar "{1}": chegaram mais que os {2} bytes anunciados',
  'Cannot download "{1}": the connection ended at byte {2} of {3}':
    'Não é possível baixar "{1}": a conexão terminou no byte {2} de {3}',
  'Cannot download "{1}": the server does not continue where the file stopped':
    'Não é possível baixar "{1}": o servidor não continua de onde o arquivo parou',
  'Cannot download "{1}": the server has less of it than is here':
    'Não é possível baixar "{1}": o servidor tem menos dele do que já está aqui',
  'Cannot download "{1}": the {2} of what came is {3} and should be {4}':
    'Não é possível baixar "{1}": o {2} do que chegou é {3} e devia ser {4}',
  'Cannot download "{1}/{2}": dumpstatus.json has no checksum for it':
    'Não é possível baixar "{1}/{2}": dumpstatus.json não tem a sua soma de verificação',
  'Cannot read "{1}/dumpstatus.json": it is not JSON':
    'Não é possível ler "{1}/dumpstatus.json": não é JSON',
  'Cannot download "{1}": the server lists no checksum for it':
    'Não é possível baixar "{1}": o servidor não lista a sua soma de verificação',
  "Cannot download {1} of {2}: its articles are not complete yet":
    "Não é possível baixar {1} de {2}: seus artigos ainda não estão completos",
  'Cannot download {1}: none of its newest {2} dumps at "{3}" is complete':
    'Não é possível baixar {1}: nenhum dos seus {2} dumps mais novos em "{3}" está completo',
  'Cannot download {1}: "{2}/{3}/" lists no dump':
    'Não é possível baixar {1}: "{2}/{3}/" não lista nenhum dump',
  // Dumps.
  "Cannot decode bzip2: there is no data":
    "Não é possível decodificar o bzip2: não há dados",
  "Cannot decode bzip2: {1} at byte {2}":
    "Não é possível decodificar o bzip2: {1} no byte {2}",
  "this is not bzip2": "isto não é bzip2",
  "trailing garbage": "há lixo depois do fim",
  "cut off inside the block": "cortado no meio do bloco",
  "bad block": "bloco danificado",
  "cut off": "cortado antes do fim",
  "no block starts": "nenhum bloco começa",
  "bad checksum of the stream": "soma de verificação errada do fluxo",
  "Cannot read the text: it is not valid {1}":
    "Não é possível ler o texto: não é {1} válido",
  "Cannot read the dump: the kernels failed":
    "Não é possível ler o dump: os kernels falharam",
  "Cannot parse the dump: {1}": "Não é possível interpretar o dump: {1}",
  "Cannot parse the dump: it is empty":
    "Não é possível interpretar o dump: está vazio",
  "Cannot parse the dump: it is cut off inside <{1}>":
    "Não é possível interpretar o dump: está cortado dentro de <{1}>",
  "Cannot parse the dump: a page is longer than {1} characters":
    "Não é possível interpretar o dump: uma página tem mais de {1} caracteres",
  "a dump has no DOCTYPE": "um dump não tem DOCTYPE",
  'the encoding "{1}" is not UTF-8': 'a codificação "{1}" não é UTF-8',
  "<{1}> is not a MediaWiki dump": "<{1}> não é um dump do MediaWiki",
  "its elements nest too deeply": "seus elementos se aninham fundo demais",
  "a page without a title": "uma página sem título",
  "Cannot add a namespace: there are {1} already":
    "Não é possível acrescentar um domínio: já há {1}",
  'Cannot read documents by "{1}": it is one of auto, {2}':
    'Não é possível ler documentos por "{1}": é um de auto, {2}',
  "Cannot write a corpus of {1} documents a file":
    "Não é possível gravar um corpus de {1} documentos por arquivo",
  "Cannot tokenize: what is not held out has no text; --val-fraction 0 holds out nothing":
    "Não é possível tokenizar: o que não fica de fora do treino não tem texto; --val-fraction 0 não deixa nada de fora",
  "Cannot write a corpus as {1}": "Não é possível gravar um corpus como {1}",
  "Cannot hold out {1} of the text: it must be from 0 to below 1":
    "Não é possível reservar {1} do texto: tem de ser de 0 a menos de 1",
};
