import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { saveModel } from "../../lib/checkpoint/native/mpk_writer.ts";
import { Conversation } from "../../lib/stages/conversation.ts";
import { writeVocab } from "../../lib/tokenizer/vocab_text.ts";
import { newModel, tokenizer } from "../generate/small_models.ts";

const never = new Map(
  ["[BOS]", "[EOS]"].map((name) => [tokenizer.vocab.specialId(name), -100]),
);

async function withConversation(
  work: (conversation: Conversation, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  await saveModel(
    `${folder}/model_final.mpk`,
    await newModel(new ReferenceBackend()),
  );
  await writeVocab(`${folder}/tokenizer.json`, tokenizer.vocab);
  try {
    using conversation = await Conversation.open({
      model: folder,
      backend: "reference",
      maxTokens: 6,
      logitBias: never,
    });
    await work(conversation, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("Conversation reads a turn's own tokens alone, and takes it back", () =>
  withConversation(async (conversation) => {
    assertEquals(conversation.tokens, 1);
    const cost = tokenizer.encode("o rio").length + 6;
    const first = await conversation.write("o rio");
    assertEquals(conversation.tokens, 1 + cost);
    const pieces: string[] = [];
    const second = await conversation.write("o rio", {
      onText: (piece) => pieces.push(piece),
    });
    assertEquals(pieces.join(""), second.text);
    assertEquals(conversation.tokens, 1 + 2 * cost);
    assertEquals(conversation.undo(), "o rio");
    assertEquals(conversation.tokens, 1 + cost);
    const other = await conversation.write("o rio"); // a new seed
    assertNotEquals(other.text, second.text);
    await conversation.reset();
    assertEquals([conversation.tokens, conversation.undo()], [1, undefined]);
    conversation.set({ seed: 39 }); // the fourth text since the start
    assertEquals((await conversation.write("o rio")).text, first.text);
  }));

Deno.test("Conversation keeps its settings where others make no sense", () =>
  withConversation(async (conversation) => {
    assertThrows(() => conversation.set({ topP: 3 }), RangeError);
    conversation.set({ temperature: 0, maxTokens: 2 });
    const { text } = await conversation.write("o rio");
    conversation.undo();
    assertEquals((await conversation.write("o rio")).text, text);
  }));

Deno.test("Conversation goes on from the file that it saved", () =>
  withConversation(async (conversation, folder) => {
    conversation.set({ temperature: 0 });
    await conversation.write("o rio");
    await conversation.save(`${folder}/state.bin`);
    using other = await Conversation.open({
      model: folder,
      backend: "reference",
      maxTokens: 6,
      temperature: 0,
      logitBias: never,
      loadState: `${folder}/state.bin`,
    });
    assertEquals(other.tokens, conversation.tokens);
    const [one, two] = await Promise.all(
      [conversation, other].map((each) => each.write(" corre")),
    );
    assertEquals(one.text, two.text);
  }));

Deno.test("Conversation ends a turn with what there is when it is aborted", () =>
  withConversation(async (conversation) => {
    conversation.set({ maxTokens: 10_000 });
    const controller = new AbortController();
    const { complete, text } = await conversation.write("o rio", {
      signal: controller.signal,
      onText: () => controller.abort(),
    });
    assertEquals([complete, text.length > 0], [false, true]);
    conversation.set({ maxTokens: 3 });
    assertEquals((await conversation.write("")).complete, true);
  }));
