/**
 * Lets something befall a program at one of the operations with which it changes
 * files: for `deno run --preload`, so that the program itself is as it is. What
 * it is says the variable `PTBR_SLM_TEST_AT`:
 *
 * - `count`: how many operations there were is told at the end.
 * - `kill:7`: the seventh kills the process, in the middle of it if it writes.
 * - `stop:7`: the process is stopped before the seventh, until it is continued.
 * - `full:7`: from the seventh on the disk is full. A write has begun then.
 * - `read-only:7`: from the seventh on nothing can be written.
 *
 * @module
 */

const [event, number] = (Deno.env.get("PTBR_SLM_TEST_AT") ?? "").split(":");
const wanted = Number(number);
let operations = 0;

/** What is said before the process is stopped. */
const STOPPED = "stopped\n";

/** What the system says, with the numbers of Linux. */
const REFUSALS: Record<string, string> = {
  full: "No space left on device (os error 28)",
  "read-only": "Read-only file system (os error 30)",
};

/**
 * Lets happen what shall happen.
 *
 * @param needsRoom Whether a full disk refuses the operation.
 * @param half Does half of it, where that can be.
 */
function operate(needsRoom: boolean, half: () => void = () => {}): void {
  const refusal = REFUSALS[event];
  if (refusal !== undefined && event === "full" && !needsRoom) return;
  operations++;
  if (refusal !== undefined && operations >= wanted) {
    if (operations === wanted && event === "full") half();
    throw new Error(refusal);
  }
  if (operations !== wanted) return;
  if (event === "kill") {
    half();
    Deno.kill(Deno.pid, "SIGKILL");
  }
  if (event === "stop") {
    Deno.stderr.writeSync(new TextEncoder().encode(STOPPED));
    Deno.kill(Deno.pid, "SIGSTOP");
  }
}

type Bytes = Uint8Array<ArrayBuffer>;
const file = Deno.FsFile.prototype;
const { write, writeSync, sync, truncate } = file;

file.write = async function (bytes) {
  operate(
    true,
    () => writeSync.call(this, bytes.subarray(0, bytes.length / 2)),
  );
  return await write.call(this, bytes);
};
file.writeSync = function (bytes) {
  operate(
    true,
    () => writeSync.call(this, bytes.subarray(0, bytes.length / 2)),
  );
  return writeSync.call(this, bytes);
};
file.sync = async function () {
  operate(false);
  await sync.call(this);
};
file.truncate = async function (length) {
  operate(false);
  await truncate.call(this, length);
};

function isThere(path: string | URL): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

const { open, rename, remove, mkdir, writeFile, writeTextFile } = Deno;
const { writeFileSync } = Deno;

Deno.open = async (path, options) => {
  if (options?.write || options?.append) operate(options.create ?? false);
  return await open(path, options);
};
Deno.rename = async (from, to) => {
  operate(false);
  await rename(from, to);
};
Deno.remove = async (path, options) => {
  operate(false);
  await remove(path, options);
};
Deno.mkdir = async (path, options) => {
  operate(!isThere(path)); // what is there takes no room
  await mkdir(path, options);
};
Deno.writeFile = async (path, data, options) => {
  const bytes = data as Bytes;
  const half = bytes.subarray(0, bytes.length / 2);
  operate(true, () => writeFileSync(path, half, options));
  await writeFile(path, data, options);
};
Deno.writeTextFile = async (path, data, options) => {
  const text = data as string, half = text.slice(0, text.length / 2);
  operate(
    true,
    () => writeFileSync(path, new TextEncoder().encode(half), options),
  );
  await writeTextFile(path, data, options);
};

if (event === "count") {
  globalThis.addEventListener("unload", () => {
    console.error(`operations: ${operations}`);
  });
}
