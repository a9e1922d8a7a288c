import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type Command, helpOf } from "../../../lib/commands/shared/command.ts";
import {
  choice,
  decimal,
  flag,
  integer,
  requiredText,
  SEED,
  THREADS,
  UsageError,
} from "../../../lib/commands/shared/options.ts";
import { parseOptions } from "../../../lib/commands/shared/parse_options.ts";

const options = {
  input: requiredText("FILE", "what to read"),
  count: integer("how many", { default: 3, min: 1, max: 9 }),
  share: decimal("how much", { max: 1 }),
  size: choice(["small", "large"], "which"),
  loud: flag("say more"),
  ...SEED,
  ...THREADS,
};

const command: Command<typeof options> = {
  name: "try",
  summary: "Try things",
  options,
  examples: ["--input x"],
  run: () => Promise.resolve({}),
};

Deno.test("parseOptions() reads flags, with defaults for the rest", async () => {
  const values = await parseOptions(command, [
    ...["--input", "a b", "--share=0.5", "--loud", "--threads", "2"],
  ]);
  assertEquals(
    [values.input, values.count, values.share, values.size, values.loud],
    ["a b", 3, 0.5, undefined, true],
  );
  assertEquals([values.threads, values.seed, values.json], [2, 42, false]);
});

Deno.test("parseOptions() takes a text that begins with a dash or is empty", async () => {
  const values = await parseOptions(command, ["--input=-x"]);
  assertEquals(values.input, "-x");
});

const MISUSES: [string[], string][] = [
  [[], "try needs --input FILE"],
  [["--input"], "--input needs a value"],
  [["--input", "a", "--input", "b"], "--input is given 2 times"],
  [["--input", "a", "--count", "10"], "--count must be from 1 to 9, not 10"],
  [["--input", "a", "--count", "1.5"], "--count takes a whole number"],
  [["--input", "a", "--share", "x"], "--share takes a number"],
  [["--input", "a", "--size", "huge"], "one of small, large, not"],
  [["--inptu", "a"], "Unknown option --inptu; did you mean --input?"],
  [["--input", "a", "b"], 'Cannot use "b": try takes options only'],
  [["--input", "a", "-x"], "Unknown option --x"],
];

for (const [args, message] of MISUSES) {
  Deno.test(`parseOptions() refuses [${args.join(" ")}]`, async () => {
    await assertRejects(
      () => parseOptions(command, args),
      UsageError,
      message,
    );
  });
}

Deno.test("parseOptions() reads a TOML file, flags winning over it", async () => {
  const config = await Deno.makeTempFile({ suffix: ".toml" });
  await Deno.writeTextFile(
    config,
    'input = "from file"\ncount = 5\nloud = true\n',
  );
  const values = await parseOptions(command, [
    ...["--config", config, "--count", "7"],
  ]);
  assertEquals([values.input, values.count, values.loud], [
    "from file",
    7,
    true,
  ]);
  await Deno.writeTextFile(config, "inptu = 1");
  await assertRejects(
    () => parseOptions(command, ["--config", config]),
    UsageError,
    "did you mean --input?",
  );
  await Deno.writeTextFile(config, "count = ");
  await assertRejects(
    () => parseOptions(command, ["--config", config]),
    Error,
    `Cannot read config "${config}"`,
  );
  await assertRejects(
    () => parseOptions(command, ["--config", `${config}.missing`]),
    Error,
    "no such file or folder",
  );
});

Deno.test("helpOf() shows every option, its default and an example", () => {
  const help = helpOf(command);
  for (const name of Object.keys(options)) {
    assertStringIncludes(help, `--${name}`);
  }
  assertStringIncludes(help, "how many (default: 3)");
  assertStringIncludes(help, "what to read (required)");
  assertStringIncludes(help, "deno task try --input x");
});
