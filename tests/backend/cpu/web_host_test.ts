/** Threads as browsers start them. */

import { assertRejects } from "@std/assert";
import { CpuBackend } from "../../../lib/backend/cpu/cpu_backend.ts";
import { webHost } from "../../../lib/backend/cpu/web_host.ts";

Deno.test("a script that runs no threads is told of, not waited for", async () => {
  const host = webHost("data:text/javascript,export {}", 50);
  await assertRejects(
    () => CpuBackend.create({ threads: 2, host }),
    Error,
    "its script says nothing: it has to import this library",
  );
});
