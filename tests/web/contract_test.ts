/**
 * The backends in Chromium, against the reference there: on the CPU all of the
 * contract, on a software adapter of WebGPU as much as a minute allows; all of
 * it with PTBR_SLM_TEST_LONG.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { browserTests } from "../serve/page/browser.ts";
import type { ContractReport, ContractRequest } from "./contract_worker.ts";
import { askWorker, serveWorker, WEBGPU_FLAGS } from "./worker_page.ts";

const ENTRY = "tests/web/contract_worker.ts";
const LONG = Deno.env.has("PTBR_SLM_TEST_LONG");

/** What browsers are most particular about, by the products that are used. */
const SHORT = {
  plain: ["wkv7Forward()", "squaredRelu", "slice()"],
  tiled: ["matmul()", "slice()"],
};

browserTests(`the contract in Chromium${LONG ? "" : " (in short)"}`, {
  async "the CPU backend on two threads"(page) {
    await using server = await serveWorker(ENTRY);
    const all = await askWorker<ContractRequest, ContractReport>(
      page,
      server,
      { backend: "cpu" },
    );
    assertEquals([all.description, all.failed], [
      "cpu: 2 threads, SIMD kernels",
      [],
    ]);
    assert(all.passed > 40);
  },
  async "the CPU backend alone, where the page is not isolated"(page) {
    await using server = await serveWorker(ENTRY, false);
    const all = await askWorker<ContractRequest, ContractReport>(
      page,
      server,
      { backend: "cpu, alone" },
    );
    assertEquals([all.description, all.failed], [
      "cpu: 1 thread, SIMD kernels",
      [],
    ]);
  },
  async "WebGPU with plain products"(page) {
    await tryWebGpu(page, "plain");
  },
  async "WebGPU with tiled products"(page) {
    await tryWebGpu(page, "tiled");
  },
}, WEBGPU_FLAGS);

async function tryWebGpu(
  page: Parameters<typeof askWorker>[0],
  products: keyof typeof SHORT,
): Promise<void> {
  await using server = await serveWorker(ENTRY);
  const { description, passed, failed } = await askWorker<
    ContractRequest,
    ContractReport
  >(page, server, {
    backend: `webgpu, ${products}`,
    ...!LONG && { only: SHORT[products] },
  });
  assertMatch(description, /^webgpu: \w/);
  assertEquals(failed, []);
  assert(passed >= (LONG ? 40 : 2), `${passed} steps`);
}
