import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { MmapDataset } from "../../lib/dataset/mmap_dataset.ts";
import { bytesOf, writeTokens } from "./token_files.ts";

const TOKENS = Array.from({ length: 5000 }, (_, i) => i * 7919 % 32_000);

async function file(bytes: Uint8Array): Promise<string> {
  const path = await Deno.makeTempDir() + "/train.bin";
  await Deno.writeFile(path, bytes);
  return path;
}

function all(dataset: MmapDataset): number[] {
  const tokens = new Uint16Array(dataset.length);
  dataset.read(0, tokens);
  return [...tokens];
}

for (const mapping of [true, false]) {
  const how = mapping ? "mapped" : "read";

  Deno.test(`MmapDataset gives the file's tokens, ${how}`, async () => {
    const path = await file(bytesOf(TOKENS));
    using dataset = MmapDataset.open(path, { mapping });
    const canMap = ["linux", "darwin", "freebsd"].includes(Deno.build.os);
    assertEquals(dataset.mapped, mapping && canMap);
    assertEquals(all(dataset), TOKENS);
    const some = new Uint16Array(9).subarray(2, 7);
    dataset.read(4000, some);
    assertEquals([...some], TOKENS.slice(4000, 4005));
  });

  Deno.test(`MmapDataset knows the original's header, ${how}`, async () => {
    const header = new Uint8Array(8);
    new DataView(header.buffer).setBigUint64(0, BigInt(TOKENS.length), true);
    const path = await file(Uint8Array.of(...header, ...bytesOf(TOKENS)));
    using dataset = MmapDataset.open(path, { mapping });
    assertEquals(all(dataset), TOKENS);
  });

  Deno.test(`MmapDataset takes no ids for a header, ${how}`, async () => {
    // The first eight bytes say 4, but five tokens follow.
    const tokens = [4, 0, 0, 0, 1, 2, 3, 4, 5];
    const path = await file(bytesOf(tokens));
    using dataset = MmapDataset.open(path, { mapping });
    assertEquals(all(dataset), tokens);
  });

  Deno.test(`MmapDataset.read() says that the file was cut short, ${how}`, async () => {
    const path = await file(bytesOf(TOKENS));
    using dataset = MmapDataset.open(path, { mapping });
    await Deno.truncate(path, 100);
    assertThrows(
      () => all(dataset),
      Error,
      `Cannot read dataset "${path}": it became shorter while in use`,
    );
  });

  Deno.test(`MmapDataset refuses malformed files, ${how}`, async () => {
    const faults: [Uint8Array, string][] = [
      [new Uint8Array(0), "it is empty"],
      [new Uint8Array(7), "its length is odd (7 bytes)"],
      [new Uint8Array(8), "it holds no tokens"],
    ];
    for (const [bytes, reason] of faults) {
      const path = await file(bytes);
      assertThrows(
        () => MmapDataset.open(path, { mapping }),
        SyntaxError,
        `Cannot read dataset "${path}": ${reason}`,
      );
    }
    const folder = await Deno.makeTempDir();
    assertThrows(
      () => MmapDataset.open(folder, { mapping }),
      Error,
      `Cannot read dataset "${folder}": it is a folder`,
    );
    assertThrows(
      () => MmapDataset.open(`${folder}/none.bin`, { mapping }),
      Error,
      `Cannot read dataset "${folder}/none.bin": no such file or folder`,
    );
  });

  Deno.test(`MmapDataset finds tokens beyond the vocabulary, ${how}`, async () => {
    const tokens = Array(200_000).fill(3);
    tokens[199_999] = 300;
    const path = await file(bytesOf(tokens));
    using _fits = MmapDataset.open(path, { vocabSize: 301, mapping });
    assertThrows(
      () => MmapDataset.open(path, { vocabSize: 300, mapping }),
      RangeError,
      `Cannot use dataset "${path}": it has token 300, the vocabulary 300`,
    );
  });

  Deno.test(`read() stays within the file and its life, ${how}`, async () => {
    const path = await file(bytesOf([1, 2, 3]));
    const dataset = MmapDataset.open(path, { mapping });
    const kept = new Uint16Array(3);
    dataset.read(0, kept);
    for (const [start, length] of [[-1, 1], [1, 3], [4, 0], [0.5, 1]]) {
      assertThrows(
        () => dataset.read(start, new Uint16Array(length)),
        RangeError,
        "it has 3 tokens",
      );
    }
    dataset.close();
    dataset.close();
    assertThrows(
      () => dataset.read(0, kept),
      Error,
      `Cannot read dataset "${path}": it is closed`,
    );
    assertEquals([...kept], [1, 2, 3]);
  });
}

Deno.test("MmapDataset keeps its file when the name moves to another", async () => {
  const path = await file(bytesOf(TOKENS));
  for (const mapping of [true, false]) {
    using dataset = MmapDataset.open(path, { mapping });
    await writeTokens(`${path}.tmp`, [1]);
    await Deno.rename(`${path}.tmp`, path);
    assertEquals(all(dataset), TOKENS);
    await Deno.writeFile(`${path}.tmp`, bytesOf(TOKENS));
    await Deno.rename(`${path}.tmp`, path);
  }
});

Deno.test("MmapDataset reads where FFI is not allowed", async () => {
  const path = await file(bytesOf(TOKENS));
  const script = `
    import { MmapDataset } from ${
    JSON.stringify(
      new URL("../../lib/dataset/mmap_dataset.ts", import.meta.url),
    )
  };
    using dataset = MmapDataset.open(${JSON.stringify(path)});
    const tokens = new Uint16Array(dataset.length);
    dataset.read(0, tokens);
    console.log(dataset.mapped, tokens.reduce((sum, id) => sum + id, 0));
  `;
  const module = `${await Deno.makeTempDir()}/read.ts`;
  await Deno.writeTextFile(module, script);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-lock", "--allow-read", module],
    stdout: "piped",
    stderr: "inherit",
  }).output();
  const sum = TOKENS.reduce((sum, id) => sum + id, 0);
  assertEquals(new TextDecoder().decode(stdout), `false ${sum}\n`);
});

Deno.test("MmapDataset.openChecked() tells how far it is, and ends when it is told", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/train.bin`;
  const length = 3 * 2 ** 16 + 5;
  await writeTokens(path, Array.from({ length }, (_, i) => i % 300));
  const told: number[] = [];
  {
    using dataset = await MmapDataset.openChecked(path, {
      vocabSize: 300,
      onProgress: ({ done, total }) => told.push(done / total),
    });
    using whole = MmapDataset.open(path, { vocabSize: 300 });
    assertEquals(dataset.crc32, whole.crc32);
  }
  assertEquals(told.length, 4);
  assertEquals(told.at(-1), 1);
  const aborting = new AbortController();
  const opening = MmapDataset.openChecked(path, {
    vocabSize: 300,
    signal: aborting.signal,
    onProgress: () => aborting.abort(new Error("enough")),
  });
  await assertRejects(() => opening, Error, "enough");
  await assertRejects(
    () => MmapDataset.openChecked(path, { vocabSize: 299 }),
    RangeError,
    "it has token 299, the vocabulary 299",
  );
});
