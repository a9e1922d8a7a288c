/** Files of tasks in the forms that others write them. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  readLastWords,
  readPairs,
} from "../../../lib/evaluation/suite/suite_file.ts";

/** Two rows of `sentence` and `last_word`, as pyarrow 15 writes them. */
const PARQUET: Record<string, string> = {
  snappy:
    "UEFSMRUEFVIVVkwVBBUAEgAAKaAPAAAAQSBvbsOnYSBiZWJldSBhEgAAAE8gcmlvIGNvcnJlIHBhcmEgbxUAFRIVFiwVBBUQFQYVBhwAAAAJIAIAAAAEAQEDAia2ARwVDBk1AAYQGRgIc2VudGVuY2UVAhYEFqYBFq4BJnomCCksFQQVABUCABUAFRAVAgAAABUEFSAVJEwVBBUAEgAAEDwFAAAAw6FndWEDAAAAbWFyFQAVEhUWLBUEFRAVBhUGHAAAAAkgAgAAAAQBAQMCJp4DHBUMGTUABhAZGAlsYXN0X3dvcmQVAhYEFnQWfCbiAiaiAiksFQQVABUCABUAFRAVAgAAABUEGTw1ABgGc2NoZW1hFQQAFQwlAhgIc2VudGVuY2UlAEwcAAAAFQwlAhgJbGFzdF93b3JkJQBMHAAAABYEGRwZLCa2ARwVDBk1AAYQGRgIc2VudGVuY2UVAhYEFqYBFq4BJnomCCksFQQVABUCABUAFRAVAgAAACaeAxwVDBk1AAYQGRgJbGFzdF93b3JkFQIWBBZ0Fnwm4gImogIpLBUEFQAVAgAVABUQFQIAAAAWmgIWBCYIFqoCFAAAGRwYDEFSUk9XOnNjaGVtYRjsAS8vLy8vNmdBQUFBUUFBQUFBQUFLQUF3QUJnQUZBQWdBQ2dBQUFBQUJCQUFNQUFBQUNBQUlBQUFBQkFBSUFBQUFCQUFBQUFJQUFBQkVBQUFBQkFBQUFOVC8vLzhBQUFFRkVBQUFBQndBQUFBRUFBQUFBQUFBQUFrQUFBQnNZWE4wWDNkdmNtUUFBQURFLy8vL0VBQVVBQWdBQmdBSEFBd0FBQUFRQUJBQUFBQUFBQUVGRUFBQUFDQUFBQUFFQUFBQUFBQUFBQWdBQUFCelpXNTBaVzVqWlFBQUFBQUVBQVFBQkFBQUFBQUFBQUE9ABggcGFycXVldC1jcHAtYXJyb3cgdmVyc2lvbiAxNS4wLjIZLBwAABwAAADnAQAAUEFSMQ==",
  zstd:
    "UEFSMRUEFVIVZEwVBBUAEgAAKLUv/SApSQEADwAAAEEgb27Dp2EgYmViZXUgYRIAAABPIHJpbyBjb3JyZSBwYXJhIG8VABUSFSQsFQQVEBUGFQYcAAAAKLUv/SAJSQAAAgAAAAQBAQMCJtIBHBUMGTUABhAZGAhzZW50ZW5jZRUMFgQWpgEWygEmiAEmCCksFQQVABUCABUAFRAVAgAAABUEFSAVMkwVBBUAEgAAKLUv/SAQgQAABQAAAMOhZ3VhAwAAAG1hchUAFRIVJCwVBBUQFQYVBhwAAAAotS/9IAlJAAACAAAABAEBAwIm2AMcFQwZNQAGEBkYCWxhc3Rfd29yZBUMFgQWdBaYASaOAybAAiksFQQVABUCABUAFRAVAgAAABUEGTw1ABgGc2NoZW1hFQQAFQwlAhgIc2VudGVuY2UlAEwcAAAAFQwlAhgJbGFzdF93b3JkJQBMHAAAABYEGRwZLCbSARwVDBk1AAYQGRgIc2VudGVuY2UVDBYEFqYBFsoBJogBJggpLBUEFQAVAgAVABUQFQIAAAAm2AMcFQwZNQAGEBkYCWxhc3Rfd29yZBUMFgQWdBaYASaOAybAAiksFQQVABUCABUAFRAVAgAAABaaAhYEJggW4gIUAAAZHBgMQVJST1c6c2NoZW1hGOwBLy8vLy82Z0FBQUFRQUFBQUFBQUtBQXdBQmdBRkFBZ0FDZ0FBQUFBQkJBQU1BQUFBQ0FBSUFBQUFCQUFJQUFBQUJBQUFBQUlBQUFCRUFBQUFCQUFBQU5ULy8vOEFBQUVGRUFBQUFCd0FBQUFFQUFBQUFBQUFBQWtBQUFCc1lYTjBYM2R2Y21RQUFBREUvLy8vRUFBVUFBZ0FCZ0FIQUF3QUFBQVFBQkFBQUFBQUFBRUZFQUFBQUNBQUFBQUVBQUFBQUFBQUFBZ0FBQUJ6Wlc1MFpXNWpaUUFBQUFBRUFBUUFCQUFBQUFBQUFBQT0AGCBwYXJxdWV0LWNwcC1hcnJvdyB2ZXJzaW9uIDE1LjAuMhksHAAAHAAAAOkBAABQQVIx",
};

/**
 * Files of some hundred bytes that become too much (pyarrow 26, brotli): a page
 * of 80 MB where the end of the file says 100 bytes, a text of 1 MB that 70 rows
 * have, and texts as differences.
 */
const BOMBS: Record<string, string> = {
  "bytes unpacked":
    "UEFSMRUAFZTQpUwVlAIsFQIVABUGFQYcAAAAy///PwAEHHKvBSQBeIDFgYH0ev9nwGJP+f//B4AEQBwWgO79H////wCQAIjDAtC9/+P//x8AEgBxWAC693/8//8DQAIgDgtA9/6P//9/AEgAxGEB6N7/8f//DwAJgDgsAN37P/7//wEgARCHBaB7/8f//z8AJADisAB07/8ygZYIgARAHBYA8SoRFQQZLDUAGAZzY2hlbWEVAgAVDCUCGAR0ZXh0JQBMHAAAABYCGRwZHCYAHBUMGSUGABkYBHRleHQVCBYCFsLQpUwWwgImCEkcFQAVABUCADwWgNClTBkGGSYAAgAAABbkgIAAFgImCBbCAgAoIHBhcnF1ZXQtY3BwLWFycm93IHZlcnNpb24gMjYuMC4xGRwcAAAAkwAAAFBBUjE=",
  "characters":
    "UEFSMRUEFYiJehUoTBUCFQASAABbQ0IPQGAiF1io7WSP1wLJz3lochUAFRYVHiwVjAEVEBUGFQYcAAAACwWAAwAAAIwBAQGMAQADFQQZLDUAGAZzY2hlbWEVAgAVDCUCGAR0ZXh0JQBMHAAAABaMARkcGRwmABwVDBk1AAYQGRgEdGV4dBUIFowBFuaJehaOASZQJggpLBUEFQAVAgAVABUQFQIAPBaA9uBCGQYZJgCMAQAAABbmiXoWjAEmCBaOAQAoIHBhcnF1ZXQtY3BwLWFycm93IHZlcnNpb24gMjYuMC4xGRwcAAAAnwAAAFBBUjE=",
  "differences":
    "UEFSMRUAFTwVPiwVBBUOFQYVBhwAAAAbHQAABPJiP3ZKlitS0RIoIkpAKiA2AOvlwCSVTe8BFQQZLDUAGAZzY2hlbWEVAgAVDCUCGAR0ZXh0JQBMHAAAABYEGRwZHCYAHBUMGSUGDhkYBHRleHQVCBYEFmIWZCYISRwVABUOFQIAPBYMGQYZJgAEAAAAFmIWBCYIFmQAKCBwYXJxdWV0LWNwcC1hcnJvdyB2ZXJzaW9uIDI2LjAuMRkcHAAAAIgAAABQQVIx",
};

let folder: string;
Deno.test.beforeAll(async () => {
  folder = await Deno.makeTempDir();
});
Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

async function written(text: string | Uint8Array, name = "a.jsonl") {
  const path = `${folder}/${name}`;
  if (typeof text === "string") await Deno.writeTextFile(path, text);
  else await Deno.writeFile(path, text);
  return path;
}

Deno.test("readLastWords() reads CALAME's and LAMBADA's lines", async () => {
  const path = await written(
    '{"id": 0, "sentence": "A onça bebeu a ", "last_word": "água"}\n\n' +
      '{"text": "O rio corre\\npara o mar."}\r\n',
  );
  assertEquals(await readLastWords(path), [
    { context: "A onça bebeu a", word: "água" },
    { context: "O rio corre\npara o", word: "mar." },
  ]);
});

for (const [name, base64] of Object.entries(PARQUET)) {
  Deno.test(`readLastWords() reads parquet, ${name}`, async () => {
    const path = await written(Uint8Array.fromBase64(base64), "a.parquet");
    assertEquals(await readLastWords(path), [
      { context: "A onça bebeu a", word: "água" },
      { context: "O rio corre para o", word: "mar" },
    ]);
  });

  Deno.test(`readLastWords() refuses damaged parquet, ${name}`, async () => {
    const whole = Uint8Array.fromBase64(base64);
    const path = await written(whole.subarray(0, -9), "a.parquet");
    await assertRejects(() => readLastWords(path), SyntaxError, "as parquet");
  });
}

for (const [reason, base64] of Object.entries(BOMBS)) {
  Deno.test(`readLastWords() bounds parquet: ${reason}`, async () => {
    const path = await written(Uint8Array.fromBase64(base64), "a.parquet");
    await assertRejects(() => readLastWords(path), SyntaxError, reason);
  });
}

Deno.test("readLastWords() says of no damage how a reader stumbled", async () => {
  const whole = Uint8Array.fromBase64(PARQUET.snappy);
  let damaged = 0;
  for (let at = 4; at < whole.length; at++) {
    const bytes = whole.slice();
    bytes[at] ^= 0x08;
    const path = await written(bytes, "a.parquet");
    await readLastWords(path).catch(({ name, message }) => {
      damaged++;
      assert(name === "SyntaxError" || name === "Error", `${name} at ${at}`);
      assert(!/undefined|is not a|BigInt/.test(message), message);
    });
  }
  assert(damaged > 100);
});

Deno.test("readPairs() reads pairs, and those of BLiMP's form", async () => {
  const path = await written(
    '{"phenomenon": "crase", "right": "Vai à vila.", "wrong": "Vai a vila."}\n' +
      '{"sentence_good": "Um rio.", "sentence_bad": "Uma rio.", "UID": "det"}',
  );
  assertEquals(await readPairs(path), [
    { phenomenon: "crase", right: "Vai à vila.", wrong: "Vai a vila." },
    { phenomenon: "det", right: "Um rio.", wrong: "Uma rio." },
  ]);
});

Deno.test("files of tasks are refused with the place of what is wrong", async () => {
  const cases: [text: string | Uint8Array, message: string][] = [
    ["", "it is empty"],
    ['{"text": "um dois"}\n{"text"', "line 2 is no JSON object"],
    ["[1]", "line 1 is no JSON object"],
    ['{"sentence": "um"}', 'row 1 has neither "sentence" and "last_word"'],
    ['{"text": "um ..."}', "the last word of row 1 is none"],
    [Uint8Array.of(0xff, 0xfe, 0xfd), "neither parquet nor UTF-8"],
    [new TextEncoder().encode("PAR1 nonsense"), "as parquet"],
  ];
  for (const [text, message] of cases) {
    const path = await written(text);
    await assertRejects(() => readLastWords(path), Error, message);
  }
  const path = await written('{"right": "um"}');
  await assertRejects(() => readPairs(path), SyntaxError, "row 1 has neither");
});
