/**
 * What reading a parquet file of text takes: its time, and the most memory of the
 * process. `deno run --allow-read --allow-sys bench/parquet_memory.ts FILE...`
 */

import { openText } from "../lib/corpus/formats/text_source.ts";

for (const path of Deno.args) {
  const start = performance.now(), buffer = new Uint8Array(2 ** 20);
  let bytes = 0, most = 0;
  await using source = await openText({ path });
  for (let read; (read = await source.read(buffer)) !== null;) {
    bytes += read;
    most = Math.max(most, Deno.memoryUsage().rss);
  }
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `${path}: ${(bytes / 1e6).toFixed(1)} MB of lines in ${
      seconds.toFixed(1)
    } s, at most ${(most / 1e6).toFixed(0)} MB of memory`,
  );
}
