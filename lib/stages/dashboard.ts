/**
 * A page that shows training runs, for a browser on this machine.
 *
 * @module
 */

import { dashboardHandler } from "../dashboard/handler.ts";
import { RunBoard } from "../dashboard/run_board.ts";
import { cannotRead, withoutSlash } from "../files.ts";
import { cannotListen } from "./listening.ts";
import { assertOptions, type OptionKinds, wholeFrom } from "../option_kinds.ts";

/** Only this machine is answered. */
const HOST = "127.0.0.1";

/** What `dashboard()` is to do. */
export interface DashboardOptions {
  /** Folders of runs, or with runs below them. */
  readonly runs: readonly string[];
  /** The port to listen on; 8686 unless given, any that is free for 0. */
  readonly port?: number;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Told once, when the page can be opened. */
  readonly onListening?: (address: string) => void;
}

/** What its options are. */
const OPTIONS: OptionKinds<DashboardOptions> = {
  runs: "texts",
  port: wholeFrom(0, 65_535),
  signal: "signal",
  onListening: "function?",
};

/** What `dashboard()` has done. */
export interface DashboardResult {
  /** Where the page was. */
  readonly address: string;
  /** Requests answered. */
  readonly requests: number;
}

/**
 * Shows runs, those under way among them, until it is aborted.
 *
 * @param options Which runs, and where.
 * @returns What was done until then.
 * @throws {Error} When there is no such folder, or the port is taken.
 *
 * @example
 * ```ts
 * import { dashboard } from "./dashboard.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const controller = new AbortController();
 * const listening = Promise.withResolvers<string>();
 * const done = dashboard({
 *   runs: [folder],
 *   port: 0,
 *   signal: controller.signal,
 *   onListening: listening.resolve,
 * });
 * const response = await fetch(`${await listening.promise}api/runs`);
 * assertEquals((await response.json()).runs, []);
 * controller.abort();
 * assertEquals((await done).requests, 1);
 * ```
 */
export async function dashboard(
  options: DashboardOptions,
): Promise<DashboardResult> {
  assertOptions("show runs", options, OPTIONS);
  const { runs, port = 8686, signal, onListening } = options;
  for (const folder of runs) await assertFolder(folder);
  const board = new RunBoard(runs.map(withoutSlash));
  const handle = dashboardHandler(board);
  let requests = 0;
  let server: Deno.HttpServer<Deno.NetAddr>;
  const answer = (request: Request) => {
    requests++;
    return handle(request, server.addr.port);
  };
  try {
    const silent = { signal, onListen: () => {} };
    server = Deno.serve({ hostname: HOST, port, ...silent }, answer);
  } catch (error) {
    throw cannotListen(`${HOST}:${port}`, error);
  }
  // Begun at once, so that long logs are read when the page is opened.
  const reading = board.refresh().catch(() => {}); // said to whoever asks again
  const address = `http://${HOST}:${server.addr.port}/`;
  onListening?.(address);
  await server.finished;
  await reading;
  return { address, requests };
}

async function assertFolder(path: string): Promise<void> {
  let isFolder: boolean;
  try {
    isFolder = (await Deno.stat(path)).isDirectory;
  } catch (error) {
    throw cannotRead(path, error);
  }
  if (!isFolder) throw cannotRead(path, new Deno.errors.NotADirectory());
}
