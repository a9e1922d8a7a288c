import { assert, assertEquals, assertRejects } from "@std/assert";
import { evaluateTokenizer } from "../../lib/stages/evaluate_tokenizer.ts";
import { TEXT, withFiles, writeSmallVocab } from "../commands/run_cli.ts";
import { rejectsWhenAborted } from "./aborted.ts";

Deno.test("evaluateTokenizer() measures each tokenizer and tells how far it is", () =>
  withFiles({ "in/a.txt": TEXT }, async (folder) => {
    const input = `${folder}/in`;
    const tokenizer = `${folder}/a.json`, other = `${folder}/b.json`;
    await writeSmallVocab(tokenizer);
    await writeSmallVocab(other, { text: "um\ndois\n" });
    const work = { input, tokenizer, compare: [other], longest: 2 };
    await rejectsWhenAborted((options) =>
      evaluateTokenizer({ ...work, ...options })
    );
    const told: [string, number][] = [];
    const result = await evaluateTokenizer({
      ...work,
      onProgress: ({ done, total, tokenizer }) =>
        told.push([tokenizer, done / total]),
    });
    const [first, second] = result.tokenizers;
    assertEquals([first.tokenizer, second.tokenizer], [tokenizer, other]);
    assert(first.tokens < second.tokens);
    assertEquals(first.longestTokens.length, 2);
    assertEquals(told[0], [tokenizer, 0]);
    assert(told.some(([name, share]) => name === other && share === 0.5));
    assert(told.at(-1)![1] > 0.9);
  }));

Deno.test("evaluateTokenizer() says what it was given instead", () =>
  withFiles({
    "a.txt": TEXT,
    "rwkv.gguf": "GGUF",
    "bad.tiktoken": "IQ== 0\nIg== 1\n!! 2\n",
  }, async (folder) => {
    const tokenizer = `${folder}/a.json`, input = `${folder}/a.txt`;
    await writeSmallVocab(tokenizer);
    const refuses = (
      options: Partial<Parameters<typeof evaluateTokenizer>[0]>,
      reason: string,
    ) =>
      assertRejects(
        () => evaluateTokenizer({ tokenizer, input, ...options }),
        Error,
        reason,
      );
    await refuses({ tokenizer: input }, 'a.txt" as a tokenizer: it is text');
    await refuses({ compare: [input] }, 'a.txt" as a tokenizer: it is text');
    await refuses({ input: `${folder}/rwkv.gguf` }, "which import-model takes");
    await refuses({ input: tokenizer }, "as text: it is a tokenizer");
    // Of what looks like one its reader says more.
    const broken = `${folder}/bad.tiktoken`;
    await refuses({ tokenizer: broken }, "Cannot read tokenizer");
  }));
