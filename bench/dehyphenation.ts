/**
 * How many words that a line's end broke are put together rightly: texts are
 * set in lines of a page's width, every line end that can breaks a word at a
 * random legal place, and what the cleaner makes of each break is compared with
 * what was written. The forms that it counts are those of the broken texts.
 *
 * ```sh
 * deno run --allow-read bench/dehyphenation.ts TEXTS... [--breaks FILE]
 * ```
 *
 * TEXTS are clean texts with a paragraph a line, each argument a corpus of its
 * own. FILE is what `bench/peers/pyphen_breaks.py` writes: the places where
 * another program breaks words; without it those of syllables here.
 *
 * @module
 */

import {
  type BrokenWord,
  keepsHyphen,
  WordForms,
} from "../lib/corpus/clean/hyphens.ts";

/** The width of a page, and how often a line that can break a word does. */
const WIDTH = 60, SHARE = 0.6;

/** Where a word may be broken; a hyphen of its own is such a place. */
function placesOf(word: string, breaks?: Record<string, number[]>): number[] {
  const own = [...word.matchAll(/(?<=\p{L})-(?=\p{L})/gu)]
    .map(({ index }) => index + 1);
  const given = breaks?.[word.toLowerCase()] ?? (breaks ? [] : syllables(word));
  return [...own, ...given].sort((a, b) => a - b);
}

const VOWEL = /[aeiouáéíóúâêôãõàü]/i;
const ONSET = /^(?:[pbtdcgfv][rl]|[cln]h|[qg]u)$/i;

/** Places before a consonant and a vowel, two letters from either end. */
function syllables(word: string): number[] {
  const places: number[] = [];
  for (let at = 2; at <= word.length - 2; at++) {
    const pair = word.slice(at, at + 2);
    if (!/^\p{L}{2}/u.test(pair) || VOWEL.test(word[at])) continue;
    const isStart = ONSET.test(pair) || VOWEL.test(pair[1]);
    if (!isStart || ONSET.test(word.slice(at - 1, at + 1))) continue;
    const left = /\p{L}*$/u.exec(word.slice(0, at))![0];
    const right = /^\p{L}*/u.exec(word.slice(at))![0];
    const whole = VOWEL.test(left) && VOWEL.test(right);
    if (whole && left.length > 1 && right.length > 1) places.push(at);
  }
  return places;
}

/** Numbers from 0 to 1, the same every time. */
function random(seed: number): () => number {
  return () => {
    seed = Math.imul(seed ^ seed >>> 15, 0x2c1b3c6d) + 0x9e3779b9 | 0;
    let z = Math.imul(seed ^ seed >>> 12, 0x297a2d39);
    z ^= z >>> 15;
    return (z >>> 0) / 2 ** 32;
  };
}

interface Break extends BrokenWord {
  readonly keeps: boolean;
  readonly word: string;
}

/** A paragraph in lines, and the words that they break. */
function setInLines(
  paragraph: string,
  next: () => number,
  breaks?: Record<string, number[]>,
): { lines: string[]; broken: Break[] } {
  const lines: string[] = [], broken: Break[] = [];
  let line = "";
  for (const token of paragraph.split(" ")) {
    if (line.length + 1 + token.length <= WIDTH) {
      line += line === "" ? token : ` ${token}`;
      continue;
    }
    const found = /\p{L}+(?:-\p{L}+)*/u.exec(token);
    const places = found === null || /\d/.test(token)
      ? []
      : placesOf(found[0], breaks);
    if (places.length === 0 || next() > SHARE) {
      lines.push(line);
      line = token;
      continue;
    }
    const word = found![0];
    const at = places[Math.floor(next() * places.length)];
    const keeps = word[at - 1] === "-";
    const before = word.slice(0, keeps ? at - 1 : at), after = word.slice(at);
    lines.push(`${line} ${token.slice(0, found!.index)}${before}-`);
    line = after + token.slice(found!.index + word.length);
    broken.push({ before, after, keeps, word });
  }
  lines.push(line);
  return { lines, broken };
}

async function* filesOf(path: string): AsyncGenerator<string> {
  if (!(await Deno.stat(path)).isDirectory) return yield path;
  for await (const { name } of Deno.readDir(path)) {
    yield* filesOf(`${path}/${name}`);
  }
}

if (import.meta.main) {
  const paths = [...Deno.args];
  const at = paths.indexOf("--breaks");
  const breaks = at < 0
    ? undefined
    : JSON.parse(await Deno.readTextFile(paths.splice(at, 2)[1]));
  for (const path of paths) {
    const texts: string[][] = [], broken: Break[] = [];
    const next = random(1);
    for await (const file of filesOf(path)) {
      const text = await Deno.readTextFile(file);
      const set = text.split("\n").map((line) =>
        setInLines(line, next, breaks)
      );
      texts.push(set.flatMap(({ lines }) => [...lines, ""]));
      for (const paragraph of set) broken.push(...paragraph.broken);
    }
    const forms = new WordForms();
    for (const lines of texts) forms.note(lines);
    for (const lines of texts) forms.count(lines);
    for (
      const [name, counted] of [["counted", forms], [
        "rules",
        undefined,
      ]] as const
    ) {
      const wrong = broken.filter((word) =>
        keepsHyphen(word, counted) !== word.keeps
      );
      const share = (list: Break[]) => {
        const bad = list.filter((word) => wrong.includes(word)).length;
        return `${
          (100 - 100 * bad / list.length).toFixed(2)
        } % of ${list.length}`;
      };
      console.log(
        `${path}, ${name}: ${share(broken)}; at hyphens ${
          share(broken.filter(({ keeps }) => keeps))
        }`,
      );
      if (Deno.env.get("SHOW")) {
        const seen = Object.entries(
          Object.groupBy(
            wrong,
            (w) => `${w.before}|${w.after} ${w.keeps ? "-" : "+"}`,
          ),
        )
          .sort(([, a], [, b]) => b!.length - a!.length);
        console.log(
          seen.slice(0, 80).map(([w, l]) => `${w} ${l!.length}`).join("; "),
        );
      }
    }
  }
}
