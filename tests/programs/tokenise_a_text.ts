/** A tokenizer in a file: text to ids, ids to the same text. */

import { openTokenizer, writeVocab } from "@ptbr-slm/ptbr-slm/dataset";
import { BPETrainer } from "@ptbr-slm/ptbr-slm/tokenizer";
import { assertEquals } from "@std/assert";

const folder = await Deno.makeTempDir();
const bytes = new TextEncoder().encode("um dia, outro dia, todo dia\n");
const { vocab } = await new BPETrainer().train([{ name: "dia", bytes }]);
await writeVocab(`${folder}/tokenizer.json`, vocab);

const tokenizer = await openTokenizer(folder);
assertEquals(tokenizer.vocabSize, vocab.size);
const ids = tokenizer.encode("outro dia é 🇧🇷");
assertEquals(tokenizer.decode(ids), "outro dia é 🇧🇷");
// What came three times is one token; of what never came each byte is one.
assertEquals(tokenizer.decode(ids.subarray(5, 6)), " dia");
const rare = new TextEncoder().encode("outro é 🇧🇷");
assertEquals(ids.length, rare.length + 1);
assertEquals(vocab.specialId("[BOS]"), 2);
await Deno.remove(folder, { recursive: true });
