/**
 * The launchers of MPI that this machine has, for tests that are to run under
 * them. Debian calls them by their makers beside `mpirun` itself.
 */

/** A launcher, and what its makers call it. */
export interface Launcher {
  readonly name: "Open MPI" | "MPICH";
  readonly program: string;
  /** What it needs, to start more ranks than there are cores, as any user. */
  readonly flags: readonly string[];
}

const KNOWN: readonly Launcher[] = [
  {
    name: "Open MPI",
    program: "mpirun.openmpi",
    flags: ["--allow-run-as-root", "--oversubscribe"],
  },
  { name: "MPICH", program: "mpirun.mpich", flags: [] },
];

const isLong = Deno.env.has("PTBR_SLM_TEST_LONG");

/** Those that are there: the first, and all of them in the long tests. */
export const launchers: readonly Launcher[] = KNOWN
  .filter(({ program }) =>
    (Deno.env.get("PATH") ?? "").split(":").some((folder) =>
      isFile(`${folder}/${program}`)
    )
  ).slice(0, isLong ? undefined : 1);

/** Why tests under a launcher are left out, where none is there. */
export const skipped = launchers.length === 0
  ? " (skipped: no mpirun.openmpi or mpirun.mpich; openmpi-bin has one)"
  : "";

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** What ranks have done. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

/**
 * Runs Deno as ranks.
 *
 * @param launcher By whom.
 * @param ranks How many.
 * @param args Of Deno.
 */
export async function mpirun(
  { program, flags }: Launcher,
  ranks: number,
  args: readonly string[],
): Promise<Ran> {
  const begun = performance.now();
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...flags, "-n", `${ranks}`, Deno.execPath(), ...args],
    env: { NO_COLOR: "1", LC_ALL: "C" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return {
    code,
    stdout: text(stdout),
    stderr: text(stderr),
    seconds: (performance.now() - begun) / 1000,
  };
}
