import { assertEquals } from "@std/assert";
import { repairC1 } from "../../../lib/corpus/clean/mojibake.ts";
import { repairMojibake } from "../../../lib/corpus/clean/wider_mojibake.ts";

/** Decodes bytes as Windows-1252, as the mistake does. */
function misread(text: string, encoding = "windows-1252"): string {
  const bytes = new TextEncoder().encode(text);
  return encoding === "latin1"
    ? String.fromCharCode(...bytes)
    : new TextDecoder(encoding).decode(bytes);
}

const SENTENCES = [
  "A informação não é só “boa” – é ótima… à beira-mar, às três",
  "HISTÓRIA, AÇÕES, ÀQUELE, ÂNGULO, É ÊXITO Í Ú",
  "Área de 1 km² (20 °C), 3ª e 2º; custa 5 €",
  "Não. Vê? Década, Pôr, Mês, Sótão, Xícara, Após",
  "coração, pão, mãe, põe, avô, você, pingüim, 😀",
];

Deno.test("repairMojibake() undoes a wrong reading as Windows-1252", () => {
  for (const sentence of SENTENCES) {
    assertEquals(repairMojibake(misread(sentence)), sentence);
  }
});

Deno.test("repairMojibake() undoes a wrong reading as Latin-1", () => {
  for (const sentence of SENTENCES) {
    assertEquals(repairMojibake(misread(sentence, "latin1")), sentence);
  }
});

Deno.test("repairMojibake() undoes two wrong readings", () => {
  assertEquals(
    repairMojibake(misread(misread("ação e opinião"))),
    "ação e opinião",
  );
});

Deno.test("repairMojibake() leaves sound Portuguese alone", () => {
  for (
    const text of [
      ...SENTENCES,
      "«AMANHû «IRMÔ MAÇÃ— MANHÃ… ROMÃ – LÃ’",
      "IRMÃ\u0097Não, MANHÃ\u0085",
      "Ângulo Ã à Â",
      "â€",
    ]
  ) assertEquals(repairMojibake(text), text);
});

Deno.test("repairMojibake() repairs what lost a byte", () => {
  for (
    const [seen, meant] of [
      ["Ele disse â€œsimâ€\ufffd e saiu", "Ele disse “sim” e saiu"],
      ["â€œsimâ€?", "“sim”"],
      ["Ã\ufffdfrica e Ã\ufffdndia", "África e Índia"],
      ["atenÃ§Ã£o Ã s crianÃ§as", "atenção às crianças"],
      ["sÃ³ Ã quele que estÃ¡ Ã  porta", "só àquele que está à porta"],
      ["nÃ£o Ã\ufffdzz", "não \ufffdzz"],
    ]
  ) assertEquals(repairMojibake(seen), meant);
});

Deno.test("repairMojibake() repairs other wrong readings and other letters", () => {
  for (
    const encoding of ["macintosh", "windows-1251", "windows-1250"]
  ) {
    const seen = "a " + misread("informação", encoding) + " não é.";
    assertEquals(
      repairMojibake(seen),
      "a informação não é.",
    );
  }
  for (const word of ["Dvořák", "Čapek", "Łódź", "Ελληνικά", "İstanbul"]) {
    assertEquals(repairMojibake(misread(word)), word);
  }
});

Deno.test("repairMojibake() leaves signs, Cyrillic and capitals alone", () => {
  for (
    const text of [
      "√2 e π, ├─┤, VOCÊ… É® NESTLÉ®",
      "Гірський край і Гірка",
      "Ã s",
      "5×£35, 10 Å—",
      "Brontë…”",
    ]
  ) assertEquals(repairMojibake(text), text);
});

Deno.test("repairC1() reads C1 controls as Windows-1252", () => {
  assertEquals(repairC1("\u0097 Sim\u0085 \u0093ai\u0094"), "— Sim… “ai”");
  assertEquals(repairC1("a\u0081\u008d\u008f\u0090\u009db"), "ab");
  assertEquals(repairC1("é\u00a0ç"), "é\u00a0ç");
});

Deno.test("repairMojibake() takes time linear in the text", () => {
  const text = "Ã".repeat(1_000_000);
  const start = performance.now();
  assertEquals(repairMojibake(text), text);
  const end = performance.now();
  assertEquals(end - start < 2000, true);
});
