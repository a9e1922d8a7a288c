/** What is noted beside the results of an exchange with other programs. */

import type { Translations } from "../language.ts";

export const notes: Translations = {
  // Models.
  "It has no tokenizer: --tokenizer adds one, which generate, train and evaluate need":
    "Não tem tokenizador: --tokenizer dá um, de que generate, train e evaluate precisam",
  "The tokenizer within a GGUF is not read: --tokenizer adds the one that it was made with, which generate, train and evaluate need":
    "O tokenizador de dentro de um GGUF não é lido: --tokenizer dá aquele com que foi feito, de que generate, train e evaluate precisam",
  'Its tokenizer is "{1}"': 'Seu tokenizador é "{1}"',
  "It attends over channels, as the Rust program's code did; --time-mixing says otherwise":
    "A atenção é sobre os canais, como no código do programa em Rust; --time-mixing escolhe outra",
  "It attends over time, as the Rust program's documents said; --time-mixing says otherwise":
    "A atenção é sobre o tempo, como nos documentos do programa em Rust; --time-mixing escolhe outra",
  "The state of its training is left out": "O estado do treino fica de fora",
  "Left out, since {1} never uses them: {2}":
    "Ficam de fora, pois {1} nunca os usa: {2}",
  "The model is classic; this is the RWKV-4 that computes the same":
    "O modelo é classic; este é o RWKV-4 que calcula o mesmo",
  "The tensors have the names of the architecture's official code; programs that name them otherwise need their own converters":
    "Os tensores têm os nomes do código oficial da arquitetura; programas que lhes dão outros precisam de seus conversores",
  "The Rust program takes the softmax over the channels, this model over time: there it computes something else, and here it needs --time-mixing attention":
    "O programa em Rust aplica o softmax sobre os canais, e este modelo sobre o tempo: lá ele calcula outra coisa, e aqui precisa de --time-mixing attention",
  "llama.cpp's own programs take {1} in a prompt for the special tokens":
    "Os programas do llama.cpp tomam {1} em um prompt pelos tokens especiais",
  // Tokenizers.
  "The format has no normaliser rule for {1}: ids are the same for text that is normalised before":
    "O formato não tem regra de normalização para {1}: os ids são os mesmos para texto normalizado antes",
  "[BOS] is {1} and [EOS] is {2} here": "Aqui [BOS] é {1} e [EOS] é {2}",
  "{1} and {2} more": "{1} e mais {2}",
  "The files name no normaliser: none is used":
    "Os arquivos não citam normalizador: nenhum é usado",
  "Read as special tokens, for no merge makes them: {1}":
    "Lidos como tokens especiais, pois nenhuma fusão os forma: {1}",
  "The format does not say that {1} are special: tell the program that reads it":
    "O formato não diz que {1} são especiais: informe o programa que o lê",
  "Where a text has {1} written in it, programs that use this file read the special token":
    "Onde um texto traz {1} por escrito, os programas que usam este arquivo leem o token especial",
  "What it puts before and after a text is not taken over: tokenize puts [BOS] and [EOS] there":
    "O que ele põe antes e depois de um texto não é aproveitado: tokenize põe ali [BOS] e [EOS]",
  "Its {1} is left out": "Fica de fora: {1}",
  "How {1} take blanks with them is left out":
    "Fica de fora como {1} levam espaços consigo",
  "Tokens with the bytes of another: {1}; of those the highest id is used":
    "Tokens com os bytes de outro: {1}; deles se usa o id mais alto",
  "The file names no splitting and no normaliser: GPT-2's pattern and none are used":
    "O arquivo não cita divisão nem normalizador: usam-se o padrão do GPT-2 e nenhum",
  "Special tokens are no part of the format; give the program that reads it {1}":
    "Os tokens especiais não fazem parte do formato; informe ao programa que o lê {1}",
  "The splitting is no part of the format: it is GPT-2's pattern":
    "A divisão não faz parte do formato: é o padrão do GPT-2",
};
