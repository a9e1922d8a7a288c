import { assert, assertEquals } from "@std/assert";
import { adviseHugePages } from "../../../lib/backend/cpu/huge_pages.ts";
import { SharedMemory } from "../../../lib/backend/cpu/memory.ts";

/** /proc/self/smaps by the C library, as Deno asks for every permission. */
function memoryMaps(): string {
  const { symbols } = Deno.dlopen("libc.so.6", {
    open: { parameters: ["buffer", "i32"], result: "i32" },
    read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    close: { parameters: ["i32"], result: "i32" },
  });
  const path = new TextEncoder().encode("/proc/self/smaps\0");
  const file = symbols.open(path, 0), part = new Uint8Array(2 ** 16);
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const length = Number(symbols.read(file, part, BigInt(part.length)));
    if (length <= 0) break;
    text += decoder.decode(part.subarray(0, length), { stream: true });
  }
  symbols.close(file);
  return text;
}

Deno.test("adviseHugePages() marks all that a memory may grow to", {
  sanitizeResources: false, // the C library is not closed
}, async (t) => {
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
  const marked = memoryMaps().split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
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
