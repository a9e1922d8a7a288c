import { assert, assertEquals, assertRejects } from "@std/assert";
import { downloadDataset } from "../../lib/stages/download_dataset.ts";
import { HubServer } from "../corpus/download/hub_server.ts";

const LONG = "Um rio e dois barcos.\n".repeat(5000);
const FILES = {
  "README.md": "# Livros",
  "data/pt/train/0 a.txt": LONG,
  "data/pt/train/1.jsonl": '{"text":"Um"}\n',
  "data/pt/train/1.png": "x",
  "data/pt/test/2.txt": "Teste.\n",
  "data/gl/train/3.txt": "Un río.\n",
};
const CONFIGS = [
  {
    config_name: "pt",
    data_files: [
      { split: "train", path: "data/pt/train/*" },
      { split: "test", path: ["data/pt/test/2.txt"] },
    ],
  },
  { config_name: "gl", data_files: "data/gl/**/*.txt" },
];

async function withHub(
  work: (hub: HubServer, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await using hub = new HubServer({ ...FILES });
    hub.configs = CONFIGS;
    await work(hub, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const optionsFor = (hub: HubServer, output: string) => ({
  dataset: "casa/livros",
  hub: hub.base,
  hosts: [hub.storeHost],
  output,
});

Deno.test("downloadDataset() brings the text of a configuration, and says where it is from", () =>
  withHub(async (hub, folder) => {
    const options = { ...optionsFor(hub, folder), configuration: "pt" };
    const result = await downloadDataset({ ...options, token: "t" });
    assert(result.complete);
    const { output, files, bytes, licence, wereThere } = result;
    assertEquals(output, `${folder}/casa/livros/pt`);
    assertEquals([files, licence, wereThere], [3, "cc0-1.0", 0]);
    assertEquals(bytes, LONG.length + 14 + 7);
    const read = (path: string) => Deno.readTextFile(`${output}/${path}`);
    assertEquals(await read("data/pt/train/0 a.txt"), LONG);
    assertEquals(await read("data/pt/test/2.txt"), "Teste.\n");
    const manifest = JSON.parse(await read("manifest.json"));
    assertEquals(manifest.source.dataset, "casa/livros");
    assertEquals(manifest.files.map(({ name }: { name: string }) => name), [
      "data/pt/test/2.txt",
      "data/pt/train/0 a.txt",
      "data/pt/train/1.jsonl",
    ]);
    // The token is for the hub, and for nobody else.
    for (const { url, authorization } of hub.asked) {
      const wanted = url.startsWith(hub.base) ? "Bearer t" : null;
      assertEquals(authorization, wanted, url);
    }
    const again = await downloadDataset(options);
    assert(again.complete);
    assertEquals(again.wereThere, 3);
  }));

Deno.test("downloadDataset() goes on where a connection ended", () =>
  withHub(async (hub, folder) => {
    hub.cutAfter = 50_000;
    delete hub.files["data/pt/test/2.txt"];
    const options = { ...optionsFor(hub, folder), configuration: "pt" };
    const failures: string[] = [];
    const result = await downloadDataset({
      ...options,
      onRetry: (error) => failures.push(error.message),
    });
    assert(result.complete);
    assertEquals(failures.length, 1);
    assertEquals(
      await Deno.readTextFile(`${result.output}/data/pt/train/0 a.txt`),
      LONG,
    );
    assert(hub.asked.some(({ range }) => range === "bytes=50000-"));
  }));

Deno.test("downloadDataset() refuses what came otherwise than the hub says", () =>
  withHub(async (hub, folder) => {
    const other = LONG.replace("Um", "Xm");
    Object.defineProperty(hub.files, "data/pt/train/0 a.txt", {
      enumerable: true,
      // Listed as it was, sent as another.
      get: () => new Error().stack?.includes("#content") ? other : LONG,
    });
    await assertRejects(
      () =>
        downloadDataset({
          ...optionsFor(hub, folder),
          configuration: "pt",
        }),
      Error,
      "the SHA-256 of what came is",
    );
  }));

Deno.test("downloadDataset() says what is wrong with what is asked for", () =>
  withHub(async (hub, folder) => {
    const options = optionsFor(hub, folder);
    const cases: [object, string][] = [
      [{}, "--configuration is one of pt, gl"],
      [{ configuration: "xx" }, "--configuration is one of pt, gl"],
      [{ dataset: "casa/../livros" }, "a name is ORGANISATION/NAME"],
      [{ dataset: "casa/outros" }, "the server answers 404"],
      [{ configuration: "pt", hosts: [] }, "which is not one of the hosts"],
    ];
    for (const [other, message] of cases) {
      await assertRejects(
        () => downloadDataset({ ...options, ...other }),
        Error,
        message,
      );
    }
    hub.token = "geheim";
    await assertRejects(
      () => downloadDataset({ ...options, configuration: "pt" }),
      Error,
      "a token that may read it goes into HF_TOKEN",
    );
    await assertRejects(
      () => downloadDataset({ ...options, configuration: "pt", token: "x" }),
      Error,
      "the token in HF_TOKEN may not read it",
    );
  }));

Deno.test("downloadDataset() takes no path that leads out of its folder", () =>
  withHub(async (hub, folder) => {
    hub.configs = undefined;
    hub.files["data/../../fora.txt"] = "x";
    await assertRejects(
      () => downloadDataset(optionsFor(hub, folder)),
      SyntaxError,
      "it does not answer as a hub of data sets does",
    );
    assertEquals((await Array.fromAsync(Deno.readDir(folder))).length, 0);
  }));
