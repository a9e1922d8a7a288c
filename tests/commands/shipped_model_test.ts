import { assertEquals, assertStringIncludes } from "@std/assert";
import { SHIPPED_MODEL } from "../../lib/commands/shared/model_files.ts";
import { rootOf } from "../../lib/commands/shared/project_files.ts";

const CLI = new URL("../../cli.ts", import.meta.url).pathname;

/** Runs the program in a folder that is not the project's. */
async function elsewhere(args: readonly string[]) {
  const folder = await Deno.makeTempDir();
  try {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", CLI, ...args],
      cwd: folder,
      env: { NO_COLOR: "1", LC_ALL: "en_US.UTF-8" },
      stdin: "null",
    }).output();
    const [said, told] = [stdout, stderr]
      .map((bytes) => new TextDecoder().decode(bytes));
    return { code, said, told };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("generate without a model takes the one that ships, and says so", async () => {
  const engine = ["--backend", "cpu", "--threads", "1", "--blas", "none"];
  const { code, said, told } = await elsewhere([
    ...["generate", "--prompt", "Era uma vez", "--max-tokens", "8"],
    ...engine,
  ]);
  assertEquals(code, 0, told);
  assertStringIncludes(said, "Era uma vez");
  assertStringIncludes(told, `No --model given: this is ${SHIPPED_MODEL}`);
});

Deno.test("rootOf() finds what came with the program, and nothing else", async () => {
  assertEquals(await rootOf("configs/recipes"), ".");
  assertEquals(await rootOf("configs/none"), undefined);
});
