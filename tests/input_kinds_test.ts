import { assertEquals, assertRejects } from "@std/assert";
import { type Kind, kindOf, refuseOtherKinds } from "../lib/input_kinds.ts";
import { withFiles } from "./commands/run_cli.ts";

const bytes = (text: string) =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

const utf16 = (text: string) => `\xff\xfe${text.replace(/./g, "$&\0")}`;

const FILES: Record<string, [content: string | Uint8Array, kind: Kind]> = {
  "dump.xml": ['<mediawiki xmlns="x">\n<page>', "dump"],
  "dump.xml.bz2": [bytes("BZh91AY&SY"), "dump"],
  "lei.htm": ["<HTML><body>Lei", "page"],
  "a.txt": ["Era uma vez.\n", "text"],
  "README.md": ["# Título\n\nTexto.\n", "text"],
  "{.txt": ["{ a chave abre\n", "text"],
  "a.jsonl": ['{"text":"Um."}\n', "jsonLines"],
  "latin1.txt": [bytes("Era uma v\xeaz, em S\xe3o Paulo.\n"), "legacyText"],
  "lei1252.htm": [bytes("\n<html><body>Lei n\xba 8</body>"), "page"],
  "dump16.xml": [bytes(utf16('<mediawiki xmlns="x">')), "dump"],
  "sobre.md": ["# Dumps\n\nUm dump começa com <mediawiki>.\n", "text"],
  "paginas.txt": [bytes("Um livro em S\xe3o Paulo.\f"), "legacyText"],
  "utf16.txt": [bytes("\xff\xfeE\0r\0a\0"), "legacyText"],
  "tokenizer.json": ['{"id_to_token":[[91]]', "tokenizer"],
  "hf.json": ['{\n  "version": "1.0",\n  "added_tokens": []}', "tokenizer"],
  "world.txt": ["1 '\\x00' 1\n2 '\\x01' 1\n", "tokenizer"],
  "a.tiktoken": ["IQ== 0\nIg== 1\n", "tokenizer"],
  "tomo.txt": ["Tomo 1\nCapa 2\n", "text"],
  "config.json": ['{"vocab_size": 3}', "json"],
  "corpus.toml": ['[[sources]]\npath = "a"\n', "recipe"],
  "model.toml": ["nLayers = 2\n", "settings"],
  "train.bin": [bytes("\x02\0\0\0\0\0\0\0\x01\0\x02\0"), "tokens"],
  "headerless.bin": [bytes("\x01\0\x02\0\x07\0\x04\0"), "tokens"],
  "model.mpk": [bytes("\x85\xa8metadata\x85"), "model"],
  "model.mpk.gz": [bytes("\x1f\x8b\x08"), "weights"],
  "state.bin": [bytes("PTBR-SES\x20\0\0\0{"), "state"],
  "model.gguf": [bytes("GGUF\x03\0\0\0"), "weights"],
  "model.safetensors": [bytes("\x02\0\0\0\0\0\0\0{}"), "weights"],
  "model.pth": [bytes("PK\x03\x04"), "weights"],
  "a.zip": [bytes("PK\x03\x04"), "archive"],
  "a.pdf": ["%PDF-1.7\n", "pdf"],
  "noise.dat": [bytes("\x9f\x01\x02\x03\x04\xff\xfe\x05\x06\x07"), "binary"],
  "empty.txt": ["", "nothing"],
};

Deno.test("kindOf() tells files by what they hold", async () => {
  const contents = Object.entries(FILES)
    .map(([name, [content]]) => [name, content] as const);
  await withFiles(Object.fromEntries(contents), async (folder) => {
    for (const [name, [, kind]] of Object.entries(FILES)) {
      assertEquals(await kindOf(`${folder}/${name}`), kind, name);
    }
    assertEquals(await kindOf(`${folder}/nothing`), undefined);
  });
});

Deno.test("kindOf() does not mind a character that its look cuts", async () => {
  await withFiles({ "a.txt": "ã".repeat(40_000) + "a" }, async (folder) => {
    assertEquals(await kindOf(`${folder}/a.txt`), "text");
  });
  await withFiles({ "a.txt": "a" + "ã".repeat(40_000) }, async (folder) => {
    assertEquals(await kindOf(`${folder}/a.txt`), "text");
  });
});

Deno.test("kindOf() tells folders by their names", async () => {
  const folders: Record<string, [files: string[], kind: Kind]> = {
    tokens: [["dataset.json", "train.bin", "tokenizer.json"], "dataset"],
    model: [["model_final.mpk", "metrics.jsonl", "tokenizer.json"], "model"],
    books: [["a.txt", "b.md"], "texts"],
    laws: [["a.html"], "pages"],
    other: [["model.safetensors", "tokenizer.json"], "weights"],
    hf: [["tokenizer.json"], "tokenizer"],
    unknown: [["x.y", "0/x.y"], "folder"],
    runs: [["0/x.y", "a/model_final.mpk", "b/model_final.mpk"], "models"],
    sets: [["a/dataset.json", "a/train.bin"], "datasets"],
    authors: [["a/um.txt", "b/dois.txt", "x.y"], "texts"],
    deeper: [["a/b/um.txt"], "folder"],
    empty: [[".hidden"], "nothing"],
  };
  const files = Object.entries(folders)
    .flatMap(([folder, [names]]) => names.map((name) => `${folder}/${name}`));
  await withFiles(
    Object.fromEntries(files.map((name) => [name, "x"])),
    async (root) => {
      for (const [folder, [, kind]] of Object.entries(folders)) {
        assertEquals(await kindOf(`${root}/${folder}`), kind, folder);
      }
    },
  );
});

Deno.test("refuseOtherKinds() names the command that takes a thing", async () => {
  await withFiles({
    "a.txt": "Um.\n",
    "b/a.html": "<p>",
    "runs/a/model_final.mpk": "x",
  }, async (folder) => {
    await refuseOtherKinds(`${folder}/a.txt`, "text", ["text"]);
    await refuseOtherKinds(`${folder}/none`, "text", ["text"]);
    await assertRejects(
      () => refuseOtherKinds(`${folder}/a.txt`, "a dump", ["dump"]),
      Error,
      `Cannot use "${folder}/a.txt" as a dump: it is text, which tokenize and train-tokenizer take`,
    );
    await assertRejects(
      () => refuseOtherKinds(`${folder}/b`, "a dump", ["dump"]),
      Error,
      "it is a folder of HTML pages, which process-laws takes",
    );
    await assertRejects(
      () => refuseOtherKinds(`${folder}/runs`, "a dataset", ["dataset"]),
      Error,
      "it is a folder of models, which generate takes one by one as --model",
    );
  });
});

Deno.test("kindOf() looks at a hundred names below a folder at most", async () => {
  const many = Array.from({ length: 120 }, (_, i) => `in/a/${i}.y`);
  const files = [...many, "in/b/um.txt"].map((name) => [name, "x"]);
  await withFiles(Object.fromEntries(files), async (folder) => {
    // Which folder is looked at first, the system says.
    const [{ name: first }] = (await Array.fromAsync(
      Deno.readDir(`${folder}/in`),
    )).filter(({ isDirectory }) => isDirectory);
    assertEquals(
      await kindOf(`${folder}/in`),
      first === "a" ? "folder" : "texts",
    );
  });
});
