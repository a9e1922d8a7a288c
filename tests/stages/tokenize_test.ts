import { assertEquals } from "@std/assert";
import { tokenize } from "../../lib/stages/tokenize.ts";
import { trainTokenizer } from "../../lib/stages/train_tokenizer.ts";
import { reads, TEXT, withFiles } from "../commands/run_cli.ts";
import { rejectsWhenAborted } from "./aborted.ts";

Deno.test("trainTokenizer() and tokenize() take a folder of books a file each, and leave nothing when aborted", () =>
  withFiles(
    { "in/a.txt": TEXT, "in/b.txt": TEXT.replaceAll("feira", "festa") },
    async (folder) => {
      const input = `${folder}/in`, tokenizer = `${folder}/tokenizer.json`;
      const training = { corpus: input, output: tokenizer, vocabSize: 300 };
      await rejectsWhenAborted((options) =>
        trainTokenizer({ ...training, ...options })
      );
      assertEquals(await reads(folder), ["in"]);
      assertEquals((await trainTokenizer(training)).vocabSize, 300);

      const output = `${folder}/out`;
      const work = { input, output, tokenizer };
      await rejectsWhenAborted((options) => tokenize({ ...work, ...options }));
      assertEquals(await reads(output).catch(() => []), []);
      const rules: string[][] = [], phases: string[] = [];
      const result = await tokenize({
        ...work,
        onProgress: ({ phase, done }) =>
          phases.push(done === 0 ? `${phase} begins` : phase),
        onFiles: ({ files }) =>
          rules.push(files.map(({ documents }) => documents)),
      });
      assertEquals(rules, [["files", "files"]]);
      const passes = ["choosing", "encoding begins", "encoding"];
      assertEquals([...new Set(phases)], passes);
      assertEquals(result.documentsBy, "files");
      assertEquals([result.trainDocuments, result.valDocuments], [1, 1]);
      const blocks = await tokenize({ ...work, documents: "blank-lines" });
      assertEquals(blocks.documents, 80);
    },
  ));
