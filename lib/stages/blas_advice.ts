/**
 * How one gets a BLAS on a system that has none.
 *
 * @module
 */

import { isGranted } from "../permissions.ts";

/** A command that brings one, and one for people who may not install. */
export interface BlasAdvice {
  /** The one to type. */
  readonly command: string;
  /** The same without root, in the program's folder; absent when not needed. */
  readonly withoutRoot?: string;
}

/** By the name that `/etc/os-release` has, or by one that it is like. */
const PACKAGES: Readonly<Record<string, string>> = {
  debian: "sudo apt install libopenblas0-pthread",
  ubuntu: "sudo apt install libopenblas0-pthread",
  fedora: "sudo dnf install openblas-threads",
  alpine: "sudo apk add openblas",
  arch: "sudo pacman -S openblas",
};

/** The environment is found beside the program. */
const IN_ENVIRONMENT =
  "python3 -m venv .venv && .venv/bin/pip install scipy-openblas64";

/**
 * Which command brings a BLAS.
 *
 * @param os What it is for.
 * @param release The text of Linux's `/etc/os-release`.
 *
 * @example
 * ```ts
 * import { blasAdvice } from "./blas_advice.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { command } = blasAdvice("linux", 'ID=linuxmint\nID_LIKE="ubuntu debian"');
 * assertEquals(command, "sudo apt install libopenblas0-pthread");
 * ```
 */
export function blasAdvice(
  os: typeof Deno.build.os = Deno.build.os,
  release: string = readRelease(),
): BlasAdvice {
  if (os === "windows") {
    return { command: "python -m pip install scipy-openblas64" };
  }
  const [id, like] = ["ID", "ID_LIKE"].map((name) =>
    new RegExp(`^${name}=["']?([^"'\\n]*)`, "m").exec(release)?.[1] ?? ""
  );
  const name = [id, ...like.split(/\s+/)].find((name) =>
    Object.hasOwn(PACKAGES, name)
  );
  return name === undefined || os !== "linux"
    ? { command: IN_ENVIRONMENT }
    : { command: PACKAGES[name], withoutRoot: IN_ENVIRONMENT };
}

/** A newer library than the system's. */
export function newerBlas(os: typeof Deno.build.os = Deno.build.os): string {
  return os === "windows" ? blasAdvice(os, "").command : IN_ENVIRONMENT;
}

function readRelease(): string {
  const path = "/etc/os-release";
  if (!isGranted({ name: "read", path })) return "";
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return ""; // not Linux, or one that does not say
  }
}
