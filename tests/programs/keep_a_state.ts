/** What a model remembers is a value: kept, gone back to, continued twice. */

import {
  greedy,
  ReferenceBackend,
  RWKV,
  RWKVConfig,
  sampling,
  Session,
} from "@ptbr-slm/ptbr-slm/model";
import { assert, assertEquals } from "@std/assert";

const config = new RWKVConfig({ vocabSize: 32, dModel: 16, dFfn: 32 });
const model = new RWKV(config, new ReferenceBackend());
model.initialize(3);
using session = new Session(model); // with a tokenizer it is fed text, too
await session.feed([3, 1, 4, 1, 5]);
const saved = await session.save();

const logits = await session.logits();
const likeliest = await session.next(greedy());
assertEquals(logits[likeliest], Math.max(...logits));

session.restore(saved);
assertEquals(session.tokens, 5);
using other = await session.fork();
const choose = sampling({ temperature: 5, seed: 1 });
const ids = [await other.next(choose), await other.next(choose)];
assert(ids.every((id) => id < 32));
assertEquals(await session.next(greedy()), likeliest); // undisturbed
