/**
 * Keeps Vulkan's drivers from complaining on the terminal.
 *
 * @module
 */

import { isGranted } from "../../permissions.ts";

/** A folder that nobody but the system can put anything into. */
const NO_DESKTOP = "/var/empty";

/**
 * Says for a while that there is no desktop to talk to. Where `XDG_RUNTIME_DIR`
 * is not set, as in a container, drivers write so on the standard error; the
 * kernels need no desktop.
 *
 * @returns Dispose of it when an adapter was asked for.
 */
export function quietLoader(): Disposable {
  const variable = "XDG_RUNTIME_DIR";
  const isWanted = Deno.build.os === "linux" &&
    isGranted({ name: "env", variable }) && !Deno.env.has(variable);
  if (!isWanted) return { [Symbol.dispose]() {} };
  Deno.env.set(variable, NO_DESKTOP);
  return { [Symbol.dispose]: () => Deno.env.delete(variable) };
}
