/** What `deploy` says agrees with the program. */

import { assert, assertEquals } from "@std/assert";

const read = (path: string) => Deno.readTextFile(`deploy/${path}`);
const { tasks, version } = JSON.parse(await Deno.readTextFile("deno.json"));

/** Where the server says what it measures. */
const METRICS = "lib/serve/http/metrics.ts";
const hasServer = await Deno.stat(METRICS).then(() => true, () => false);

/** What `deno run` may, as it is written for the server. */
function permissionsIn(text: string): string[] {
  return [...text.matchAll(/--allow-\w+(?:=[^\s"]+)?/g)].map(([flag]) => flag);
}

Deno.test({
  name: "the server is allowed elsewhere what its task allows, and no more",
  ignore: !hasServer,
  fn: async () => {
    const own = permissionsIn(tasks.serve.command);
    assert(own.length >= 5);
    const [, entry] = /^ENTRYPOINT (.*)$/m.exec(await read("Dockerfile"))!;
    const [, start] = /^ExecStart=(.*)$/m.exec(
      await read("ptbr-slm.service"),
    )!;
    const page = await Deno.readTextFile("docs/deployment.md");
    const [, line] = /(deno run[^]*?)```/.exec(page)!;
    for (const text of [entry, start, line]) {
      // Which address is listened on differs.
      const plain = (flags: string[]) =>
        flags.map((flag) => flag.replace(/net=.*/, "net")).toSorted();
      assertEquals(plain(permissionsIn(text)), plain(own));
      assert(/--allow-net=[\d.]+:8080/.test(text), text);
    }
  },
});

Deno.test({
  name: "the panel shows what the server measures",
  ignore: !hasServer,
  fn: async () => {
    const source = await Deno.readTextFile(METRICS);
    const measured = new Set(
      [...source.matchAll(/"(\w+:\w+)"/g)].map(([, name]) => name),
    );
    const { panels, templating } = JSON.parse(
      await read("grafana/dashboards/ptbr-slm.json"),
    );
    const asked = JSON.stringify([panels, templating]);
    const names = [...asked.matchAll(/\b(?:vllm|llamacpp|ptbr_slm):\w+/g)]
      .map(([name]) => name.replace(/_(?:bucket|sum|count)$/, ""));
    assert(names.length >= 15);
    for (const name of names) assert(measured.has(name), name);
  },
});

Deno.test("the image is made of what its build is given", async () => {
  const lines = (await read("Dockerfile.dockerignore")).split("\n");
  const given = lines.filter((line) => line.startsWith("!"))
    .map((line) => line.slice(1));
  for (const path of given) await Deno.stat(path);
  const { "dist/ptbr-slm.js": _, ...copied } = Object.fromEntries(
    [...(await read("Dockerfile")).matchAll(/\/build\/(\S+)/g)]
      .map(([, path]) => [path, true]),
  );
  assertEquals(Object.keys(copied), ["deploy/healthy.js"]);
  assert(given.includes("deploy/healthy.js"));
  assert(tasks.bundle.command.includes(" --output dist/ptbr-slm.js "));
});

Deno.test("images have the program's version, and Deno's that it is tried with", async () => {
  assert((await read("kubernetes.yaml")).includes(`ptbr-slm:${version}\n`));
  const [, deno] = /DENO_VERSION=(\S+)/.exec(await read("Dockerfile"))!;
  assert(/^2\.\d+\.\d+$/.test(deno));
});

Deno.test("healthy.js tells by its exit code whether the server answers", async () => {
  let status = 200;
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) =>
      new Response(null, {
        status: new URL(request.url).pathname === "/health" ? status : 404,
      }),
  );
  const { port } = server.addr;
  const exitCode = async () => {
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        `--allow-net=127.0.0.1:${port}`,
        "deploy/healthy.js",
        String(port),
      ],
      stdout: "null",
      stderr: "null",
    }).output();
    return code;
  };
  assertEquals(await exitCode(), 0);
  status = 503;
  assertEquals(await exitCode(), 1);
  await server.shutdown();
  assertEquals(await exitCode(), 1);
});
