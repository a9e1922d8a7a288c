import { assertEquals } from "@std/assert";
import { blasAdvice, newerBlas } from "../../lib/stages/blas_advice.ts";

Deno.test("blasAdvice() names the command of the system", () => {
  const systems = {
    'NAME="Debian GNU/Linux"\nID=debian\n':
      "sudo apt install libopenblas0-pthread",
    "ID=ubuntu\nID_LIKE=debian\n": "sudo apt install libopenblas0-pthread",
    'VERSION_ID=9.5\nID="rocky"\nID_LIKE="rhel centos fedora"\n':
      "sudo dnf install openblas-threads",
    "ID=alpine\n": "sudo apk add openblas",
    "ID=manjaro\nID_LIKE=arch\n": "sudo pacman -S openblas",
  };
  const environment =
    "python3 -m venv .venv && .venv/bin/pip install scipy-openblas64";
  for (const [release, command] of Object.entries(systems)) {
    assertEquals(blasAdvice("linux", release), {
      command,
      withoutRoot: environment,
    });
  }
  // Nor is a system of that name in the table.
  for (const release of ["", "ID=nixos\n", "ID=constructor\n"]) {
    assertEquals(blasAdvice("linux", release), { command: environment });
  }
  assertEquals(blasAdvice("windows", "ID=debian\n"), {
    command: "python -m pip install scipy-openblas64",
  });
  assertEquals(newerBlas("linux"), environment);
});
