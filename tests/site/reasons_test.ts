/** What the page's worker says, in Portuguese. */

import { assert, assertEquals } from "@std/assert";
import { inPortuguese } from "../../lib/site/page/reasons.ts";
import { reasons } from "../../lib/site/page/reasons.pt.ts";

/** Sources whose errors the page has sentences of its own for, or nobody sees. */
const OTHERS = ["local_api.ts", "service_worker.ts", "open_model.ts"];

/** Messages of a source, with numbers for what stands in their holes. */
function messagesIn(source: string): string[] {
  const texts = source.matchAll(/(["`])(Cannot (?:(?!\1)[^\n])*)\1/g);
  return Array.from(texts, ([, , text]) => {
    let hole = 0;
    return text.replaceAll(/\$\{[^}]*\}/g, () => `{${++hole}}`);
  });
}

Deno.test("the worker's reasons are all said in Portuguese, and no others", async () => {
  const made = new Set<string>();
  for await (const { name } of Deno.readDir("lib/site")) {
    if (!name.endsWith(".ts") || OTHERS.includes(name)) continue;
    const source = await Deno.readTextFile(`lib/site/${name}`);
    for (const message of messagesIn(source)) made.add(message);
  }
  // They have codes, which the page has words for.
  for (const message of [...made]) {
    if (message.startsWith("Cannot write")) made.delete(message);
  }
  assert(made.size > 10);
  assertEquals([...made].sort(), Object.keys(reasons).sort());
});

Deno.test("inPortuguese() knows the page's messages and the library's", () => {
  assertEquals(
    inPortuguese("Cannot get http://a/b: the server says 404"),
    "Não é possível buscar http://a/b: o servidor diz 404",
  );
  const known = "it is cut short: the zip's end is not there";
  assertEquals(inPortuguese(known).includes("cortado"), true);
});
