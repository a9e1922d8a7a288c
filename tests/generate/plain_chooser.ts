/**
 * Choosing a token the obvious way: everything is sorted, every suffix compared,
 * nothing is kept from one token to the next.
 *
 * @module
 */

import type { ChoosingSettings } from "../../lib/generate/choosing.ts";
import { hashKey, uniformAt } from "../../lib/random.ts";

/**
 * Chooses.
 *
 * @param logits One a token.
 * @param before All tokens that were there, the prompt's first.
 * @param position How many were chosen before.
 */
export function plainlyChosen(
  logits: Float32Array,
  settings: ChoosingSettings,
  before: readonly number[],
  position: number,
): number {
  const window = settings.penaltyWindow ?? 1024;
  const recent = window === 0 ? [] : before.slice(-window);
  const z = [...logits].map((logit, id) =>
    penalized(logit + (settings.logitBias?.get(id) ?? 0), id, settings, recent)
  );
  const ids = [...z.keys()].sort((a, b) => z[b] - z[a] || a - b);
  if (settings.temperature === 0) return ids[0];
  const weight = (id: number) =>
    Math.exp((z[id] - z[ids[0]]) / settings.temperature);
  const { topK = ids.length, typicalP = 1, topP = 1, minP = 0 } = settings;
  let left = ids.slice(0, topK);
  const total = () => left.reduce((sum, id) => sum + weight(id), 0);
  /** The first of some that together reach a share of what is left. */
  const reaching = (share: number) => {
    let goal = share * total(), count = 0;
    while (goal > 0 && count < left.length) goal -= weight(left[count++]);
    return left.slice(0, count);
  };
  if (typicalP < 1) {
    const all = total();
    const surprise = (id: number) => -Math.log(weight(id) / all);
    const expected = left.reduce(
      (sum, id) => weight(id) > 0 ? sum + weight(id) / all * surprise(id) : sum,
      0,
    );
    const strange = (id: number) => Math.abs(surprise(id) - expected);
    left = left.filter((id) => weight(id) > 0)
      .sort((a, b) => strange(a) - strange(b) || a - b);
    left = reaching(typicalP).sort((a, b) => z[b] - z[a] || a - b);
  }
  if (topP < 1) left = reaching(topP);
  left = left.filter((id) => weight(id) >= minP * weight(left[0]));
  left.sort((a, b) => a - b);
  const goal = uniformAt(hashKey(settings.seed), position) * total();
  let sum = 0;
  return left.find((id) => (sum += weight(id)) > goal) ?? left.at(-1)!;
}

function penalized(
  logit: number,
  id: number,
  settings: ChoosingSettings,
  recent: readonly number[],
): number {
  const {
    repetitionPenalty = 1,
    presencePenalty = 0,
    frequencyPenalty = 0,
    dry,
  } = settings;
  const count = recent.filter((other) => other === id).length;
  if (count > 0) {
    logit *= logit > 0 ? 1 / repetitionPenalty : repetitionPenalty;
    logit -= presencePenalty + count * frequencyPenalty;
  }
  if (dry === undefined) return logit;
  const repeated = repeatedBefore(id, recent, dry.breakers ?? []);
  return repeated < dry.allowedLength
    ? logit
    : logit - dry.multiplier * dry.base ** (repeated - dry.allowedLength);
}

/** How much of the end stands before an earlier place of a token, at most. */
function repeatedBefore(
  id: number,
  recent: readonly number[],
  breakers: readonly number[],
): number {
  if (breakers.includes(id)) return 0;
  let most = 0;
  for (let place = 0; place < recent.length; place++) {
    if (recent[place] !== id) continue;
    let size = 0;
    while (size < place) {
      const token = recent[place - 1 - size];
      if (token !== recent.at(-1 - size) || breakers.includes(token)) break;
      size++;
    }
    most = Math.max(most, size);
  }
  return most;
}
