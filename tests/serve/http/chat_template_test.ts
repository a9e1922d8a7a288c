import { assertEquals, assertThrows } from "@std/assert";
import {
  CHAT_TEMPLATE,
  type Message,
  readChatTemplate,
  writeTurns,
} from "../../../lib/serve/http/chat_template.ts";

Deno.test("writeTurns() writes turns so that the model's comes next", () => {
  const turns: Message[] = [
    { role: "system", content: "Seja breve." },
    { role: "user", content: " Oi\n" },
    { role: "assistant", content: "Olá" },
    { role: "user", content: "Tudo bem?" },
  ];
  const text = "Usuário: Oi\n\nAssistente: Olá\n\nUsuário: Tudo bem?";
  assertEquals(
    writeTurns(CHAT_TEMPLATE, turns),
    `Seja breve.\n\n${text}\n\nAssistente:`,
  );
  assertEquals(
    writeTurns(CHAT_TEMPLATE, turns.slice(1), true),
    `\n\n${text}\n\nAssistente:`,
  );
  // A turn of the model that was begun is gone on with.
  assertEquals(
    writeTurns(CHAT_TEMPLATE, turns.slice(1, 3)),
    "Usuário: Oi\n\nAssistente: Olá",
  );
});

Deno.test("readChatTemplate() refuses what is none", () => {
  const cases = [
    ["user = 5", "user must be a text"],
    ["stop = 'a'", "stop must be a list of texts"],
    ["stop = ['']", "stop must be a list of texts"],
    ["users = ''", 'unknown field "users"'],
    ["= 5", "line 1"],
  ];
  for (const [text, reason] of cases) {
    assertThrows(
      () => readChatTemplate(text, "chat.toml"),
      SyntaxError,
      reason,
    );
  }
});
