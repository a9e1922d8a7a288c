import { assert, assertEquals } from "@std/assert";
import { MetricsFile } from "../../lib/dashboard/metrics_file.ts";
import { writeFileAtomic } from "../../lib/files.ts";

const START = Date.parse("2026-01-01T00:00:00Z");

/** A line as `train` writes it. */
function line(step: number, more: Record<string, unknown> = {}): string {
  const time = new Date(START + step * 3_600_000).toISOString();
  return `${
    JSON.stringify({ step, tokens: 8 * step, loss: 1 / step, time, ...more })
  }\n`;
}

async function withFolder(work: (path: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  await work(`${folder}/metrics.jsonl`);
  await Deno.remove(folder, { recursive: true });
}

Deno.test("MetricsFile reads what is appended, lines whole", () =>
  withFolder(async (path) => {
    const file = new MetricsFile(path);
    await file.refresh();
    assertEquals(file.rows, 0);
    const third = line(3);
    await Deno.writeTextFile(path, line(1) + line(2) + third.slice(0, 20));
    await file.refresh();
    assertEquals([...file.column("step")], [1, 2]);
    const { version } = file;
    await file.refresh();
    assertEquals(file.version, version);
    await Deno.writeTextFile(path, third.slice(20) + line(4, { memory: 5 }), {
      append: true,
    });
    await file.refresh();
    assert(file.version !== version);
    assertEquals([...file.column("step")], [1, 2, 3, 4]);
    assertEquals([...file.column("hours")], [0, 1, 2, 3]);
    assertEquals([...file.column("memory")], [NaN, NaN, NaN, 5]);
    assertEquals([file.last("memory"), file.last("tokens")], [5, 32]);
    assertEquals(file.last("valBitsPerByte"), undefined);
    assertEquals(file.lastTime, START + 4 * 3_600_000);
  }));

Deno.test("MetricsFile begins anew when a run goes on from a checkpoint", () =>
  withFolder(async (path) => {
    const file = new MetricsFile(path);
    await Deno.writeTextFile(path, line(1) + line(2) + line(3));
    await file.refresh();
    const { version } = file;
    // Of the same length in the end.
    await writeFileAtomic(path, line(1) + line(2) + line(3, { loss: 7 }));
    await file.refresh();
    assert(file.version !== version);
    assertEquals([...file.column("loss")], [1, 0.5, 7]);
  }));

Deno.test("MetricsFile leaves out what is no line of a log", () =>
  withFolder(async (path) => {
    const file = new MetricsFile(path);
    const strange = [
      "{",
      "null",
      "[]",
      '{"loss":1}',
      '{"step":"1"}',
      "",
      '{"step":2,"loss":"low","time":"never"}',
    ];
    await Deno.writeTextFile(
      path,
      line(1) + strange.join("\n") + "\n" + line(3),
    );
    await file.refresh();
    assertEquals([...file.column("step")], [1, 2, 3]);
    assertEquals([...file.column("loss")], [1, NaN, 1 / 3]);
    assertEquals([...file.column("hours")], [0, NaN, 2]);
  }));

Deno.test("MetricsFile stops at a line without an end", () =>
  withFolder(async (path) => {
    await Deno.writeTextFile(path, line(1) + "x".repeat(3_000_000));
    const file = new MetricsFile(path);
    await file.refresh();
    assertEquals([...file.column("step")], [1]);
  }));

Deno.test("MetricsFile reads a long log over several chunks", () =>
  withFolder(async (path) => {
    const lines = Array.from({ length: 30_000 }, (_, i) => line(i + 1));
    await Deno.writeTextFile(path, lines.join(""));
    const file = new MetricsFile(path);
    await file.refresh();
    assertEquals(file.rows, 30_000);
    assert(file.column("step").every((step, i) => step === i + 1));
  }));

Deno.test("MetricsFile has the last step and the validations of a long log", () =>
  withFolder(async (path) => {
    const lines = 300_001;
    const text = Array.from(
      { length: lines },
      (_, i) =>
        i === 100_000 ? '{"step":100001,"valLoss":3}\n' : `{"step":${i + 1}}\n`,
    );
    await Deno.writeTextFile(path, text.join(""));
    const file = new MetricsFile(path);
    await file.refresh();
    assertEquals([file.last("step"), file.last("valLoss")], [lines, 3]);
    assert(file.rows < 2 ** 18);
    const steps = file.column("step");
    assert(steps.every((step, i) => i === 0 || step > steps[i - 1]));
    const { version } = file;
    await Deno.writeTextFile(path, line(lines + 1), { append: true });
    await file.refresh();
    assertEquals(file.last("step"), lines + 1);
    assert(file.version !== version);
  }));
