import { assertEquals, assertLess } from "@std/assert";
import {
  NORMALIZER_RULES,
  PTBRNormalizer,
} from "../../lib/tokenizer/normalizer.ts";
import { repairC1, repairMojibake } from "../../lib/corpus/clean/mojibake.ts";
import { Random } from "../../lib/random.ts";
import { randomPieces } from "./trained.ts";

/** A text that every rule changes, and what each alone makes of it. */
const CASES: Record<typeof NORMALIZER_RULES[number], [string, string][]> = {
  mojibake: [
    ["informaÃ§Ã£o", "informação"],
    ["\u0093Sim\u0094 \u0097 n\u00e3o", "“Sim” — não"],
    ["AMANHÃ é hoje", "AMANHÃ é hoje"],
  ],
  control: [
    ["a\r\nb\rc\fd\u2028e", "a\nb\nc\nd\ne"],
    ["\ufeffa\0b\x7fc\u00add\u200be\u202ef", "abcdef"],
    ["tab\there", "tab\there"],
    ["👩\u200d👧", "👩\u200d👧"],
  ],
  spaces: [["a\u00a0b\u2003c\u202fd\u3000e", "a b c d e"]],
  quotes: [
    ["“a” „b‟ «c»", '"a" "b" "c"'],
    ["‘a’ ‚b‛ ‹c› d’água", "'a' 'b' 'c' d'água"],
  ],
  dashes: [["a–b—c―d‑e−f", "a-b-c-d-e-f"]],
  nfc: [["e\u0301 a\u0303 c\u0327", "é ã ç"]],
  lowercase: [["NÃO É Aqui, ΟΔΟΣ", "não é aqui, οδος"]],
};

function randomText(random: Random): string {
  const pieces = [
    ...Object.values(CASES).flat().map(([text]) => text),
    "Ã",
    "A\u0303",
    "©",
    "\u00a0",
    "â",
    "€",
    "œ",
    "\u0080",
    "\r",
    "\n",
    "\u0301",
    "\u200b",
    "Â",
    "ð",
    "Ÿ",
    "’",
    "ção ",
    "İ",
    "\u212a",
    "ΑΣ",
    "Â€œ",
  ];
  let text = "";
  for (let i = random.next() % 30; i >= 0; i--) {
    text += random.next() % 3 === 0
      ? String.fromCharCode(0x80 + random.next() % 0x80)
      : pieces[random.next() % pieces.length];
  }
  return text;
}

for (const rule of NORMALIZER_RULES) {
  Deno.test(`normalize() applies the rule "${rule}" where it is on`, () => {
    for (const [text, expected] of CASES[rule]) {
      assertEquals(PTBRNormalizer.only(rule).normalize(text), expected);
      const others = new PTBRNormalizer({ [rule]: false });
      if (text !== expected && rule !== "mojibake" && rule !== "lowercase") {
        assertEquals(others.normalize(text) === expected, false, text);
      }
    }
  });
}

Deno.test("normalize() applies all the rules by itself", () => {
  assertEquals(
    new PTBRNormalizer().normalize(
      "\ufeffâ€œSim\u0094 â€“ d’A\u0301gua\u00a0!\r\n",
    ),
    '"Sim" - d\'Água !\n',
  );
});

Deno.test("normalize() twice is normalize() once, whatever rules are on", () => {
  const random = new Random(7);
  for (let i = 0; i < 2000; i++) {
    const bits = i < 1000 ? 63 : random.next() % 128;
    const normalizer = PTBRNormalizer.only(
      ...NORMALIZER_RULES.filter((_, rule) => bits >> rule & 1),
    );
    const once = normalizer.normalize(randomText(random));
    assertEquals(normalizer.normalize(once), once);
  }
});

Deno.test("normalize() of lines is that of the text", () => {
  const random = new Random(8);
  for (let i = 0; i < 1000; i++) {
    const normalizer = new PTBRNormalizer({ lowercase: i % 2 === 1 });
    const lines = [randomText(random), randomText(random), randomText(random)];
    assertEquals(
      lines.map((line) => normalizer.normalize(line + "\n")).join(""),
      normalizer.normalize(lines.join("\n") + "\n"),
    );
  }
});

Deno.test("PTBRNormalizer leaves capitals alone unless asked", () => {
  assertEquals(new PTBRNormalizer().settings.lowercase, false);
  assertEquals(new PTBRNormalizer().normalize("ÁGUA"), "ÁGUA");
  assertEquals(
    new PTBRNormalizer({ lowercase: true }).normalize("“INFORMAÃ‡ÃƒO”"),
    '"informação"',
  );
});

Deno.test("PTBRNormalizer is made again from its settings", () => {
  const normalizer = new PTBRNormalizer({ quotes: false, nfc: false });
  const again = new PTBRNormalizer(
    JSON.parse(JSON.stringify(normalizer.settings)),
  );
  assertEquals(again.settings, normalizer.settings);
  assertEquals(again.normalize("“a” — b"), "“a” - b");
  assertEquals(PTBRNormalizer.off().normalize("“a”\r\n"), "“a”\r\n");
});

Deno.test("normalize() stays quick for a megabyte of damage upon damage", () => {
  const normalizer = new PTBRNormalizer();
  const million = 1_000_000;
  const cases: [string, string][] = [
    ["Ã" + "ƒ".repeat(million) + "£", "ã"],
    ["Ã" + "\u0083".repeat(million) + "o", "Ão"],
    ["Â".repeat(million) + "©", "©"],
    ["Â".repeat(million) + "€", "€"],
    ["Â".repeat(million) + "”", "Â".repeat(million) + '"'],
    ["a\u0303".repeat(million), "ã".repeat(million)],
    ["â".repeat(million), "â".repeat(million)],
  ];
  for (const [text, expected] of cases) {
    const start = performance.now();
    assertEquals(normalizer.normalize(text) === expected, true);
    assertLess(performance.now() - start, 5000);
  }
});

Deno.test("normalize() repairs damage upon damage as link by link", () => {
  // What the repair alone, a link a round, comes to.
  const normalizer = PTBRNormalizer.only("mojibake");
  const random = new Random(17);
  const pieces = [
    "Ã",
    "ƒ",
    "Â",
    "€",
    "©",
    "”",
    "\u0083",
    "N",
    "ã",
    "–",
    "»",
  ];
  for (let i = 0; i < 5000; i++) {
    let text = randomPieces(random, random.next() % 9, pieces);
    const normal = normalizer.normalize(text);
    for (let last = ""; last !== text;) {
      last = text;
      text = repairC1(repairMojibake(text));
    }
    assertEquals(normal, text);
  }
});
