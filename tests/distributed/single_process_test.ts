import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { partsOf, sumInOrder } from "../../lib/distributed/communicator.ts";
import { findMpi } from "../../lib/distributed/mpi_library.ts";
import { launchOf, mpiPlaces } from "../../lib/distributed/mpi_places.ts";
import { SingleProcess } from "../../lib/distributed/single_process.ts";

Deno.test("SingleProcess gives back what it is given, copied", async () => {
  const alone = new SingleProcess(), values = Float32Array.of(1, 2, 3);
  await alone.barrier();
  await alone.broadcast();
  await alone.allReduce();
  const part = await alone.reduceScatter(values, [3]);
  values[0] = 9;
  assertEquals(part, Float32Array.of(1, 2, 3));
  assertEquals(await alone.allToAll([values]), [values]);
  await alone.close();
});

Deno.test("SingleProcess refuses parts for others", async () => {
  const alone = new SingleProcess(), values = Float32Array.of(1, 2);
  await assertRejects(
    async () => await alone.allToAll([values, values]),
    RangeError,
    "Cannot give 2 parts to 1 ranks: each takes one",
  );
  await assertRejects(
    async () => await alone.reduceScatter(values, [1]),
    RangeError,
    "Cannot cut 2 values into parts: theirs are 1",
  );
});

Deno.test("sumInOrder() adds from the first to the last, in 32 bits", () => {
  const parts = [1e8, 1, -1e8].map((value) => Float32Array.of(value));
  assertEquals(sumInOrder(parts), Float32Array.of(0));
  assertEquals(sumInOrder([parts[0], parts[2], parts[1]]), Float32Array.of(1));
  assertEquals(partsOf(Uint8Array.of(1, 2, 3), [1, 0, 2]), [
    Uint8Array.of(1),
    Uint8Array.of(),
    Uint8Array.of(2, 3),
  ]);
});

Deno.test("launchOf() knows the launchers by their variables", () => {
  assertEquals(launchOf({ OMPI_COMM_WORLD_SIZE: "3" }), {
    isLaunched: true,
    size: 3,
    launcher: "Open MPI",
  });
  assertEquals(launchOf({ PMIX_RANK: "0" }), { isLaunched: true });
  assertEquals(launchOf({ PMI_SIZE: "many" }), { isLaunched: false });
});

Deno.test("mpiPlaces() has the launcher's own library first", () => {
  const mpich = { isLaunched: true, launcher: "MPICH" } as const;
  const places = mpiPlaces(mpich, { VIRTUAL_ENV: "/venv" }, "linux");
  assertEquals(
    places.indexOf("libmpi.so.40") > places.indexOf("libmpich.so.12"),
    true,
  );
  assertEquals(places.includes("/venv/lib/libmpi_abi.so.1"), true);
  assertEquals(mpiPlaces(mpich, { VIRTUAL_ENV: "venv" }, "linux").length, 6);
  assertEquals(mpiPlaces(mpich, {}, "windows"), []);
});

Deno.test("findMpi() says why a library cannot be used", () => {
  assertThrows(
    () => findMpi("/nowhere/libmpi.so"),
    Error,
    'Cannot use the MPI library "/nowhere/libmpi.so": it is not there',
  );
  assertThrows(
    () => findMpi("libc.so.6"),
    Error,
    'Cannot use the MPI library "libc.so.6": ',
  );
});
