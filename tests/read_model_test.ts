import { assert, assertEquals, assertRejects } from "@std/assert";
import { ReferenceBackend } from "../lib/backend/reference/reference_backend.ts";
import { writeSafetensors } from "../lib/checkpoint/formats/safetensors_writer.ts";
import { officialTensors } from "../lib/checkpoint/export/hugging_face_folder.ts";
import { Checkpoint } from "../lib/checkpoint/native/mpk_reader.ts";
import { saveModel } from "../lib/checkpoint/native/mpk_writer.ts";
import { loadCheckpoint } from "../lib/load_checkpoint.ts";
import { openInput } from "../lib/model_input.ts";
import { RWKVConfig } from "../lib/model/config.ts";
import { RWKV } from "../lib/model/rwkv.ts";
import {
  readModel,
  readModelFolder,
  readTokenizer,
} from "../lib/read_model.ts";
import { identityOf } from "../lib/tokenizer/tokenizer.ts";
import { writeVocab } from "../lib/tokenizer/vocab/vocab_file.ts";
import { tokenizerOf } from "./tokenizer/trained.ts";

const backend = new ReferenceBackend();
const { vocab } = await tokenizerOf("bom dia, boa tarde\n", { vocabSize: 262 });
const config = new RWKVConfig({
  architecture: "rwkv7",
  vocabSize: vocab.size,
  dModel: 64,
  nLayers: 1,
  dFfn: 64,
});

/** A folder with a model, its tokenizer, and the same model as safetensors. */
async function modelFolder(): Promise<string> {
  const folder = await Deno.makeTempDir();
  const model = new RWKV(config, backend);
  model.initialize(7);
  await saveModel(`${folder}/model_final.mpk`, model, {
    tokenizerSha256: await identityOf(vocab),
  });
  await writeVocab(`${folder}/tokenizer.json`, vocab);
  return folder;
}

const folder = await modelFolder();
const weights = await Deno.readFile(`${folder}/model_final.mpk`);
const tokenizer = new Blob([vocab.toString()]);
const { model: same } = await loadCheckpoint(folder, backend);

async function assertSame(model: RWKV): Promise<void> {
  const expected = [...same.parameters];
  for (const [i, { name, data }] of [...model.parameters].entries()) {
    const want = expected[i];
    assertEquals(name, want.name);
    assertEquals(await backend.read(data), await backend.read(want.data));
  }
}

Deno.test("readModel() reads bytes, a file, an address and a handle alike", async () => {
  const handle = {
    name: "private file",
    length: weights.length,
    read: (into: Uint8Array, offset: number) =>
      into.set(weights.subarray(offset, offset + into.length)),
  };
  for (const input of [weights, new File([weights], "a.mpk"), handle]) {
    const read = await readModel(input, backend, { tokenizer });
    assertEquals([read.format, read.notes], ["ptbr", []]);
    assertEquals(read.tokenizer.decode(read.tokenizer.encode("dia")), "dia");
    await assertSame(read.model);
  }
  // By its address alone: the tokenizer stands beside it.
  const url = new URL(`file://${folder}/model_final.mpk`);
  const told: (number | undefined)[][] = [];
  const onProgress = (...bytes: (number | undefined)[]) => told.push(bytes);
  const read = await readModel(url, backend, { onProgress });
  await assertSame(read.model);
  assertEquals(told.at(-1)?.[0], weights.length);
});

Deno.test("readModelFolder() finds the model and its tokenizer", async () => {
  const files = [
    new File(["# card"], "README.md"),
    new File([weights], "model_final.mpk"),
    new File([vocab.toString()], "tokenizer.json"),
  ];
  await assertSame((await readModelFolder(files, backend)).model);
  const steps = new Map([
    ["checkpoint_900.mpk", new Blob(["damaged"])],
    ["checkpoint_1000.mpk", new Blob([weights])],
    ["tokenizer.json", tokenizer],
  ]);
  await assertSame((await readModelFolder(steps, backend)).model);
  for (
    const [names, reason] of [
      [["tokenizer.json"], "the folder holds no weights"],
      [["a.mpk"], "the folder holds no tokenizer"],
      [["a.mpk", "b.pth"], "the folder holds a.mpk, b.pth; name the one"],
    ] as const
  ) {
    await assertRejects(
      () => readModelFolder(names.map((name) => new File([], name)), backend),
      Error,
      `Cannot read the model: ${reason}`,
    );
  }
});

Deno.test("readModel() reads models of other programs", async () => {
  const path = `${folder}/other.safetensors`;
  using checkpoint = await Checkpoint.open(folder);
  const tensors = officialTensors(checkpoint, "F32");
  await writeSafetensors(path, tensors, {});
  const bytes = await Deno.readFile(path);
  const { model, format } = await readModel(bytes, backend, { tokenizer });
  assertEquals([format, model.config.dModel], ["safetensors", 64]);
});

Deno.test("saveModel() gives its bytes to whoever takes them", async () => {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const write = (bytes: Uint8Array) => {
    pieces.push(bytes.slice()); // which may be overwritten
    return Promise.resolve();
  };
  const tokenizerSha256 = await identityOf(vocab);
  await saveModel({ write }, same, { tokenizerSha256 });
  assertEquals(await new Blob(pieces).bytes(), weights);
  const signal = AbortSignal.abort(new Error("enough"));
  await assertRejects(
    () => saveModel({ write }, same, { signal }),
    Error,
    "enough",
  );
});

Deno.test("readModel() says what is wrong", async () => {
  const read = (input: Blob, own = tokenizer) => () =>
    readModel(input, backend, { tokenizer: own });
  const whole = new File([weights], "m.mpk");
  const { vocab: other } = await tokenizerOf("sim, sim, assim\n", {
    vocabSize: vocab.size,
  });
  assert(other.size === vocab.size);
  await assertRejects(
    read(whole, new Blob([other.toString()])),
    RangeError,
    'Cannot use "m.mpk" with this tokenizer: it was trained with another',
  );
  await assertRejects(
    read(whole, new Blob(["{"])),
    SyntaxError,
    "Cannot read tokenizer: ",
  );
  await assertRejects(
    read(new File([weights.subarray(0, 999)], "m.mpk")),
    SyntaxError,
    'Cannot read model "m.mpk": ',
  );
  await assertRejects(
    () => readModel(whole, backend),
    TypeError,
    "Cannot read a model: its tokenizer is missing",
  );
  await assertRejects(
    () => readTokenizer(new URL("file:///no/such/tokenizer.json")),
    Error,
    'Cannot read tokenizer "file:///no/such/tokenizer.json": ',
  );
});

Deno.test("openInput() bounds what it reads, and can be stopped", async () => {
  await assertRejects(
    () => openInput(new Blob(["abcd"]), "text", { maxBytes: 3 }),
    RangeError,
    "Cannot read text: it has more than 3 bytes",
  );
  const signal = AbortSignal.abort(new Error("enough"));
  await assertRejects(
    () => openInput(new Blob(["abcd"]), "text", { signal }),
    Error,
    "enough",
  );
});

Deno.test("openInput() fetches, whatever the server says of lengths", async () => {
  const long = "0123456789".repeat(200_000);
  await using server = Deno.serve({
    port: 0,
    hostname: "127.0.0.1",
    onListen() {},
  }, ({ url }) => {
    const { pathname } = new URL(url);
    if (pathname === "/none") return new Response("no", { status: 404 });
    const body = pathname === "/whole"
      ? long
      : ReadableStream.from([new TextEncoder().encode(long)]);
    return new Response(body);
  });
  const { port } = server.addr as Deno.NetAddr;
  for (const name of ["whole", "pieces"]) {
    const url = new URL(`http://127.0.0.1:${port}/${name}`);
    using source = await openInput(url, "text");
    assertEquals(source.length, long.length);
    const last = new Uint8Array(3);
    source.read(last, long.length - 3);
    assertEquals(new TextDecoder().decode(last), "789");
    await assertRejects(
      () => openInput(url, "text", { maxBytes: 1000 }),
      RangeError,
      "it has more than 1000 bytes",
    );
  }
  await assertRejects(
    () => openInput(new URL(`http://127.0.0.1:${port}/none`), "text"),
    Error,
    "the server answers 404",
  );
});
