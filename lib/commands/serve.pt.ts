/** What `serve` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {};
