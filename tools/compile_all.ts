/**
 * Compiles the program for every system that Deno compiles for, as the task
 * `compile` does for this one. Deno brings each system's runtime itself.
 *
 *     deno task compile-all
 *
 * @module
 */

/** The systems, by Deno's names. */
export const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
] as const;

/** Where executables go. */
const FOLDER = "dist";

/**
 * What the task `compile` runs, for another system.
 *
 * @param command The task's command, without quotes or variables.
 * @param target The system.
 * @returns The arguments for `deno`, and the file that they make.
 */
export function compilation(
  command: string,
  target: string,
): { readonly args: readonly string[]; readonly output: string } {
  const [program, ...args] = command.split(" ");
  const at = args.indexOf("--output");
  if (program !== "deno" || at < 0) {
    throw new SyntaxError(`Cannot compile for ${target}: ${command}`);
  }
  const suffix = target.includes("windows") ? ".exe" : "";
  const output = `${FOLDER}/ptbr-slm-${target}${suffix}`;
  const whole = args.with(at + 1, output);
  return { args: whole.toSpliced(at, 0, "--target", target), output };
}

/** Compiles for all; goes on after a failure, which is told at the end. */
async function main(): Promise<number> {
  const { tasks } = JSON.parse(await Deno.readTextFile("deno.json"));
  await Deno.mkdir(FOLDER, { recursive: true });
  const failed: string[] = [];
  for (const target of TARGETS) {
    const { args, output } = compilation(tasks.compile.command, target);
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: [...args],
    })
      .spawn()
      .status;
    if (code !== 0) failed.push(target);
    else {
      const { size } = await Deno.stat(output);
      console.log(`${output}: ${(size / 1e6).toFixed(1)} MB`);
    }
  }
  if (failed.length === 0) return 0;
  console.error(`error: Cannot compile for ${failed.join(", ")}`);
  return 1;
}

if (import.meta.main) Deno.exit(await main());
