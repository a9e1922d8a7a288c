/** What `import-tokenizer` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Use another program's tokenizer": "Usa o tokenizador de outro programa",
  "the file, either of GPT-2's two, or their folder":
    "o arquivo, um dos dois do GPT-2, ou a pasta deles",
  "tokenizer.json to write, or the folder for it":
    "tokenizer.json a gravar, ou a pasta para ele",
  "special tokens of tiktoken's format, which has none":
    "tokens especiais do formato do tiktoken, que não os tem",
  "the special token that begins a document":
    "o token especial que começa um documento",
  "the special token that ends a document":
    "o token especial que termina um documento",
  [
    `Reads Hugging Face's tokenizer.json, tiktoken's ranks, GPT-2's vocab.json
and merges.txt, the text of RWKV's World vocabularies, and the tokenizer.json
of the original Rust program; which it is shows in the content. Ids stay as
they are. Byte-level vocabularies split as GPT-2, Llama 3, Qwen 2 or SmolLM and
SentencePiece's with byte fallback (Llama 2, Mistral) give the same ids here;
others are refused.`
  ]: `Lê o tokenizer.json da Hugging Face, a lista de postos do tiktoken, o vocab.json e
o merges.txt do GPT-2, o texto dos vocabulários World do RWKV e o tokenizer.json
do programa original em Rust; qual deles é se vê no conteúdo. Os ids ficam como
são. Vocabulários em nível de bytes, com a divisão do GPT-2, do Llama 3, do Qwen 2
ou do SmolLM, e os do SentencePiece com bytes de reserva (Llama 2, Mistral) dão aqui
os mesmos ids; os outros são recusados.`,
  "It has no special token to frame documents with, as tokenize does: {1}; --bos and --eos say which these are":
    "Não tem token especial para pôr nas pontas dos documentos, como faz tokenize: {1}; --bos e --eos dizem quais são",
  "{1}: {2} [id|ids], {3} [merge|merges], {4} [special token|special tokens]":
    "{1}: {2} [id|ids], {3} [fusão|fusões], {4} [token especial|tokens especiais]",
};
