import { assert, assertEquals } from "@std/assert";
import { barLine, Estimate } from "../../../lib/commands/shared/output.ts";

Deno.test("Estimate says nothing in the first second", () => {
  const estimate = new Estimate();
  assertEquals(estimate.left(0, 0, 100), undefined);
  assertEquals(estimate.left(900, 90, 100), undefined);
  assertEquals(estimate.left(1000, 90, 100), 1 / 9);
});

Deno.test("Estimate counts only what was done since it began", () => {
  const estimate = new Estimate();
  estimate.left(5000, 900, 1000);
  assertEquals(estimate.left(15_000, 910, 1000), 90);
});

Deno.test("Estimate follows how fast the work was lately", () => {
  const estimate = new Estimate();
  let left = 0;
  // Ten a second for 100 s, then one a second.
  for (let now = 0, done = 0; now <= 200_000; now += 1000) {
    left = estimate.left(now, done, 2000) ?? 0;
    done += now < 100_000 ? 10 : 1;
  }
  assert(left > 800 && left < 1000, `${left}`);
});

Deno.test("Estimate does not jump where work comes in lumps", () => {
  const estimate = new Estimate();
  let last: number | undefined;
  for (let now = 0; now <= 120_000; now += 100) {
    const left = estimate.left(now, Math.floor(now / 2000), 600);
    if (now > 30_000 && left !== undefined && last !== undefined) {
      assert(Math.abs(left - last) / last < 0.12, `${last} to ${left}`);
    }
    last = left;
  }
});

Deno.test("Estimate leaves out a night in which the machine slept", () => {
  const estimate = new Estimate();
  const NIGHT = 8 * 3_600_000;
  let left: number | undefined;
  // Ten a second; it is stopped after 60 s.
  for (let now = 0; now < 62_000; now += 500) {
    left = estimate.left(now + (now > 60_000 ? NIGHT : 0), now / 100, 10_000);
  }
  assert(Math.abs(left! - 938) < 10, `${left}`);
});

Deno.test("Estimate believes work that becomes slow by and by", () => {
  const estimate = new Estimate();
  let left: number | undefined;
  for (let now = 0, done = 0; done < 100; done++) {
    left = estimate.left(now, done, 1000);
    now += done < 50 ? 5000 : 20_000;
  }
  assert(left! > 17_000, `${left}`);
});

Deno.test("barLine() never fills a line", () => {
  const parts = {
    label: "treino",
    share: 1,
    time: "faltam 12h33m",
    detail: "passo 12/50000  perda 3,123  200 tokens/s",
  };
  for (const width of [1, 2, 10, 20, 39, 40, 69, 70, 80, 200]) {
    assert([...barLine(parts, width)].length < width, `${width}`);
  }
  assert(barLine(parts, 200).endsWith("tokens/s"));
});

Deno.test("barLine() shows a curve whole or not at all", () => {
  const parts = {
    label: "train",
    share: 0.5,
    time: "9s left",
    detail: "loss 4",
    curve: "█▆▄▂▁",
  };
  const whole = "train  [#####-----]  50 %  9s left  loss 4  █▆▄▂▁";
  assertEquals(barLine(parts, whole.length + 3), whole);
  for (let width = 1; width < 120; width++) {
    const line = barLine(parts, width);
    const without = barLine({ ...parts, curve: undefined }, width);
    assert([...line].length < width || line === "", `${width}`);
    assert([without, `${without}  █▆▄▂▁`].includes(line), line);
  }
});

Deno.test("Output.warn() is heard where notes are not, as under --quiet", async () => {
  const source = new URL(
    "../../../lib/commands/shared/output.ts",
    import.meta.url,
  );
  const code = `import { processOutput } from "${source}";
    const output = processOutput(true);
    output.note("on its way");
    output.warn("damaged");`;
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", "--ext=ts", code],
  }).output();
  assertEquals(new TextDecoder().decode(stderr), "damaged\n");
});
