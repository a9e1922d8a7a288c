/** A page of legislation becomes the law's text as it is in force. */

import { cleanLaw } from "@ptbr-slm/ptbr-slm/cleaning";
import { assertEquals } from "@std/assert";

const { identity, text } = cleanLaw(`<p>Presidência da República</p>
  <p>LEI N<u><sup>o</sup></u> 7, DE 2 DE MAIO DE 1999</p>
  <p><strike>Art. 1<sup>o</sup> Fica assim.</strike>
  <p>Art. 1<sup>o</sup> Fica como est&aacute;.</p>`);

assertEquals(identity, "LEI 7/1999");
assertEquals(text, "LEI Nº 7, DE 2 DE MAIO DE 1999\nArt. 1º Fica como está.");
