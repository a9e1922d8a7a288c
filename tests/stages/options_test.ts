/** Options that nobody knows, that are missing or that make no sense, by name. */

import { assertEquals, assertRejects } from "@std/assert";
import * as library from "../../mod.ts";

// deno-lint-ignore no-explicit-any
const wrong = (value: unknown) => value as any;

/** What a call is refused with. */
async function reasonOf(call: () => unknown): Promise<string> {
  const { message } = await assertRejects(async () => {
    await call();
  }, Error);
  return message;
}

Deno.test("every stage refuses an option of no name it knows, and none at all", async () => {
  const {
    auditCorpus,
    buildCorpus,
    cleanCorpus,
    Conversation,
    dashboard,
    downloadDump,
    evaluate,
    evaluateTokenizer,
    exportModel,
    exportTokenizer,
    generate,
    generateMany,
    importModel,
    importTokenizer,
    inspectDataset,
    inspectMachine,
    logits,
    planResume,
    planTrain,
    processLaws,
    processWiki,
    resume,
    serve,
    testModel,
    tokenize,
    train,
    trainTokenizer,
    verify,
  } = library;
  const stages: Record<string, (options: never) => unknown> = {
    ...{ auditCorpus, buildCorpus, cleanCorpus, dashboard, downloadDump },
    ...{ evaluate, evaluateTokenizer, exportModel, exportTokenizer, generate },
    ...{ generateMany, importModel, importTokenizer, inspectDataset },
    ...{ inspectMachine, logits, planResume, planTrain, processLaws },
    ...{ processWiki, resume, serve, testModel, tokenize, train },
    ...{ trainTokenizer, verify, converse: Conversation.open },
  };
  for (const [name, stage] of Object.entries(stages)) {
    const reason = await reasonOf(() => stage(wrong({ nosuch: 1 }) as never));
    assertEquals(
      reason.replace(/^Cannot [a-z ]+: /, ""),
      "unknown option nosuch",
      name,
    );
    const none = await reasonOf(() => stage(wrong(null) as never));
    assertEquals(
      none.replace(/^Cannot [a-z ]+: /, ""),
      "the options must be an object, not null",
      name,
    );
    if (name === "inspectMachine") continue; // it needs nothing
    const missing = await reasonOf(() => stage(wrong({}) as never));
    assertEquals(
      /^Cannot [a-z ]+: \w+ must be .*, not undefined$/.test(missing) ||
        /: give \w+ or \w+, one of them$/.test(missing),
      true,
      missing,
    );
  }
});

Deno.test("stages and classes name the option that was meant", async () => {
  const {
    BPETrainer,
    DataLoader,
    generate,
    MixedLoader,
    processWiki,
    PTBRNormalizer,
    tokenize,
    train,
    WikiCleaner,
  } = library;
  const dataset = {
    path: "a",
    length: 9,
    read: (_: number, into: Uint16Array) => void into.fill(0),
  };
  const shape = { batchSize: 1, contextLength: 2, seed: 1 };
  const cases: [() => unknown, string][] = [
    [() => new BPETrainer(wrong({ vocabsize: 300 })), "vocabSize"],
    [() => processWiki(wrong({ minchars: 1 })), "minChars"],
    [() => tokenize(wrong({ valfraction: 0.5 })), "valFraction"],
    [
      () => new DataLoader(dataset, wrong({ ...shape, batchsize: 1 })),
      "batchSize",
    ],
    [
      () =>
        new MixedLoader([{ dataset, weight: 1 }], wrong({ ...shape, sed: 1 })),
      "seed",
    ],
    [() => generate(wrong({ temprature: 1 })), "temperature"],
    [() => new PTBRNormalizer(wrong({ lowercas: true })), "lowercase"],
    [() => train(wrong({ maxStep: 1 })), "maxSteps"],
    [() => new WikiCleaner(wrong({ templats: {} })), "templates"],
  ];
  for (const [call, meant] of cases) {
    const reason = await reasonOf(call);
    assertEquals(reason.split("; ")[1], `did you mean ${meant}?`, reason);
  }
});

Deno.test("stages and classes refuse what is out of bounds or of another kind", async () => {
  const {
    BPETrainer,
    DataLoader,
    exportModel,
    generate,
    judge,
    loadCheckpoint,
    logits,
    processWiki,
    PTBRNormalizer,
    trainTokenizer,
    WikiCleaner,
  } = library;
  const files = { input: "a.xml", output: "none" };
  const dataset = {
    path: "a",
    length: 9,
    read: (_: number, into: Uint16Array) => void into.fill(0),
  };
  const shape = { batchSize: 1, contextLength: 2 };
  const seed = "seed must be a whole number from 0 to 4294967295, not ";
  const cases: [() => unknown, string][] = [
    [
      () => processWiki({ ...files, minChars: NaN }),
      "minChars must be a whole number, at least 0, not NaN",
    ],
    [
      () => processWiki({ ...files, minChars: -1 }),
      "minChars must be a whole number, at least 0, not -1",
    ],
    [
      () => processWiki({ ...files, threads: 0 }),
      "threads must be a whole number, at least 1, not 0",
    ],
    [
      () => processWiki({ ...files, projects: wrong("wikidata") }),
      'wikisource, not "wikidata"',
    ],
    [
      () => new WikiCleaner({ minSentenceLength: -5 }),
      "minSentenceLength must be a whole number, at least 0, not -5",
    ],
    [
      () => new WikiCleaner({ minSentenceLength: wrong("10") }),
      'minSentenceLength must be a whole number, at least 0, not "10"',
    ],
    [
      () => new PTBRNormalizer({ lowercase: wrong("yes") }),
      'lowercase must be true or false, not "yes"',
    ],
    [() => generate({ model: "a", seed: -1 }), `${seed}-1`],
    [() => generate({ model: "a", seed: 1.5 }), `${seed}1.5`],
    [() => generate({ model: "a", seed: 2 ** 40 }), `${seed}${2 ** 40}`],
    [() => new DataLoader(dataset, { ...shape, seed: -1 }), `${seed}-1`],
    [
      () => exportModel({ model: "a", output: "b", format: wrong("onnx") }),
      'format must be one of safetensors, gguf, burn, rwkv-peft, web-rwkv, not "onnx"',
    ],
    [
      () =>
        trainTokenizer({
          corpus: "a",
          output: "b",
          normalizer: wrong("nfkc"),
        }),
      'normalizer must be a PTBRNormalizer, not "nfkc"',
    ],
    [
      () => logits({ model: "a", tokens: wrong("1,2") }),
      'tokens must be a list of numbers, not "1,2"',
    ],
    [
      () => loadCheckpoint("a", wrong(undefined)),
      "backend must be an open backend, as openBackend() gives one, not undefined",
    ],
    [
      () => new BPETrainer().train(wrong(["text"])),
      'the options must be an object, not "text"',
    ],
    [
      () => new PTBRNormalizer().normalize(wrong(undefined)),
      "the text must be a text, not undefined",
    ],
    [
      () => new WikiCleaner().clean(wrong(undefined)),
      "the text must be a text, not undefined",
    ],
    [
      () => judge("texto", wrong(undefined)),
      "the filters must be an object, not undefined",
    ],
    [
      () => library.buildByRecipe(wrong({}), "none"),
      "sources must be a list, not undefined",
    ],
  ];
  for (const [call, reason] of cases) {
    const message = await reasonOf(call);
    assertEquals(message.endsWith(reason), true, message);
  }
});

Deno.test("processWiki() passes on what its caller throws", async () => {
  const folder = await Deno.makeTempDir();
  const input = `${folder}/dump.xml`;
  const text = "O Sol é uma estrela. ".repeat(9);
  await Deno.writeTextFile(
    input,
    `<mediawiki><page><title>Sol</title><ns>0</ns><revision><text>${text}</text></revision></page></mediawiki>`,
  );
  const message = await reasonOf(() =>
    library.processWiki({
      input,
      output: `${folder}/out`,
      onProgress: () => {
        throw new Error("mine");
      },
    })
  );
  assertEquals(message, "mine");
  await Deno.remove(folder, { recursive: true });
});
