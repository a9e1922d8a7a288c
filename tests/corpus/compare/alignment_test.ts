/** Documents of two corpora beside each other. */

import { assertEquals } from "@std/assert";
import {
  alignDocuments,
  type NamedDocument,
} from "../../../lib/corpus/compare/alignment.ts";

/** What stands beside what, by names. */
async function aligned(
  old: readonly NamedDocument[],
  now: readonly NamedDocument[],
): Promise<[string | undefined, string | undefined][]> {
  const pairs = await Array.fromAsync(alignDocuments(read(old), read(now)));
  return pairs.map((pair) => [pair.old?.name, pair.new?.name]);
}

async function* read(documents: readonly NamedDocument[]) {
  for (const document of documents) {
    await Promise.resolve();
    yield document;
  }
}

const byId = (...ids: string[]) =>
  ids.map((id) => ({ id, name: id, text: `Texto de ${id}.` }));

Deno.test("documents with ids stand beside those of the same id", async () => {
  assertEquals(
    await aligned(byId("a", "b", "d", "e"), byId("b", "c", "d", "f")),
    [
      ["a", undefined],
      ["b", "b"],
      [undefined, "c"],
      ["d", "d"],
      ["e", undefined],
      [undefined, "f"],
    ],
  );
  assertEquals(await aligned([], byId("a")), [[undefined, "a"]]);
  assertEquals(await aligned([], []), []);
});

Deno.test("documents without ids go by their beginnings, then by their words", async () => {
  const document = (name: string, text: string) => ({ name, text });
  const old = [
    document("rio", "O rio (, grande) nasce na serra.\nCorre para o mar."),
    document("lixo", "Página de teste sem nada."),
    document("sol", "O sol é uma estrela.\nAmarela."),
  ];
  const now = [
    document("rio", "O rio (grande) nasce na serra.\nCorre para o mar."),
    document("sol", "O sol é uma estrela.\nBranca."),
  ];
  assertEquals(await aligned(old, now), [
    ["rio", "rio"],
    ["lixo", undefined],
    ["sol", "sol"],
  ]);
});

Deno.test("a corpus may lack more documents than are looked at ahead", async () => {
  const ids = Array.from({ length: 1300 }, (_, i) => `${i}`);
  const pairs = await aligned(byId(...ids), byId(...ids.slice(1200)));
  assertEquals(pairs.length, 1300);
  assertEquals(pairs.filter(([, now]) => now !== undefined).length, 100);
});
