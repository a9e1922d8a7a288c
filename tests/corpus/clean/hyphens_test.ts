import { assertEquals, assertLess } from "@std/assert";
import {
  brokenAt,
  jointOf,
  keepsHyphen,
  WordForms,
} from "../../../lib/corpus/clean/hyphens.ts";

/** What rules alone make of "before|after" pairs. */
function byRules(pairs: string): string {
  return pairs.split(" ").map((pair) => {
    const [before, after] = pair.split("|");
    return before + (keepsHyphen({ before, after }) ? "-" : "") + after;
  }).join(" ");
}

Deno.test("keepsHyphen() takes no last syllable for a pronoun", () => {
  assertEquals(
    byRules(
      "nenhu|mas diferen|tes noi|te clas|se fa|se huma|nos perfu|me li|vos " +
        "fi|lhos alu|no ou|tras pri|mas esti|lo cabe|lo jane|las dis|to vis|ta " +
        "es|se gran|de pas|se mo|las desca|so gerú|ndio",
    ),
    "nenhumas diferentes noite classe fase humanos perfume livos " +
      "filhos aluno outras primas estilo cabelo janelas disto vista " +
      "esse grande passe molas descaso gerúndio",
  );
});

Deno.test("keepsHyphen() knows pronouns after verbs", () => {
  const pairs =
    "falou|lhe levantou|se chamam|no dá|me vê|lo fazê|las vamo|nos " +
    "olhando|a disseram|lhes pedir|me sentia|se traz|nos põe|na queixar|se";
  assertEquals(byRules(pairs), pairs.replaceAll("|", "-"));
});

Deno.test("keepsHyphen() knows compounds", () => {
  const pairs = "terça|feira arranha|céu vice|rei pré|história ex|aluno " +
    "anti|higiênico micro|ondas inter|regional mal|estar beija|flor além|mar " +
    "meia|idade couve|flor primeira|dama recém|casado guarda|roupa";
  assertEquals(byRules(pairs), pairs.replaceAll("|", "-"));
  const whole = "guarda|do interes|sante recen|te inter|rompeu " +
    "malva|do meia|do anti|go superfí|cie sobre|tudo para|lelo";
  assertEquals(byRules(whole), whole.replaceAll("|", ""));
});

Deno.test("keepsHyphen() goes by what the corpus writes", () => {
  const forms = new WordForms();
  forms.note(["um cata-", "cavaco", "o porta-", "joias", "a bela-", "dona"]);
  forms.count(["Cata-cavaco! Portajoias, portajoias e porta-joias; beladona."]);
  assertEquals(
    [["cata", "cavaco"], ["porta", "joias"], ["bela", "dona"]].map((
      [before, after],
    ) => keepsHyphen({ before, after }, forms)),
    [true, false, false],
  );
});

Deno.test("keepsHyphen() sees that what other pronouns follow is a verb", () => {
  const forms = new WordForms();
  forms.note(["ele engole-", "te"]);
  assertEquals(keepsHyphen({ before: "engole", after: "te" }, forms), false);
  forms.count(["engole-o"]);
  assertEquals(keepsHyphen({ before: "engole", after: "te" }, forms), true);
});

Deno.test("keepsHyphen() knows words with more than one hyphen", () => {
  assertEquals(
    byRules(
      "pon|do-se leva|e-traz dar-se|ia segunda-fei|ra dir-lhe|ei pé-de-mo|leque queixou-se|lhe",
    ),
    "pondo-se leva-e-traz dar-se-ia segunda-feira dir-lhe-ei pé-de-moleque queixou-se-lhe",
  );
});

Deno.test("brokenAt() knows words in capitals, and names that go on", () => {
  assertEquals(brokenAt("RIO DE JA-", "NEIRO, 1900"), {
    before: "JA",
    after: "NEIRO",
  });
  assertEquals(brokenAt("o Rio-", "São Paulo"), undefined);
  assertEquals(brokenAt("foi -", "se"), undefined);
  assertEquals(brokenAt("foi", "se"), undefined);
});

Deno.test("jointOf() keeps names and years together", () => {
  assertEquals(jointOf("da Grã-", "Bretanha"), "nothing");
  assertEquals(jointOf("de 1914-", "1918"), "nothing");
  assertEquals(jointOf("disse ele-", "Maria"), "space");
  assertEquals(jointOf("o fim -", "disse"), "space");
});

Deno.test("WordForms counts capitals of every alphabet, however many forms", () => {
  const name = (i: number) =>
    [...i.toString(26)].map((digit) =>
      "abcdefghijklmnopqrstuvwxyz"[parseInt(digit, 26)]
    )
      .join("");
  const forms = new WordForms();
  const numbers = Array.from({ length: 3000 }, (_, i) => i);
  forms.note(numbers.flatMap((i) => [`um x${name(i)}-`, "zona"]));
  forms.note(["um σίσυ-", "φος", "um i\u0307stam-", "bul"]);
  forms.count(
    numbers.map((i) => `X${name(i).toUpperCase()}ZONA x${name(i)}zona-a`),
  );
  forms.count(["ΣΊΣΥΦΟΣ Σίσυφος", "x"]);
  assertEquals(
    numbers.filter((i) => forms.of(`x${name(i)}zona`) !== 1),
    [],
  );
  assertEquals([forms.of("σίσυφος"), forms.of("xzona")], [2, 0]);
});

Deno.test("WordForms does not count what lines break", () => {
  const forms = new WordForms(), lines = ["um ca-", "valo", "", "valo"];
  forms.note(lines);
  forms.count(lines);
  assertEquals([forms.of("valo"), forms.of("ca"), forms.of("cavalo")], [
    1,
    0,
    0,
  ]);
});

Deno.test("WordForms takes time linear in the text", () => {
  const start = performance.now();
  for (const piece of ["a-", "a-\n", "-", "a", "á-b-", "a-\nb\n"]) {
    const lines = piece.repeat(200_000).split("\n"), forms = new WordForms();
    forms.note(lines);
    forms.count(lines);
  }
  assertLess(performance.now() - start, 10_000);
});

Deno.test("keepsHyphen() knows verbs and prefixes by where no syllable ends", () => {
  for (
    const [before, after] of [
      ["desfez", "se"],
      ["Perdôo", "vos"],
      ["Viu", "lhas"],
      ["via", "se"],
      ["bem", "aventurança"],
      ["pára", "quedas"],
      ["sub", "reitores"],
      ["pan", "americano"],
    ]
  ) assertEquals(keepsHyphen({ before, after }), true, before);
  for (const [before, after] of [["sub", "linha"], ["pan", "talha"]]) {
    assertEquals(keepsHyphen({ before, after }), false, before);
  }
});
