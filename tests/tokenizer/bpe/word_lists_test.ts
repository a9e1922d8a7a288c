import { assertEquals } from "@std/assert";
import { WordLists } from "../../../lib/tokenizer/bpe/word_lists.ts";
import { Random } from "../../../lib/random.ts";

Deno.test("WordLists keeps lists as arrays would", () => {
  const random = new Random(81);
  const lists = new WordLists();
  const expected = new Map<number, number[]>();
  const add = (list: number, word: number) => {
    lists.add(list, word);
    const words = expected.get(list) ?? [];
    if (words.at(-1) !== word) words.push(word);
    expected.set(list, words);
  };
  const take = (list: number, also: (word: number) => void = () => {}) => {
    const words: number[] = [];
    const before = expected.get(list) ?? [];
    expected.delete(list);
    lists.take(list, (word) => {
      words.push(word);
      also(word);
    });
    assertEquals(words, before);
  };
  for (let i = 0; i < 100_000; i++) {
    const list = random.next() % 40 * (random.next() % 100);
    if (random.next() % 20 > 0) add(list, random.next() % 5);
    // Lists grow while one is taken, that one among them.
    else take(list, (word) => word === 3 && add(list + word % 2, word + i));
  }
  for (const list of [...expected.keys(), 1e6]) take(list);
});
