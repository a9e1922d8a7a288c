/** Errors of tokenizers, their training, and their files. */

import type { Translations } from "../language.ts";

export const tokenizer: Translations = {
  // Use.
  "Cannot encode: {1} to {2} ids are wanted":
    "Não é possível codificar: são pedidos de {1} a {2} ids",
  "Cannot decode token {1}: the vocabulary has {2}":
    "Não é possível decodificar o token {1}: o vocabulário tem {2}",
  "Cannot use {1}: the tokenizer has none":
    "Não é possível usar {1}: o tokenizador não tem",
  "Cannot make a tokenizer: the vocabulary is unknown":
    "Não é possível fazer um tokenizador: o vocabulário é desconhecido",
  'Cannot use tokenizer "{1}": it has {2} tokens, the model {3}':
    'Não é possível usar o tokenizador "{1}": ele tem {2} tokens, e o modelo, {3}',
  "Cannot tokenize: there is no text": "Não é possível tokenizar: não há texto",
  "Cannot evaluate the tokenizer: there is no text":
    "Não é possível avaliar o tokenizador: não há texto",
  // Training.
  "Cannot train a tokenizer: the minimum frequency must be at least 1, not {1}":
    "Não é possível treinar um tokenizador: a frequência mínima tem de ser no mínimo 1, e não {1}",
  "Cannot train a tokenizer: there is no text":
    "Não é possível treinar um tokenizador: não há texto",
  "Cannot train a tokenizer: its vocabulary must be {1} to {2} tokens, not {3}":
    "Não é possível treinar um tokenizador: seu vocabulário tem de ser de {1} a {2} tokens, e não {3}",
  "Cannot make a cache: its capacity must be at least 1, not {1}":
    "Não é possível fazer um cache: sua capacidade tem de ser no mínimo 1, e não {1}",
  "Cannot keep a word of {1} units: it is longer than {2}":
    "Não é possível guardar uma palavra de {1} unidades: passa de {2}",
  'Cannot read word counts "{1}": {2}':
    'Não é possível ler as contagens de palavras "{1}": {2}',
  "it is no file of word counts": "não é um arquivo de contagens de palavras",
  "its header is too long": "seu cabeçalho é longo demais",
  "its header is incomplete": "seu cabeçalho está incompleto",
  "it has {1} bytes, not what its header says":
    "tem {1} bytes, e não o que diz seu cabeçalho",
  "its word {1} is damaged": "sua palavra {1} está danificada",
  "its words are damaged": "suas palavras estão danificadas",
  "it was cut short": "foi cortado antes do fim",
  "Cannot count words: more than {1} distinct ones; use a part of the corpus":
    "Não é possível contar palavras: há mais de {1} diferentes; use uma parte do corpus",
  "Cannot count words: there is memory for {1} distinct ones only; use a part of the corpus":
    "Não é possível contar palavras: só há memória para {1} diferentes; use uma parte do corpus",
  // Files.
  'Cannot read tokenizer "{1}": {2}':
    'Não é possível ler o tokenizador "{1}": {2}',
  "Cannot read a tokenizer: {1}": "Não é possível ler um tokenizador: {1}",
  "Cannot export to {1}: {2}": "Não é possível exportar para {1}: {2}",
  "Cannot export to {1}: a vocabulary of longest matches has no merges":
    "Não é possível exportar para {1}: um vocabulário por correspondência mais longa não tem fusões",
  'Cannot write "{1}": it is the file that was read':
    'Não é possível gravar "{1}": é o arquivo que foi lido',
  'Cannot write "{1}": {2} is there; give another {3}':
    'Não é possível gravar "{1}": ali já há {2}; indique outro {3}',
  'Cannot write "{1}": it belongs to the dataset beside it; give another --output':
    'Não é possível gravar "{1}": pertence ao conjunto de dados ao lado; indique outro --output',
  'Cannot write "{1}": another tokenizer is there; give another --output':
    'Não é possível gravar "{1}": ali já há outro tokenizador; indique outro --output',
  'Cannot write "{1}": it belongs to the model beside it; give another --output':
    'Não é possível gravar "{1}": é do modelo que está ao lado; indique outro --output',
  "its added tokens have {1} bytes, more than {2}":
    "seus tokens acrescentados têm {1} bytes, mais de {2}",
  "the folder holds no tokenizer": "a pasta não contém um tokenizador",
  "it is not UTF-8 text": "não é texto em UTF-8",
  "{1} is not a JSON object": "{1} não é um objeto JSON",
  "the file": "o arquivo",
  '"{1}" is not a list': '"{1}" não é uma lista',
  '"{1}" is of no type': '"{1}" não tem tipo',
  "it is neither JSON nor tiktoken's ranks":
    "não é JSON nem a lista de postos do tiktoken",
  "it says itself what begins and ends a document":
    "ele mesmo diz o que começa e o que termina um documento",
  "Cannot use {1} as [{2}]: the tokenizer has no special token of that name":
    "Não é possível usar {1} como [{2}]: o tokenizador não tem token especial com esse nome",
  "Cannot encode byte {1}, which is not UTF-8: the tokenizer has no token for it":
    "Não é possível codificar o byte {1}, que não é UTF-8: o tokenizador não tem token para ele",
  "the format cannot say how the tokenizer splits text, which Hugging Face's can":
    "o formato não sabe dizer como o tokenizador divide o texto, o que o do Hugging Face sabe",
  "added_tokens[{1}] is not an id of its own and a choice":
    "added_tokens[{1}] não é um id próprio e uma escolha",
  '"whole_words" is neither true nor false':
    '"whole_words" não é true nem false',
  "it names its special tokens itself; give none":
    "ele mesmo dá nome aos seus tokens especiais; não indique nenhum",
  // Vocabularies of byte pairs.
  "id_to_token has {1} entries, not 1 to 65536":
    "id_to_token tem {1} entradas, e não de 1 a 65536",
  "id_to_token[{1}] is not a list of bytes":
    "id_to_token[{1}] não é uma lista de bytes",
  '"id_to_token" is not a list of at most 65536 tokens':
    '"id_to_token" não é uma lista de no máximo 65536 tokens',
  "merges[{1}] is not a pair of ids below {2}":
    "merges[{1}] não é um par de ids menores que {2}",
  '"special_tokens" is missing': 'falta "special_tokens"',
  'special token "{1}" has no id below {2}':
    'o token especial "{1}" não tem um id menor que {2}',
  "two special tokens share an id": "dois tokens especiais têm o mesmo id",
  '"pre_tokenizer" is of an unknown type':
    '"pre_tokenizer" é de um tipo desconhecido',
  '"normalizer" must say true or false for {1}':
    '"normalizer" tem de dizer true ou false para {1}',
  "merge {1} makes no token": "a fusão {1} não forma um token",
  "merge {1} uses {2}": "a fusão {1} usa {2}",
  "merge {1} is there twice": "a fusão {1} aparece duas vezes",
  "merge {1} names {2}, which is no token":
    "a fusão {1} cita {2}, que não é um token",
  "merge {1} names the special token {2}":
    "a fusão {1} cita o token especial {2}",
  "merge {1} is not a pair of tokens": "a fusão {1} não é um par de tokens",
  "merge {1} does not follow from the order of ids, which is all that the format has":
    "a fusão {1} não decorre da ordem dos ids, e o formato só tem isso",
  "no merge makes token {1}, so it would be read as a special token":
    "nenhuma fusão forma o token {1}, portanto seria lido como token especial",
  "it is one of {1}, which openTokenizer() reads, without merges of bytes":
    "é um de {1}, que openTokenizer() lê, sem fusões de bytes",
  "byte {1} has two tokens": "o byte {1} tem dois tokens",
  "byte {1} has no token": "o byte {1} não tem token",
  "a token has no name": "um token não tem nome",
  "two tokens have id {1}": "dois tokens têm o id {1}",
  "id {1} has no token": "o id {1} não tem token",
  "token {1} has no whole number as its id":
    "o id do token {1} não é um número inteiro",
  "token {1} has id {2}; the highest that 16 bits hold is {3}":
    "o token {1} tem o id {2}; o maior que cabe em 16 bits é {3}",
  "token {1} is not of byte characters; only byte-level vocabularies can be used":
    "o token {1} não é feito de caracteres de bytes; só vocabulários em nível de bytes podem ser usados",
  "tokens {1} and {2} are the same bytes":
    "os tokens {1} e {2} são os mesmos bytes",
  "tokens {1} and {2} would both be named {3}":
    "os tokens {1} e {2} teriam o mesmo nome, {3}",
  "the tokenizer splits text as the original program did, which only its own file can say":
    "o tokenizador divide o texto como o programa original, o que só o próprio arquivo dele sabe dizer",
  // Hugging Face, GPT-2, tiktoken.
  "vocab.json is not JSON": "vocab.json não é JSON",
  "line {1} of merges.txt is not a pair of tokens":
    "a linha {1} de merges.txt não é um par de tokens",
  'its decoder is {1}, not "ByteLevel"':
    'seu decodificador é {1}, e não "ByteLevel"',
  'its model is {1}, not "BPE"': 'seu modelo é {1}, e não "BPE"',
  'its model uses "{1}"': 'seu modelo usa "{1}"',
  "its \"pre_tokenizer\" is not GPT-2's (ByteLevel with its pattern and without a prefix space), nor Llama 3's, Qwen 2's or SmolLM's":
    'seu "pre_tokenizer" não é o do GPT-2 (ByteLevel com o padrão dele e sem espaço no início), nem o do Llama 3, do Qwen 2 ou do SmolLM',
  "its normalizer, {1}, is neither NFC nor rules exported from here":
    "seu normalizador, {1}, não é NFC nem regras exportadas daqui",
  '"added_tokens" is not a list': '"added_tokens" não é uma lista',
  'an entry of "added_tokens"': 'uma entrada de "added_tokens"',
  'an entry of "added_tokens" has no content':
    'uma entrada de "added_tokens" não tem conteúdo',
  "added token {1} takes blanks with it or is a whole word only, and is no special token":
    "o token acrescentado {1} leva espaços consigo ou é só palavra inteira, e não é um token especial",
  "added token {1} is there twice":
    "o token acrescentado {1} aparece duas vezes",
  '"model.merges" is not a list': '"model.merges" não é uma lista',
  "special token {1} has a token's id, {2}":
    "o token especial {1} tem o id de um token, {2}",
  "{1}; name its special token": "{1}; dê o nome do seu token especial",
  "line {1} is not base64 and a number": "a linha {1} não é base64 e um número",
  "on line {1}": "na linha {1}",
  "token {1} is not made of two tokens before it":
    "o token {1} não é feito de dois tokens anteriores",
  "token {1} has {2} bytes, the most is {3}":
    "o token {1} tem {2} bytes, e o máximo é {3}",
  "its tokens are too long": "seus tokens são longos demais",
  // SentencePiece.
  "Cannot export to {1}: the format has no merges of characters, which Hugging Face's has":
    "Não é possível exportar para {1}: o formato não tem fusões de caracteres, que o da Hugging Face tem",
  "Cannot export to gguf: its tokenizer is SentencePiece's, whose scores are not known; --format safetensors takes it":
    "Não é possível exportar para gguf: seu tokenizador é do SentencePiece, cujas pontuações não se conhecem; --format safetensors o aceita",
  "it puts no blank before a text as Llama 2 or Mistral do, or does more to it: its normalizer or pre_tokenizer is not understood":
    "não põe um espaço antes do texto como o Llama 2 ou o Mistral, ou faz mais com ele: seu normalizer ou pre_tokenizer não se entende",
  "its decoder is not that of Llama 2 or Mistral":
    "seu decodificador não é o do Llama 2 ou do Mistral",
  "token {1} is not UTF-8": "o token {1} não é UTF-8",
  'its model uses "ignore_merges"': 'seu modelo usa "ignore_merges"',
  "added token {1} is no special token, which is not understood beside byte fallback":
    "o token acrescentado {1} não é um token especial, o que não se entende junto com bytes de reserva",
  "merge {1} uses token {2}, which is no text":
    "a fusão {1} usa o token {2}, que não é texto",
  '"byte_tokens" is not a list of 256 ids':
    '"byte_tokens" não é uma lista de 256 ids',
  '"prefix" is none of {1}': '"prefix" não é um de {1}',
  // Vocabularies of longest matches.
  "line {1} is not an id, a token and its length":
    "a linha {1} não é um id, um token e o seu tamanho",
  "line {1} has no Python literal of {2} bytes":
    "a linha {1} não tem um literal de Python de {2} bytes",
  "line {1} has an empty token": "a linha {1} tem um token vazio",
  "line {1} has id {2}": "a linha {1} tem o id {2}",
  "it has more than 65536 ids": "tem mais de 65536 ids",
  "id 0 has a token, but it is the end of a text":
    "o id 0 tem um token, mas ele é o fim de um texto",
  "its tokens are too long, as of id {1}":
    "seus tokens são longos demais, a partir do id {1}",
};
