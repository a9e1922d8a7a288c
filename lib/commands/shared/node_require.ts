/**
 * Gives packages that are written as CommonJS the `require` by which they ask for
 * Node's modules, where a bundle has made them a part of one ES module, which has
 * none. To be imported before them.
 *
 * @module
 */

import { createRequire } from "node:module";

// Only Node's own modules are asked for, so it matters not from where.
(globalThis as { require?: unknown }).require ??= createRequire("file:///");
