/**
 * What errors say, in Portuguese, by the tables that commands have and one of
 * the page's own; loaded when the first is to be told.
 *
 * @module
 */

import {
  errorPatterns,
  translateError,
} from "../../commands/shared/error_patterns.ts";
import { errors } from "../../commands/shared/errors.pt.ts";
import { reasons } from "./reasons.pt.ts";

const patterns = errorPatterns({ ...errors, ...reasons });

/** Translates what an error says, as far as it is known. */
export function inPortuguese(message: string): string {
  return translateError(message, patterns);
}
