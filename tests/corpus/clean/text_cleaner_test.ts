import { assert, assertEquals, assertLess } from "@std/assert";
import {
  edgesOf,
  RepeatedLines,
} from "../../../lib/corpus/clean/boilerplate.ts";
import {
  cleanEdgesInSteps,
  type CleanedText,
  cleanText,
  decodeLegacy,
  noCleaning,
  repairText,
  type TextCleanerOptions,
} from "../../../lib/corpus/clean/text_cleaner.ts";
import { plainSpaces } from "../../../lib/corpus/wikitext/lines.ts";
import { NO_REAL_DATA, REAL_DATA } from "../../real_data.ts";

const MACHADO = `${REAL_DATA}/corpora/machado`;

Deno.test("decodeLegacy() reads UTF-8, UTF-16 and Windows-1252", () => {
  assertEquals(decodeLegacy(new TextEncoder().encode("ação")), {
    text: "ação",
    encoding: "utf-8",
  });
  assertEquals(decodeLegacy(Uint8Array.fromHex("fffee700")), {
    text: "ç",
    encoding: "utf-16le",
  });
  assertEquals(decodeLegacy(Uint8Array.fromHex("feff00e7")), {
    text: "ç",
    encoding: "utf-16be",
  });
  assertEquals(decodeLegacy(Uint8Array.fromHex("97e7")), {
    text: "—ç",
    encoding: "windows-1252",
  });
});

Deno.test("repairText() leaves no character that spaces or composition change", () => {
  const lines: string[] = [];
  for (let code = 0x20; code < 0x10000; code++) {
    const char = String.fromCharCode(code);
    lines.push(`a${char}b ${char} ${char}\u0301 fim${char}`);
  }
  const repaired = repairText(lines.join("\n")).split("\n");
  assertEquals(repaired.length, lines.length);
  // Between two spaces something invisible may have been.
  assertEquals(
    repaired.filter((line) =>
      line !== plainSpaces(line).normalize("NFC") && !line.includes("  ")
    ),
    [],
  );
});

Deno.test("repairText() repairs characters and keeps lines", () => {
  assertEquals(
    repairText("\ufeffNa\u0303o\u00a0é\r\n\u0097 NÃ£o\u0007\t é\u0085\n\nfim"),
    "Não é\n— Não é…\n\nfim",
  );
  assertEquals(repairText("«AMANHû"), "«AMANHû");
});

const PROSE = [
  "Era uma vez um rei que vivia num castelo",
  "muito longe daqui, onde ninguém chegava a",
  "pé nem a cavalo; só os pássaros sabiam o",
  "caminho.",
  "",
  "Um dia a filha do rei perguntou-",
  "lhe por que o mundo era tão gran-",
  "de, e ele não soube o que res-",
  "ponder.",
  "",
];

/** What comes of cleaning, without the counts. */
function outcome(
  { counts: _, ...rest }: CleanedText,
): Omit<CleanedText, "counts"> {
  return rest;
}

Deno.test("cleanText() undoes hard line breaks of prose", () => {
  assertEquals(outcome(cleanText(PROSE.join("\n"))), {
    text: "Era uma vez um rei que vivia num castelo muito longe daqui, onde " +
      "ninguém chegava a pé nem a cavalo; só os pássaros sabiam o caminho.\n" +
      "Um dia a filha do rei perguntou-lhe por que o mundo era tão grande, " +
      "e ele não soube o que responder.\n",
    dropped: 0,
    unwrapped: true,
    documents: 1,
  });
});

Deno.test("cleanText() keeps a stanza within wrapped prose", () => {
  const stanza = ["Canta o galo,", "Dorme o gato,", "Corre o rato."];
  const { text } = cleanText([...PROSE, ...stanza, "", ...PROSE].join("\n"));
  assert(text.includes(`\n${stanza.join("\n")}\n`));
});

Deno.test("cleanText() leaves verse alone", () => {
  const upper = "A lua vem\nSobre o mar\nE ninguém\nQuer cantar\n";
  assertEquals(cleanText(upper).text, upper);
  assertEquals(cleanText(upper).unwrapped, false);
  // Verse without capitals: short lines of no common width.
  const lower = "vem a noite devagar\nsem luz\ne o mar, cansado de esperar,\n" +
    "dorme\n\nsó\no vento ainda anda\nde porta em porta\na perguntar\n";
  assertEquals(cleanText(lower).text, lower);
});

Deno.test("cleanText() keeps documents apart where lines are paragraphs", () => {
  const corpus = "Título\nUm parágrafo.\nOutro.\n\nTítulo\nMais um.\n";
  assertEquals(outcome(cleanText(corpus)), {
    text: corpus,
    dropped: 0,
    unwrapped: false,
    documents: 2,
  });
  assertEquals(cleanText(corpus.replace("\n\n", "\n\n \n\n")).text, corpus);
});

Deno.test("cleanText() takes spaced-out paragraphs for one document", () => {
  const spaced = "Um.\n\nDois.\n\nTrês.\n\nQuatro.\n";
  assertEquals(cleanText(spaced).text, "Um.\nDois.\nTrês.\nQuatro.\n");
  assertEquals(
    outcome(cleanText(spaced, { blankLines: "documents" })),
    { text: spaced, dropped: 0, unwrapped: false, documents: 4 },
  );
  assertEquals(
    cleanText("A\nB.\n\nC\nD.\n", { blankLines: "paragraphs" }).text,
    "A\nB.\nC\nD.\n",
  );
});

Deno.test("cleanText() takes markup and boilerplate out", () => {
  const { text, dropped } = cleanText(
    "O <b>sol</b> &eacute; [[estrela|uma estrela]] {{carece de fontes}}.\n" +
      "Categoria: Astros\n* * *\nTexto-fonte:\n" +
      "Este artigo sobre Astronomia é um esboço.\nFim <br/>da linha.\n",
  );
  assertEquals(text, "O sol é uma estrela .\nFim da linha.\n");
  assertEquals(dropped, 4);
});

Deno.test("cleanText() takes Markdown out where it is Markdown", () => {
  const source = "# Título\n\n**Art. 1º** O *povo* [elege](http://x.y).\n\n" +
    "- um\n\n> dois\n\n| a | b |\n\n|---|---|\n\n```\n\n2 * 3 ** x\n";
  assertEquals(
    cleanText(source, { markdown: true }).text,
    "Título\nArt. 1º O povo elege.\num\ndois\na b\n2 * 3 x\n",
  );
  assert(cleanText(source).text.includes("**Art. 1º**"));
});

const LONG = "O barco saiu do porto de manhã cedo com o vento de feição, e " +
  "toda a gente da vila veio à praia para ver como ele";

Deno.test("cleanText() joins what a blank line cut in mid-sentence", () => {
  const { text, counts } = cleanText(
    [...PROSE, LONG, "", "se ia embora.", "", ...PROSE].join("\n"),
  );
  assert(text.includes(`\n${LONG} se ia embora.\nEra uma vez`));
  assertEquals(counts.rejoined, 1);
});

Deno.test("cleanText() never glues paragraphs or verses", () => {
  const verses = ["frases que chamava toscas,", "cortava à pendenga o fio"];
  for (
    const next of [
      ...[["Se ia embora."], ["— se ia embora."]].map((
        lines,
      ) => [LONG, ...lines]),
      [`${LONG}.`, "se ia embora."],
      verses,
    ]
  ) {
    const source = [...PROSE, ...next.flatMap((line) => [line, ""]), ...PROSE];
    const { text, counts } = cleanText(source.join("\n"));
    assertEquals(counts.rejoined, 0);
    assert(text.includes(`\n${next.join("\n")}\nEra uma vez`), text);
  }
});

Deno.test("cleanText() counts what each rule did", () => {
  const source = "InformaÃ§Ã£o \u0097 sim.\n<b>Um</b> texto.\nOi.\n* * *\n" +
    "Categoria: Astros\n" +
    [1, 2, 3, 4, 5].map((n) => `${n} Memórias do mar\n`).join("");
  const { text, counts, dropped } = cleanText(source, { minLineChars: 5 });
  assertEquals(text, "Informação — sim.\nUm texto.\n");
  assertEquals(dropped, 8);
  assertEquals(counts, {
    ...noCleaning(),
    mojibake: 2,
    c1Controls: 1,
    markup: 1,
    withoutLetters: 1,
    boilerplate: 1,
    pageHeaders: 5,
    short: 1,
  });
});

Deno.test("cleanText() leaves out the rules it is told to", () => {
  const wrapped = PROSE.join("\n");
  const kept = cleanText(wrapped, { keepLineBreaks: true });
  assertEquals([kept.unwrapped, kept.counts.lineBreaks], [false, 0]);
  assert(kept.text.startsWith("Era uma vez um rei que vivia num castelo\n"));
  const source = "NÃ£o \u0097 <b>sim</b>\nCategoria: Astros\n";
  assertEquals(
    cleanText(source, {
      keepCharacters: true,
      keepMarkup: true,
      keepBoilerplate: true,
    }).text,
    source,
  );
});

Deno.test("cleanText() drops what many files begin or end with", () => {
  const repeated = new RepeatedLines();
  const files = ["mar", "sol", "rio", "céu", "dia"].map((line) =>
    `O ${line}.\nObra Reunida, tomo 2\nAcabou.\n`
  );
  for (const file of files) repeated.add(file.split("\n"));
  const { text, counts } = cleanText(files[0], { repeated });
  assertEquals([text, counts.repeated], ["O mar.\nAcabou.\n", 1]);
});

Deno.test("cleanText() keeps what boilerplate would leave nothing of", () => {
  const { text, counts } = cleanText("Categoria: Astros\nPágina 3\n");
  assertEquals(text, "Categoria: Astros\nPágina 3\n");
  assertEquals([counts.spared, counts.boilerplate], [1, 0]);
  assertEquals(cleanText("Um texto.\nCategoria: Astros\n").counts.spared, 0);
});

Deno.test("repairText() writes ligatures out, and knows cut hyphens", () => {
  assertEquals(repairText("o ﬁm da ﬂor, eﬃcaz"), "o fim da flor, efficaz");
  assertEquals(
    repairText("pala\u00ad\nvra e pala¬\nvra"),
    "pala-\nvra e pala-\nvra",
  );
  assertEquals(repairText("pala\u00advra"), "palavra");
});

Deno.test("cleanText() of nothing is nothing", () => {
  assertEquals(cleanText("\n \n***\n").text, "");
  assertEquals(cleanText("").documents, 0);
});

Deno.test("cleanText() takes time linear in the text", () => {
  const start = performance.now();
  for (
    const piece of [
      "[",
      "[a](",
      "*",
      "**a",
      "a\n",
      "a\n\n",
      "<b ",
      "{{",
      "- ",
      `${"a ".repeat(60)}a\na\n\n`,
      "1 memórias do mar\n",
    ]
  ) cleanText(piece.repeat(50_000), { markdown: true });
  assertLess(performance.now() - start, 10_000);
});

Deno.test("cleanText() gives the same text whether it is cut into parts or not", () => {
  // Line ends of each kind, what is decomposed, mojibake, marks, a mark of order.
  const lines = [
    "\ufeffUm dia\r\nna cidade",
    "\u0301sobra\ufdd0\r\ufdd1\nNa\u0303o",
    "informaÃ§Ã£o\u0097 “ê”\r",
    "\r\n\u2028\ufeffDois <b>dias</b>\n\n",
  ];
  const unit = lines.join("\n") + "\n\nFim do texto.\n";
  const times = 8000; // some parts
  const options = { blankLines: "documents", keepLineBreaks: true } as const;
  const whole = cleanText(unit.repeat(times), options);
  const one = cleanText(unit, options);
  const other = cleanText(unit + unit, options);
  assert(other.text.startsWith(one.text), other.text);
  const second = other.text.slice(one.text.length);
  assertEquals(whole.text === one.text + second.repeat(times - 1), true);
  const { counts } = other;
  for (const rule of ["mojibake", "c1Controls", "markup"] as const) {
    const more = counts[rule] - one.counts[rule];
    assertEquals(whole.counts[rule], one.counts[rule] + more * (times - 1));
  }
});

Deno.test({
  name: "cleanText() repairs and unwraps real books (needs PTBR_SLM_TEST_DATA)",
  ignore: NO_REAL_DATA,
  async fn() {
    const read = async (name: string) =>
      cleanText(await Deno.readTextFile(`${MACHADO}/${name}`));
    const story = await read("contos/macn001.txt");
    assert(story.unwrapped);
    assertEquals(story.documents, 1);
    assert(
      story.text.includes(
        "Era conveniente ao romance que o leitor ficasse muito tempo sem " +
          "saber quem era Miss Dollar. Mas por outro lado, sem a",
      ),
    );
    assertEquals(/[\u0080-\u00a0]/.test(story.text), false);
    assert(story.text.includes("—"));
    const poems = await read("poesia/maps02.txt");
    assert(
      poems.text.includes("\nÉs tu, rosa da mocidade,\nNascida, aberta"),
    );
  },
});

Deno.test({
  name:
    "cleanText() keeps every letter of 232 books (needs PTBR_SLM_TEST_DATA)",
  ignore: NO_REAL_DATA,
  async fn() {
    const letters = (text: string) => text.replace(/[^\p{L}]+/gu, "");
    let controls = 0, books = 0;
    for await (const { name: folder } of Deno.readDir(MACHADO)) {
      for await (const { name } of Deno.readDir(`${MACHADO}/${folder}`)) {
        const source = await Deno.readTextFile(`${MACHADO}/${folder}/${name}`);
        const { text, counts } = cleanText(source, { keepBoilerplate: true });
        controls += counts.c1Controls;
        books++;
        assertEquals(/[\u0080-\u009f]/.test(text), false, name);
        // Of U+009C alone a letter is made: œ.
        const before = letters(source.replaceAll("\u009c", "œ"));
        assert(letters(text) === before, name);
      }
    }
    assertEquals([books, controls], [232, 28_870]);
  },
});

/** The edges of a clean text, by themselves and of the whole of it. */
function edgesTwice(source: string, options?: TextCleanerOptions) {
  const steps = cleanEdgesInSteps(source, options);
  let step = steps.next();
  while (!step.done) step = steps.next();
  const { text } = cleanText(source, options);
  const lines = text.split("\n").filter((line) => line !== "");
  return [step.value, edgesOf(lines)];
}

Deno.test("cleanEdgesInSteps() gives the edges of what cleanText() gives", () => {
  const broken = (i: number) =>
    `Era a vez número ${i} de um rei que foi ao corre-\n` +
    "corre dos outros e que não ria nunca, nem mesmo quando lhe\n" +
    `contavam uma histó-\nria${i % 3 === 0 ? "," : "."}\n\n` +
    (i % 5 === 0 ? "Publicado originalmente em 1881\n\n" : "");
  const verse = (i: number) => `Verso ${i}\nde rima ${i}\nE mais um\n\n`;
  const rules = "Publicado originalmente em 1881\n\n";
  for (const count of [1, 7, 12, 13, 24, 25, 60, 400]) {
    const numbers = Array.from({ length: count }, (_, i) => i);
    const dropped = rules.repeat(count);
    for (
      const text of [
        numbers.map(broken).join(""),
        numbers.map(verse).join(""),
        dropped,
        dropped + numbers.map(broken).join("") + dropped,
        numbers.map((i) => broken(i) + verse(i)).join(""),
        numbers.join("\n"),
      ]
    ) {
      const [edges, expected] = edgesTwice(text);
      assertEquals(edges, expected);
    }
  }
});

Deno.test({
  name:
    "cleanEdgesInSteps() gives the edges of real books (needs PTBR_SLM_TEST_DATA)",
  ignore: NO_REAL_DATA,
  async fn() {
    for (const name of ["macn001.txt", "macn006.txt", "macn022.txt"]) {
      const text = await Deno.readTextFile(`${MACHADO}/contos/${name}`);
      const [edges, expected] = edgesTwice(text);
      assertEquals(edges, expected, name);
      assertEquals(edges.length, 24);
    }
  },
});

Deno.test("cleanText() takes a dialogue for broken lines where they cut words", () => {
  const dialogue = [
    "— Queres ir amanhã ao tea-",
    "tro? perguntou ela.",
    "— Não.",
    "— Nem se te der um bi-",
    "lhete para a primeira fila?",
    "— Nem assim.",
    "— Pois sim, fica a estu-",
    "dar.",
    "— Fico.",
    "— Adeus.",
  ].join("\n").repeat(2);
  const { text, unwrapped } = cleanText(dialogue);
  assertEquals(unwrapped, true);
  assertEquals(/teatro\? .* bilhete .* estudar/.test(text), true);
});

Deno.test("cleanText() joins a word over a page's end in a short paragraph", () => {
  const prose =
    "Ela tornou a ler a carta e guar-\ndou-a na gaveta da mesa.\n\n";
  const cut =
    "— O amor de um lado. Que fe-\n\nlicidade, disse a mais nova.\n\n";
  const { text } = cleanText(prose.repeat(4) + cut);
  assertEquals(text.includes("Que felicidade, disse"), true);
});
