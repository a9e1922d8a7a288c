/** Quotes, dashes, spaces and damaged characters become what they should be. */

import { PTBRNormalizer } from "@ptbr-slm/ptbr-slm/tokenizer";
import { assertEquals } from "@std/assert";

const normalizer = new PTBRNormalizer();
assertEquals(normalizer.normalize("“NÃ£o” — disse"), '"Não" - disse');

// Each rule can be left out or, as lower case, asked for.
const quiet = new PTBRNormalizer({ dashes: false, lowercase: true });
assertEquals(quiet.normalize("NÃO — É"), "não — é");
