/** evaluate --suite through real invocations. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { grammarPairs } from "../../lib/evaluation/pairs/grammar_pairs.ts";
import { firstWordOf } from "../../lib/evaluation/suite/last_word.ts";
import {
  evaluateSuite,
  type EvaluateSuiteResult,
} from "../../lib/stages/evaluate_suite.ts";
import { finishedRun } from "./finished_run.ts";
import { refuses, run, succeeds } from "./run_cli.ts";

let folder: string;

Deno.test.beforeAll(async () => {
  ({ folder } = await finishedRun());
});

Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

const asking = (...args: string[]) => [
  "evaluate",
  ...["--model", `${folder}/whole`, "--backend", "cpu", ...args],
];

async function found(args: string[]): Promise<EvaluateSuiteResult> {
  const { result } = await succeeds(args, ["--json"]);
  return (result.models as EvaluateSuiteResult[])[0];
}

Deno.test("--suite pairs asks all pairs, of the model and of n-grams", async () => {
  const args = asking("--suite", "pairs", "--learn-from", `${folder}/text.txt`);
  const { pairs, baselines } = await found(args);
  assertEquals(pairs!.count, grammarPairs().length);
  assertEquals(baselines!.map(({ name }) => name), ["unigram", "3-gram"]);
  for (const { phenomena, accuracy } of [pairs!, ...baselines!]) {
    assertEquals(phenomena.length, pairs!.phenomena.length);
    assert(accuracy > 0.3 && accuracy < 0.7);
  }
});

Deno.test("--suite pairs takes other pairs, and prints a table in Portuguese", async () => {
  const path = `${folder}/pares.jsonl`;
  // The first is of the text that was learnt, letter by letter.
  await Deno.writeTextFile(
    path,
    [
      ["ordem", "a cidade acordou cedo", "acordou a cedo cidade"],
      ["ordem", "cedo e a feira já", "já feira a e cedo"],
    ].map(([phenomenon, right, wrong]) =>
      JSON.stringify({ phenomenon, right, wrong })
    ).join("\n"),
  );
  const args = asking("--suite", "pairs", "--suite-file", path, "--lang", "pt");
  const { stdout } = await run(args);
  assertEquals(stdout.split("\n"), [
    "acertos, em %   pares  modelo          95 %",
    "ordem               2   100,0  34,2 – 100,0",
    "todos os pares      2   100,0  34,2 – 100,0",
    "",
  ]);
});

Deno.test("--suite lambada finds the words that generate writes", async () => {
  const prompts = ["No dia 3 a cidade acordou", "Ninguém sabia quem era o"];
  const lines: string[] = [];
  for (const prompt of prompts) {
    const { result } = await succeeds(
      ["generate", "--model", `${folder}/whole`, "--prompt", prompt],
      ["--temperature", "0", "--dry-multiplier", "0", "--max-tokens", "12"],
      ["--backend", "cpu", "--json"],
    );
    const word = firstWordOf(result.text as string)!;
    lines.push(JSON.stringify({ sentence: prompt, last_word: word }));
  }
  const path = `${folder}/palavras.jsonl`;
  await Deno.writeTextFile(path, lines.join("\n"));
  const args = asking("--suite", "lambada", "--suite-file", path);
  const { lastWords } = await found(args);
  assertEquals([lastWords!.right, lastWords!.count], [2, 2]);
  const likely = lastWords!.perplexity;
  await Deno.writeTextFile(path, '{"text": "No dia 3 a cidade xadrez"}\n');
  const other = (await found(args)).lastWords!;
  assertEquals(other.right, 0);
  assert(other.perplexity > 10 * likely);
});

Deno.test("--suite text measures what the model writes beside what people do", async () => {
  const args = asking("--suite", "text", "--suite-file", `${folder}/text.txt`);
  const { written, people } = await found([...args, "--seed", "1"]);
  assertEquals([written!.texts, people!.texts], [20, 20]);
  for (const { distinct, compression } of [written!, people!]) {
    assert(distinct[0] > 0 && distinct[0] < distinct[2] && compression > 1);
  }
});

Deno.test("--suite refuses what does not belong to it", async () => {
  const wrong: [args: string[], reason: RegExp][] = [
    [["--suite", "calame"], /--suite calame needs its file/],
    [["--suite", "pairs", "--input", "a.txt"], /--suite takes no --data/],
    [["--suite", "text", "--learn-from", "a.txt"], /takes no --learn-from/],
    [["--suite-file", "a.jsonl", "--input", "a.txt"], /needs --suite/],
  ];
  for (const [args, reason] of wrong) {
    await refuses(asking(...args), 2, reason);
  }
  await refuses(
    asking("--suite", "calame", "--suite-file", `${folder}/text.txt`),
    1,
    `error: Cannot read "${folder}/text.txt": line 1 is no JSON object\n`,
  );
});

Deno.test("evaluateSuite() finds that a text is missing before a model computes", async () => {
  const model = `${folder}/whole`, nothing = `${folder}/nothing.txt`;
  for (
    const asked of [
      { suite: "text", suiteFile: nothing },
      { suite: "pairs", learnFrom: nothing },
    ] as const
  ) {
    const backend = () => {
      throw new Error("A backend was asked for");
    };
    await assertRejects(
      () => evaluateSuite({ model, backend, ...asked }),
      Error,
      `Cannot read "${nothing}"`,
    );
  }
});
