/**
 * Learns the marks by which Galician and Mirandese are told from Portuguese
 * (`lib/corpus/measures/near_languages.ts`), or measures them.
 *
 *     deno run --allow-read tools/near_languages.ts SENTENCES.jsonl
 *     deno run --allow-read tools/near_languages.ts SENTENCES.jsonl --measure
 *
 * A line has `language` (`pt`, `gl`, `mwl`, or another to be measured on),
 * `source`, `text` and `heldOut`. A mark counts by how much rarer it is in the
 * source of the other language that has most of it; so what only one kind of
 * text has, such as the names of buttons, is none.
 *
 * The table that there is was learnt from 2,500 pages of LibreOffice's help in
 * three languages (MPL-2.0), GNOME's (CC BY-SA 3.0), messages of MediaWiki
 * (GPL-2.0 or later), the Galician corpora SLI CTG and NERC of Universidade de
 * Vigo (CC BY), Machado de Assis and Brazilian laws; none of it is here.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import {
  marksOf,
  mayBeNear,
  nearLanguageOf,
} from "../lib/corpus/measures/near_languages.ts";

/** How many marks a language has at most. */
const MARKS = 260;
/** So rare marks are not believed, by how much text there is of a language. */
const FEWEST = { gl: 12, mwl: 3 } as const;
/** Sources whose frequencies count. */
const SOURCES = {
  pt: ["machado", "leis", "wiki-br", "lo-br", "lo-pt"],
  gl: ["ctg", "nerc", "mw"],
  mwl: ["mw"],
} as const;
/** What the texts are about, not what they are written in. */
const TOPICAL = new Set(
  ("prema usuario usuarios páxina páxinas página páginas clique documento " +
    "outelizador outelizadores outelizadora outelizar outelizan outeliza " +
    "fexeiro fexeiros begiadas begiar eidiçones eidiçon eiditar scunder " +
    "patrulhadas píxeles páigina páiginas lhista lhistar títalo stórico " +
    "lhigaçones lhigaçon cumbersa the is -tion -ion ip mediawiki -wiki -iki " +
    "mágicas morada mudanças registro rexistro correio -reio bloqueio -ueio " +
    "caixa ii iii º i residuos ambiental galicia galega consellería xunta " +
    "plan ambiente zonas células diálogo impacto -duos -uos emisións " +
    "contaminación especies auga augas valores obxectivos actividades " +
    "proxecto objetos objeto tabela linha linhas atual -logo -ogo -ntal " +
    "-tais -lega -icia dados datos artigo xestión proceso enerxía medio " +
    "conservación protección -sto -tigo -ique -ista -nico -rico -ador -sta " +
    "-dor -adas -nas -ina tu javascript isbn palabra-chabe -habe -abe " +
    "eiletrónico eiletrónica eidenteficador porteçon").split(" "),
);
/**
 * Common forms of their grammars besides, as there is little text of Mirandese
 * and no fiction of either. Those that are Portuguese too are left out.
 */
const COMMON = {
  gl: "ninguén alguén mañá onte hoxe xamais quizais velaquí miña miñas túa " +
    "túas súa súas noso nosa nosos nosas el eles isto iso aquilo daquela " +
    "entón logo axiña lonxe preto enriba embaixo xente home muller rapaz " +
    "rapaza neno nena fillo filla irmán irmá nai avoa rúa aldea choiva lúa " +
    "mellor vello vella moito moita moitos moitas moi pouco algún algunha " +
    "algúns algunhas ningún ningunha quen cando canto aínda xa só soamente " +
    "facer fixo fai facía facían dicir dixo dicía dixeron ía foron veu vén " +
    "puido quixo quere tivo tiña tiñan houbo hai había estivo estaba levou " +
    "deixou coller colleu saír saíu caeu volveu ollos ollo follas auga terra " +
    "ceo medo soños soño camiño unhas uns nunhas dunhas cuns polas polos " +
    "naquela daquel",
  mwl: "l la ls las ye eilha eilhes bós miu mie sous sues nuosso nuossa " +
    "buosso aquel aqueilha esso aqueilho lhéngua tierra tiempo puode fuogo " +
    "fuorte buono bida bila bibir bibe bien biu haba houbo staba dezir dixo " +
    "fizo bai ban cun sin subre antre pul puls pulas ua uas algun algua " +
    "nanhun siempre puis tamien cumo adonde fúrun ténen lhugar lhargo bezes " +
    "nuite dues trés quaije giente lhuç lhibro fuonte puorta scuola screbir " +
    "nacer eigreija anton antoce",
} as const;
/** Their weight. */
const COMMON_WEIGHT = 2.5;
/** What is more frequent than this, in any source, is Portuguese too. */
const RARE = 3e-5;
/** Added to every count, and to every number of words. */
const PRIOR = 0.5, PRIOR_WORDS = 1000;
/** The least a mark may weigh, and the most; steps between. */
const LEAST = 1, MOST = 3.5, STEP = 0.5;

interface Sentence {
  readonly language: string;
  readonly source: string;
  readonly text: string;
  readonly heldOut: boolean;
}

/** How often what comes in a source. */
class Source {
  readonly counts = new Map<string, number>();
  words = 0;

  add(text: string): void {
    for (const mark of marksOf(text)) {
      this.counts.set(mark, (this.counts.get(mark) ?? 0) + 1);
      if (!mark.startsWith("-")) this.words++;
    }
  }

  frequency(mark: string): number {
    return ((this.counts.get(mark) ?? 0) + PRIOR) / (this.words + PRIOR_WORDS);
  }
}

/** The weights of a language's marks, the heaviest first. */
function learn(
  near: readonly Source[],
  pt: readonly Source[],
  fewest: number,
): Map<string, number> {
  const all = new Set([...near, ...pt].flatMap(({ counts }) => [
    ...counts.keys(),
  ]));
  const found: { mark: string; weight: number; gain: number }[] = [];
  for (const mark of all) {
    if (mark.length > 14 || TOPICAL.has(mark)) continue;
    const there = near.map((source) => source.frequency(mark));
    const here = pt.map((source) => source.frequency(mark)).sort((a, b) =>
      a - b
    );
    const isNear = mean(there) > mean(here);
    const times = (sources: readonly Source[]) =>
      sources.reduce((sum, { counts }) => sum + (counts.get(mark) ?? 0), 0);
    const enough = isNear
      ? times(near) >= fewest
      : pt.filter(({ counts }) => counts.has(mark)).length >= 4;
    const weight = isNear
      ? Math.log(Math.min(...there) / here.at(-1)!)
      : -Math.log(here[1] / Math.max(...there));
    if (!enough || weight > 0 !== isNear || Math.abs(weight) < LEAST) continue;
    const gain = (isNear ? mean(there) : mean(here)) * Math.abs(weight);
    found.push({ mark, weight, gain });
  }
  found.sort((a, b) => b.gain - a.gain);
  return new Map(
    found.slice(0, MARKS).map(({ mark, weight }) => [mark, rounded(weight)]),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value) / values.length;
}

function rounded(weight: number): number {
  const within = Math.max(-MOST, Math.min(MOST, weight));
  return Math.round(within / STEP) * STEP;
}

/** The table, as it stands in the module. */
function print(name: string, weights: ReadonlyMap<string, number>): void {
  const groups = Map.groupBy(weights.keys(), (mark) => weights.get(mark)!);
  console.log(`const ${name} = table({`);
  for (const weight of [...groups.keys()].sort((a, b) => b - a)) {
    const marks = groups.get(weight)!.join(" ");
    console.log(`  "${weight}": ${JSON.stringify(marks)},`);
  }
  console.log("});");
}

const [path, mode] = Deno.args;
const sentences: Sentence[] = [];
const { readable } = await Deno.open(path);
const lines = readable.pipeThrough(new TextDecoderStream())
  .pipeThrough(new TextLineStream());
for await (const line of lines) {
  if (line !== "") sentences.push(JSON.parse(line));
}

if (mode === "--measure") {
  const groups = Map.groupBy(
    sentences.filter(({ heldOut, text }) => heldOut && text.length >= 80),
    ({ language, source }) => `${language} ${source}`,
  );
  for (const [name, group] of [...groups].sort()) {
    const near = group.filter(({ text }) => mayBeNear(text)).length;
    const told = Map.groupBy(
      group,
      ({ text }) => nearLanguageOf(text.slice(0, 240)) ?? "pt",
    );
    const shares = [...told].map(([language, { length }]) =>
      `${language} ${(100 * length / group.length).toFixed(2)} %`
    );
    const looked = (100 * near / group.length).toFixed(2);
    console.log(
      `${name}: ${group.length} texts, ${shares.sort().join(", ")}; ` +
        `by a quick look ${looked} %`,
    );
  }
} else {
  const sources = (language: "pt" | "gl" | "mwl") =>
    SOURCES[language].map((wanted) => {
      const source = new Source();
      for (const { language: its, source: name, text, heldOut } of sentences) {
        if (!heldOut && its === language && name === wanted) source.add(text);
      }
      return source;
    });
  const pt = sources("pt");
  for (
    const [name, language] of [["GALICIAN", "gl"], [
      "MIRANDESE",
      "mwl",
    ]] as const
  ) {
    const weights = learn(sources(language), pt, FEWEST[language]);
    for (const word of COMMON[language].split(" ")) {
      const isOurs = pt.some((source) => source.frequency(word) > RARE);
      if (!weights.has(word) && !isOurs) weights.set(word, COMMON_WEIGHT);
    }
    print(name, weights);
  }
}
