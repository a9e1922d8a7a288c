import { assertEquals, assertRejects } from "@std/assert";
import { processLaws } from "../../lib/stages/process_laws.ts";
import { reads, withFiles } from "../commands/run_cli.ts";
import { rejectsWhenAborted } from "./aborted.ts";

const PAGE = `<html><body><p>LEI Nº 8, DE 3 DE MAIO DE 1999
<p>${"Art. 1º O remo é livre. ".repeat(9)}`;

Deno.test("processLaws() leaves nothing behind when it is aborted", () =>
  withFiles({ "in/a.html": PAGE, "in/b.html": PAGE }, async (folder) => {
    const paths = { input: `${folder}/in`, output: `${folder}/out` };
    await rejectsWhenAborted((options) =>
      processLaws({ ...paths, ...options })
    );
    assertEquals(await reads(folder), ["in"]);
  }));

Deno.test("processLaws() tells of every page", () =>
  withFiles({ "in/a.html": PAGE, "in/b.html": "nada" }, async (folder) => {
    const pages: unknown[] = [];
    await processLaws({
      input: `${folder}/in`,
      output: `${folder}/out`,
      onPage: ({ name, title, dropped }) => pages.push([name, title, dropped]),
    });
    assertEquals(pages, [
      ["a.html", "LEI Nº 8, DE 3 DE MAIO DE 1999", undefined],
      ["b.html", undefined, "notHtml"],
    ]);
  }));

Deno.test("processLaws() takes no dump for a page, whatever its version", () =>
  withFiles({
    "in/a.xml": `<mediawiki xml:lang="en">\n<page><title>Page</title>` +
      `<comment>${"I have just one thing to say! ".repeat(9)}</comment></page>`,
  }, async (folder) => {
    await assertRejects(
      () =>
        processLaws({ input: `${folder}/in/a.xml`, output: `${folder}/out` }),
      Error,
      "it is a Wikimedia dump, which process-wiki takes",
    );
    assertEquals(await reads(folder), ["in"]);
  }));
