import { assertEquals } from "@std/assert";
import { serve } from "./served.ts";

const MESSAGES = [{ role: "user", content: "Oi" }];

for (const stream of [false, true]) {
  Deno.test(`chats have the next turn's beginning read (stream: ${stream})`, async () => {
    await using server = await serve();
    const model = server.engine.models[0].name;
    const got: string[] = [];
    for (
      const [path, more] of [
        ["/v1/chat/completions", { max_tokens: 5 }],
        ["/api/chat", { options: { num_predict: 5 } }],
      ] as const
    ) {
      const response = await fetch(server.address + path, {
        method: "POST",
        body: JSON.stringify({
          model,
          messages: MESSAGES,
          stream,
          ...more,
        }),
      });
      const text = await response.text();
      const said = text.split("\n").map((line) => line.replace(/^data: /, ""))
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line))
        .map(({ message, choices }) =>
          message?.content ?? choices?.[0]?.message?.content ??
            choices?.[0]?.delta?.content ?? ""
        );
      got.push(said.join(""));
    }
    assertEquals(
      server.engine.ahead,
      got.map((reply) => ({
        model,
        beginning: `Usuário: Oi\n\nAssistente: ${reply.trim()}\n\nUsuário:`,
      })),
    );
    assertEquals(got.every((reply) => reply !== ""), true);
  });
}

Deno.test("completions, which nobody needs to go on with, have nothing read ahead", async () => {
  await using server = await serve();
  await server.post("/v1/completions", { prompt: "Oi" });
  const model = server.engine.models[0].name;
  await server.post("/api/generate", { model, prompt: "Oi", stream: false });
  assertEquals(server.engine.ahead, []);
});
