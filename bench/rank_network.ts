/**
 * Two ranks that a network of 1 Gbit/s connects: seconds a step with the limit
 * and without, in turn, and the bytes that a step sends beside those that
 * `docs/cluster.md` reckons. Each rank is in a network namespace of its own, on
 * one machine; `tc` limits the link between them (tbf; no delay).
 *
 * ```
 * sudo deno run --allow-all bench/rank_network.ts DATASET [SIZE]
 * ```
 *
 * Needs Linux, root, `ip`, `tc`, `mpirun.openmpi` and a dataset that `tokenize`
 * wrote.
 *
 * @module
 */

const [data, size = "micro"] = Deno.args;
const ROUNDS = 5, FEW = 2, MANY = 6;
const id = `ranks${Deno.pid}`, link = `v${Deno.pid}`;
const spaces = [`${id}a`, `${id}b`];
const folder = await Deno.makeTempDir();

async function sh(program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    env: { NO_COLOR: "1", LC_ALL: "C" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (code !== 0) throw new Error(`${program}: ${text(stderr)}`);
  return text(stdout);
}

const inside = (space: string, ...args: string[]) =>
  sh("ip", "netns", "exec", space, ...args);

async function connect(): Promise<void> {
  for (const space of spaces) await sh("ip", "netns", "add", space);
  await sh("ip", ...[
    ...["link", "add", `${link}0`, "netns", spaces[0], "type", "veth"],
    ...["peer", "name", `${link}1`, "netns", spaces[1]],
  ]);
  for (const [i, space] of spaces.entries()) {
    const address = `10.99.0.${i + 1}/24`;
    await inside(space, "ip", "addr", "add", address, "dev", `${link}${i}`);
    await inside(space, "ip", "link", "set", `${link}${i}`, "up");
    await inside(space, "ip", "link", "set", "lo", "up");
  }
  // What Open MPI starts the other machine's processes by.
  const agent = `#!/bin/sh\nshift\nexec ip netns exec ${
    spaces[1]
  } sh -c "$*"\n`;
  await Deno.writeTextFile(`${folder}/agent`, agent, { mode: 0o755 });
}

async function limit(isLimited: boolean): Promise<void> {
  const tbf = ["tbf", "rate", "1gbit", "burst", "256kb", "latency", "50ms"];
  for (const [i, space] of spaces.entries()) {
    const line = ["qdisc", isLimited ? "add" : "del", "dev", `${link}${i}`];
    await inside(space, "tc", ...line, "root", ...isLimited ? tbf : []);
  }
}

/** Bytes that the first rank's machine has sent so far. */
async function sent(): Promise<number> {
  const line = ["-j", "-s", "link", "show", `${link}0`];
  const [{ stats64 }] = JSON.parse(await inside(spaces[0], "ip", ...line));
  return stats64.tx.bytes;
}

interface Measured {
  readonly tokensPerSecond: number;
  readonly parameters: number;
  readonly bytes: number;
}

async function train(steps: number): Promise<Measured> {
  const before = await sent(), output = `${folder}/run`;
  const stdout = await inside(spaces[0], "mpirun.openmpi", ...[
    ...["--allow-run-as-root", "--bind-to", "none"],
    ...["-H", "10.99.0.1,10.99.0.2", "--mca", "btl", "tcp,self"],
    ...["--mca", "plm_rsh_agent", `${folder}/agent`],
    ...["-wdir", Deno.cwd(), "-n", "2", Deno.execPath(), "run", "--no-check"],
    ...["--allow-all", "cli.ts", "train", "--data", data, "--output", output],
    ...["--model-size", size, "--max-steps", `${steps}`, "--batch-size", "1"],
    ...["--grad-accum", "2", "--grad-parts", "2", "--threads", "1"],
    ...["--backend", "cpu", "--eval-every", "1000", "--sample-every", "never"],
    ...["--json", "--quiet"],
  ]);
  await Deno.remove(output, { recursive: true });
  const last = JSON.parse(stdout.trim().split("\n").at(-1)!);
  return { ...last, bytes: await sent() - before };
}

try {
  await connect();
  const few = await train(FEW), many = await train(MANY);
  const bytes = (many.bytes - few.bytes) / (MANY - FEW);
  const reckoned = 8 * many.parameters / 2;
  console.log(
    `${many.parameters} values, ${(bytes / 1e6).toFixed(2)} MB a rank and ` +
      `step, reckoned ${(reckoned / 1e6).toFixed(2)}`,
  );
  const ratios: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const free = await train(FEW);
    await limit(true);
    const limited = await train(FEW);
    await limit(false);
    ratios.push(limited.tokensPerSecond / free.tokensPerSecond);
    console.log(
      `round ${round}: ${free.tokensPerSecond.toFixed(0)} tokens/s, at ` +
        `1 Gbit/s ${limited.tokensPerSecond.toFixed(0)}, ratio ` +
        ratios.at(-1)!.toFixed(3),
    );
  }
  const [median] = ratios.toSorted((a, b) => a - b).slice(ROUNDS >> 1);
  console.log(`median ratio ${median.toFixed(3)}`);
} finally {
  for (const space of spaces) {
    await sh("ip", "netns", "del", space).catch(() => {});
  }
  await Deno.remove(folder, { recursive: true });
}
