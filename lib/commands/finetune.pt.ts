/** What `finetune` says, in Portuguese. */

import { ABOUT_DOCUMENTS } from "./shared/documents.ts";
import { ABOUT_DOCUMENTS_PT } from "./shared/documents.pt.ts";
import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Train a model further on new text, or on questions and answers":
    "Continua a treinar um modelo com texto novo, ou com perguntas e respostas",
  [
    "A LoRA or a state is written as adapter.safetensors, for --adapter of generate,\nevaluate and export-model, which merges it. Of questions and answers, and of\nmessages, what the assistant says is learnt. --mix keeps a model from forgetting.\nCtrl-C saves a checkpoint and stops; `resume` goes on from it.\n\n" +
    ABOUT_DOCUMENTS
  ]: "Um LoRA ou um estado é gravado como adapter.safetensors, para o --adapter de\ngenerate, evaluate e export-model, que o funde ao modelo. De perguntas e respostas,\ne de mensagens, aprende-se o que o assistente diz. --mix evita que o modelo esqueça.\nCtrl-C salva um checkpoint e para; `resume` continua a partir dele.\n\n" +
    ABOUT_DOCUMENTS_PT,
  "the model to begin with: model_final.mpk, a checkpoint, or their folder":
    "o modelo com que começar: model_final.mpk, um checkpoint, ou a pasta deles",
  'what it is to learn: a dataset of tokenize, text, or .jsonl of {"question", "answer"} or {"messages"}':
    'o que vai aprender: um conjunto de dados do tokenize, texto, ou .jsonl de {"question", "answer"} ou {"messages"}',
  "all weights, a LoRA beside them, or the first state":
    "todos os pesos, um LoRA ao lado deles, ou o estado inicial",
  "a LoRA's rank (default: 32)": "o posto de um LoRA (padrão: 32)",
  "its alpha (default: its rank)": "seu alfa (padrão: o posto)",
  "what it adapts, with commas, as att.key,ffn (default: all of the blocks)":
    "o que ele adapta, com vírgulas, como att.key,ffn (padrão: tudo nos blocos)",
  "with --method full: parts that stay as they are, as emb,head,att.key":
    "com --method full: partes que ficam como estão, como emb,head,att.key",
  "a dataset of what it has learnt before, to mix in":
    "um conjunto de dados do que já aprendeu, para misturar",
  "how much of it": "quanto dele",
  "share of text to hold out": "parte do texto a reservar",
  "how often the new data are seen": "quantas vezes os dados novos são vistos",
  "optimizer steps, instead of --epochs":
    "passos do otimizador, em vez de --epochs",
  "windows of a micro-batch": "janelas de um microlote",
  "micro-batches of a step": "microlotes de um passo",
  "learning rate at its peak (default: full 3e-4, lora 1e-3, state 0.1)":
    "taxa de aprendizado no pico (padrão: full 3e-4, lora 1e-3, state 0.1)",
  "steps up to the peak (default: 5 % of all)":
    "passos até o pico (padrão: 5 % de todos)",
  "decoupled, of matrices": "desacoplada, das matrizes",
  "the gradients' global norm is clipped to it":
    "limite da norma global dos gradientes",
  "share of each branch dropped (default: the model's)":
    "parte de cada ramo que é desligada (padrão: a do modelo)",
  "steps between checkpoints (default: a fifth of all)":
    "passos entre checkpoints (padrão: um quinto de todos)",
  "steps between validations (default: a fifth of all)":
    "passos entre validações (padrão: um quinto de todos)",
  "Nothing of the new text is held out, so that how well it is learnt is not measured: its documents are too few or too long (--documents, --val-fraction)":
    "Nada do texto novo fica de fora do treino, e por isso não se mede o quanto ele é aprendido: seus documentos são poucos ou longos demais (--documents, --val-fraction)",
  "New text: {1} to {2} bits per byte ({3} %)":
    "Texto novo: de {1} para {2} bits por byte ({3} %)",
  "Old text: {1} to {2} bits per byte ({3} %)":
    "Texto antigo: de {1} para {2} bits por byte ({3} %)",
};
