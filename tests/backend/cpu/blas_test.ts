import { assert, assertEquals, assertThrows } from "@std/assert";
import { findBlas, openBlas } from "../../../lib/backend/cpu/blas.ts";

const ROOT = new URL("../../../", import.meta.url);

Deno.test("findBlas() tries nothing when told so", () => {
  assertEquals(findBlas("none"), { failures: [] });
});

Deno.test("findBlas() refuses a named library that cannot be used", () => {
  assertThrows(
    () => findBlas("/no/such/library.so"),
    Error,
    'Cannot use the BLAS "/no/such/library.so": ',
  );
});

Deno.test({
  name: "findBlas() says why each library before the found one failed",
  sanitizeResources: false, // a library is never closed
  fn: () => {
    const { blas, failures } = findBlas();
    for (const { path, reason } of failures) {
      assert(path.length > 0 && reason.length > 0);
      assert(!reason.includes("\n"), reason);
    }
    assert(blas !== undefined || failures.length > 0);
  },
});

Deno.test({
  name: "openBlas() refuses a library without cblas_sgemm (needs Linux)",
  ignore: Deno.build.os !== "linux",
  fn: () => {
    assertThrows(() => openBlas("libc.so.6"), Error, "Cannot use the BLAS");
  },
});

Deno.test("CpuBackend.create() does without foreign code where it is not allowed", async () => {
  // It is not disposed of either: that must not keep the process alive.
  const script = `
    import { CpuBackend } from "${new URL(
    "lib/backend/cpu/cpu_backend.ts",
    ROOT,
  )}";
    const backend = await CpuBackend.create({ threads: 2 });
    console.log(backend.description);
    console.log(backend.blas.failures.at(0)?.reason);
  `;
  const url = "data:application/typescript," + encodeURIComponent(script);
  const asked = await Deno.makeTempFile();
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-read=.", url],
    env: { DENO_AUDIT_PERMISSIONS: asked },
    cwd: ROOT,
  }).output();
  const text = new TextDecoder().decode(stdout);
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  assertEquals(text.split("\n"), [
    "cpu: 2 threads, SIMD kernels",
    "no permission for foreign code (--allow-ffi)",
    "",
  ]);
  // On a terminal a person would be asked.
  const questions = (await Deno.readTextFile(asked)).trimEnd().split("\n")
    .map((line) => JSON.parse(line))
    .filter(({ permission }) => permission === "env");
  await Deno.remove(asked);
  assertEquals(questions, []);
});

const openBlasHere = findBlas().blas?.core !== undefined &&
  Deno.build.arch === "x86_64";

Deno.test({
  name: "chooseCore() has OpenBLAS use other kernels (needs it on x86-64)",
  ignore: !openBlasHere,
  fn: async () => {
    // A process of its own: the library looks once, when it is opened.
    const coreOf = async (core: string, permission: string) => {
      const path = new URL("lib/backend/cpu/blas.ts", ROOT);
      const script = `
        import { chooseCore, findBlas } from "${path}";
        try {
          chooseCore("${core}");
          console.log(findBlas().blas.core);
        } catch (error) {
          console.log(error.message);
        }
      `;
      const url = "data:application/typescript," + encodeURIComponent(script);
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-prompt", "--allow-ffi", permission, url],
        cwd: ROOT,
        env: { OPENBLAS_CORETYPE: "Nehalem" },
      }).output();
      return new TextDecoder().decode(stdout).trimEnd();
    };
    const allowed = "--allow-env=OPENBLAS_CORETYPE";
    assertEquals(await coreOf("Core2", allowed), "Core2");
    assert(await coreOf("auto", allowed) !== "Nehalem");
    assertEquals(
      await coreOf("auto", "--allow-read=."),
      "Cannot choose OpenBLAS's kernels: no permission to set OPENBLAS_CORETYPE (--allow-env=OPENBLAS_CORETYPE)",
    );
  },
});
