/** What `train` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Train a model on a tokenized dataset":
    "Treina um modelo com um conjunto de dados tokenizado",
  "Ctrl-C saves a checkpoint and stops; `resume` goes on as if nothing had happened.\nWhat is not given follows from the model's size and family and from how long\nthe run is: --hours, measured first, --tokens or --max-steps; else the data are\nread four times. --recipe original has the Rust program's settings instead.\nWith --init-from the model's family and size are those of its weights, and the\npeak of the learning rate is a tenth.":
    "Ctrl-C salva um checkpoint e para; `resume` continua como se nada tivesse acontecido.\nO que não é dado vem do tamanho e da família do modelo e da duração do treino:\n--hours (medido antes), --tokens ou --max-steps; senão os dados são lidos quatro\nvezes. --recipe original usa as configurações do programa em Rust.\nCom --init-from, a família e o tamanho do modelo são os de seus pesos, e o pico\nda taxa de aprendizado é um décimo.",
  "settings that are not given: by size, family and length of the run, or the Rust program's":
    "o que não é dado: por tamanho, família e duração do treino, ou como no programa em Rust",
  "how long the run may take here (default: see above)":
    "quanto o treino pode durar aqui (padrão: ver acima)",
  "instead: how many tokens to read": "em vez disso: quantos tokens ler",
  "instead: optimizer steps": "em vez disso: passos do otimizador",
  "what tokenize wrote; several as A=3,B=1 by weight":
    "o que tokenize gravou; vários como A=3,B=1, por peso",
  "a preset (default: micro)": "um tamanho pronto (padrão: micro)",
  "a model of your own, as configs/*.toml":
    "um modelo seu, como em configs/*.toml",
  "the model family (default: rwkv4)": "a família do modelo (padrão: rwkv4)",
  "a model whose weights to begin with, as --model of generate takes it; schedule and optimizer begin anew":
    "um modelo com cujos pesos começar, como no --model de generate; o plano e o otimizador começam do zero",
  "windows of a micro-batch": "janelas de um microlote",
  "micro-batches of a step": "microlotes de um passo",
  "parts that a step's gradients are added up from; so many processes may share them (default: one each)":
    "partes de que se somam os gradientes de um passo; tantos processos podem dividi-las (padrão: uma para cada)",
  "learning rate at its peak": "taxa de aprendizado no pico",
  "steps up to the peak": "passos até o pico",
  "decoupled, of matrices": "desacoplada, das matrizes",
  "the gradients' global norm is clipped to it":
    "limite da norma global dos gradientes",
  "share of each branch dropped": "parte de cada ramo que é desligada",
  "another order of the documents each epoch, windows cut from them (default: windows at fixed places, shuffled)":
    "outra ordem dos documentos a cada época, com as janelas cortadas deles (padrão: janelas em lugares fixos, embaralhadas)",
  "rows read on from step to step with the state they left; shuffles documents too":
    "as linhas continuam a leitura de passo em passo com o estado que deixaram; também embaralha os documentos",
  "logits stay below it, as cap · tanh(z / cap); such models cannot be exported (default: no cap)":
    "os logits ficam abaixo dele, como cap · tanh(z / cap); modelos assim não podem ser exportados (padrão: sem limite)",
  "last blocks whose values have an embedding of their own; such models cannot be exported (default: none)":
    "últimos blocos cujos valores têm um embedding próprio; modelos assim não podem ser exportados (padrão: nenhum)",
  "steps over which windows grow from an eighth of their length, more of them meanwhile":
    "passos em que as janelas crescem a partir de um oitavo do seu comprimento, sendo mais numerosas até lá",
  "steps between checkpoints": "passos entre checkpoints",
  "steps between validations": "passos entre validações",
};
