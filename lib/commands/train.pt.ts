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
  "how the rate falls: all the way (default: linear), or at the end (wsd)":
    "como a taxa cai: por todo o caminho (padrão: linear) ou no fim (wsd)",
  "wsd: share of the steps in which the rate falls (default: 0.3)":
    "wsd: parte dos passos em que a taxa cai (padrão: 0.3)",
  "rate at the last step as a share of the peak (default: 0.1)":
    "taxa no último passo, como parte do pico (padrão: 0.1)",
  "what changes the matrices of the blocks (default: adamw)":
    "o que altera as matrizes dos blocos (padrão: adamw)",
  "muon: share of its momentum kept (default: 0.95)":
    "muon: parte do momento que é mantida (padrão: 0.95)",
  "muon: its rate as a multiple of the learning rate (default: 1)":
    "muon: sua taxa, como múltiplo da taxa de aprendizado (padrão: 1)",
  "the embedding's rate, as such a multiple (default: 1)":
    "a taxa do embedding, como múltiplo desses (padrão: 1)",
  "the output head's rate, as such a multiple (default: 1)":
    "a taxa da camada de saída, como múltiplo desses (padrão: 1)",
  "the rate of norms and of vectors in the blocks, as such a multiple (default: 1)":
    "a taxa das normas e dos vetores dos blocos, como múltiplo desses (padrão: 1)",
  "whether the weight decay stays or goes with the rate (default: constant)":
    "se o decaimento dos pesos fica ou acompanha a taxa (padrão: constant)",
  "let only weights decay that the step moves towards 0 anyway":
    "só deixa decair pesos que o passo já leva na direção de 0",
  "keep moving averages of the weights, with that share kept at a step; finished models hold them":
    "mantém médias móveis dos pesos, com essa parte mantida a cada passo; os modelos prontos as contêm",
  "steps between checkpoints": "passos entre checkpoints",
  "steps between validations": "passos entre validações",
};
