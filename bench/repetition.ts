/**
 * How much texts of a model repeat themselves, by how their tokens are chosen.
 *
 *     deno run --allow-read --allow-ffi --allow-env --allow-sys bench/repetition.ts MODEL [TEXTS] [TOKENS]
 *
 * A text ends in a loop when its last tokens, at least 24, are three times or
 * more the same stretch of at most 60; it repeats itself when more than 30 % of
 * its stretches of four tokens were there before. The mean log-probability of
 * the tokens says what that costs: the lower, the farther from the model.
 *
 * @module
 */

import { CpuBackend } from "../lib/backend/cpu/cpu_backend.ts";
import { DENO_HOST } from "../lib/backend/cpu/deno_host.ts";
import {
  endsInLoop,
  repeatedShare,
} from "../lib/evaluation/suite/diversity.ts";
import type { ChoosingSettings } from "../lib/generate/choosing.ts";
import { Session } from "../lib/generate/session.ts";
import { loadCheckpoint } from "../lib/load_checkpoint.ts";

const PROMPTS = ["O Brasil é", "A cidade", "O rio", "A música", ""];
const dry = { multiplier: 0.8, base: 1.75, allowedLength: 2 };
const WAYS: Readonly<Record<string, Omit<ChoosingSettings, "seed">>> = {
  "likeliest": { temperature: 0 },
  "likeliest, DRY": { temperature: 0, dry },
  "0.3, top-p 0.9": { temperature: 0.3, topP: 0.9 },
  "0.3, top-p 0.9, DRY": { temperature: 0.3, topP: 0.9, dry },
  "0.7, top-p 0.9": { temperature: 0.7, topP: 0.9 },
  "0.7, top-p 0.9, DRY": { temperature: 0.7, topP: 0.9, dry },
};

const [path, texts = "20", tokens = "300"] = Deno.args;
using backend = await CpuBackend.create({ host: DENO_HOST });
const { model, tokenizer } = await loadCheckpoint(path, backend);
const start = tokenizer.vocab.specialId("[BOS]");

for (const [name, way] of Object.entries(WAYS)) {
  const count = way.temperature === 0 ? PROMPTS.length : Number(texts);
  let loops = 0, repeating = 0, logprob = 0, chosen = 0;
  for (let i = 0; i < count; i++) {
    using session = new Session(model, tokenizer);
    const prompt = PROMPTS[i % PROMPTS.length];
    await session.feed([start, ...tokenizer.encode(prompt)]);
    const ids: number[] = [];
    const pieces = session.write({
      ...way,
      seed: i,
      maxTokens: Number(tokens),
      onChoice: (choice) => {
        ids.push(choice.id);
        logprob += choice.logprob;
      },
    });
    await Array.fromAsync(pieces);
    chosen += ids.length;
    if (endsInLoop(ids)) loops++;
    if (repeatedShare(ids) > 0.3) repeating++;
  }
  const percent = (part: number) =>
    `${Math.round(100 * part / count)} %`.padStart(5);
  console.log(
    `${name.padEnd(20)} loops ${percent(loops)}  repeating ${
      percent(repeating)
    }  log-probability ${(logprob / chosen).toFixed(2)}`,
  );
}
