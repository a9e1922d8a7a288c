/**
 * The minimal pairs of grammar as lines of JSON, for other programs: to read, or
 * for `bench/peers/mlconjug_pairs.py`, which holds them against conjugations and
 * a dictionary that are not ours.
 *
 *     deno run bench/grammar_pairs.ts > pairs.jsonl
 *
 * @module
 */

import { grammarPairs } from "../lib/evaluation/pairs/grammar_pairs.ts";

for (const pair of grammarPairs()) console.log(JSON.stringify(pair));
