/**
 * Words that a line's end cut in two: whether the hyphen goes ("algu-mas") or
 * stays ("guarda-chuva", "disse-lhe").
 *
 * What the corpus itself writes decides: {@linkcode WordForms} counts how often
 * each way of writing stands whole elsewhere. Where it has neither, rules do:
 * first elements and pairs that Portuguese writes with a hyphen, and pronouns
 * after what can be a verb.
 *
 * @module
 */

import { isCompound } from "./compounds.ts";

/** More different forms than this are not looked for; memory is bounded. */
const MAX_FORMS = 1 << 20;
/** A longer word is none. */
const MAX_WORD = 60;

/** The end of a line whose word goes on, and the start of the next. */
const BEFORE_BREAK = new RegExp(`[\\p{L}\\p{N}'’-]{0,${MAX_WORD}}-$`, "u");
const AFTER_BREAK = /^\p{L}+(?:-\p{L}+)*/u;
/** Stands for letters whose lower case is not one unit, or not always the same. */
const CASE_DEPENDS = 1;
/** The small letter of each UTF-16 unit that is a letter; 0 of others. */
const LOWER = Uint16Array.from({ length: 0x10000 }, (_, code) => {
  const char = String.fromCharCode(code);
  if (!/\p{L}/u.test(char)) return 0;
  const lower = char.toLowerCase();
  return lower.length === 1 && char !== "Σ"
    ? lower.charCodeAt(0)
    : CASE_DEPENDS;
});
const HYPHEN = 0x2d;
/** What may stand in a word before the hyphen of a break. */
const IN_WORD = Uint8Array.from(
  { length: 0x10000 },
  (_, code) => /[\p{L}\p{N}'’-]/u.test(String.fromCharCode(code)) ? 1 : 0,
);

/** The hash of a word that is longer by a UTF-16 unit. */
function hashOn(hash: number, unit: number): number {
  return Math.imul(hash, 31) + unit | 0;
}

function hashOf(word: string): number {
  let hash = 0;
  for (let at = 0; at < word.length; at++) {
    hash = hashOn(hash, word.charCodeAt(at));
  }
  return hash;
}

/** With the last bits depending on all. */
function spread(hash: number): number {
  return Math.imul(hash ^ hash >>> 15, 0x9e3779b1) >>> 7;
}

/** Whether a part of a line is a form but for capitals. */
function isInLowerCase(
  form: string,
  line: string,
  start: number,
  end: number,
): boolean {
  if (form.length !== end - start) return false;
  for (let at = start; at < end; at++) {
    const code = line.charCodeAt(at);
    const unit = form.charCodeAt(at - start);
    if (unit !== code && unit !== LOWER[code]) return false;
  }
  return true;
}

function isLetter(text: string, at: number): boolean {
  return LOWER[text.charCodeAt(at)] > 0; // beyond the end it is undefined
}

/**
 * How often the forms that broken words may have stand whole in a corpus. Two
 * looks: first {@linkcode note} what is broken, then {@linkcode count}.
 *
 * @example
 * ```ts
 * import { WordForms } from "./hyphens.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const forms = new WordForms();
 * forms.note(["Foi um corre-", "corre no beco."]);
 * forms.count(["Um corre-corre, e outro corre-corre."]);
 * assertEquals(forms.of("corre-corre"), 2);
 * ```
 */
export class WordForms {
  /** The forms, and for each its hash and how often it was counted. */
  readonly #forms: string[] = [];
  readonly #hashes: number[] = [];
  readonly #counts: number[] = [];
  /** By hash, the place of a form plus 1; 0 where the slot is free. */
  #slots = new Uint32Array(16);

  /** Whether no word was broken. */
  get isEmpty(): boolean {
    return this.#forms.length === 0;
  }

  /** Takes note of the words that lines break. */
  note(lines: readonly string[]): void {
    let before: string | undefined;
    for (const line of lines) {
      if (line === "") continue;
      if (before !== undefined) {
        const broken = brokenAt(before, line);
        if (broken !== undefined) {
          for (const form of formsOf(broken)) this.#want(form);
        }
      }
      before = line.endsWith("-") ? line : undefined;
    }
  }

  #want(form: string): void {
    const size = this.#forms.length;
    if (size >= MAX_FORMS || this.#placeOf(form) !== undefined) return;
    this.#forms.push(form);
    this.#hashes.push(hashOf(form));
    this.#counts.push(0);
    if (2 * size < this.#slots.length) {
      this.#link(size);
      return;
    }
    this.#slots = new Uint32Array(4 * this.#slots.length);
    for (let place = 0; place <= size; place++) this.#link(place);
  }

  #link(place: number): void {
    const mask = this.#slots.length - 1;
    let slot = spread(this.#hashes[place]) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = place + 1;
  }

  #placeOf(form: string): number | undefined {
    return this.#find(hashOf(form), form, 0, form.length);
  }

  /** The place of the form that a part of a line is in lower case. */
  #find(
    hash: number,
    line: string,
    start: number,
    end: number,
  ): number | undefined {
    const mask = this.#slots.length - 1;
    for (let slot = spread(hash) & mask;; slot = (slot + 1) & mask) {
      const place = this.#slots[slot] - 1;
      if (place < 0) return undefined;
      if (
        this.#hashes[place] === hash &&
        isInLowerCase(this.#forms[place], line, start, end)
      ) return place;
    }
  }

  /** Counts the forms in lines; a word that a line breaks is none of them. */
  count(lines: Iterable<string>): void {
    if (this.isEmpty) return;
    let broken = false;
    for (const line of lines) {
      const { length } = line;
      for (let at = 0; at < length; at++) {
        let unit = LOWER[line.charCodeAt(at)];
        if (unit === 0) continue;
        const start = at;
        // Of the word, and of what stands before its last hyphen, with that.
        let hash = 0, verb = 0, hyphen = 0, depends = false;
        for (;;) {
          hash = hashOn(hash, unit);
          if (unit === CASE_DEPENDS) depends = true;
          unit = ++at < length ? LOWER[line.charCodeAt(at)] : 0;
          if (unit !== 0) continue;
          if (line[at] !== "-" || !isLetter(line, at + 1)) break;
          unit = HYPHEN;
          verb = hashOn(hash, unit);
          hyphen = at;
        }
        const isPart = broken && start === 0 || line[at] === "-";
        if (isPart || at - start > MAX_WORD) continue;
        if (depends) this.#countWord(line.slice(start, at).toLowerCase());
        else this.#count(line, { start, end: at, hash, hyphen, verb });
      }
      if (length > 0) {
        broken = line[length - 1] === "-" && isLetter(line, length - 2);
      }
    }
  }

  #countWord(word: string): void {
    const hyphen = word.lastIndexOf("-");
    this.#count(word, {
      start: 0,
      end: word.length,
      hash: hashOf(word),
      hyphen: Math.max(0, hyphen),
      verb: hashOf(word.slice(0, hyphen + 1)),
    });
  }

  #count(line: string, { start, end, hash, hyphen, verb }: Word): void {
    const place = this.#find(hash, line, start, end);
    if (place !== undefined) this.#counts[place]++;
    if (hyphen === 0) return;
    // What a pronoun follows is a verb, whichever the pronoun.
    const verbs = this.#find(verb, line, start, hyphen + 1);
    if (verbs === undefined) return;
    const pronoun = line.slice(hyphen + 1, end).toLowerCase();
    if (CLITICS.has(pronoun)) this.#counts[verbs]++;
  }

  /** How often a form, in lower case, was counted. */
  of(form: string): number {
    const place = this.#placeOf(form);
    return place === undefined ? 0 : this.#counts[place];
  }
}

/** Where a word stands in a line, with its hash. */
interface Word {
  readonly start: number;
  readonly end: number;
  readonly hash: number;
  /** Where its last hyphen is; 0 without one, as none begins a line's word. */
  readonly hyphen: number;
  /** The hash of what stands before that and of the hyphen. */
  readonly verb: number;
}

/** A name that goes on in a capital after its hyphen. */
const NAME_BREAK =
  /(?<![\p{L}-])(?:\p{Lu}[\p{L}'’]*(?:-\p{L}+)*|(?:ex|vice|anti|pró|pré|pós|não|anglo|afro|luso))-$/u;

/** What is put between a line and the next; `cut` takes the hyphen out. */
export type Joint = "space" | "nothing" | "cut";

/**
 * How a line and the next belong together: as a word that is broken between
 * them, a name such as "Grã-Bretanha" or years such as "1939-1945"; else with a
 * space.
 *
 * @param forms What the corpus writes, where it was counted.
 *
 * @example
 * ```ts
 * import { jointOf } from "./hyphens.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(jointOf("a últi-", "ma vez"), "cut");
 * assertEquals(jointOf("de 1939-", "1945"), "nothing");
 * assertEquals(jointOf("de 1939", "a 1945"), "space");
 * ```
 */
export function jointOf(line: string, next: string, forms?: WordForms): Joint {
  if (!line.endsWith("-")) return "space";
  const broken = brokenAt(line, next);
  if (broken !== undefined) {
    return keepsHyphen(broken, forms) ? "nothing" : "cut";
  }
  const isPair = /^\p{Lu}/u.test(next)
    ? NAME_BREAK.test(line.slice(-MAX_WORD))
    : /\d-$/.test(line.slice(-2)) && /^\d/.test(next);
  return isPair ? "nothing" : "space";
}

/** A word in two pieces, as they stand at a line's end and start. */
export interface BrokenWord {
  /** What stands before the hyphen of the break. */
  readonly before: string;
  /** What stands after it, hyphens within it too. */
  readonly after: string;
}

/**
 * The word that a line's end breaks.
 *
 * @returns Its pieces; undefined where the line ends otherwise.
 */
export function brokenAt(line: string, next: string): BrokenWord | undefined {
  if (!line.endsWith("-")) return undefined;
  const before = beforeBreak(line);
  const after = AFTER_BREAK.exec(next.slice(0, MAX_WORD))?.[0];
  if (after === undefined) return undefined;
  if (!/\p{L}$/u.test(before)) return undefined;
  // "RIO DE JA-" and "NEIRO", but not "Rio-" and "São Paulo".
  const goesOn = /^\p{Ll}/u.test(after) ||
    isCapitals(before) && isCapitals(after);
  return goesOn ? { before, after } : undefined;
}

/** What stands before the hyphen that ends a line, as far as it is a word. */
function beforeBreak(line: string): string {
  const end = line.length - 1, least = Math.max(0, end - MAX_WORD);
  let start = end;
  while (start > least && IN_WORD[line.charCodeAt(start - 1)] === 1) start--;
  // Beyond U+FFFF a letter is two units.
  const isHalf = start > least && isSurrogate(line.charCodeAt(start - 1));
  return isHalf
    ? BEFORE_BREAK.exec(line.slice(-MAX_WORD - 1))?.[0].slice(0, -1) ?? ""
    : line.slice(start, end);
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xe000;
}

function isCapitals(word: string): boolean {
  return /\p{Lu}/u.test(word) && !/\p{Ll}/u.test(word);
}

/** The forms whose counts decide about a broken word. */
function formsOf({ before, after }: BrokenWord): string[] {
  const a = before.toLowerCase(), b = after.toLowerCase();
  const first = a.slice(a.lastIndexOf("-") + 1), second = b.split("-")[0];
  const forms = [a + b, `${a}-${b}`, first + second, `${first}-${second}`];
  return CLITICS.has(second)
    ? [...forms, first, `${first}-`, `${first}r`]
    : [...forms, first, second];
}

/**
 * Whether a broken word has a hyphen where it is broken.
 *
 * @param forms What the corpus writes, where it was counted.
 *
 * @example
 * ```ts
 * import { keepsHyphen } from "./hyphens.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(keepsHyphen({ before: "algu", after: "mas" }), false);
 * assertEquals(keepsHyphen({ before: "disse", after: "lhes" }), true);
 * assertEquals(keepsHyphen({ before: "guarda", after: "chuva" }), true);
 * ```
 */
export function keepsHyphen(word: BrokenWord, forms?: WordForms): boolean {
  if (/^\p{Lu}/u.test(word.after) && !isCapitals(word.before)) return true;
  const a = word.before.toLowerCase(), b = word.after.toLowerCase();
  const first = a.slice(a.lastIndexOf("-") + 1), second = b.split("-")[0];
  if (forms !== undefined) {
    const byWhole = forms.of(`${a}-${b}`) - forms.of(a + b);
    if (byWhole !== 0) return byWhole > 0;
  }
  // "dar-se-ia", "queixou-se-lhe": a pronoun has a hyphen on both sides.
  const afterPronoun = first !== a && CLITICS.has(first);
  if (afterPronoun && (FUTURE.test(second) || CLITICS.has(second))) return true;
  // "pé-de-moleque", "leva-e-traz": a small word has one on both sides.
  if (first !== a && LINKING.test(first)) return true;
  // But not "pon-do-se".
  if (LINKING.test(second) && b !== second && !CLITICS.has(b.split("-")[1])) {
    return true;
  }
  if (forms !== undefined) {
    // Of "segunda-fei-ra" the pieces at the break tell.
    const byPieces = forms.of(`${first}-${second}`) - forms.of(first + second);
    if (byPieces !== 0) return byPieces > 0;
  }
  if (CLITICS.has(second)) return isVerb(first, second, forms);
  return isCompound(first, second) ||
    forms !== undefined && areWords(first, second, forms);
}

/** What the future and the conditional end in, which pronouns may divide. */
const FUTURE = /^(?:ei|ás|á|emos|eis|ão|ia|ias|íamos|íeis|iam)$/;
/** What stands within compounds. */
const LINKING = /^(?:d[aeo]s?|à|ao|e|em|du|des|aux|sur|la|le)$/;
/** Shorter words are also syllables of others. */
const MIN_ELEMENT = 4;

/**
 * Whether the pieces are two words of the corpus; that of both together it has
 * neither form is known.
 */
function areWords(first: string, second: string, forms: WordForms): boolean {
  if (/^(?:ex|não)$/.test(first)) {
    return second.length > MIN_ELEMENT && forms.of(second) > 2;
  }
  return first.length >= MIN_ELEMENT && second.length >= MIN_ELEMENT &&
    forms.of(first) > 1 && forms.of(second) > 1 && !PREFIXES.test(first) &&
    !ENDINGS.test(second);
}

/** First pieces of words that are words by themselves too, */
const PREFIXES =
  /^(?:sobre|entre|contra|para|passa|mente|super|inter|auto|extra|ultra|bene|bela|vaga|desa|meta)$/;
/** and last ones. */
const ENDINGS =
  /^(?:mente|ment(?:e|al|o)s?|mentalmente|r[ií](?:a|as|am|amos)|remos|dor(?:a|es|as)?|meteu|tirem|ções)$/;

/** The pronouns that follow verbs with a hyphen. */
const CLITICS: ReadonlySet<string> = new Set(
  ("me te se nos vos lhe lhes o a os as lo la los las no na mo ma mos mas to " +
    "ta tos tas lho lha lhos lhas").split(" "),
);
/** Verbs so irregular that their endings do not tell, before pronouns. */
const VERBS: ReadonlySet<string> = new Set(
  ("ser dar ver ter ir vir pôr ler dá dê dão dei deu dou dás dava diz dizem dize disse fiz fez faz faço façam " +
    "faze foi fui ia iam vou vai vão vá vamo é era eram há havia houve tem têm " +
    "tinha tenho teve tive vem vêm vim veio vinha vi viu vê vêm vejo põe pôs " +
    "pus põem punha quis quer quero sei soube sabe pôde pode posso puder " +
    "trouxe traz trago crê creio lê li leu leio ri riu sê seja são sou está " +
    "estou estava via viam lia liam ria riam cria ponha tenha venha diga faça traga veja dize ouve ouço peço " +
    "pede pediu fê pô pu fi trar far dir tê acha ama").split(" "),
);

/**
 * Whether what stands before a pronoun can be a verb that takes it: of another
 * word "-te" or "-mas" is only the last syllable.
 */
function isVerb(verb: string, clitic: string, forms?: WordForms): boolean {
  const seen = forms?.of(`${verb}-`) ?? 0;
  if (/^l[oa]s?$/.test(clitic)) {
    // The r, s or z before it has gone: amá-lo, fazê-lo, pô-lo, parti-lo.
    if (/(?:[áêô]|\p{L}{2}mo|^ei)$/u.test(verb)) return true;
    if (!/[iíu]$/.test(verb) || verb.length < 2) return false;
    return /í$/.test(verb) || seen > 0 || (forms?.of(`${verb}r`) ?? 0) > 0;
  }
  // "-mos" and "-to" are what verbs and participles end in.
  if (/^(?:[mt]|lh)[oa]s?$/.test(clitic)) {
    return /(?:[oei]u|\p{L}{2}ram)$/u.test(verb) ||
      clitic.startsWith("lh") && /\p{L}{2}(?:[aei]r|[ae]m)$/u.test(verb);
  }
  // No word is broken before a single vowel.
  if (/^[oa]s?$/.test(clitic)) return verb.length > 1;
  if (/^n[oa]s?$/.test(clitic)) {
    if (/(?:am|[eéê]m|ão|õe|õem)$/.test(verb)) return verb.length > 2;
    if (clitic !== "nos") return false;
    if (/[aeiáêí]mo$/.test(verb)) return true;
  }
  // "desfez-se", "perdôo-vos": so no word goes on.
  if (seen > 0 || /z$|[oô]o$/.test(verb)) return true;
  if (VERBS.has(verb)) return clitic !== "vos" || verb.length > 2;
  return verb.length >= MIN_ELEMENT && hasVerbEnding(verb, clitic, forms);
}

/** Ends of words in "-se" and "-lhe" that are no verbs before a pronoun. */
const NO_VERB_SE =
  /(?:qua|fr[aá]|fa|ba|cra|sta|hipóte|sínte|antíte|dioce|cateque|gêne|próte)$/;
const NO_VERB_LHE =
  /(?:traba|deta|enta|enca|espa|bata|esco|aconse|reco|aco|atra|coa|baru)$/;

function hasVerbEnding(
  verb: string,
  clitic: string,
  forms?: WordForms,
): boolean {
  if (
    /(?:ou|eu|iu|ei|ava|avam|ia|iam|aram|eram|iram|ando|endo|indo)$/.test(verb)
  ) {
    return true;
  }
  const isWord = (forms?.of(verb) ?? 0) > 0;
  if (/[aei]r$|[ae]m$/.test(verb)) {
    return clitic !== "te" || isWord && verb.length > MIN_ELEMENT;
  }
  if (clitic === "se") {
    if (NO_VERB_SE.test(verb)) return false;
    return /[ae]$/.test(verb) || isWord && !verb.endsWith("s");
  }
  if (/^lhes?$/.test(clitic)) {
    return isWord || /[aeo]$/.test(verb) && !NO_VERB_LHE.test(verb);
  }
  return isWord && /[aeo]$/.test(verb) && clitic !== "te";
}
