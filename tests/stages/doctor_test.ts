import { assert, assertEquals, assertRejects } from "@std/assert";
import { inspectMachine } from "../../lib/stages/doctor.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test({
  name: "inspectMachine() says what is there, part by part",
  sanitizeResources: false, // a BLAS is never closed
  fn: async () => {
    const steps: string[] = [];
    const report = await inspectMachine({
      backend: "cpu",
      threads: 1,
      onProgress: ({ step, done, total }) => {
        steps.push(step);
        assert(done < total);
      },
    });
    assertEquals(steps, ["blas", "cpu", "gpu", "backend", "sizes"]);
    const { blas, cpu, sizes, backend } = report;
    assertEquals(backend, cpu.description);
    assert(cpu.gflops > 0);
    assertEquals(blas.advice === undefined, blas.found !== undefined);
    const seen = [blas.found, ...blas.rejected, ...blas.others]
      .map((each) => each?.path);
    assertEquals(new Set(seen).size, seen.length);
    // The README's table.
    const published = [0.55e9, 0.95e9, 3.3e9];
    sizes.forEach(({ memory }, i) => {
      assert(Math.abs(memory / published[i] - 1) < 0.1, `${memory}`);
    });
    assertEquals(sizes.map(({ recompute }) => recompute), [false, false, true]);
  },
});

Deno.test("inspectMachine() ends when it is told to", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  await assertRejects(() => inspectMachine({ signal }), Error, "enough");
});

Deno.test("inspectMachine() asks for nothing, and does with what is allowed", async () => {
  const script = `
    import { inspectMachine } from "${new URL("lib/stages/doctor.ts", ROOT)}";
    const { blas, cpu, memory } = await inspectMachine({ threads: 1 });
    console.log(JSON.stringify([blas, cpu.description, memory === undefined]));
  `;
  const url = "data:application/typescript," + encodeURIComponent(script);
  const audit = await Deno.makeTempFile();
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--config=deno.json", "--allow-read=.", url],
    env: { DENO_AUDIT_PERMISSIONS: audit, XDG_RUNTIME_DIR: "/var/empty" },
    cwd: ROOT,
  }).output();
  assertEquals(JSON.parse(new TextDecoder().decode(stdout)), [
    {
      rejected: [{
        path: Deno.build.os === "darwin"
          ? "/System/Library/Frameworks/Accelerate.framework/Accelerate"
          : `libopenblas.${Deno.build.os === "linux" ? "so.0" : "dll"}`,
        reason: "no permission for foreign code (--allow-ffi)",
      }],
      others: [],
    },
    "cpu: 1 thread, SIMD kernels",
    true,
  ]);
  const asked = (await Deno.readTextFile(audit)).trimEnd().split("\n")
    .map((line) => JSON.parse(line))
    .filter(({ permission, value }) =>
      // Whether the system shows a GPU is looked at where it may be.
      permission !== "read" ||
      !value.startsWith(ROOT.pathname) && !value.startsWith("/dev/")
    );
  assertEquals(asked, []);
});

Deno.test({
  name: "doctor has no driver complain where there is no desktop (needs Linux)",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const { tasks } = JSON.parse(await Deno.readTextFile("deno.json"));
    const [, ...args] = tasks.doctor.command.split(" ");
    const { XDG_RUNTIME_DIR: _, ...env } = Deno.env.toObject();
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...args, "--quiet"],
      env: { ...env, NO_COLOR: "1" },
      clearEnv: true,
      cwd: ROOT,
    }).output();
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  },
});
