/**
 * Agreement within and around noun phrases: articles, determiners, adjectives,
 * participles, `cujo`.
 *
 * @module
 */

import { BECHARA, CUNHA_CINTRA, eachOf, type Phenomenon } from "./contrast.ts";

/** Things, singular and plural. */
const MASCULINE = [
  ["livro", "livros"],
  ["retrato", "retratos"],
  ["relógio", "relógios"],
  ["lenço", "lenços"],
  ["anel", "anéis"],
  ["vestido", "vestidos"],
  ["jornal", "jornais"],
  ["chapéu", "chapéus"],
  ["jardim", "jardins"],
  ["espelho", "espelhos"],
] as const;
const FEMININE = [
  ["carta", "cartas"],
  ["chave", "chaves"],
  ["flor", "flores"],
  ["cadeira", "cadeiras"],
  ["mesa", "mesas"],
  ["pedra", "pedras"],
  ["vela", "velas"],
  ["escada", "escadas"],
  ["igreja", "igrejas"],
  ["viagem", "viagens"],
] as const;

/** Nouns whose ending does not tell their gender, or tells it wrongly. */
const OPAQUE_MASCULINE = [
  ...["problema", "mapa", "dia", "poema", "sistema", "coração"],
  ...["idioma", "dente", "nome", "drama", "planeta", "clima"],
];
const OPAQUE_FEMININE = [
  ...["mão", "flor", "tribo", "voz", "luz", "noite"],
  ...["ponte", "árvore", "lei", "cruz", "dor", "manhã"],
];

const articleNumber: Phenomenon = {
  name: "artigo e substantivo: número",
  source: `${CUNHA_CINTRA}: o artigo e a flexão do substantivo`,
  contrasts: [
    ...MASCULINE.map((forms) => ({
      forms,
      first: ["Ela viu o _ de longe.", "Todos falavam do _ naquela noite."],
      second: ["Ela viu os _ de longe.", "Todos falavam dos _ naquela noite."],
    })),
    ...FEMININE.map((forms) => ({
      forms,
      first: ["Ela viu a _ de longe.", "Todos falavam da _ naquela noite."],
      second: ["Ela viu as _ de longe.", "Todos falavam das _ naquela noite."],
    })),
  ],
};

const articleGender: Phenomenon = {
  name: "artigo e substantivo: gênero",
  source: `${CUNHA_CINTRA}: o gênero do substantivo`,
  contrasts: ([
    [["o", "a"], "Todos conheciam _ %."],
    [["do", "da"], "Todos falavam _ %."],
    [["um", "uma"], "Ele se lembrou de _ %."],
  ] as const).map(([forms, sentence]) => ({
    forms,
    first: eachOf([sentence], OPAQUE_MASCULINE),
    second: eachOf([sentence], OPAQUE_FEMININE),
  })),
};

const determinerGender: Phenomenon = {
  name: "determinante e substantivo: gênero",
  source:
    `${CUNHA_CINTRA}: pronomes demonstrativos e possessivos, numerais cardinais`,
  contrasts: ([
    [["este", "esta"], 0],
    [["aquele", "aquela"], 0],
    [["meu", "minha"], 0],
    [["nosso", "nossa"], 0],
    [["dois", "duas"], 1],
  ] as const).map(([forms, number]) => ({
    forms,
    first: MASCULINE.slice(0, 8).map((noun) =>
      `Ela guardou _ ${noun[number]}.`
    ),
    second: FEMININE.slice(0, 8).map((noun) =>
      `Ela guardou _ ${noun[number]}.`
    ),
  })),
};

const adjectiveNumber: Phenomenon = {
  name: "adjetivo e substantivo: número",
  source: `${CUNHA_CINTRA}: concordância do adjetivo com o substantivo`,
  contrasts: ["antigo", "novo", "bonito", "pequeno", "branco", "velho", "raro"]
    .flatMap((masculine) => {
      const feminine = masculine.slice(0, -1) + "a";
      return [
        {
          forms: [masculine, `${masculine}s`] as const,
          first: eachOf(["Ele vendeu o % _ ao vizinho."], [
            ...["livro", "retrato", "relógio"],
          ]),
          second: eachOf(["Ele vendeu os % _ ao vizinho."], [
            ...["livros", "retratos", "relógios"],
          ]),
        },
        {
          forms: [feminine, `${feminine}s`] as const,
          first: eachOf(["Ele vendeu a % _ ao vizinho."], [
            ...["casa", "cadeira", "mesa"],
          ]),
          second: eachOf(["Ele vendeu as % _ ao vizinho."], [
            ...["casas", "cadeiras", "mesas"],
          ]),
        },
      ];
    }),
};

const adjectiveGender: Phenomenon = {
  name: "adjetivo e substantivo: gênero",
  source: `${CUNHA_CINTRA}: concordância do adjetivo com o substantivo`,
  contrasts: ["estranho", "bonito", "antigo", "novo", "raro", "famoso"].map(
    (masculine) => ({
      forms: [masculine, masculine.slice(0, -1) + "a"] as const,
      first: eachOf(["Ele falou de um % _ naquela tarde."], [
        ...["problema", "mapa", "poema", "sistema", "nome", "drama"],
      ]),
      second: eachOf(["Ele falou de uma % _ naquela tarde."], [
        ...["voz", "luz", "ponte", "mão", "noite", "lei"],
      ]),
    }),
  ),
};

/** What someone may become. */
const STATES = [
  ...["cansado", "calado", "preocupado", "satisfeito"],
  ...["sozinho", "pálido", "quieto", "nervoso"],
];

const predicativeGender: Phenomenon = {
  name: "predicativo e sujeito: gênero",
  source: `${CUNHA_CINTRA}: concordância do adjetivo predicativo`,
  contrasts: STATES.map((masculine) => ({
    forms: [masculine, masculine.slice(0, -1) + "a"] as const,
    first: eachOf(["% ficou _ naquela noite."], [
      ...["O menino", "O rapaz", "Meu irmão", "Pedro"],
    ]),
    second: eachOf(["% ficou _ naquela noite."], [
      ...["A menina", "A moça", "Minha irmã", "Maria"],
    ]),
  })),
};

const predicativeAttractor: Phenomenon = {
  name: "predicativo e sujeito: gênero, com outro nome entre eles",
  source: `${CUNHA_CINTRA}: concordância do adjetivo predicativo`,
  contrasts: STATES.map((masculine) => ({
    forms: [masculine, masculine.slice(0, -1) + "a"] as const,
    first: eachOf(["% ficou _ naquela noite."], [
      ...["O irmão de Maria", "O pai da moça"],
      ...["O filho da viúva", "O vizinho da criada"],
    ]),
    second: eachOf(["% ficou _ naquela noite."], [
      ...["A irmã de Pedro", "A mãe do rapaz"],
      ...["A filha do doutor", "A vizinha do padre"],
    ]),
  })),
};

/** Participles, and what may be the subject of their passive. */
const PASSIVES = [
  ["escrito", "O livro,O bilhete,O poema", "A carta,A história,A peça"],
  ["aberto", "O baú,O portão,O cofre", "A porta,A janela,A caixa"],
  ["vendido", "O cavalo,O terreno,O navio", "A casa,A fazenda,A loja"],
  ["quebrado", "O copo,O vaso,O espelho", "A xícara,A cadeira,A taça"],
  ["construído", "O muro,O palácio,O hospital", "A igreja,A ponte,A escola"],
  ["perdido", "O anel,O dinheiro,O documento", "A chave,A carteira,A guerra"],
  [
    "recebido",
    "O ministro,O convite,O presente",
    "A rainha,A notícia,A visita",
  ],
  ["lido", "O jornal,O discurso,O testamento", "A sentença,A lista,A lei"],
  ["feito", "O trabalho,O bolo,O pedido", "A compra,A promessa,A festa"],
  ["pago", "O aluguel,O jantar,O preço", "A dívida,A conta,A multa"],
] as const;

const passiveParticiple: Phenomenon = {
  name: "particípio da voz passiva e sujeito",
  source: `${CUNHA_CINTRA}: voz passiva, flexão do particípio`,
  contrasts: PASSIVES.map(([masculine, masculines, feminines]) => ({
    forms: [masculine, masculine.slice(0, -1) + "a"] as const,
    first: eachOf(["% foi _ naquele ano."], masculines.split(",")),
    second: eachOf(["% foi _ naquele ano."], feminines.split(",")),
  })),
};

const whose: Phenomenon = {
  name: "cujo e o substantivo que o segue",
  source: `${BECHARA}: pronomes relativos, cujo`,
  contrasts: [
    {
      forms: ["cuja", "cujo"],
      first: eachOf(["Conheci %.", "Ele falava de %."], [
        "um homem _ casa era antiga",
        "um poeta _ obra era famosa",
        "um rei _ filha era bela",
        "um velho _ memória era boa",
        "um padre _ voz era forte",
        "um médico _ mulher era rica",
        "um rapaz _ família era pobre",
        "um pintor _ arte era nova",
        "um reino _ capital era pequena",
        "um jardim _ entrada era estreita",
      ]),
      second: eachOf(["Conheci %.", "Ele falava de %."], [
        "uma mulher _ marido era médico",
        "uma moça _ nome era bonito",
        "uma viúva _ filho era padre",
        "uma cidade _ porto era grande",
        "uma casa _ jardim era belo",
        "uma igreja _ sino era antigo",
        "uma rainha _ reino era pobre",
        "uma velha _ cabelo era branco",
        "uma rua _ chão era de pedra",
        "uma loja _ dono era avarento",
      ]),
    },
    {
      forms: ["cujas", "cujos"],
      first: eachOf(["Conheci %.", "Ele falava de %."], [
        "um homem _ terras eram vastas",
        "um rei _ filhas eram belas",
        "um poeta _ obras eram famosas",
        "um velho _ mãos eram fracas",
        "um jardim _ flores eram raras",
      ]),
      second: eachOf(["Conheci %.", "Ele falava de %."], [
        "uma mulher _ olhos eram verdes",
        "uma moça _ cabelos eram longos",
        "uma viúva _ filhos eram pobres",
        "uma cidade _ muros eram altos",
        "uma casa _ quartos eram frios",
      ]),
    },
  ],
};

/** Agreement of nouns with what stands around them. */
export const NOMINAL: readonly Phenomenon[] = [
  articleNumber,
  articleGender,
  determinerGender,
  adjectiveNumber,
  adjectiveGender,
  predicativeGender,
  predicativeAttractor,
  passiveParticiple,
  whose,
];
