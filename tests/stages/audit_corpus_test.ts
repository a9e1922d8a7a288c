import { assertEquals } from "@std/assert";
import { auditCorpus } from "../../lib/stages/audit_corpus.ts";
import { withFiles } from "../commands/run_cli.ts";
import { rejectsWhenAborted } from "./aborted.ts";

Deno.test("auditCorpus() sums up several sources", () =>
  withFiles({ "a.txt": "Oi.\n", "b.txt": "Oi.\n" }, async (folder) => {
    const input = [`${folder}/a.txt`, `${folder}/b.txt`];
    const { all, bytes } = await auditCorpus({ input });
    assertEquals([all?.documents, bytes], [2, 8]);
    assertEquals(all?.repeatedDocuments.items, 0.5);
    await rejectsWhenAborted((options) => auditCorpus({ input, ...options }));
  }));
