import type { Translations } from "./shared/language.ts";
export const portuguese: Translations = {};
