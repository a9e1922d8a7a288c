/**
 * Galician and Mirandese, told from Portuguese: by words and ends of words that
 * one has and the other has not, each with the logarithm of how much rarer it is
 * there. `tools/near_languages.ts` learns them, says from what, and measures.
 *
 * @module
 */

/** What is so near to Portuguese that other means do not tell it. */
export type NearLanguage = "gl" | "mwl";

/** Marks by their weights: for the other language above zero, else Portuguese. */
type Weights = ReadonlyMap<string, number>;

/** So much has to speak for the other language, as a logarithm. */
const ENOUGH = 5;
/** Ends of words of so many letters and more are marks too. */
const LONG_WORD = 6;
/** How long these ends are. */
const ENDS = [4, 3] as const;

/** The words of a text, as marks have them, and the ends of longer ones. */
export function marksOf(text: string): string[] {
  const marks: string[] = text.toLowerCase().match(WORD) ?? [];
  for (let i = 0, words = marks.length; i < words; i++) {
    if (marks[i].length < LONG_WORD) continue;
    for (const length of ENDS) marks.push(`-${marks[i].slice(-length)}`);
  }
  return marks;
}

const WORD = /\p{L}+(?:-\p{L}+)*/gu;
/**
 * The commonest forms of both, of which hardly a sentence has none, and which
 * Portuguese has not: a look for one is ten times as fast as all marks.
 */
const COMMONEST =
  /(?:^|[\s(«"“])(?:unha|un|non|xa|moi|máis|súas?|tamén|pol[ao]s?|d?unhas?|dun|coas?|con|co|cos|cando|hai|son|en|á|ás|ó|ós|ten|teñen|pero|aínda|sen|el|foron|tiña|houbo|moit[ao]s?|ata|as[íi]|ls?|las?|ye|cun|nun|ua|fui|pa|als?)(?=[\s,.;:!?)»"”]|$)|ción|sión|ións|ñ/i;

/**
 * The near language that a text is in, rather than in Portuguese.
 *
 * @param text Some sentences that are one of the three. Of others nothing is
 * known: Spanish comes out as any.
 * @returns Its ISO 639 code; undefined for Portuguese, and where little speaks
 * for either.
 *
 * @example
 * ```ts
 * import { nearLanguageOf } from "./near_languages.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const texts = [
 *   "O sol saiu e a xente foi á praia, pero non había moito vento.",
 *   "L sol salira i la giente fui a la praia, mas nun haba muito aire.",
 *   "O sol saiu e a gente foi à praia, mas não havia muito vento.",
 * ];
 * assertEquals(texts.map(nearLanguageOf), ["gl", "mwl", undefined]);
 * ```
 */
export function nearLanguageOf(text: string): NearLanguage | undefined {
  const marks = marksOf(text);
  const sum = (weights: Weights) =>
    marks.reduce((sum, mark) => sum + (weights.get(mark) ?? 0), 0);
  const galician = sum(GALICIAN), mirandese = sum(MIRANDESE);
  if (Math.max(galician, mirandese) < ENOUGH) return undefined;
  return galician >= mirandese ? "gl" : "mwl";
}

/**
 * Whether a text has any of the commonest forms of a near language, which is a
 * quick look before {@linkcode nearLanguageOf}.
 */
export function mayBeNear(text: string): boolean {
  return COMMONEST.test(text);
}

function table(marks: Readonly<Record<string, string>>): Weights {
  return new Map(
    Object.entries(marks).flatMap(([weight, words]) =>
      words.split(" ").map((word) => [word, Number(weight)] as const)
    ),
  );
}

const GALICIAN = table({
  "3.5":
    "-ión -ción -óns non -ións en un unha con á -sión -ario máis súa -ría co información -rse son polo -arse xa ó sen coa ás ten dun tamén pola dunha -ceso cando hai debe -ería poden pero aínda -ouse están súas -rán -uera -orio nun -uír",
  "3":
    "-cto -eso así -aron -tan -rase -oría calquera -ías dende -cen -zan cos ós nunha xeito facer nivel cun -onse -dan acción teñen deben obxectivo cambio nin -icio través cal coas límite cunha",
  "2.5":
    "-ecto -ctos -ron -tión -anse cambios xeral -axes creación -lla instalación -gún xunto -allo sexa dirección -ían ben despois posible traballo -enza -lle foron -ecen -úns condicións acceso día -ecta -saxe ninguén alguén mañá onte hoxe xamais quizais velaquí miña miñas túa túas noso nosa nosos nosas el entón axiña lonxe enriba xente muller rapaza neno nena fillo filla irmán irmá nai avoa rúa aldea choiva lúa mellor vello vella moito moita moitos moitas algún algunha algúns algunhas ningún ningunha quen soamente fai facía facían dicir dixo dicía dixeron ía veu vén puido quixo quere tivo tiña tiñan houbo había estivo estaba coller colleu saír saíu caeu volveu ollos ollo follas auga ceo soños soño camiño unhas nunhas dunhas cuns polas daquel",
  "2":
    "-nse -axe -reo actual -eos moi -ten -azo -nza modificación -ren -acto -rese -ngún",
  "1.5":
    "-xina -use contido -rreo -llo revisión espazo -pazo vixilancia -zóns -ueo",
  "-1": "-culo",
  "-1.5": "muito serão -etos -iam",
  "-2": "-olha escolha há -ens -hos nem -ião apenas -nela direito -ças -ença",
  "-2.5":
    "-jeto -gina -uer -lhe bem dia dias -anto -ória alguns -guns -isão essa esse fazer -lhos -inha -inho -hor -lher -ério então -atro",
  "-3":
    "-ário ele -rão depois -eção -sse às podem duas já -uns -ança -iver -ício suas -a-se -eja fim deve -ório -tam possível assim -lhas -tem -gens -umas três estão algumas palavras -vras -aço",
  "-3.5":
    "-ção em um -ação uma não -ões com -ções à -ição são -são quando --se -vel -bém também -mbém -lha pelo mas -gem -nção -ssão -nho sem -ível -lho sua -agem -nça pela -ução -quer -ços -sso tem dois qualquer -esso -ável -rem qual -alho seja vezes -sões palavra -avra -vra",
});
const MIRANDESE = table({
  "3.5":
    "la l pa -çon las ua -ones nun -açon ó ye cun ls al un fuora amostrar altaraçones cumo ne sue tue cuonta cuntenido -içon ber puode percurar botar -onta eisiste causo -talo -ales nuoba puodes ambaixo -eçon -aige andereço testo stás cul bei chabe fabor beç yá -odes redadeiras sin ambiar -biar son ten stá seia fúrun inda esso berson -rson -ige númaro -maro -giar -airo -rie palabra tou ambiada balidade demudar -sson eiqui eilha lhimpar cargar cunsulte eimaige -izan -zan -abra tamien -mien -ien siempre catadorie -orie tenes pul abiso subre numárico arrastrar adonde cula el oupcional dua çcriçon oureginal -iges rebison months -nths nuobo speciales -ths nuobas -obas abisar-me recargar antradas antre catadories nabegador nanhue -nhue -hue nua nanhun -nhun -hun dezir tener tenga pessona -sona qualquier -uier sues rezon çtino anclui comentairos hai botada rezones stóricos porjetos percura feed outelizado altaraçon nuobos botados botadas lhibros migrar antrada reciente ancaminamiento més anho ajuntar percipal",
  "3": "-nes -inas -eio -son -bas",
  "2.5":
    "fui -ersa -rsa -rgar -mpar -aro -obos -grar -ires -eçar eilhes bós miu mie sous nuosso nuossa buosso aquel aqueilha aqueilho lhéngua tierra tiempo fuogo fuorte buono bida bila bibir bibe bien biu haba houbo staba dixo fizo bai ban puls pulas uas algun algua puis ténen lhugar lhargo bezes nuite dues trés quaije giente lhuç lhibro fuonte puorta scuola screbir nacer eigreija anton antoce",
  "2": "-gina -urar -iada -nica -bos -reço solo -ison temporária",
  "1.5": "-rar esta -trar -nder -iste -nido sou -par -lhes -udar -hes",
  "1": "-nta -stro -iar -eço -gar registros",
  "-1": "para -nto ele -rão",
  "-1.5": "-nção -tado -eito -tivo sua tempo",
  "-2":
    "quando -ivo pelo -gem nos -ver -ssão sem -ível -culo -eis está -agem -rias -enas",
  "-2.5": "-ição pode -são são -vel -bém também -mbém -ades entre -mas seu",
  "-3": "e -ções dos -ais à das -ulo",
  "-3.5": "o do -ção da um em os no -ação as uma é ou com não -ões ao como",
});
