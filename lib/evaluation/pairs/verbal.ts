/**
 * Agreement of verbs and of reflexive pronouns with the subject.
 *
 * @module
 */

import { BECHARA, CUNHA_CINTRA, eachOf, type Phenomenon } from "./contrast.ts";

/** Third person, singular and plural, and what follows. */
const THIRD = [
  ["chegou", "chegaram", "cedo"],
  ["saiu", "saíram", "de casa"],
  ["corre", "correm", "pela rua"],
  ["canta", "cantam", "na igreja"],
  ["dormia", "dormiam", "no quarto"],
  ["escreveu", "escreveram", "uma carta"],
  ["voltará", "voltarão", "amanhã"],
  ["trabalha", "trabalham", "muito"],
  ["perdeu", "perderam", "o dinheiro"],
  ["ria", "riam", "de tudo"],
] as const;

/** Those verbs after some subjects, of which the first are singular. */
function third(
  singular: readonly string[],
  plural: readonly string[],
): Phenomenon["contrasts"] {
  return THIRD.map(([one, many, rest]) => ({
    forms: [one, many],
    first: eachOf([`% _ ${rest}.`], singular),
    second: eachOf([`% _ ${rest}.`], plural),
  }));
}

const subjectVerb: Phenomenon = {
  name: "verbo e sujeito: número",
  source: `${CUNHA_CINTRA}: concordância verbal, regra geral`,
  contrasts: third(
    ["O menino", "A moça", "O homem", "A vizinha"],
    ["Os meninos", "As moças", "Os homens", "As vizinhas"],
  ),
};

const attractor: Phenomenon = {
  name: "verbo e sujeito: número, com outro nome entre eles",
  source: `${CUNHA_CINTRA}: concordância verbal, regra geral`,
  contrasts: third([
    "O dono das casas",
    "A filha dos vizinhos",
    "O irmão das moças",
    "A criada dos padres",
    "O homem que vendeu os livros",
  ], [
    "Os donos da casa",
    "As filhas do vizinho",
    "Os irmãos da moça",
    "As criadas do padre",
    "Os homens que venderam o livro",
  ]),
};

const compoundSubject: Phenomenon = {
  name: "verbo e sujeito composto",
  source: `${CUNHA_CINTRA}: concordância verbal com mais de um sujeito`,
  contrasts: third(
    ["O pai da menina", "A mãe do rapaz", "O irmão de Maria"],
    ["O pai e a menina", "A mãe e o rapaz", "O irmão e Maria"],
  ),
};

/** First and third person singular, and what follows: past, then present. */
const PAST = [
  ["fiz", "fez", "o trabalho"],
  ["tive", "teve", "uma ideia"],
  ["estive", "esteve", "em casa"],
  ["pus", "pôs", "o chapéu"],
  ["pude", "pôde", "descansar"],
  ["fui", "foi", "à igreja"],
  ["vim", "veio", "de longe"],
  ["dei", "deu", "um passeio"],
  ["vi", "viu", "o mar"],
  ["falei", "falou", "com o padre"],
  ["comi", "comeu", "um doce"],
  ["parti", "partiu", "cedo"],
  ["li", "leu", "a carta"],
  ["perdi", "perdeu", "a chave"],
] as const;
const PRESENT = [
  ["sei", "sabe", "a verdade"],
  ["tenho", "tem", "medo"],
  ["vou", "vai", "à missa"],
  ["posso", "pode", "sair"],
  ["quero", "quer", "descansar"],
  ["faço", "faz", "o jantar"],
  ["digo", "diz", "a verdade"],
  ["sou", "é", "médico"],
  ["estou", "está", "em casa"],
] as const;

const singularPerson: Phenomenon = {
  name: "verbo e sujeito: primeira e terceira pessoa do singular",
  source: `${CUNHA_CINTRA}: flexão do verbo em pessoa e número`,
  contrasts: [...PAST, ...PRESENT].map(([first, third, rest]) => ({
    forms: [first, third],
    first: [`Agora sabem que eu _ ${rest}.`, `Sim, eu _ ${rest}.`],
    second: [`Agora sabem que ele _ ${rest}.`, `Sim, ele _ ${rest}.`],
  })),
};

const pluralPerson: Phenomenon = {
  name: "verbo e sujeito: primeira e terceira pessoa do plural",
  source: `${CUNHA_CINTRA}: flexão do verbo em pessoa e número`,
  contrasts: ([
    ["fizemos", "fizeram", "o trabalho"],
    ["tivemos", "tiveram", "uma ideia"],
    ["chegamos", "chegaram", "de longe"],
    ["saímos", "saíram", "da igreja"],
    ["dissemos", "disseram", "a verdade"],
    ["perdemos", "perderam", "a chave"],
    ["vimos", "viram", "o mar"],
    ["somos", "são", "amigos"],
    ["temos", "têm", "medo"],
    ["vamos", "vão", "à missa"],
    ["podemos", "podem", "sair"],
    ["queremos", "querem", "descansar"],
    ["vivemos", "vivem", "longe"],
    ["sabemos", "sabem", "a verdade"],
  ] as const).map(([first, third, rest]) => ({
    forms: [first, third],
    first: [`Todos sabem que nós _ ${rest}.`, `Sim, nós _ ${rest}.`],
    second: [`Todos sabem que eles _ ${rest}.`, `Sim, eles _ ${rest}.`],
  })),
};

const relativePerson: Phenomenon = {
  name: "verbo depois do relativo que: pessoa do antecedente",
  source: `${CUNHA_CINTRA}: concordância verbal, o sujeito é o pronome que`,
  contrasts: [
    ...PAST.map(([first, third, rest]) => ({
      forms: [first, third] as const,
      first: [`Fui eu que _ ${rest}.`],
      second: [`Foi ele que _ ${rest}.`],
    })),
    ...PRESENT.map(([first, third, rest]) => ({
      forms: [first, third] as const,
      first: [`Sou eu que _ ${rest}.`],
      second: [`É ele que _ ${rest}.`],
    })),
  ],
};

/** Plurals beside which an impersonal verb stays in the singular. */
const THERE = [
  "Ali _ muitas flores.",
  "Na sala _ três cadeiras.",
  "Na rua _ muitas crianças.",
  "No jardim _ duas árvores.",
  "Na carta _ muitos erros.",
  "Na cidade _ poucas igrejas.",
  "Na mesa _ dois copos.",
  "No céu _ muitas estrelas.",
  "No armário _ poucos livros.",
  "Na casa _ quatro quartos.",
];
const SINCE_PAST = [
  "_ dois anos que ele partira.",
  "Já _ três meses que não chovia.",
  "_ muitos anos que ela morrera.",
  "Já _ dez dias que ele saíra.",
  "_ cinco semanas que estavam ali.",
];
const SINCE = [
  "_ dois anos que ele partiu.",
  "Já _ três meses que não chove.",
  "_ muitos anos que ela morreu.",
  "Já _ dez dias que ele saiu.",
  "_ cinco semanas que estão ali.",
];
const MAKING = [
  "Os meninos _ muito barulho.",
  "As criadas _ o jantar.",
  "Eles _ muitas perguntas.",
  "Os vizinhos _ uma festa.",
  "As moças _ vestidos.",
];

const impersonal: Phenomenon = {
  name: "haver e fazer impessoais",
  source: `${BECHARA}: concordância verbal, haver e fazer impessoais`,
  contrasts: [
    {
      forms: ["havia", "haviam"],
      first: THERE,
      second: [
        "Os meninos _ saído cedo.",
        "As moças _ chegado tarde.",
        "Eles _ perdido a chave.",
        "Os padres _ dito a verdade.",
        "Os homens _ feito a ponte.",
        "Elas _ escrito a carta.",
        "Os vizinhos _ vendido a casa.",
        "As criadas _ posto a mesa.",
        "Os soldados _ voltado da guerra.",
        "Meus irmãos _ lido o jornal.",
      ],
    },
    {
      forms: ["há", "hão"],
      first: THERE,
      second: [
        "Os meninos _ de sair cedo.",
        "As moças _ de chegar tarde.",
        "Eles _ de perder a chave.",
        "Os padres _ de dizer a verdade.",
        "Os homens _ de fazer a ponte.",
        "Elas _ de escrever a carta.",
        "Os vizinhos _ de vender a casa.",
        "As criadas _ de pôr a mesa.",
        "Os soldados _ de voltar da guerra.",
        "Meus irmãos _ de ler o jornal.",
      ],
    },
    { forms: ["fazia", "faziam"], first: SINCE_PAST, second: MAKING },
    { forms: ["faz", "fazem"], first: SINCE, second: MAKING },
  ],
};

/** Verbs that are never without their pronoun: eu, ele, nós, eles. */
const PRONOMINAL = [
  ["arrependi", "arrependeu", "arrependemos", "arrependeram", "de tudo"],
  ["queixei", "queixou", "queixamos", "queixaram", "do frio"],
  ["atrevi", "atreveu", "atrevemos", "atreveram", "a falar"],
  ["dignei", "dignou", "dignamos", "dignaram", "de falar"],
  ["abstive", "absteve", "abstivemos", "abstiveram", "de falar"],
  ["esforcei", "esforçou", "esforçamos", "esforçaram", "muito"],
  ["queixo", "queixa", "queixamos", "queixam", "de tudo"],
  ["arrependo", "arrepende", "arrependemos", "arrependem", "do erro"],
  ["atrevo", "atreve", "atrevemos", "atrevem", "a sair"],
  ["digno", "digna", "dignamos", "dignam", "de ouvir"],
  ["abstenho", "abstém", "abstemos", "abstêm", "de beber"],
  ["esforço", "esforça", "esforçamos", "esforçam", "por ela"],
] as const;

const reflexive: Phenomenon = {
  name: "pronome reflexivo e sujeito",
  source: `${CUNHA_CINTRA}: pronomes reflexivos, verbos pronominais`,
  contrasts: [
    {
      forms: ["me", "se"],
      first: PRONOMINAL.map(([i, , , , rest]) => `Eu _ ${i} ${rest}.`),
      second: PRONOMINAL.map(([, he, , , rest]) => `Ele _ ${he} ${rest}.`),
    },
    {
      forms: ["nos", "se"],
      first: PRONOMINAL.map(([, , we, , rest]) => `Nós _ ${we} ${rest}.`),
      second: PRONOMINAL.map(([, , , they, rest]) => `Eles _ ${they} ${rest}.`),
    },
  ],
};

/** Agreement with the subject. */
export const VERBAL: readonly Phenomenon[] = [
  subjectVerb,
  attractor,
  compoundSubject,
  singularPerson,
  pluralPerson,
  relativePerson,
  impersonal,
  reflexive,
];
