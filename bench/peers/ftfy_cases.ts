/**
 * How many of ftfy's public test cases come out as ftfy has them, as a check of
 * the repair of mojibake. The cases are ftfy's and no part of the project: this
 * reads `tests/test_cases.json` of its source package.
 *
 * ```sh
 * pip download ftfy --no-deps --no-binary :all: && tar xzf ftfy-*.tar.gz
 * deno run --allow-read bench/peers/ftfy_cases.ts ftfy-6.3.1/tests/test_cases.json
 * ```
 *
 * @module
 */

import { repairText } from "../../lib/corpus/clean/text_cleaner.ts";

interface Case {
  readonly label: string;
  readonly original: string;
  readonly fixed: string;
  readonly expect: string;
}

/** What ftfy does besides and this program leaves: quotes, widths, ligatures. */
function plain(text: string): string {
  return text.replace(/[“”„]/g, '"').replace(/[‘’‚]/g, "'")
    .replace(/\s+/g, " ").normalize("NFKC").trim();
}

const cases: Case[] = JSON.parse(await Deno.readTextFile(Deno.args[0]));
const groups = {
  "to be repaired": (c: Case) => plain(c.original) !== plain(c.fixed),
  "to be left": (c: Case) => plain(c.original) === plain(c.fixed),
};
for (const [name, belongs] of Object.entries(groups)) {
  const all = cases.filter((c) => c.expect === "pass" && belongs(c));
  const wrong = all.filter((c) =>
    plain(repairText(c.original)) !== plain(c.fixed)
  );
  console.log(`${name}: ${all.length - wrong.length} of ${all.length}`);
  if (Deno.args.includes("--verbose")) {
    for (const { label, original } of wrong) {
      console.log(`  ${label}: ${repairText(original)}`);
    }
  }
}
