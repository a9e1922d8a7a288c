import { assert, assertEquals } from "@std/assert";
import { adviseHugePages } from "../../../lib/backend/cpu/huge_pages.ts";
import { SharedMemory } from "../../../lib/backend/cpu/memory.ts";

Deno.test("adviseHugePages() marks all that a memory may grow to", async (t) => {
  const shared = new SharedMemory();
  if (!adviseHugePages(shared.memory, shared.capacity)) {
    return void await t.step({
      name: "(this system has none to give)",
      ignore: true,
      fn: () => {},
    });
  }
  const bytes = 64 * 2 ** 20;
  const address = shared.reserve(bytes);
  shared.f32.fill(1, address / 4, (address + bytes) / 4);
  const maps = await Deno.readTextFile("/proc/self/smaps");
  const marked = maps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
    .filter((map) => /^VmFlags:.* hg( |$)/m.test(map));
  const size = (map: string) => Number(/^Size: +(\d+) kB$/m.exec(map)?.[1]);
  const kilobytes = marked.reduce((sum, map) => sum + size(map), 0);
  assert(
    kilobytes * 1024 >= shared.capacity,
    `only ${kilobytes} kB are marked`,
  );
});

Deno.test({
  name: "adviseHugePages() does nothing without the permission",
  permissions: { ffi: false },
  fn: () => {
    const shared = new SharedMemory();
    assertEquals(adviseHugePages(shared.memory, shared.capacity), false);
  },
});
