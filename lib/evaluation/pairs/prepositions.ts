/**
 * Prepositions: contracted or not, with the accent of `crase` or without, and
 * which of them a verb asks for; and words that sound alike.
 *
 * @module
 */

import { BECHARA, CUNHA_CINTRA, eachOf, type Phenomenon } from "./contrast.ts";

/** Where an article follows `de`, by number, */
const OF_THE = {
  a: ["casa do tio", "viagem", "cidade", "carta", "igreja"],
  as: ["casas do tio", "viagens", "cidades", "cartas", "igrejas"],
  os: ["quartos do tio", "livros", "jardins", "filhos", "amigos"],
};
/** and where a pronoun does that is the object of an infinitive. */
const TO_DO_IT = [
  "Tenho o prazer _ ver.",
  "Ele tinha medo _ perder.",
  "Nunca perdeu a esperança _ encontrar.",
  "Ela teve a ideia _ visitar.",
  "Era a única maneira _ salvar.",
];

const contraction: Phenomenon = {
  name: "contração da preposição com o artigo, e não com o pronome",
  source: `${CUNHA_CINTRA}: preposições, combinações e contrações com o artigo`,
  contrasts: [
    ...(["a", "as", "os"] as const).map((article) => {
      const [place, journey, town, letter, church] = OF_THE[article];
      return {
        forms: [`d${article}`, `de ${article}`] as const,
        first: [
          `Ele saiu _ ${place}.`,
          `Ela falou _ ${journey} do irmão.`,
          `Tenho saudade _ ${town}.`,
          `Ninguém se lembra _ ${letter}.`,
          `Ela gostava _ ${church} da vila.`,
        ],
        second: TO_DO_IT,
      };
    }),
    {
      forms: ["pela", "por a"],
      first: [
        "Ele passou _ rua.",
        "O ladrão entrou _ janela.",
        "Todos lutaram _ pátria.",
        "Ele foi visto _ vizinha.",
        "O menino chamou _ mãe.",
      ],
      second: [
        "Ele acabou _ amar.",
        "Ela acabou _ esquecer.",
        "Ele começou _ ouvir.",
        "Ele suspirava _ ver.",
        "O pai ansiava _ abraçar.",
      ],
    },
    {
      forms: ["pelos", "por os"],
      first: [
        "Ele passou _ campos.",
        "O ladrão entrou _ fundos.",
        "Todos lutaram _ filhos.",
        "Ele foi visto _ vizinhos.",
        "O menino chamou _ pais.",
      ],
      second: [
        "Ele acabou _ amar.",
        "Ela acabou _ esquecer.",
        "Ele começou _ ouvir.",
        "Ele suspirava _ ver.",
        "O pai ansiava _ abraçar.",
      ],
    },
    ...(["a", "as"] as const).map((article) => ({
      forms: [`n${article}`, `em ${article}`] as const,
      first: article === "a"
        ? [
          "Ela mora _ cidade.",
          "O livro está _ mesa.",
          "Ele pensa _ viagem.",
          "O padre entrou _ igreja.",
          "Ninguém acredita _ notícia.",
        ]
        : [
          "Ela mora _ montanhas.",
          "O livro está _ caixas.",
          "Ele pensa _ viagens.",
          "O padre entrou _ igrejas.",
          "Ninguém acredita _ notícias.",
        ],
      second: [
        "Ele insistia _ ver.",
        "Ela pensava _ visitar.",
        "O pai consentiu _ receber.",
        "Ele hesitou _ beijar.",
        "Ninguém tinha gosto _ ouvir.",
      ],
    })),
  ],
};

const crase: Phenomenon = {
  name: "crase",
  source: `${BECHARA}: o fenômeno da crase e o emprego do à acentuado`,
  contrasts: [
    {
      forms: ["à", "a"],
      first: [
        "Ela vai _ igreja.",
        "O menino voltou _ escola.",
        "Nós chegamos _ cidade de noite.",
        "Ele deu uma flor _ moça.",
        "Ela entregou a carta _ criada.",
        "Ele se referiu _ viagem do pai.",
        "O velho se sentou _ mesa.",
        "A mãe ficou _ espera do filho.",
        "Ela pediu perdão _ irmã.",
        "Ele disse a verdade _ rainha.",
        "O rapaz vai _ janela.",
        "Eu nunca vou _ praia.",
        "Ele contou o sonho _ vizinha.",
        "Ela se dirigiu _ porta.",
        "Nós íamos _ missa.",
        "O doutor prometeu _ viúva que voltaria.",
      ],
      second: [
        "Ela vai _ pé.",
        "O menino começou _ chorar.",
        "Nós chegamos _ tempo.",
        "Ele deu uma flor _ ela.",
        "Ela entregou a carta _ um criado.",
        "Ele se referiu _ Deus.",
        "O velho passeava _ cavalo.",
        "A mãe ficou _ chorar.",
        "Ela pediu perdão _ todos.",
        "Ele disse a verdade _ uma rainha.",
        "O rapaz conhece _ cidade.",
        "Eu nunca vi _ praia.",
        "Ele rasgou _ carta.",
        "Ela fechou _ caixa.",
        "Nós fizemos _ paz.",
        "O doutor voltou _ ler.",
      ],
    },
    {
      forms: ["às", "as"],
      first: [
        "Ele vai _ lojas da rua.",
        "Ela deu doces _ crianças.",
        "Ele chegou _ terras do tio.",
        "Ela fez perguntas _ irmãs.",
        "Ele se referiu _ leis.",
        "Nós vamos _ festas da vila.",
        "Ela chegou _ dez horas.",
        "A luz chegou _ janelas.",
      ],
      second: [
        "Ele viu _ lojas da rua.",
        "Ela comeu _ frutas.",
        "Ele perdeu _ terras do tio.",
        "Ela rasgou _ cartas.",
        "Ele mudou _ leis.",
        "Nós perdemos _ festas da vila.",
        "Ela contou _ horas.",
        "O gato quebrou _ janelas.",
      ],
    },
  ],
};

const regency: Phenomenon = {
  name: "regência: a preposição do verbo",
  source: `${CUNHA_CINTRA}: regência verbal; função dos pronomes relativos`,
  contrasts: [
    {
      forms: ["de", "em"],
      first: [
        "Ele gosta _ livros.",
        "Ela precisa _ dinheiro.",
        "Eu desisti _ você.",
        "Ele depende _ você.",
        "Ela se esqueceu _ mim.",
        "Ele desconfia _ todos.",
      ],
      second: [
        "Ele pensa _ livros.",
        "Ela mora _ Lisboa.",
        "Eu acreditei _ você.",
        "Ele reparou _ você.",
        "Ela tropeçou _ mim.",
        "Ele acredita _ todos.",
      ],
    },
    {
      forms: ["de", "a"],
      first: [
        "Ele gosta _ você.",
        "O menino depende _ você.",
        "Ela se esqueceu _ todos.",
        "Ela precisa _ todos.",
        "Ela desconfia _ todos.",
        "Eu me lembro _ tudo.",
      ],
      second: [
        "Ele obedece _ você.",
        "O livro pertence _ você.",
        "Ela se dirigiu _ todos.",
        "Ela se refere _ todos.",
        "Isso agrada _ todos.",
        "Eu resisti _ tudo.",
      ],
    },
    {
      forms: ["em que", "de que"],
      first: [
        "Esta é a casa _ moro.",
        "Esta é a cama _ durmo.",
        "Esta é a promessa _ penso.",
        "Este é o plano _ insisto.",
        "Esta é a história _ acredito.",
        "Este é o dia _ nasci.",
        "Este é o ponto _ reparei.",
        "Esta é a pedra _ tropecei.",
      ],
      second: [
        "Esta é a casa _ gosto.",
        "Esta é a cama _ preciso.",
        "Esta é a promessa _ gosto.",
        "Este é o plano _ me orgulho.",
        "Esta é a história _ me lembro.",
        "Este é o dinheiro _ preciso.",
        "Este é o remédio _ necessito.",
        "Esta é a cidade _ tenho saudade.",
      ],
    },
    {
      forms: ["de quem", "a quem"],
      first: eachOf(["Esta é a moça _ %.", "Este é o homem _ %."], [
        ...["gosto", "desconfio", "dependo", "me despedi", "me lembro"],
      ]),
      second: eachOf(["Esta é a moça _ %.", "Este é o homem _ %."], [
        ...["obedeço", "me dirigi", "me refiro", "pertenço", "devo a vida"],
      ]),
    },
    {
      forms: ["de quem", "em quem"],
      first: eachOf(["Esta é a moça _ %.", "Este é o homem _ %."], [
        ...["gosto", "desconfio", "dependo", "me despedi", "preciso"],
      ]),
      second: eachOf(["Esta é a moça _ %.", "Este é o homem _ %."], [
        ...["reparei", "penso", "acredito", "votei", "creio"],
      ]),
    },
  ],
};

/** Stretches of time. */
const TIMES = [
  ...["dois anos", "três dias", "dez meses", "sete meses", "duas semanas"],
  ...["vinte anos", "um mês", "seis dias", "cem anos", "poucos meses"],
  ...["uma semana", "oito noites"],
];

const thereIs: Phenomenon = {
  name: "há e a",
  source: `${BECHARA}: haver impessoal em expressões de tempo`,
  contrasts: [{
    forms: ["há", "a"],
    first: eachOf(
      ["Ele morreu _ %.", "Tudo isso aconteceu _ %."],
      TIMES,
    ),
    second: eachOf(
      ["Ele voltará daqui _ %.", "Tudo isso acabará daqui _ %."],
      TIMES,
    ),
  }],
};

const why: Phenomenon = {
  name: "porque e por que",
  source: `${BECHARA}: grafia de porque e por que`,
  contrasts: [{
    forms: ["porque", "por que"],
    first: eachOf(["Ele ficou em casa _ %.", "Ela chorou _ %."], [
      ...["era domingo", "ninguém veio", "chovia muito", "o pai morreu"],
      ...["tinha medo", "estava só", "não dormiu", "era tarde"],
    ]),
    second: eachOf(["Eis a razão _ %.", "Este é o motivo _ %."], [
      ...["ele partiu", "ela chorou", "o padre mentiu", "todos riram"],
      ...["a moça fugiu", "o pai morreu", "ninguém veio", "a loja fechou"],
    ]),
  }],
};

const soundAlike: Phenomenon = {
  name: "mas e mais, mal e mau",
  source: `${BECHARA}: conjunções adversativas, advérbios e adjetivos`,
  contrasts: [
    {
      forms: ["mas", "mais"],
      first: [
        "Queria sair, _ chovia.",
        "Era rico, _ morreu pobre.",
        "Chamei, _ ela não respondeu.",
        "Ela sorriu, _ o pai chorava.",
        "Gosto dele, _ ele mente.",
        "Bati, _ a casa estava vazia.",
        "Tentou falar, _ calou-se.",
        "Pediu perdão, _ era tarde.",
        "Correu muito, _ perdeu o trem.",
        "A casa é pequena, _ tem jardim.",
      ],
      second: [
        "Quero _ dinheiro.",
        "Ela é _ alta que ele.",
        "Não tenho _ tempo.",
        "Ele trabalha _ que o irmão.",
        "Ele nunca _ voltou.",
        "Preciso de _ luz.",
        "Não quero _ nada.",
        "Isto custa _ caro.",
        "Ele sabe _ que eu.",
        "Fique _ um dia.",
      ],
    },
    {
      forms: ["mal", "mau"],
      first: [
        "Ele dormiu _ esta noite.",
        "O doente passou _ o dia.",
        "Ela canta muito _.",
        "A peça foi _ escrita.",
        "Ele fala _ de todos.",
        "O menino se comportou _.",
        "Ela _ podia andar.",
        "A carta estava _ escrita.",
        "Tudo acabou _.",
        "Ele _ sabia ler.",
      ],
      second: [
        "Ele é um homem _.",
        "Foi um _ negócio.",
        "O _ tempo durou dias.",
        "Era um _ sinal.",
        "Ele teve um _ sonho.",
        "Nunca fui um _ filho.",
        "Ela temia o lobo _.",
        "Ele estava de _ humor.",
        "Deu um _ passo.",
        "Era um _ caminho.",
      ],
    },
  ],
};

/** Prepositions, and words that sound alike. */
export const PREPOSITIONS: readonly Phenomenon[] = [
  contraction,
  crase,
  regency,
  thereIs,
  why,
  soundAlike,
];
