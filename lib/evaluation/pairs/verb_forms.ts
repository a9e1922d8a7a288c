/**
 * Which form of a verb, and which verb: mood, tense, infinitives, `ser` and
 * `estar`.
 *
 * @module
 */

import { BECHARA, CUNHA_CINTRA, eachOf, type Phenomenon } from "./contrast.ts";

const subjunctive: Phenomenon = {
  name: "subjuntivo e indicativo",
  source: `${CUNHA_CINTRA}: emprego do modo subjuntivo`,
  contrasts: [
    ...([
      ["seja", "é", "rico"],
      ["tenha", "tem", "razão"],
      ["esteja", "está", "em casa"],
      ["venha", "vem", "cedo"],
      ["faça", "faz", "tudo"],
      ["possa", "pode", "sair"],
      ["saiba", "sabe", "a verdade"],
      ["queira", "quer", "dinheiro"],
      ["vá", "vai", "à missa"],
      ["diga", "diz", "a verdade"],
    ] as const).map(([subjunctive, indicative, rest]) => ({
      forms: [subjunctive, indicative] as const,
      first: [
        `Embora ele _ ${rest}, todos riem.`,
        `É preciso que ele _ ${rest}.`,
        `Espero que ele _ ${rest}.`,
        `Talvez ele _ ${rest}.`,
      ],
      second: [
        `Já que ele _ ${rest}, todos riem.`,
        `É verdade que ele _ ${rest}.`,
        `Vejo que ele _ ${rest}.`,
        `Decerto ele _ ${rest}.`,
      ],
    })),
    ...([
      ["fosse", "era", "rico"],
      ["tivesse", "tinha", "razão"],
      ["estivesse", "estava", "em casa"],
      ["soubesse", "sabia", "a verdade"],
      ["pudesse", "podia", "sair"],
      ["quisesse", "queria", "dinheiro"],
    ] as const).map(([subjunctive, indicative, rest]) => ({
      forms: [subjunctive, indicative] as const,
      first: [
        `Embora ele _ ${rest}, todos riam.`,
        `Era preciso que ele _ ${rest}.`,
        `Todos falavam como se ele _ ${rest}.`,
      ],
      second: [
        `Já que ele _ ${rest}, todos riam.`,
        `Era verdade que ele _ ${rest}.`,
        `Todos viam que ele _ ${rest}.`,
      ],
    })),
  ],
};

const futureSubjunctive: Phenomenon = {
  name: "futuro do subjuntivo e infinitivo",
  source:
    `${BECHARA}: conjugação, futuro do subjuntivo e infinitivo flexionado`,
  contrasts: ([
    ["fizer", "fazer", "o trabalho"],
    ["disser", "dizer", "a verdade"],
    ["trouxer", "trazer", "a carta"],
    ["puser", "pôr", "a mesa"],
    ["tiver", "ter", "dinheiro"],
    ["estiver", "estar", "em casa"],
    ["for", "ser", "padre"],
    ["quiser", "querer", "sair"],
    ["souber", "saber", "a verdade"],
    ["puder", "poder", "sair"],
    ["der", "dar", "a notícia"],
    ["for", "ir", "à missa"],
    ["mantiver", "manter", "a calma"],
  ] as const).map(([future, infinitive, rest]) => ({
    forms: [future, infinitive],
    first: [
      `Se ele _ ${rest}, ninguém vai rir.`,
      `Quando ele _ ${rest}, ninguém vai rir.`,
    ],
    second: [
      `Para ele _ ${rest}, é preciso tempo.`,
      `Depois de ele _ ${rest}, ninguém vai rir.`,
    ],
  })),
};

/** Infinitives: plain, of nós, of eles, and what follows. */
const INFINITIVES = [
  ["sair", "sairmos", "saírem", "cedo"],
  ["partir", "partirmos", "partirem", "amanhã"],
  ["falar", "falarmos", "falarem", "com ele"],
  ["comer", "comermos", "comerem", "em paz"],
  ["fazer", "fazermos", "fazerem", "a festa"],
  ["ver", "vermos", "verem", "o mar"],
  ["ler", "lermos", "lerem", "a carta"],
  ["voltar", "voltarmos", "voltarem", "logo"],
] as const;

const inflectedInfinitive: Phenomenon = {
  name: "infinitivo flexionado e não flexionado",
  source: `${CUNHA_CINTRA}: emprego do infinitivo pessoal e impessoal`,
  contrasts: INFINITIVES.flatMap(([plain, ofUs, ofThem, rest]) =>
    ([["nós", "podemos", "queremos", "devemos", ofUs], [
      ...["eles", "podem", "querem", "devem", ofThem],
    ]] as const).map(([who, can, want, must, inflected]) => ({
      forms: [plain, inflected] as const,
      first: eachOf([`Todos sabem que ${who} % _ ${rest}.`], [can, want, must]),
      second: [
        `É tempo de ${who} _ ${rest}.`,
        `É bom ${who} _ ${rest}.`,
        `Isto é para ${who} _ ${rest}.`,
      ],
    }))
  ),
};

const tense: Phenomenon = {
  name: "tempo do verbo e advérbio",
  source: `${CUNHA_CINTRA}: emprego dos tempos do indicativo`,
  contrasts: ([
    ["chegou", "chegará", "de Lisboa"],
    ["partiu", "partirá", "para o Rio"],
    ["voltou", "voltará", "da guerra"],
    ["escreveu", "escreverá", "uma carta"],
    ["fez", "fará", "a viagem"],
    ["teve", "terá", "uma festa"],
    ["vendeu", "venderá", "a casa"],
    ["deu", "dará", "um baile"],
    ["viu", "verá", "o mar"],
    ["veio", "virá", "de longe"],
    ["foi", "irá", "à cidade"],
    ["comprou", "comprará", "um cavalo"],
  ] as const).map(([past, future, rest]) => ({
    forms: [past, future],
    first: [`Ontem ele _ ${rest}.`, `No ano passado, ela _ ${rest}.`],
    second: [`Amanhã ele _ ${rest}.`, `No ano que vem, ela _ ${rest}.`],
  })),
};

const serEstar: Phenomenon = {
  name: "ser e estar",
  source: `${BECHARA}: verbos predicativos, ser e estar; locuções com gerúndio`,
  contrasts: [
    ...([["é", "está"], ["era", "estava"]] as const).map((forms) => ({
      forms,
      first: [
        "Pedro _ filho do doutor.",
        "A mesa _ de madeira.",
        "A casa _ do meu tio.",
        "O anel _ de ouro.",
        "Maria _ irmã do padre.",
        "O livro _ de Pedro.",
        "O ouro _ um metal.",
        "_ preciso sair cedo.",
        "_ verdade que ele mentia.",
        "Isto _ um livro.",
      ],
      second: [
        "Pedro _ com fome.",
        "Maria _ dormindo.",
        "O menino _ com medo.",
        "O pai _ à espera do filho.",
        "A moça _ chorando.",
        "O velho _ de cama.",
        "Ele _ em casa.",
        "O gato _ debaixo da mesa.",
        "Ela _ com sono.",
        "O rapaz _ escrevendo uma carta.",
      ],
    })),
    ...([["são", "estão"], ["eram", "estavam"]] as const).map((forms) => ({
      forms,
      first: [
        "Os dois _ filhos do doutor.",
        "As mesas _ de madeira.",
        "As casas _ do meu tio.",
        "Os anéis _ de ouro.",
        "Elas _ irmãs do padre.",
        "Os livros _ de Pedro.",
        "O ouro e a prata _ metais.",
        "_ duas horas da tarde.",
        "Pedro e Maria _ irmãos.",
        "Estes _ os meus livros.",
      ],
      second: [
        "Os meninos _ com fome.",
        "As moças _ dormindo.",
        "Os rapazes _ com medo.",
        "Os pais _ à espera do filho.",
        "As criadas _ chorando.",
        "Os velhos _ de cama.",
        "Eles _ em casa.",
        "Os gatos _ debaixo da mesa.",
        "Elas _ com sono.",
        "As irmãs _ escrevendo uma carta.",
      ],
    })),
  ],
};

/** The choice of a verb's form. */
export const VERB_FORMS: readonly Phenomenon[] = [
  subjunctive,
  futureSubjunctive,
  inflectedInfinitive,
  tense,
  serEstar,
];
