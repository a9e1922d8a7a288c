/** A tokenizer in a file: text to ids, ids to the same text. */

import { BPETokenizer, BPETrainer } from "@ptbr-slm/ptbr-slm/tokenizer";
import { assertEquals } from "@std/assert";

const folder = await Deno.makeTempDir();
const bytes = new TextEncoder().encode("um dia, outro dia, todo dia\n");
const { vocab } = await new BPETrainer().train([{ name: "dia", bytes }]);
await new BPETokenizer(vocab).save(`${folder}/tokenizer.json`);

const tokenizer = await BPETokenizer.fromFile(`${folder}/tokenizer.json`);
assertEquals(tokenizer.vocabSize, vocab.size);
const ids = tokenizer.encode("outro dia é 🇧🇷");
assertEquals(tokenizer.decode(ids), "outro dia é 🇧🇷");
assertEquals(tokenizer.count("outro dia é 🇧🇷"), ids.length);
assertEquals(vocab.specialId("[BOS]"), 2);
await Deno.remove(folder, { recursive: true });
