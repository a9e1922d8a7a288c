import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  type Command,
  helpOf,
  inColumns,
} from "../../../lib/commands/shared/command.ts";
import {
  choice,
  decimal,
  flag,
  integer,
  requiredText,
  SEED,
  text,
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
  title: text("TEXT", "above it", { mayBeEmpty: true }),
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
  for (
    const [said, title] of [
      [["--title=-x"], "-x"],
      [["--title", "-x"], "-x"],
      [["--title", "- a item"], "- a item"],
      [["--title", "-- a item"], "-- a item"],
      [["--title", "-"], "-"],
      [["--title=--input"], "--input"],
      [["--title=a=b"], "a=b"],
      [["--title", ""], ""],
      [["--title="], ""],
      [[], undefined],
    ] as const
  ) {
    const values = await parseOptions(command, ["--input", "a", ...said]);
    assertEquals(values.title, title, said.join(" "));
  }
});

Deno.test("parseOptions() takes a yes twice, and a no over the file's yes", async () => {
  const input = ["--input", "a"];
  const twice = await parseOptions(command, [...input, "--loud", "--loud"]);
  assertEquals(twice.loud, true);
  const no = await parseOptions(command, [...input, "--loud=false"]);
  assertEquals(no.loud, false);
});

Deno.test("parseOptions() sees a wish for help before anything else", async () => {
  for (
    const args of [
      ["-h"],
      ["--bad", "--help"],
      ["--input", "-h"],
      ["--count", "x", "-h"],
    ]
  ) {
    assertEquals((await parseOptions(command, args)).help, true);
  }
});

Deno.test("parseOptions() takes one name where the command has a place for it", async () => {
  const named = { ...command, positional: "input" };
  assertEquals((await parseOptions(named, ["--loud", "a"])).input, "a");
  assertEquals((await parseOptions(named, ["--", "--a"])).input, "--a");
  await assertRejects(
    () => parseOptions(named, ["a", "b"]),
    UsageError,
    'Cannot use "b": try takes one name and options',
  );
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
  [["--input", "a", "-x"], `Unknown option "-x"`],
  [["--input", "a", "-1"], 'Cannot use "-1": try takes options only'],
  [["--input", ""], "--input needs a value"],
  [["--input", "--loud"], "--input needs a value; if --loud is meant, write"],
  [["--input", "a", "--share", "-1"], "--share must be from 0 to 1, not -1"],
  [["--input", "a", "--seed", "-1"], "--seed must be from 0 to 4294967295"],
  [["--input", "a", "--loud=yes"], "--loud takes no value"],
  [["--input", "a", "--loud="], "--loud takes no value"],
  [["--input", "a", "--no-loud"], "Unknown option --no-loud"],
  [["--input", "a", "--toString", "1"], "Unknown option --toString"],
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

Deno.test("parseOptions() lets a TOML file name no path outside and no library", async () => {
  const engine = {
    ...command,
    options: {
      ...options,
      output: text("FOLDER", "where to"),
      data: text("FOLDER", "what of"),
      blas: text("auto|none|PATH", "what multiplies"),
    },
  };
  const config = await Deno.makeTempFile({ suffix: ".toml" });
  const parse = async (toml: string, ...args: string[]) => {
    await Deno.writeTextFile(config, toml);
    return await parseOptions(engine, [
      ...["--config", config, "--input=a"],
      ...args,
    ]);
  };
  const { output, data, blas } = await parse(
    `output = "a/../b"\ndata = "a=1,${Deno.cwd()}/b=2"\nblas = "none"`,
  );
  assertEquals([output, data, blas], [
    "a/../b",
    `a=1,${Deno.cwd()}/b=2`,
    "none",
  ]);
  const refused: [string, string][] = [
    ['output = "/tmp/x"', "--output leads out of the working folder"],
    ['output = ".."', "--output leads out"],
    ['data = "a=1,../b=2"', "--data leads out"],
    ['blas = "libblas.so"', "--blas is auto or none in a file"],
    ["allow_outside = true", "--allow-outside is for the command line only"],
    ['config = "other.toml"', "--config is for the command line only"],
    ["help = true", "--help is for the command line only"],
    ["version = true", "--version is for the command line only"],
    ["data = 2024-01-02", "--data takes no date or time; text stands in"],
    ["data = 07:32:00", "--data takes no date or time"],
    ["data = 1979-05-27T07:32:00Z", "--data takes no date or time"],
    ['data = ["a", "b"]', "--data takes one value, no list or table"],
    ["[data]\na = 1", "--data takes one value, no list or table"],
  ];
  for (const [toml, message] of refused) {
    await assertRejects(() => parse(toml), UsageError, message);
  }
  const free = await parse('output = "/tmp/x"', "--allow-outside");
  assertEquals(free.output, "/tmp/x");
  await assertRejects(
    () => parse('blas = "./libblas.so"', "--allow-outside"),
    UsageError,
    "named on the command line only",
  );
  const own = await parse("", "--output=/tmp/y", "--blas=/lib/libblas.so");
  assertEquals([own.output, own.blas], ["/tmp/y", "/lib/libblas.so"]);
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

Deno.test("helpOf() keeps to the width of the terminal", () => {
  for (const width of [40, 80, 100]) {
    const [described] = helpOf(command, width).split("Examples:");
    for (const line of described.split("\n")) {
      assert(line.length <= width, `${width}: ${line}`);
    }
  }
});

Deno.test("inColumns() gives a long name a line of its own", () => {
  assertEquals(inColumns([["a", "b c d"], ["a-long-name", "e"]], 20), [
    "a         b c d",
    "a-long-name",
    "          e",
  ]);
});
