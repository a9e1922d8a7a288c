/**
 * Where unstressed pronouns stand, and which form of a pronoun stands.
 *
 * Placement is that of the written norm, which grammars of Brazil and of
 * Portugal share: the speech of Brazil begins sentences with such pronouns.
 *
 * @module
 */

import { CUNHA_CINTRA, type Phenomenon } from "./contrast.ts";

const placement: Phenomenon = {
  name: "próclise e ênclise",
  source: `${CUNHA_CINTRA}: colocação dos pronomes átonos`,
  contrasts: ([
    ["me disse", "disse-me", "a verdade"],
    ["me deu", "deu-me", "a mão"],
    ["lhe contou", "contou-lhe", "o segredo"],
    ["nos mostrou", "mostrou-nos", "a casa"],
    ["lhe pediu", "pediu-lhe", "perdão"],
    ["me ofereceu", "ofereceu-me", "um lugar"],
    ["lhe entregou", "entregou-lhe", "a carta"],
    ["nos trouxe", "trouxe-nos", "a notícia"],
    ["se sentou", "sentou-se", "à mesa"],
    ["se lembrou", "lembrou-se", "da promessa"],
  ] as const).map(([before, after, rest]) => ({
    forms: [before, after],
    first: [
      `Ele não _ ${rest}.`,
      `Ninguém _ ${rest} naquele dia.`,
      `Sei que ela _ ${rest}.`,
      `Ela nunca _ ${rest}.`,
    ],
    second: [
      `_ ${rest}, e saiu.`,
      `_ ${rest} naquele dia.`,
      `— _ ${rest}, respondeu a moça.`,
      `Entrou na sala; _ ${rest}.`,
    ],
  })),
};

const mesoclisis: Phenomenon = {
  name: "próclise e mesóclise no futuro",
  source: `${CUNHA_CINTRA}: colocação dos pronomes átonos`,
  contrasts: ([
    ["lhe direi", "dir-lhe-ei", "a verdade"],
    ["lhe darei", "dar-lhe-ei", "a carta"],
    ["lhe pedirei", "pedir-lhe-ei", "perdão"],
    ["lhe contarei", "contar-lhe-ei", "tudo"],
    ["lhe farei", "far-lhe-ei", "companhia"],
    ["lhe mostrarei", "mostrar-lhe-ei", "a casa"],
    ["lhe escreverei", "escrever-lhe-ei", "uma carta"],
    ["me dirá", "dir-me-á", "a verdade"],
    ["me dará", "dar-me-á", "a mão"],
  ] as const).map(([before, within, rest]) => ({
    forms: [before, within],
    first: [
      `Nunca _ ${rest}.`,
      `Amanhã não _ ${rest}.`,
      `Todos dizem que _ ${rest}.`,
    ],
    second: [
      `_ ${rest} amanhã.`,
      `— _ ${rest}, respondeu a moça.`,
      `Voltarei à sala; _ ${rest}.`,
    ],
  })),
};

/** Verbs with a direct object, */
const DIRECT = [
  "Eu _ vi ontem.",
  "Ela _ ama muito.",
  "Ninguém _ conhece.",
  "O pai _ levou à escola.",
  "Nós _ encontramos na rua.",
  "Eu não _ reconheci.",
  "Ela _ abraçou com força.",
  "Eu _ convidei para o jantar.",
  "O juiz _ condenou.",
  "O irmão _ acompanhou até a porta.",
  "A moça não _ esperou.",
  "Ela _ deixou na estação.",
];
/** and verbs that have one already, so that the pronoun is the indirect one. */
const INDIRECT = [
  "Eu _ disse a verdade.",
  "Ela _ deu um livro.",
  "Ninguém _ contou o segredo.",
  "O pai _ comprou um cavalo.",
  "Nós _ mostramos a casa.",
  "Eu não _ pedi nada.",
  "Ela _ escreveu uma carta.",
  "Eu _ ofereci o lugar.",
  "O juiz _ perdoou a dívida.",
  "O irmão _ emprestou o dinheiro.",
  "A moça não _ mandou flores.",
  "Ela _ entregou as chaves.",
];

const objectCase: Phenomenon = {
  name: "o e lhe: objeto direto e indireto",
  source: `${CUNHA_CINTRA}: pronomes pessoais, formas átonas`,
  contrasts: ([
    ["o", "lhe"],
    ["a", "lhe"],
    ["os", "lhes"],
    ["as", "lhes"],
  ] as const).map((forms) => ({ forms, first: DIRECT, second: INDIRECT })),
};

const afterPreposition: Phenomenon = {
  name: "formas tônicas do pronome depois de preposição",
  source: `${CUNHA_CINTRA}: pronomes pessoais, formas retas e oblíquas`,
  contrasts: [
    {
      forms: ["eu", "mim"],
      first: [
        "Trouxe um livro para _ ler.",
        "Deram o papel para _ assinar.",
        "Isto é trabalho para _ fazer.",
        "Ele deixou a carta para _ entregar.",
        "Abriram a porta para _ entrar.",
        "Ela trouxe água para _ beber.",
        "Pediram tempo para _ pensar.",
        "Fizeram uma cama para _ dormir.",
        "Ela saiu antes de _ chegar.",
        "Ela riu depois de _ falar.",
        "Casaram-se sem _ saber.",
        "Chegou a hora de _ partir.",
      ],
      second: [
        "Trouxe um livro para _ ontem.",
        "Deram o papel para _ hoje.",
        "Isto é trabalho para _.",
        "Ele deixou a carta para _ na mesa.",
        "Abriram a porta para _ naquela noite.",
        "Ela trouxe água para _.",
        "Pediram um quarto para _.",
        "Fizeram uma cama para _ na sala.",
        "Ela saiu antes de _.",
        "Ela riu de _.",
        "Casaram-se sem _.",
        "Chegou perto de _.",
      ],
    },
    {
      forms: ["tu", "ti"],
      first: [
        "Trouxe um livro para _ leres.",
        "Deram o papel para _ assinares.",
        "Isto é trabalho para _ fazeres.",
        "Ele deixou a carta para _ entregares.",
        "Abriram a porta para _ entrares.",
        "Ela trouxe água para _ beberes.",
        "Ela saiu antes de _ chegares.",
        "Ela riu depois de _ falares.",
        "Casaram-se sem _ saberes.",
        "Chegou a hora de _ partires.",
      ],
      second: [
        "Trouxe um livro para _ ontem.",
        "Deram o papel para _ hoje.",
        "Isto é trabalho para _.",
        "Ele deixou a carta para _ na mesa.",
        "Abriram a porta para _ naquela noite.",
        "Ela trouxe água para _.",
        "Ela saiu antes de _.",
        "Ela riu de _.",
        "Casaram-se sem _.",
        "Chegou perto de _.",
      ],
    },
    {
      forms: ["conosco", "com nós"],
      first: [
        "Ele falou _ ontem.",
        "Ela veio _ para casa.",
        "O padre jantou _.",
        "Eles contam _ amanhã.",
        "A moça dançou _ no baile.",
        "O velho morava _ na vila.",
        "Ninguém se importa _.",
        "O menino brincava _ na rua.",
      ],
      second: [
        "Ele falou _ dois ontem.",
        "Ela veio _ todos para casa.",
        "O padre jantou _ todos.",
        "Eles contam _ três amanhã.",
        "A moça dançou _ dois no baile.",
        "O velho morava _ todos na vila.",
        "Ninguém se importa _ dois.",
        "O menino brincava _ três na rua.",
      ],
    },
  ],
};

/** Places and forms of pronouns. */
export const PRONOUNS: readonly Phenomenon[] = [
  placement,
  mesoclisis,
  objectCase,
  afterPreposition,
];
