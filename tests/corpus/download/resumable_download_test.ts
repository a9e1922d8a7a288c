import {
  assert,
  assertEquals,
  assertLess,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { HttpSource } from "../../../lib/corpus/download/http_source.ts";
import {
  download,
  type Downloaded,
} from "../../../lib/corpus/download/resumable_download.ts";
import { findDump } from "../../../lib/corpus/download/wikimedia.ts";
import { type Behaviour, DumpServer } from "./dump_server.ts";

const BODY = Uint8Array.from({ length: 300_000 }, (_, i) => i * 31 >> 3);
const OTHER = BODY.map((byte) => byte ^ 1);
const HALF = 150_000;

interface Setup {
  readonly server: DumpServer;
  /** Where the file shall be. */
  readonly path: string;
  get(): Promise<Downloaded>;
  /** The names beside the file. */
  names(): Promise<string[]>;
  /** Leaves a part as an earlier run would. */
  leave(bytes: Uint8Array, etag?: string): Promise<void>;
}

async function withServer(
  behaviour: Partial<Behaviour>,
  work: (setup: Setup) => Promise<void>,
  timeout = 10_000,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await using server = new DumpServer({
      body: BODY,
      etag: '"1"',
      ...behaviour,
    });
    const path = `${folder}/dumps/${server.name}`;
    const options = { timeout, attempts: 4, pause: 1 };
    const source = new HttpSource(server.base, options);
    await work({
      server,
      path,
      get: async () =>
        download(source, await findDump(source, "ptwiki", "20260101"), path),
      names: async () =>
        (await Array.fromAsync(Deno.readDir(`${folder}/dumps`)))
          .map(({ name }) => name.replace(server.name, "*")).sort(),
      leave: async (bytes, etag) => {
        await Deno.mkdir(`${folder}/dumps`);
        await Deno.writeFile(`${path}.part`, bytes);
        const { url, checksum } = await findDump(source, "ptwiki", "20260101");
        const state = { url, checksum: checksum.hex, etag };
        await Deno.writeTextFile(`${path}.part.json`, JSON.stringify(state));
      },
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function assertWhole({ path, names }: Setup): Promise<void> {
  assertEquals(await Deno.readFile(path), BODY);
  assertEquals(await names(), ["*"]);
}

Deno.test("download() gets a file and names the program", () =>
  withServer({}, async (setup) => {
    assertEquals(await setup.get(), {
      bytes: BODY.length,
      resumedAt: 0,
      restarts: 0,
      failures: 0,
      wasThere: false,
    });
    await assertWhole(setup);
    const [{ headers }] = setup.server.requests;
    assertStringIncludes(headers["user-agent"], "ptbr-slm");
    assertEquals(headers.range, undefined);
    // A second time there is nothing to do.
    assertEquals((await setup.get()).wasThere, true);
    assertEquals(setup.server.requests.length, 1);
  }));

Deno.test("download() goes on in mid-file", () =>
  withServer({}, async (setup) => {
    await setup.leave(BODY.subarray(0, HALF), '"1"');
    const { resumedAt, restarts } = await setup.get();
    assertEquals([resumedAt, restarts], [HALF, 0]);
    await assertWhole(setup);
    const [{ headers }] = setup.server.requests;
    assertEquals(headers.range, `bytes=${HALF}-`);
    assertEquals(headers["if-range"], '"1"');
  }));

Deno.test("download() starts anew when the file is another since", async () => {
  // The server says so, or does not notice but names another version.
  for (const ignoresIfRange of [false, true]) {
    await withServer({ etag: '"2"', ignoresIfRange }, async (setup) => {
      await setup.leave(OTHER.subarray(0, HALF), '"1"');
      const { resumedAt, restarts } = await setup.get();
      assertEquals([resumedAt, restarts], [0, 1]);
      await assertWhole(setup);
    });
  }
  // It is another dump altogether.
  await withServer({}, async (setup) => {
    await setup.leave(OTHER.subarray(0, HALF), '"1"');
    const state = await Deno.readTextFile(`${setup.path}.part.json`);
    await Deno.writeTextFile(
      `${setup.path}.part.json`,
      state.replace("20260101/", "20251201/"),
    );
    await setup.get();
    await assertWhole(setup);
    assertEquals(setup.server.requests[0].headers.range, undefined);
  });
});

Deno.test("download() starts anew when what was there is damaged", () =>
  withServer({}, async (setup) => {
    await setup.leave(OTHER.subarray(0, HALF), '"1"');
    assertEquals((await setup.get()).restarts, 1);
    await assertWhole(setup);
    assertEquals(setup.server.requests.length, 2);
  }));

Deno.test("download() starts anew at a server that cannot continue", () =>
  withServer({ ignoresRange: true }, async (setup) => {
    await setup.leave(BODY.subarray(0, HALF), '"1"');
    assertEquals((await setup.get()).restarts, 1);
    await assertWhole(setup);
    assertEquals(setup.server.requests.length, 1);
  }));

Deno.test("download() finishes a part that is whole, and drops one too long", async () => {
  await withServer({}, async (setup) => {
    await setup.leave(BODY, '"1"');
    assertEquals((await setup.get()).resumedAt, BODY.length);
    await assertWhole(setup);
    assertEquals(setup.server.requests.length, 0);
  });
  await withServer({}, async (setup) => {
    await setup.leave(new Uint8Array(BODY.length + 1), '"1"');
    await setup.get();
    await assertWhole(setup);
  });
});

Deno.test("download() connects again when cut off, from where it was", () =>
  withServer({ cut: { after: 50_000, times: 3 } }, async (setup) => {
    const { failures, restarts } = await setup.get();
    assertEquals([failures, restarts], [3, 0]);
    await assertWhole(setup);
    assertEquals(
      setup.server.requests.map(({ headers }) => headers.range),
      [undefined, "bytes=50000-", "bytes=100000-", "bytes=150000-"],
    );
  }));

Deno.test("download() keeps what came when it gives up, and goes on later", () =>
  withServer({ cut: { after: 1000, times: 1 } }, async (setup) => {
    setup.server.behaviour.failures = [];
    const { behaviour } = setup.server;
    const first = setup.get();
    // After the cut nothing but failures.
    behaviour.failures = [];
    const failing = setInterval(() => {
      if (behaviour.cut!.times <= 0) behaviour.failures = Array(9).fill(503);
    }, 0);
    await assertRejects(() => first, Error, "the server answers 503");
    clearInterval(failing);
    behaviour.failures = [];
    assertEquals(await setup.names(), ["*.part", "*.part.json"]);
    assert((await setup.get()).resumedAt > 0);
    await assertWhole(setup);
  }));

Deno.test("download() gives up a silent connection and tries again", () =>
  withServer({ stall: { after: 1000, times: 1 } }, async (setup) => {
    const start = performance.now();
    assert((await setup.get()).failures > 0);
    assertLess(performance.now() - start, 30_000);
    await assertWhole(setup);
  }, 500));

Deno.test("download() tries again what may pass, not what will not", async () => {
  await withServer({ failures: [503, 429, 500] }, async (setup) => {
    assertEquals((await setup.get()).failures, 3);
    await assertWhole(setup);
  });
  await withServer({ failures: [404] }, async (setup) => {
    await assertRejects(() => setup.get(), Error, "the server answers 404");
    assertEquals(setup.server.requests.length, 1);
  });
  await withServer({ failures: Array(9).fill(503) }, async (setup) => {
    await assertRejects(() => setup.get(), Error, "the server answers 503");
    assertEquals(setup.server.requests.length, 4);
  });
});

Deno.test("download() leaves nothing of a file whose checksum is wrong", () =>
  withServer({
    status: JSON.stringify({
      jobs: {
        a: {
          status: "done",
          files: {
            "ptwiki-20260101-pages-articles-multistream.xml.bz2": {
              sha1: "0".repeat(40),
            },
          },
        },
      },
    }),
  }, async (setup) => {
    await assertRejects(() => setup.get(), Error, "and should be 0000000000");
    assertEquals(await setup.names(), []);
    assertEquals(setup.server.requests.length, 1);
  }));

Deno.test("download() refuses a file of another size", () =>
  withServer({}, async (setup) => {
    const { server } = setup;
    const source = new HttpSource(server.base, { attempts: 1 });
    const file = await findDump(source, "ptwiki", "20260101");
    await assertRejects(
      () => download(source, { ...file, bytes: 5 }, setup.path),
      Error,
      "it has 300000 bytes there and should have 5",
    );
  }));

Deno.test("HttpSource says that there is no connection, and gives a stranger up soon", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close(); // so nobody listens there
  const told: string[] = [];
  const source = new HttpSource(`http://127.0.0.1:${port}`, {
    pause: 1,
    onRetry: (error) => told.push(error.message),
  });
  const { message } = await assertRejects(() => source.text("ptwiki/"), Error);
  assertStringIncludes(
    message,
    `Cannot read "http://127.0.0.1:${port}/ptwiki/": there is no connection to 127.0.0.1:${port}: `,
  );
  assertEquals(told.length, 3); // it is the fourth that fails
});

Deno.test("download() follows redirects to allowed hosts alone", async () => {
  for (
    const location of [
      "http://localhost:1/x",
      "https://exemplo.org/x",
      "ftp://127.0.0.1/x",
      "//",
    ]
  ) {
    await withServer({ location }, (setup) =>
      assertRejects(
        () => setup.get(),
        Error,
        `it leads to "${location}", which is not one of the hosts`,
      ).then(() => {}));
  }
  await withServer({}, async (setup) => {
    setup.server.behaviour.location = setup.server.requests.length === 0
      ? `${setup.server.base}/ptwiki/20260101/${setup.server.name}`
      : undefined;
    await assertRejects(() => setup.get(), Error, "it leads in a circle");
  });
});

Deno.test("download() does not share a part with another download", () =>
  withServer({}, async (setup) => {
    await setup.leave(BODY.subarray(0, HALF), '"1"');
    using other = await Deno.open(`${setup.path}.part`, { write: true });
    await other.lock(true);
    await assertRejects(
      () => setup.get(),
      Error,
      "another download is writing it",
    );
  }));

Deno.test("download() says when the disk is full, and goes on later", () =>
  withServer({}, async (setup) => {
    const { write } = Deno.FsFile.prototype;
    let room = HALF;
    Deno.FsFile.prototype.write = function (this: Deno.FsFile, bytes) {
      if (room === 0) throw new Error("No space left on device (os error 28)");
      const some = bytes.subarray(0, room);
      room -= some.length;
      return write.call(this, some);
    };
    try {
      await assertRejects(() => setup.get(), Error, "the disk is full");
    } finally {
      Deno.FsFile.prototype.write = write;
    }
    assertEquals(await setup.names(), ["*.part", "*.part.json"]);
    assert((await setup.get()).resumedAt > 0);
    await assertWhole(setup);
  }));
