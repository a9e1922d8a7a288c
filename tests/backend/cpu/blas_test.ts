import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  baseAddress,
  chooseCore,
  findBlas,
  openBlas,
} from "../../../lib/backend/cpu/blas.ts";
import {
  type Blas,
  type Product,
  sgemm,
  sgemv,
} from "../../../lib/backend/cpu/blas_calls.ts";
import { environmentPlaces } from "../../../lib/backend/cpu/blas_places.ts";
import { CpuBackend } from "../../../lib/backend/cpu/cpu_backend.ts";
import { DENO_HOST } from "../../../lib/backend/cpu/deno_host.ts";

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

/** The sources of the backend. */
const FOLDER = new URL("lib/backend/cpu/", ROOT);

Deno.test("CpuBackend.create() does without foreign code where it is not allowed", async () => {
  // It is not disposed of either: that must not keep the process alive.
  const script = `
    import { CpuBackend } from "${new URL("cpu_backend.ts", FOLDER)}";
    import { DENO_HOST } from "${new URL("deno_host.ts", FOLDER)}";
    const backend = await CpuBackend.create({ threads: 2, host: DENO_HOST });
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

/** A library of each kind that is here: the system's, and packages'. */
const here = [findBlas(), ...packages()].map(({ blas }) => blas)
  .filter((blas) => blas !== undefined)
  .filter((blas, i, all) =>
    all.findIndex(({ path }) => path === blas.path) === i
  );

function packages() {
  return [...environmentPlaces()].map((place) => findBlas("auto", [place]));
}

const nameOf = ({ library, owner }: Blas) =>
  owner === undefined ? library : `${library} of ${owner}`;

Deno.test({
  name:
    "environmentPlaces() finds a BLAS that works (needs numpy, scipy or conda)",
  ignore: [...environmentPlaces()].length === 0,
  sanitizeResources: false, // a library is never closed
  fn: () => assert(packages().some(({ blas }) => blas !== undefined)),
});

for (const blas of here) {
  Deno.test({
    name: `sgemm() and sgemv() compute what they should: ${nameOf(blas)}`,
    fn: () => {
      const memory = new WebAssembly.Memory({
        initial: 1,
        maximum: 1,
        shared: true,
      });
      const values = new Float32Array(memory.buffer);
      const base = baseAddress(memory);
      const [m, k, n] = [5, 3, 4], [lda, ldb, ldc] = [7, 6, 9];
      const [a, b, c] = [1000, 2000, 3000];
      for (const transposeA of [false, true]) {
        for (const transposeB of [false, true]) {
          for (const accumulate of [false, true]) {
            values.forEach((_, i) => values[i] = i % 11 - 5);
            const expected = values.slice();
            for (let i = 0; i < m; i++) {
              for (let j = 0; j < n; j++) {
                let sum = accumulate ? values[c + i * ldc + j] : 0;
                for (let p = 0; p < k; p++) {
                  sum += values[a + (transposeA ? p * lda + i : i * lda + p)] *
                    values[b + (transposeB ? j * ldb + p : p * ldb + j)];
                }
                expected[c + i * ldc + j] = sum;
              }
            }
            const product: Product = {
              ...{ m, k, n, lda, ldb, ldc, transposeA, transposeB, accumulate },
              ...{ a: 4 * a, b: 4 * b, c: 4 * c },
            };
            sgemm(blas, base, product);
            // Nothing else was written, as with wrong integers.
            assertEquals(values, expected);
          }
        }
      }
      const expected = values.slice();
      for (let i = 0; i < m; i++) {
        for (let p = 0; p < k; p++) {
          expected[c + i] += values[a + i * k + p] * values[b + p];
        }
      }
      sgemv(blas, m, k, base + 4 * c, base + 4 * a, base + 4 * b);
      assertEquals(values, expected);
    },
  });

  Deno.test({
    name: `CpuBackend computes on its threads with ${nameOf(blas)}`,
    sanitizeResources: false,
    fn: async () => {
      const shape = { m: 130, k: 300, n: 520 };
      const { m, k, n } = shape;
      const results: Float32Array[] = [];
      for (
        const [threads, choice] of [[1, "none"], [1, blas.path], [
          3,
          blas.path,
        ]] as const
      ) {
        using backend = await CpuBackend.create({
          threads,
          blas: choice,
          host: DENO_HOST,
        });
        const [a, b, c] = [m * k, k * n, m * n].map((size) =>
          backend.alloc(size)
        );
        backend.write(
          a,
          Float32Array.from({ length: m * k }, (_, i) => Math.sin(i)),
        );
        backend.write(
          b,
          Float32Array.from({ length: k * n }, (_, i) => Math.cos(3 * i)),
        );
        backend.matmul(c, a, b, shape);
        results.push(await backend.read(c));
      }
      const [simd, one, three] = results;
      assertEquals(one, three, "a result depends on the number of threads");
      one.forEach((value, i) => assertAlmostEquals(value, simd[i], 1e-4));
    },
  });
}

Deno.test({
  name: "chooseCore() refuses a name that OpenBLAS does not know",
  ignore: !["x86_64", "aarch64"].includes(Deno.build.arch),
  fn: () => {
    for (const core of ["Nonsense", "", "Haswel"]) {
      const error = assertThrows(() => chooseCore(core), RangeError);
      assertStringIncludes(
        error.message,
        `Cannot choose OpenBLAS's kernels: it knows no "${core}", but auto, `,
      );
    }
  },
});

for (const blas of here) {
  Deno.test({
    name: `chooseCore() has other kernels used (needs OpenBLAS on x86-64): ${
      nameOf(blas)
    }`,
    ignore: blas.core === undefined || Deno.build.arch !== "x86_64",
    fn: async () => {
      // A process of its own: the library looks once, when it is opened.
      const coreOf = async (core: string, permission: string) => {
        const path = new URL("lib/backend/cpu/blas.ts", ROOT);
        const script = `
          import { chooseCore, openBlas } from "${path}";
          try {
            chooseCore("${core}");
            console.log(openBlas(${JSON.stringify(blas.path)}).core);
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
      assertEquals(await coreOf("Sandybridge", allowed), "Sandybridge");
      assert(await coreOf("auto", allowed) !== "Nehalem");
      assertEquals(
        await coreOf("auto", "--allow-read=."),
        "Cannot choose OpenBLAS's kernels: no permission to set OPENBLAS_CORETYPE (--allow-env=OPENBLAS_CORETYPE)",
      );
    },
  });
}

Deno.test({
  name:
    "findBlas() takes kernels for any processor only where there are no others (needs OpenBLAS on x86-64)",
  ignore: here.filter(({ core }) => core !== undefined).length < 2 ||
    Deno.build.arch !== "x86_64",
  fn: async () => {
    const [first, second] = here.filter(({ core }) => core !== undefined);
    const module = new URL("lib/backend/cpu/blas.ts", ROOT);
    // Each library looks at the variable when it is opened.
    const script = `
      import { chooseCore, findBlas, openBlas } from "${module}";
      const [first, second] = ${JSON.stringify([first.path, second.path])};
      chooseCore("Prescott");
      openBlas(first);
      const alone = findBlas("auto", [{ path: first }]);
      chooseCore("Sandybridge");
      const { blas, failures } = findBlas("auto", [
        { path: first },
        { path: second, owner: "numpy" },
      ]);
      console.log(JSON.stringify([alone.blas.core, alone.failures, blas, failures]));
    `;
    const url = "data:application/typescript," + encodeURIComponent(script);
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-prompt", "--allow-ffi"],
        ...["--allow-env=OPENBLAS_CORETYPE", url],
      ],
      cwd: ROOT,
    }).output();
    const [core, ...rest] = JSON.parse(new TextDecoder().decode(stdout));
    assert(core === "Prescott" || core === "Katmai", core);
    assertEquals(rest, [
      [],
      {
        path: second.path,
        library: "OpenBLAS",
        core: "Sandybridge",
        owner: "numpy",
      },
      [{
        path: first.path,
        reason: "it has no kernels for this processor",
      }],
    ]);
  },
});
