import { assertEquals, assertThrows } from "@std/assert";
import {
  checkRoundTrips,
  codePoints,
  fuzzTokenizer,
  randomStrings,
} from "./round_trip.ts";

Deno.test("decode() gives back every code point", async () => {
  const { strings } = checkRoundTrips(await fuzzTokenizer(), codePoints());
  assertEquals(strings, 0x110000 - 0x800);
});

Deno.test("decode() gives back 100,000 random strings", async () => {
  const tokenizer = await fuzzTokenizer();
  const { strings } = checkRoundTrips(tokenizer, randomStrings(100_000, 7));
  assertEquals(strings, 100_000);
});

Deno.test("checkRoundTrips() finds what does not come back", async () => {
  const tokenizer = await fuzzTokenizer();
  tokenizer.encode = () => Uint16Array.of(300, 301);
  assertThrows(
    () => checkRoundTrips(tokenizer, ["ação"]),
    Error,
    'Cannot bring back "ação": its ids are 300,301',
  );
});
