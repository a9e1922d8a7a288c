import { assertAlmostEquals, assertEquals } from "@std/assert";
import { EnergyMeter } from "../../../lib/train/run_folder/energy.ts";

Deno.test("EnergyMeter adds up processors, also where a counter begins anew", async () => {
  const folder = await Deno.makeTempDir();
  const set = async (name: string, now: number) => {
    await Deno.mkdir(`${folder}/${name}`, { recursive: true });
    await Deno.writeTextFile(`${folder}/${name}/energy_uj`, `${now}\n`);
    await Deno.writeTextFile(
      `${folder}/${name}/max_energy_range_uj`,
      "10000000\n",
    );
  };
  await set("intel-rapl:0", 9_000_000);
  await set("intel-rapl:1", 0);
  await set("intel-rapl:0:0", 5); // a part of the first
  const meter = await EnergyMeter.open(folder);
  assertEquals(await meter?.read(), 0);
  await set("intel-rapl:0", 9_500_000);
  assertAlmostEquals((await meter?.read())!, 0.5);
  await set("intel-rapl:0", 1_000_000);
  await set("intel-rapl:1", 2_000_000);
  await set("intel-rapl:0:0", 9_000_000);
  assertAlmostEquals((await meter?.read())!, 4);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("EnergyMeter.open() gives nothing where nothing is told", async () => {
  const folder = await Deno.makeTempDir();
  assertEquals(await EnergyMeter.open(folder), undefined);
  assertEquals(await EnergyMeter.open(`${folder}/none`), undefined);
  await Deno.remove(folder, { recursive: true });
});
