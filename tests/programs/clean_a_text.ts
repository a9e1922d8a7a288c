/** A text file's bytes become clean paragraphs, whatever their encoding. */

import { cleanText, decodeLegacy } from "@ptbr-slm/ptbr-slm/cleaning";
import { assertEquals } from "@std/assert";

// "Não" and so on as Windows-1252 had it, its lines broken at the page's width.
const bytes = Uint8Array.from(
  "N\xe3o era uma vez\num rei que ria.\n\nE uma rainha\nque n\xe3o\nria.\n",
  (character) => character.charCodeAt(0),
);
const { text, encoding } = decodeLegacy(bytes);
assertEquals(encoding, "windows-1252");

const cleaned = cleanText(text);
assertEquals(
  cleaned.text,
  "Não era uma vez um rei que ria.\nE uma rainha que não ria.\n",
);
assertEquals(cleaned.counts.lineBreaks, 3);
