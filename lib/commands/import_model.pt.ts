/** What `import-model` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Use another program's model": "Usa o modelo de outro programa",
  "the weights, or the folder that holds them":
    "os pesos, ou a pasta que os contém",
  "where model_final.mpk shall stand": "onde deve ficar o model_final.mpk",
  "its tokenizer, of any format known here (default: that beside it)":
    "seu tokenizador, de qualquer formato conhecido aqui (padrão: o que está ao lado)",
  "tokens of a window, which weights do not say":
    "tokens de uma janela, o que os pesos não dizem",
  [
    `Reads official RWKV-4, -6 and -7 weights as safetensors, PyTorch's .pth,
rwkv.cpp's .bin or GGUF, plain or quantised, and the .mpk and .mpk.gz of the
original Rust program; which it is shows in the content. Nothing in a file is
executed. Linear maps that are quantised stay so; all else becomes f32.`
  ]: `Lê pesos oficiais de RWKV-4, -6 e -7 em safetensors, .pth do PyTorch, .bin do
rwkv.cpp ou GGUF, simples ou quantizados, e os .mpk e .mpk.gz do programa original
em Rust; qual deles é se vê no conteúdo. Nada de um arquivo é executado. Os mapas
lineares quantizados continuam assim; o resto vira f32.`,
  "{1}: {2}, {3} [parameter|parameters], {4} [layer|layers] of {5}, {6} [id|ids], of {7}":
    "{1}: {2}, {3} [parâmetro|parâmetros], {4} [camada|camadas] de {5}, {6} [id|ids], de {7}",
};
