/** What `train` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Train a model on a tokenized dataset":
    "Treina um modelo com um conjunto de dados tokenizado",
  "Ctrl-C saves a checkpoint and stops; `resume` goes on as if nothing had happened.\nWith --init-from the model's family and size are those of its weights.":
    "Ctrl-C salva um checkpoint e para; `resume` continua como se nada tivesse acontecido.\nCom --init-from, a família e o tamanho do modelo são os de seus pesos.",
  "what tokenize wrote; several as A=3,B=1 by weight":
    "o que tokenize gravou; vários como A=3,B=1, por peso",
  "a preset (default: micro)": "um tamanho pronto (padrão: micro)",
  "a model of your own, as configs/*.toml":
    "um modelo seu, como em configs/*.toml",
  "the model family (default: rwkv4)": "a família do modelo (padrão: rwkv4)",
  "a model whose weights to begin with, as --model of generate takes it; schedule and optimizer begin anew":
    "um modelo com cujos pesos começar, como no --model de generate; o plano e o otimizador começam do zero",
  "optimizer steps": "passos do otimizador",
  "windows of a micro-batch": "janelas de um microlote",
  "micro-batches of a step": "microlotes de um passo",
  "learning rate at its peak": "taxa de aprendizado no pico",
  "steps up to the peak": "passos até o pico",
  "decoupled, of matrices": "desacoplada, das matrizes",
  "the gradients' global norm is clipped to it":
    "limite da norma global dos gradientes",
  "share of each branch dropped (default: the model's)":
    "parte de cada ramo que é desligada (padrão: a do modelo)",
  "steps between checkpoints": "passos entre checkpoints",
  "steps between validations": "passos entre validações",
};
