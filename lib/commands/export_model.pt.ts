/** What `export-model` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Write a model for other programs": "Grava um modelo para outros programas",
  "the folder for it, or the file's name in it":
    "a pasta para ele, ou o nome do arquivo nela",
  "what to write": "o que gravar",
  "numbers; bf16 and the quantised for gguf only":
    "números; bf16 e os quantizados só para gguf",
  "what the model is called (default: its folder's name)":
    "como o modelo se chama (padrão: o nome da pasta dele)",
  "the weights' licence, for the card": "a licença dos pesos, para a ficha",
  "the dataset it was trained on, for the card":
    "o conjunto de dados do treino, para a ficha",
  [
    `safetensors has the official tensor names (a classic model becomes the RWKV-4
that computes the same), with config.json and Hugging Face's tokenizer.json.
gguf is for llama.cpp: RWKV-6, RWKV-7 with heads of 64, and the tokenizer, which
gives the same ids for normalised text; with a quantised --dtype, what the model
has quantised stays as it is. burn is the Rust program's own layout,
for classic models. A model card, README.md, goes beside each. Files that an
earlier export wrote are replaced, others never. With --adapter a LoRA is merged
into the weights; rwkv-peft and web-rwkv write the adapter alone, for those.`
  ]: `safetensors leva os nomes oficiais dos tensores (um modelo classic vira o RWKV-4
que calcula o mesmo), com config.json e o tokenizer.json da Hugging Face. gguf é para
o llama.cpp: RWKV-6, RWKV-7 com cabeças de 64, e o tokenizador, que dá os mesmos ids
para texto normalizado; com um --dtype quantizado, o que o modelo tem quantizado fica
como está. burn é o formato do programa em Rust, para modelos classic.
Uma ficha do modelo, README.md, vai junto. Arquivos de uma exportação anterior são
substituídos; outros, nunca. Com --adapter, um LoRA é fundido aos pesos; rwkv-peft e
web-rwkv gravam só o adaptador, para esses programas.`,
  "{1}: {2} [parameter|parameters], {3}, {4} MB":
    "{1}: {2} [parâmetro|parâmetros], {3}, {4} MB",
  "{1}: {2} [parameter|parameters], {3}, {4} MB; with {5}":
    "{1}: {2} [parâmetro|parâmetros], {3}, {4} MB; com {5}",
};
