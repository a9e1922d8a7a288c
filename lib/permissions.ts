/**
 * What the program may do, found out without a question: on a terminal Deno asks
 * the person for what was not granted, which is wrong for what is optional.
 *
 * @module
 */

/**
 * Whether something is allowed already.
 *
 * @example
 * ```ts
 * import { isGranted } from "./permissions.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isGranted({ name: "read", path: "deno.json" }), true);
 * ```
 */
export function isGranted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}
