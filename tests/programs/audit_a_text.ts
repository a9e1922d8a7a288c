/** What is wrong with a text is counted before anyone trains on it. */

import { countFaults, repairText } from "@ptbr-slm/ptbr-slm/cleaning";
import { assertEquals } from "@std/assert";

const damaged = "NÃ£o se vÃª [[nada]] aqui.\ufffd";
const faults = countFaults(damaged);
assertEquals([faults.mojibake, faults.replacement, faults.wikitext], [2, 1, 2]);

// Characters can be repaired; what is lost is lost.
const repaired = countFaults(repairText(damaged));
assertEquals([repaired.mojibake, repaired.replacement], [0, 1]);
