/**
 * The library by its path, from a program that is not in the project: without
 * the project's settings, and with npm as the only registry.
 */

import { assertEquals } from "@std/assert";

const ROOT = new URL("..", import.meta.url).href;

Deno.test("a program outside the project can import all of the library", async () => {
  const { exports } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", ROOT)),
  );
  const paths = Object.values<string>(exports)
    .filter((path) => path !== "./cli.ts");
  const imports = paths.map((path, i) =>
    `import * as room${i} from "${new URL(path, ROOT)}";`
  );
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(
    `${folder}/program.ts`,
    `${imports.join("\n")}
    const rooms = [${paths.map((_, i) => `room${i}`)}];
    if (rooms.some((room) => Object.keys(room).length === 0)) throw new Error();
    const { BPETrainer, openBackend, parseRecipe } = room0;
    // Workers import the library once more.
    const bytes = new TextEncoder().encode("o rio corre\\n");
    const { tokens } = await new BPETrainer()
      .train([{ name: "rio", bytes }], { threads: 2 });
    using backend = await openBackend("cpu", { threads: 2, blas: "none" });
    parseRecipe('sources = [{ name = "a", path = "a" }]');
    console.log(tokens > 0, backend.name);`,
  );
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--check", "--cached-only", "--allow-read", "program.ts"],
    cwd: folder,
    env: { NO_COLOR: "1" },
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  assertEquals(new TextDecoder().decode(stdout), "true cpu\n");
  await Deno.remove(folder, { recursive: true });
});
