/**
 * The page to try models on: its parts, to be served as they are.
 *
 * It speaks to the server that it came from, by the same API as everybody else.
 * What it shows of users and models is text and never markup. `playground.js`
 * is where it begins.
 *
 * @module
 */

import baseStyle from "../../page/base.css" with { type: "text" };
import elementsScript from "../../page/elements.js" with { type: "text" };
import { type PageParts, PART_TYPES } from "../../page/headers.ts";
import languageScript from "../../page/language.js" with { type: "text" };
import announcingScript from "./announcing.js" with { type: "text" };
import apiScript from "./api.js" with { type: "text" };
import chatScript from "./chat.js" with { type: "text" };
import completionScript from "./completion.js" with { type: "text" };
import fieldsScript from "./fields.js" with { type: "text" };
import fittingScript from "./fitting.js" with { type: "text" };
import page from "./index.html" with { type: "text" };
import matchingScript from "./matching.js" with { type: "text" };
import modelCardScript from "./model_card.js" with { type: "text" };
import playgroundScript from "./playground.js" with { type: "text" };
import settingsScript from "./settings.js" with { type: "text" };
import sharingScript from "./sharing.js" with { type: "text" };
import style from "./style.css" with { type: "text" };
import tabsScript from "./tabs.js" with { type: "text" };
import tokenizerScript from "./tokenizer.js" with { type: "text" };
import tokensScript from "./tokens.js" with { type: "text" };
import wordsScript from "./words.js" with { type: "text" };

/** The page's parts by their path; to be sent with `PAGE_HEADERS`. */
export const PAGE_PARTS: PageParts = {
  "/": [PART_TYPES.page, page],
  "/page/base.css": [PART_TYPES.style, baseStyle],
  "/style.css": [PART_TYPES.style, style],
  "/announcing.js": [PART_TYPES.script, announcingScript],
  "/api.js": [PART_TYPES.script, apiScript],
  "/chat.js": [PART_TYPES.script, chatScript],
  "/completion.js": [PART_TYPES.script, completionScript],
  "/page/elements.js": [PART_TYPES.script, elementsScript],
  "/fields.js": [PART_TYPES.script, fieldsScript],
  "/fitting.js": [PART_TYPES.script, fittingScript],
  "/page/language.js": [PART_TYPES.script, languageScript],
  "/matching.js": [PART_TYPES.script, matchingScript],
  "/model_card.js": [PART_TYPES.script, modelCardScript],
  "/playground.js": [PART_TYPES.script, playgroundScript],
  "/settings.js": [PART_TYPES.script, settingsScript],
  "/sharing.js": [PART_TYPES.script, sharingScript],
  "/tabs.js": [PART_TYPES.script, tabsScript],
  "/tokenizer.js": [PART_TYPES.script, tokenizerScript],
  "/tokens.js": [PART_TYPES.script, tokensScript],
  "/words.js": [PART_TYPES.script, wordsScript],
};
