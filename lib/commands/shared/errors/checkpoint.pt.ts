/** Errors of checkpoints, of models' files of other programs, and of models. */

import type { Translations } from "../language.ts";

export const checkpoint: Translations = {
  // Files of any kind.
  "Cannot read {1}: {2}": "Não é possível ler {1}: {2}",
  "it is not a plain file": "não é um arquivo comum",
  "it became shorter meanwhile": "ficou mais curto enquanto era lido",
  "a number is too large": "um número é grande demais",
  "it is cut short": "está cortado antes do fim",
  "{1} (byte {2})": "{1} (byte {2})",
  "{1} has values that are not finite": "{1} tem valores que não são finitos",
  "{1} has values that are too large for f32":
    "{1} tem valores grandes demais para f32",
  "{1} lies beyond its data": "{1} fica além dos seus dados",
  "{1} and {2} overlap": "{1} e {2} se sobrepõem",
  "{1} is missing": "falta {1}",
  "{1} has the shape [{2}], not [{3}]": "{1} tem a forma [{2}], e não [{3}]",
  "{1} is a weight that {2} lacks": "{1} é um peso que {2} não tem",
  "Cannot write {1}: it has values that are not finite":
    "Não é possível gravar {1}: tem valores que não são finitos",
  "Cannot write {1} as {2}: the value {3} is too large for it; use F32":
    "Não é possível gravar {1} como {2}: o valor {3} é grande demais para esse tipo; use F32",
  "Cannot write {1} as {2}: its rows of {3} values are not whole blocks of {4}":
    "Não é possível gravar {1} como {2}: suas linhas de {3} valores não são blocos inteiros de {4}",
  "Cannot write {1}: it has {2} values, its shape is [{3}]":
    "Não é possível gravar {1}: tem {2} valores, e sua forma é [{3}]",
  'Cannot write "{1}": {2}': 'Não é possível gravar "{1}": {2}',
  'Cannot write in "{1}": {2}': 'Não é possível gravar em "{1}": {2}',
  "it inflates beyond {1} bytes": "descomprimido, passa de {1} bytes",
  // MessagePack.
  "it is empty": "está vazio",
  "{1} bytes follow its end": "há {1} bytes depois do seu fim",
  "0x{1} starts no value": "0x{1} não começa nenhum valor",
  "a string has {1} bytes": "um texto tem {1} bytes",
  "containers are nested deeper than {1}":
    "os contêineres se aninham além de {1} níveis",
  "a key is not a string": "uma chave não é um texto",
  "it has more than {1} values": "tem mais de {1} valores",
  "it has more than {1} bytes that are not binary":
    "tem mais de {1} bytes que não são binários",
  "Cannot write MessagePack: {1}": "Não é possível gravar MessagePack: {1}",
  "Cannot write MessagePack: a value is {1}":
    "Não é possível gravar MessagePack: um valor é {1}",
  "Cannot write MessagePack: a value is a {1}":
    "Não é possível gravar MessagePack: um valor é do tipo {1}",
  "Cannot write MessagePack: binary of {1} bytes was given {2}":
    "Não é possível gravar MessagePack: um binário de {1} bytes recebeu {2}",
  "containers nested deeper than {1}":
    "contêineres aninhados além de {1} níveis",
  "a string of {1} bytes": "um texto de {1} bytes",
  "{1} bytes of binary in one value": "{1} bytes binários em um só valor",
  "more than {1} values": "mais de {1} valores",
  "more than {1} bytes that are not binary":
    "mais de {1} bytes que não são binários",
  // Exports.
  "Cannot export to burn: the Rust program has no model without ln_pre":
    "Não é possível exportar para burn: o programa em Rust não tem modelo sem ln_pre",
  "Cannot export to burn: the Rust program has no {1}":
    "Não é possível exportar para burn: o programa em Rust não tem {1}",
  "Cannot export to safetensors: no official RWKV-4 computes what a classic model with attention over channels does":
    "Não é possível exportar para safetensors: nenhum RWKV-4 oficial calcula o que faz um modelo clássico com atenção sobre os canais",
  "Cannot export to safetensors: no official RWKV-4 computes what a classic model without ln_pre does":
    "Não é possível exportar para safetensors: nenhum RWKV-4 oficial calcula o que faz um modelo clássico sem ln_pre",
  "Cannot export {1} to gguf: llama.cpp has no such architecture; it has those of train --arch {2}, and other RWKV programs take --format safetensors":
    "Não é possível exportar {1} para gguf: o llama.cpp não tem essa arquitetura; tem as de train --arch {2}, e outros programas de RWKV aceitam --format safetensors",
  "Cannot export heads of {1} channels to gguf: llama.cpp computes heads of {2} only on some machines":
    "Não é possível exportar cabeças de {1} canais para gguf: em algumas máquinas o llama.cpp só calcula cabeças de {2}",
  "Cannot export heads of {1} channels to gguf: llama.cpp computes heads of {2} only, others wrongly on some machines":
    "Não é possível exportar cabeças de {1} canais para gguf: o llama.cpp só calcula cabeças de {2}; outras saem erradas em algumas máquinas",
  "Cannot write {1}: the name is taken, or too long for GGUF":
    "Não é possível gravar {1}: o nome já existe, ou é longo demais para GGUF",
  "Cannot write {1}: GGUF has no tensors of {2} extents":
    "Não é possível gravar {1}: GGUF não tem tensores de {2} dimensões",
  "Cannot write safetensors: a header of {1} bytes is more than {2}":
    "Não é possível gravar safetensors: um cabeçalho de {1} bytes é mais que {2}",
  "Cannot write {1}: safetensors has no {2}":
    "Não é possível gravar {1}: safetensors não tem {2}",
  "Cannot write {1}: the name is taken":
    "Não é possível gravar {1}: o nome já existe",
  // Formats of other programs.
  "it has {1} twice": "tem {1} duas vezes",
  "{1} is no matrix": "{1} não é uma matriz",
  "{1} is no matrix: [{2}]": "{1} não é uma matriz: [{2}]",
  "{1} is not {2} vectors": "{1} não tem {2} vetores",
  "a name has {1} bytes": "um nome tem {1} bytes",
  "a list has {1} texts": "uma lista tem {1} textos",
  "a value is of the type {1}": "um valor é do tipo {1}",
  "its alignment is {1}": "seu alinhamento é {1}",
  "{1} does not lie at a multiple":
    "{1} não está em um múltiplo do alinhamento",
  "{1} has {2} extents": "{1} tem {2} dimensões",
  "{1} is of a type unknown here, {2}":
    "{1} é de um tipo desconhecido aqui, {2}",
  "{1} cannot have the shape [{2}]": "{1} não pode ter a forma [{2}]",
  "its version is {1}, not 2 or 3": "sua versão é {1}, e não 2 ou 3",
  "it has {1} tensors and {2} keys, more than can be":
    "tem {1} tensores e {2} chaves, mais do que pode ser",
  "it is of the architecture {1}; {2} can be used":
    "é da arquitetura {1}; podem ser usadas {2}",
  "a tensor has {1} extents": "um tensor tem {1} dimensões",
  "a name is not UTF-8": "um nome não está em UTF-8",
  "it is not a file of rwkv.cpp of version 100 or 101 but {1}":
    "não é um arquivo do rwkv.cpp da versão 100 ou 101, e sim {1}",
  "it was quantised by an early rwkv.cpp; quantise the model again":
    "foi quantizado por um rwkv.cpp antigo; quantize o modelo de novo",
  "it has more than {1} tensors": "tem mais de {1} tensores",
  "its tensors do not fill it": "seus tensores não o preenchem",
  "its header has {1} bytes, the most is {2}":
    "seu cabeçalho tem {1} bytes, e o máximo é {2}",
  "it is not an object": "não é um objeto",
  "it is not UTF-8": "não está em UTF-8",
  "its header cannot be read: {1}": "não é possível ler seu cabeçalho: {1}",
  "{1} is stored as {2}, not as {3}":
    "{1} está gravado como {2}, e não como {3}",
  "{1} has no shape": "{1} não tem forma",
  "{1} is not at a place of {2} bytes": "{1} não está em um lugar de {2} bytes",
  "{1} is not a map of texts": "{1} não é um mapa de textos",
  "a name is longer than {1} characters": "um nome tem mais de {1} caracteres",
  "it is not JSON": "não é JSON",
  "it is nested deeper than {1}": "está aninhado além de {1} níveis",
  // PyTorch.
  "it takes too many steps": "exige passos demais",
  "opcode 0x{1} is not for weights": "o código 0x{1} não é para pesos",
  "something follows its value": "há algo depois do seu valor",
  "its protocol is {1}, not PyTorch's 2":
    "seu protocolo é {1}, e não o 2, do PyTorch",
  "it recalls what is not there": "ele retoma o que não existe",
  "it names {1}, which no weights need":
    "ele cita {1}, de que pesos não precisam",
  "an object is built": "ele constrói um objeto",
  "items belong to no list": "há itens que não são de nenhuma lista",
  "entries belong to no map": "há entradas que não são de nenhum mapa",
  "a key is no name": "uma chave não é um nome",
  "a storage is not as PyTorch writes it":
    "um armazenamento não está como o PyTorch o grava",
  "it calls what is no function": "ele chama o que não é uma função",
  "a map is not built by entries": "um mapa não é feito de entradas",
  "a parameter has no tensor": "um parâmetro não tem tensor",
  "it calls {1}": "ele chama {1}",
  "a tensor is not as PyTorch writes it":
    "um tensor não está como o PyTorch o grava",
  "a mark is missing": "falta uma marca",
  "{1} (byte {2} of its pickle)": "{1} (byte {2} do seu pickle)",
  "the storage of {1} is not as it should be":
    "o armazenamento de {1} não é como devia ser",
  "{1} lies beyond its storage": "{1} fica além do seu armazenamento",
  "{1} has values more than once": "{1} tem valores mais de uma vez",
  "it is a zip, but not of PyTorch's: no data.pkl":
    "é um zip, mas não do PyTorch: não tem data.pkl",
  "a tensor's name is none": "um tensor não tem um nome",
  "{1} is no tensor; only weights are read":
    "{1} não é um tensor; só pesos são lidos",
  "its tensors are many more than it holds":
    "seus tensores são muito mais do que ele contém",
  "its pickle has {1} bytes": "seu pickle tem {1} bytes",
  "it holds no map of weights": "não contém um mapa de pesos",
  "its numbers are not little-endian": "seus números não são little-endian",
  "it is cut short: the zip's end is not there":
    "está cortado antes do fim: falta o fim do zip",
  "{1} is compressed or encrypted; PyTorch stores it plain":
    "{1} está comprimido ou cifrado; o PyTorch grava sem isso",
  "an entry lies beyond its data": "uma entrada fica além dos seus dados",
  "an entry is not where the index says":
    "uma entrada não está onde o índice diz",
  "its index cannot be true": "seu índice não pode estar certo",
  "it is in PyTorch's format from before 1.6; load it there and save it with a later one":
    "está no formato do PyTorch anterior ao 1.6; carregue lá e grave com um mais novo",
  "it is a bare pickle": "é um pickle avulso",
  "it is none of safetensors, PyTorch's .pth, rwkv.cpp's .bin, GGUF, Burn's .mpk":
    "não é safetensors, nem .pth do PyTorch, .bin do rwkv.cpp, GGUF ou .mpk do Burn",
  "it is an RWKV-5; {1} can be used": "é um RWKV-5; podem ser usados {1}",
  "it is no {1}: it has neither {2}": "não é um {1}: não tem nem {2}",
  "it is no {1}: it has neither {2}; its first tensor is {3}":
    "não é um {1}: não tem nem {2}; seu primeiro tensor é {3}",
  // Our own checkpoints.
  "{1} is a list of numbers, as Burn before 0.14 wrote it; save it again with Burn 0.14":
    "{1} é uma lista de números, como o Burn gravava antes da 0.14; grave de novo com o Burn 0.14",
  "{1} has no bytes": "{1} não tem bytes",
  "Cannot write {1} as {2}: no blocks are given":
    "Não é possível gravar {1} como {2}: faltam os blocos",
  "{1} has rows of {2} values, which are not whole blocks of {3}":
    "{1} tem linhas de {2} valores, que não são blocos inteiros de {3}",
  "Cannot quantise: the value {1} is too large or no number":
    "Não é possível quantizar: o valor {1} é grande demais ou não é número",
  'Cannot calibrate by "{1}": there is no text':
    'Não é possível calibrar por "{1}": não há texto',
  "{1} is not stored as F32, F16, BF16 or blocks but as {2}":
    "{1} não está gravado como F32, F16, BF16 ou blocos, e sim como {2}",
  "{1} has {2} bytes, not the {3} of {4} [{5}]":
    "{1} tem {2} bytes, e não os {3} de {4} [{5}]",
  "it has neither a configuration nor a matrix {1}":
    "não tem configuração nem uma matriz {1}",
  "{1} is not a map of plain values": "{1} não é um mapa de valores simples",
  "it has no item, so it is not a checkpoint":
    "não tem item, portanto não é um checkpoint",
  "a moment of {1}": "um momento de {1}",
  "a carried state": "um estado levado adiante",
  "Cannot load {1}: the model's {2} is [{3}], the checkpoint's [{4}]":
    "Não é possível carregar {1}: {2} do modelo é [{3}], e do checkpoint, [{4}]",
  "Cannot load {1}: the model's {2} is [{3}], it has none":
    "Não é possível carregar {1}: {2} do modelo é [{3}], e o checkpoint não tem",
  "Cannot read {1}: it has no averaged weights beside its own":
    "Não é possível ler {1}: não tem médias dos pesos além dos seus",
  "Cannot read {1}: it has no {2}": "Não é possível ler {1}: não tem {2}",
  "its tokenizer is not a SHA-256": "seu tokenizador não é um SHA-256",
  'Cannot read checkpoint "{1}": no such file or folder':
    'Não é possível ler o checkpoint "{1}": não existe esse arquivo ou pasta',
  'Cannot read model "{1}": {2}': 'Não é possível ler o modelo "{1}": {2}',
  "its weights are in several files, of which {1} is the list; save them as one first":
    "seus pesos estão em vários arquivos, dos quais {1} é a lista; grave-os antes em um só",
  "Cannot start the cpu backend: threads must be 1 without Workers, and in a page that is not isolated (COOP, COEP)":
    "Não é possível iniciar o backend cpu: threads deve ser 1 sem Workers, e em uma página que não está isolada (COOP, COEP)",
  "it is a gzip, to be inflated first": "é um gzip, a ser descompactado antes",
  'Cannot write "{1}": this entry of the library has no files; in Deno import also @ptbr-slm/ptbr-slm/dataset':
    'Não é possível gravar "{1}": esta entrada da biblioteca não tem arquivos; no Deno importe também @ptbr-slm/ptbr-slm/dataset',
  'Cannot {1} tokenizer "{2}": this entry of the library has no files; in Deno import also @ptbr-slm/ptbr-slm/dataset':
    'Não há arquivos ({1}) nesta entrada da biblioteca para o tokenizador "{2}"; no Deno importe também @ptbr-slm/ptbr-slm/dataset',
  "Cannot read a model: its tokenizer is missing":
    "Não é possível ler um modelo: falta o seu tokenizador",
  "Cannot read the model: {1}": "Não é possível ler o modelo: {1}",
  "the folder holds no weights": "a pasta não tem pesos",
  "the folder holds {1} and more; name the one that is meant":
    "a pasta tem {1} e outros; indique qual é",
  "the folder holds {1}; name the one that is meant":
    "a pasta tem {1}; indique qual é",
  'Cannot read folder "{1}": {2}': 'Não é possível ler a pasta "{1}": {2}',
  'Cannot read checkpoint "{1}": there is no checkpoint_*.mpk in this folder':
    'Não é possível ler o checkpoint "{1}": não há checkpoint_*.mpk nesta pasta',
  'Cannot read checkpoint "{1}": {2}':
    'Não é possível ler o checkpoint "{1}": {2}',
  "train.moments of {1}": "train.moments de {1}",
  "the moments of {1} are not {2} values":
    "os momentos de {1} não são {2} valores",
  "{1} is not a map": "{1} não é um mapa",
  "train.{1} is not a whole number": "train.{1} não é um número inteiro",
  // Models.
  "Cannot use headSize {1}: it does not divide dModel {2}":
    "Não é possível usar headSize {1}: não divide dModel {2}",
  "Cannot use a constant: it was not given memory":
    "Não é possível usar uma constante: não recebeu memória",
  "a gradient": "um gradiente",
  "Cannot use {1}: it was not given {2}":
    "Não é possível usar {1}: não recebeu {2}",
  "Cannot use mixRank {1}: times dModel {2} it is no multiple of {3}":
    "Não é possível usar mixRank {1}: vezes dModel {2} não é múltiplo de {3}",
  "Cannot restore a state: it is of another shape":
    "Não é possível restaurar um estado: ele tem outra forma",
  "{1} is damaged: its checksum differs":
    "{1} está danificado: a soma de verificação não confere",
  "it is damaged: its checksums are not as many":
    "está danificado: as somas de verificação não são tantas",
  "it is damaged: its checksum differs":
    "está danificado: a soma de verificação não confere",
  "Cannot export to {1}: it has no {2}":
    "Não é possível exportar para {1}: ele não tem {2}",
  "it has a field {1}: it is damaged, or of a later version":
    "tem um campo {1}: está danificado ou é de uma versão posterior",
  "train.states is no list of states":
    "train.states não é uma lista de estados",
  "train.states are not what the recipe's carryState says":
    "train.states não são o que carryState da receita diz",
  "train.unlogged.awaiting is no line of a log":
    "train.unlogged.awaiting não é uma linha de um registro",
  "train.unlogged is not the loss of steps":
    "train.unlogged não é a perda de passos",
  "train.rateScale is not between 0 and 1":
    "train.rateScale não está entre 0 e 1",
  "it is damaged: a checksum differs":
    "está danificado: uma soma de verificação difere",
  "train.data is not a list": "train.data não é uma lista",
  "train.weight is not a positive number":
    "train.weight não é um número positivo",
  "train.{1} is not {2} digits of hex":
    "train.{1} não tem {2} dígitos hexadecimais",
  "Cannot write a session: the name of the weights is too long":
    "Não é possível gravar uma sessão: o nome dos pesos é longo demais",
  "Cannot write a session: it is of another shape":
    "Não é possível gravar uma sessão: ela tem outra forma",
  "Cannot read a session: {1}": "Não é possível ler uma sessão: {1}",
  "it has not the length that it says": "não tem o tamanho que diz ter",
  "it is no session": "não é uma sessão",
  "its head is not JSON": "o cabeçalho não é JSON",
  "it is of version {1}, not {2}": "é da versão {1}, e não {2}",
  "its head lacks a field": "falta um campo no cabeçalho",
  "Cannot read a session: it is of a model with {1} {2}, not {3}":
    "Não é possível ler uma sessão: ela é de um modelo com {1} {2}, e não {3}",
  "Cannot read a session: it is of a model with other weights":
    "Não é possível ler uma sessão: ela é de um modelo com outros pesos",
};
