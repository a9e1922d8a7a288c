/** Each document is measured, and the first rule that it breaks is named. */

import { judge, PRESETS } from "@ptbr-slm/ptbr-slm/corpus";
import { assert, assertEquals } from "@std/assert";

const filters = { language: "pt", thresholds: { min_words: 5 } };
const documents = ["Era uma vez um rei que ria.", "Fim."];
const kept = documents.filter((text) =>
  judge(text, filters).verdict === undefined
);
assertEquals(kept, documents.slice(0, 1));

// Presets are thresholds that others found good.
assert(Object.keys(PRESETS.web).length > Object.keys(PRESETS.none).length);
