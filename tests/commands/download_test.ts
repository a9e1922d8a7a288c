import { assertEquals, assertStringIncludes } from "@std/assert";
import { DumpServer, sha1 } from "../corpus/download/dump_server.ts";
import { HubServer } from "../corpus/download/hub_server.ts";
import { reads, refuses, start, succeeds, withFiles } from "./run_cli.ts";

const BODY = new TextEncoder().encode("BZh9 " + "um dump ".repeat(50_000));

function withServer(
  work: (server: DumpServer, folder: string) => Promise<void>,
): Promise<void> {
  return withFiles({}, async (folder) => {
    await using server = new DumpServer({
      body: BODY,
      etag: '"1"',
      files: { "/ptwiki/": '<a href="20260101/">20260101/</a>' },
    });
    await work(server, folder);
  });
}

Deno.test("download gets the latest dump and checks it", () =>
  withServer(async (server, folder) => {
    const { stdout, result } = await succeeds(
      ["download", "ptwiki", "--mirror", `${server.base}/`],
      ["--output", `${folder}/`, "--json"],
    );
    const { seconds: _, ...rest } = result;
    assertEquals(rest, {
      complete: true,
      wiki: "ptwiki",
      date: "20260101",
      url: `${server.base}/ptwiki/20260101/${server.name}`,
      sha1: sha1(BODY),
      bytes: BODY.length,
      resumedAt: 0,
      restarts: 0,
      failures: 0,
      wasThere: false,
      output: `${folder}/${server.name}`,
    });
    assertStringIncludes(
      stdout,
      "0.4 MB, dump of 20260101, SHA-1 ",
    );
    assertEquals(await Deno.readFile(`${folder}/${server.name}`), BODY);
    assertEquals(await reads(folder), [server.name]);
  }));

Deno.test("download killed in the middle goes on when started again", () =>
  withServer(async (server, folder) => {
    server.behaviour.stall = { after: 100_000, times: 1 };
    const args = [
      ["download", "--wiki", "ptwiki", "--date", "20260101"],
      ["--mirror", server.base, "--output", folder, "--json"],
    ];
    const child = start(...args);
    const part = `${folder}/${server.name}.part`;
    for (let i = 0; i < 200; i++) {
      const size = await Deno.stat(part).then(({ size }) => size, () => 0);
      if (size === 100_000) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill("SIGKILL");
    await child.output();
    assertEquals(await reads(folder), [
      `${server.name}.part`,
      `${server.name}.part.json`,
    ]);
    const { result, stdout } = await succeeds(...args);
    assertEquals(result.resumedAt, 100_000);
    assertStringIncludes(stdout, "continued after 0.1 MB of an earlier run");
    assertEquals(await Deno.readFile(`${folder}/${server.name}`), BODY);
  }));

Deno.test("download ends in good order when it is interrupted", () =>
  withServer(async (server, folder) => {
    server.behaviour.stall = { after: 100_000, times: 1 };
    const args = ["download", "ptwiki", "--date", "20260101"];
    const to = ["--mirror", server.base, "--output", folder, "--lang", "pt"];
    const child = start(args, to);
    const part = `${folder}/${server.name}.part`;
    while (await Deno.stat(part).then(({ size }) => size < 1e5, () => true)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill("SIGINT");
    const { code, stdout } = await child.output();
    assertEquals(code, 130);
    assertEquals(
      new TextDecoder().decode(stdout),
      "interrompido; o mesmo comando continua daqui\n",
    );
  }));

Deno.test("download says what is wrong in one line", () =>
  withServer(async (server, folder) => {
    const mirror = ["--mirror", server.base, "--output", folder];
    for (
      const [args, code, message] of [
        [["enwiki"], 2, "--wiki is one of ptwiki, ptwikibooks"],
        [["ptwiki", "ptwikinews"], 2, 'Cannot use "ptwikinews"'],
        [[], 2, "download takes --wiki or --dataset, one of them"],
        [["ptwiki", "--date", "ontem"], 2, "--date takes YYYYMMDD or latest"],
        [["ptwiki", "--date", "20250101", ...mirror], 1, "answers 404"],
        [["ptwiki", "--mirror", "x"], 1, "is not an address"],
        [["ptwiki", "--mirror", "http://exemplo.invalid"], 1, "permission"],
      ] as const
    ) {
      await refuses(["download", ...args], code, message);
    }
  }));

Deno.test("download brings a data set that build-corpus reads", () =>
  withFiles({}, async (folder) => {
    await using hub = new HubServer({
      "data/a.jsonl": '{"id":1,"text":"Um rio e dois barcos."}\n',
      "LICENSE": "x",
    });
    const { result, stderr } = await succeeds(
      ["download", "--dataset", "casa/livros", "--hub", hub.base, "--json"],
      ["--hub-hosts", hub.storeHost, "--output", folder],
    );
    assertStringIncludes(stderr, "1 file, 0.0 MB");
    const { output, files } = result;
    assertEquals([output, files], [`${folder}/casa/livros/default`, 1]);
    const recipe = `${folder}/recipe.toml`;
    await Deno.writeTextFile(
      recipe,
      `filters = { preset = "none" }\n[[sources]]\nname = "a"\npath = "${output}"\n`,
    );
    const built = await succeeds(
      ["build-corpus", "--recipe", recipe, "--allow-outside", "--json"],
      ["--output", `${folder}/corpus`],
    );
    const [source] = built.result.sources as {
      madeFrom: { dataset: string };
    }[];
    assertEquals(source.madeFrom.dataset, "casa/livros");
    assertEquals(
      await Deno.readTextFile(`${folder}/corpus/a_000.txt`),
      "Um rio e dois barcos.\n",
    );
  }));
