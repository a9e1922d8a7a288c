/** What `test-model` says, in Portuguese. */

import type { Translations } from "./shared/language.ts";

export const portuguese: Translations = {
  "Show the likeliest next tokens of prompts":
    "Mostra os próximos tokens mais prováveis de alguns prompts",
  "a prompt of your own instead of the five built in; - reads it from stdin":
    "um prompt seu em vez dos cinco embutidos; - lê da entrada padrão",
  "how many tokens to show": "quantos tokens mostrar",
};
