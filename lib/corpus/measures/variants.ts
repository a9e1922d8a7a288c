/**
 * Which Portuguese a text is written in: Brazil's or Portugal's, and by which
 * spelling, as words tell that only one of them writes so.
 *
 * The differences are those of the Formulário Ortográfico of 1943 (Brazil), the
 * Acordo of 1945 (Portugal) and the Acordo of 1990; before 1911 words were
 * written by their origin ("philosophia", "elle").
 *
 * @module
 */

/** A variety of Portuguese. */
export const VARIANTS = ["pt-BR", "pt-PT"] as const;

/** One of {@linkcode VARIANTS}. */
export type Variant = typeof VARIANTS[number];

/** Spellings: by origin, as between the reforms, and since that of 1990. */
export const SPELLINGS = ["etymological", "before-1990", "since-1990"] as const;

/** One of {@linkcode SPELLINGS}. */
export type Spelling = typeof SPELLINGS[number];

/** What a text's words say; absent where they say nothing, or both. */
export interface Written {
  /** Whose words and accents it has. */
  readonly variant?: Variant;
  /** Which spelling it has. */
  readonly spelling?: Spelling;
}

/** Words of which a text has enough to be told by. */
const ENOUGH = 2;
/** How many as many of one side there have to be. */
const CLEARLY = 3;
/** In so many words of a text at most one mark of an old spelling is a name. */
const WORDS_A_NAME = 500;

const WORD = /\p{L}+(?:-\p{L}+)*/gu;
const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Brazil has ê and ô before m and n with a vowel, where Portugal has é and ó. */
const CLOSED = /[êô][mn][aeiou]/, OPEN = /[éó][mn][aeiou]/;
/** Those that both write closed, and what Brazil wrote open until 1971. */
const NEITHER = words(
  `fêmea fêmeas estômago estômagos êmulo êmulos sêmola sêmea sêmeas sómente
  tão-sómente`,
);
const BRAZILIAN = words(
  `ônibus trem trens gol gols esporte esportes esportivo equipe equipes usuário
  usuários registro registros registrar fato fatos contato contatos dezesseis
  dezessete dezenove planejamento gerenciar gerenciador cadastro sorvete
  sanduíche geladeira caminhão caminhões ônix xícara bebê bebês aluguel
  umidade úmido úmida aposentadoria prefeitura delegacia mídia pedestre
  pedestres pênalti goleiro goleiros conosco anistia seção seções súdito
  súditos berinjela bilhões bilhão trilhão trilhões`,
);
const EUROPEAN = words(
  `autocarro autocarros comboio comboios telemóvel telemóveis equipa equipas
  desportivo golo golos utilizador utilizadores ecrã ecrãs ficheiro ficheiros
  registo registos registar facto factos contacto contactos dezasseis
  dezassete dezanove planeamento frigorífico camião camiões chávena bebé bebés
  humidade húmido húmida guarda-redes connosco amnistia secção secções súbdito
  súbditos beringela miúdo miúdos palavra-passe`,
);
/** Consonants that Portugal wrote until 1990 and did not speak. */
const MUTE =
  /^(?:des|in|inter|re|sub)?(?:ac[çt]|afec[çt]|arquitect|colec[çt]|correc[çt]|direc[çt]|efect|eléctr|electr|exact|fracç|inspec[çt]|objec[çt]|projec[çt]|protec[çt]|selec[çt]|trajec[çt]|adopç|adopt|baptis|egipt|excepç|excepto|óptim|optim)\p{L}*(?:[aeo]s?|ão|ões|[lmr]|is)$/u;
/** Of these, what others write so too. */
const HEARD = words("active acta protective directive electra");
/** What Brazil alone wrote until 2008: Portugal had no such accents in 1945. */
const MARKED_HERE =
  /[qg]ü[eiêéí]|éi(?:as?|[cd][oa]s?)$|ôos?$|^(?:feiúra|baiúca)$/u;
/** What both wrote until 1990. */
const MARKED =
  /ói(?:as?|[cd][oa]s?)$|(?:[vld]ê|crê)em$|^(?:pára|pêlos?|pólos?|pêra)$/u;
/** What both write so since 1990. */
const REFORMED = words(
  `joia joias heroico heroica heroicos heroicas leem veem creem deem releem
  preveem descreem`,
);
/** What Brazil writes so since 2009, as Portugal had since 1945. */
const REFORMED_HERE = words(
  `ideia ideias assembleia assembleias europeia europeias estreia estreias plateia
  plateias voo voos enjoo frequente frequentes frequência consequência
  consequências cinquenta tranquilo tranquila aguentar sequência sequências
  linguística linguístico eloquente delinquente`,
);
/** What Portugal writes so since 1990, as Brazil always had. */
const REFORMED_THERE = words(
  `ação ações direção direto direta diretor objeto objetos projeto projetos
  atual atuais ator atores ato atos ativo ativa afeto ótimo ótima batismo
  exato exata elétrico elétrica seleção correto correta proteção`,
);
/** What was written so before 1911 in Portugal, until about 1940 in Brazil. */
const ETYMOLOGICAL = words(
  `elle ella elles ellas aquelle aquella aquelles aquellas naquelle naquella
  daquelle daquella delle della delles dellas nelle nella nelles nellas fallar
  falla fallou fallava fallando anno annos commum commigo comtigo comsigo
  occasião attenção effeito effeitos difficil official officio officina
  theatro theatros pharmacia pharmaceutico philosophia philosopho phrase
  phrases physica physico systema systemas mysterio mysterios typo typos
  symbolo hymno hymnos lyrio lyrico scena scenas sciencia sciencias hontem
  sahir sahiu sahia cahir cahiu cahia ahi egual egreja egrejas pae paes
  portuguez inglez francez mez brazil brazileiro brazileira brazileiros meza
  chimica christão christo sepulchro thesouro throno cathedral methodo
  rhetorica rythmo rhythmo allemão villa collegio cavallo cavallos bello bella
  bellos bellas aquillo illusão intelligente intelligencia illustre immenso
  immediatamente innocente innocencia supplica applicar apparecer appareceu
  apparencia oppor opposição offerecer offereceu soffrer soffria affecto
  affirmar differente differença difficuldade attender attento prompto
  promptamente assumpto somno damno columna auctor auctoridade acto activo
  dous creança creanças edade deshonra poude logar vae ceo ceos véo chapéo céo
  deos`,
);
/** Of those, what is written so in other times as well. */
const AMBIGUOUS = words("acto activo villa dous pae mez creança logar sae cae");

/**
 * What the words of a text say of its Portuguese.
 *
 * @param text A text in Portuguese.
 *
 * @example
 * ```ts
 * import { writtenIn } from "./variants.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   writtenIn("O ônibus econômico leva vocês, com tranqüilidade e uma idéia."),
 *   { variant: "pt-BR", spelling: "before-1990" },
 * );
 * assertEquals(
 *   writtenIn("De facto, o autocarro é económico; os miúdos vão de comboio."),
 *   { variant: "pt-PT" },
 * );
 * assertEquals(
 *   writtenIn("Elle fallou da pharmacia e da philosophia em que hontem leu.")
 *     .spelling,
 *   "etymological",
 * );
 * ```
 */
export function writtenIn(text: string): Written {
  let brazilian = 0, european = 0, old = 0;
  let marked = 0, markedHere = 0, mute = 0;
  let plain = 0, plainHere = 0, plainThere = 0;
  const found = text.toLowerCase().match(WORD) ?? [];
  for (const word of found) {
    const tells = !NEITHER.has(word);
    if (tells && CLOSED.test(word) || BRAZILIAN.has(word)) brazilian++;
    if (tells && OPEN.test(word) || EUROPEAN.has(word)) european++;
    if (ETYMOLOGICAL.has(word) && !AMBIGUOUS.has(word)) old++;
    if (MUTE.test(word) && !HEARD.has(word)) mute++;
    if (MARKED_HERE.test(word)) markedHere++;
    if (MARKED.test(word)) marked++;
    if (REFORMED.has(word)) plain++;
    if (REFORMED_HERE.has(word)) plainHere++;
    if (REFORMED_THERE.has(word)) plainThere++;
  }
  const variant = sideOf(brazilian + markedHere, european + mute);
  // What one country changed, the other had always written so.
  const [before, since] = variant === undefined
    ? [marked, plain]
    : variant === 0
    ? [marked + markedHere, plain + plainHere]
    : [marked + mute, plain + plainThere];
  const side = sideOf(before, since);
  const isOld = old >= ENOUGH && old * WORDS_A_NAME > found.length;
  return {
    ...variant !== undefined && { variant: VARIANTS[variant] },
    ...isOld
      ? { spelling: SPELLINGS[0] }
      : side !== undefined && { spelling: SPELLINGS[side + 1] },
  };
}

/** On which side there are enough marks, and clearly more. */
function sideOf(first: number, second: number): 0 | 1 | undefined {
  if (first >= ENOUGH && first >= CLEARLY * second) return 0;
  if (second >= ENOUGH && second >= CLEARLY * first) return 1;
  return undefined;
}
