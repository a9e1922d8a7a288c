/** A tokenizer goes to other programs and comes back with the same ids. */

import {
  BPETokenizer,
  BPETrainer,
  fromHuggingFace,
  PTBRNormalizer,
  toHuggingFace,
} from "@ptbr-slm/ptbr-slm/tokenizer";
import { assertEquals } from "@std/assert";

const bytes = new TextEncoder().encode("um dia, outro dia, todo dia\n");
const normalizer = PTBRNormalizer.only("nfc");
const { vocab } = await new BPETrainer({ normalizer })
  .train([{ name: "dia", bytes }]);

const { files: [{ content }] } = toHuggingFace(vocab);
assertEquals(JSON.parse(content).model.type, "BPE");
const back = new BPETokenizer(fromHuggingFace(content).vocab);
const ids = new BPETokenizer(vocab).encode("outro dia");
assertEquals(back.encode("outro dia"), ids);
