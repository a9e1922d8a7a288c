/**
 * The page to try models on, in a browser, against a server that writes what it
 * is told to.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Page } from "npm:puppeteer-core@25.16.0";
import { PAGE_PARTS } from "../../../lib/serve/page/page.ts";
import { browserTests } from "./browser.ts";
import { fakeServer } from "./fake_server.ts";
import { STORY } from "./story.ts";

const TEXT = STORY.map(([text]) => text).join("");
const answers = () => ({ tokens: STORY, wait: 2 });

/** Holds Ctrl and presses a key. */
async function pressCtrl(page: Page, key: "Enter"): Promise<void> {
  await page.keyboard.down("Control");
  await page.keyboard.press(key);
  await page.keyboard.up("Control");
}

/** The text of what a selector finds. */
function textOf(page: Page, selector: string): Promise<string> {
  return page.$eval(selector, (element) => element.textContent ?? "");
}

/** Waits until a text is seen. */
async function saw(page: Page, selector: string, text: string): Promise<void> {
  await page.waitForFunction(
    (selector: string, text: string) =>
      // deno-lint-ignore no-explicit-any
      (globalThis as any).document.querySelector(selector)?.textContent
        .includes(text),
    { timeout: 10_000 },
    selector,
    text,
  );
}

async function writeText(page: Page, prompt = "O rio"): Promise<void> {
  await page.type("#prompt", prompt);
  await pressCtrl(page, "Enter");
}

async function writesAText(page: Page): Promise<void> {
  await using server = fakeServer(answers());
  await page.goto(server.address);
  await saw(page, "#model", "mini-pt");
  await writeText(page);
  await saw(page, "#state", "ended");
  assertEquals(await textOf(page, "#text"), `O rio${TEXT}`);
  // What a model writes is text, never markup.
  assertEquals((await page.$$("#text b")).length, 0);
  assertEquals((await page.$$(".token")).length, STORY.length);
  const figures = await textOf(page, "#figures");
  assertStringIncludes(
    figures,
    "tokens written29read before12of these from the cache8",
  );
  const [{ path, body }] = server.requests;
  assertEquals(path, "/v1/completions");
  assertEquals(
    { ...body },
    {
      model: "mini-pt",
      prompt: "O rio",
      max_tokens: 200,
      temperature: 0.7,
      top_p: 0.9,
      dry_multiplier: 0.8,
      logprobs: 5,
      stream: true,
      stream_options: { include_usage: true },
    },
  );
  // A screen reader is told sentences, not tokens.
  const spoken = await page.$$eval(
    "#spoken p",
    (lines) => lines.map(({ textContent }) => textContent),
  );
  assert(spoken.includes("O rio") === false);
  assert(spoken.some((line) => line!.endsWith("tem pressa.")), `${spoken}`);
  // It goes on from there.
  await pressCtrl(page, "Enter");
  await page.waitForSelector(`.token:nth-child(${2 * STORY.length})`);
  await saw(page, "#state", "ended");
  assertEquals(server.requests[1].body.prompt, `O rio${TEXT}`);
  assertEquals(await textOf(page, "#text"), `O rio${TEXT}${TEXT}`);
}

async function branches(page: Page): Promise<void> {
  const given = answers();
  await using server = fakeServer(given);
  await page.goto(server.address);
  await writeText(page);
  await saw(page, "#state", "ended");
  await page.hover(".token:nth-child(5) .ink");
  await page.waitForSelector("#alternatives:not([hidden])");
  const shown = await textOf(page, "#alternatives");
  for (const part of ["␣Mantiqueira", "41%", "␣Canastra", "16%"]) {
    assertStringIncludes(shown, part);
  }
  given.tokens = [[" fim", 0.5]];
  await page.click("#alternatives li:first-child button");
  await saw(page, "#text", "fim");
  await saw(page, "#state", "ended");
  const prompt = "O rio nasce na serra da Mantiqueira";
  assertEquals(server.requests[1].body.prompt, prompt);
  assertEquals(await textOf(page, "#text"), `${prompt} fim`);
  // Another try keeps what was chosen; undoing goes back to where it was.
  given.tokens = [[" outro", 0.5]];
  await page.click("#again");
  await saw(page, "#text", "outro");
  await saw(page, "#state", "ended");
  assertEquals(await textOf(page, "#text"), `${prompt} outro`);
  await page.click("#undo");
  await page.click("#undo");
  assertEquals(await textOf(page, "#text"), `O rio${TEXT}`);
  assertEquals((await page.$$(".token")).length, STORY.length);
}

/** Where a part of the page is. */
function boxOf(page: Page, selector: string) {
  return page.$eval(selector, (element) => {
    const { left, top, bottom } = element.getBoundingClientRect();
    return { left, top, bottom };
  });
}

async function waitsForTheMouse(page: Page): Promise<void> {
  const given = { tokens: [...STORY, ...STORY, ...STORY], wait: 60 };
  await using server = fakeServer(given);
  await page.goto(server.address);
  await page.type("#prompt", "O rio");
  // Where the text will be.
  const { left, top } = await boxOf(page, "#prompt");
  await page.mouse.move(left + 150, top + 14);
  await pressCtrl(page, "Enter");
  const isHidden = () => page.$eval("#alternatives", ({ hidden }) => hidden);
  await page.waitForSelector(".token:nth-child(9)");
  await page.mouse.move(left + 200, top + 14);
  await new Promise((resolve) => setTimeout(resolve, 250));
  assertEquals(await textOf(page, "#state"), "Writing…");
  assert(await isHidden(), "shown while writing, after a move");
  await page.keyboard.press("Escape");
  await saw(page, "#state", "Cancelled");
  await new Promise((resolve) => setTimeout(resolve, 250));
  assert(await isHidden(), "shown under a mouse that rests");
  await page.mouse.move(left + 150, top + 14);
  await page.waitForSelector("#alternatives:not([hidden])");
  await page.keyboard.press("Escape");
  // No room below: not over the header either.
  await page.setViewport({ width: 1280, height: 300 });
  await page.mouse.move(left + 210, top + 16);
  await page.waitForSelector("#alternatives:not([hidden])");
  const panel = await boxOf(page, "#alternatives");
  const header = await boxOf(page, "header");
  assert(panel.top >= header.bottom, `${panel.top} ${header.bottom}`);
}

async function showsColours(page: Page): Promise<void> {
  await using server = fakeServer(answers());
  await page.goto(server.address);
  await writeText(page);
  await saw(page, "#state", "ended");
  const seen = () =>
    page.$eval(
      ".token:nth-child(24) .ink",
      (ink) =>
        // deno-lint-ignore no-explicit-any
        (globalThis as any).getComputedStyle(ink).backgroundColor,
    );
  const legend = () =>
    page.$eval(".legend", (element) => element.checkVisibility());
  const colour = await seen();
  assert(await legend());
  await page.click("#tells");
  assertEquals(await seen(), "rgba(0, 0, 0, 0)");
  assertEquals(await legend(), false);
  await page.click("#tells");
  assertEquals(await seen(), colour);
  assert(colour !== "rgba(0, 0, 0, 0)");
}

async function isUsedByKeys(page: Page): Promise<void> {
  const given = answers();
  await using server = fakeServer(given);
  await page.goto(server.address);
  await writeText(page);
  await saw(page, "#state", "ended");
  await page.focus("#written");
  for (const key of ["ArrowRight", "ArrowRight", "ArrowRight"] as const) {
    await page.keyboard.press(key);
  }
  assertEquals(await textOf(page, ".token.current"), " serra");
  assertEquals(await textOf(page, "#said"), "␣serra 38%");
  await page.keyboard.press("Enter");
  const focused = () =>
    // deno-lint-ignore no-explicit-any
    page.evaluate("document.activeElement.textContent" as any);
  assertEquals(await focused(), "␣Serra33%");
  await page.keyboard.press("ArrowDown");
  assertEquals(await focused(), "␣região12%");
  // A part of a character cannot be gone on from: the first is next.
  await page.keyboard.press("ArrowDown");
  assertEquals(await focused(), "␣Serra33%");
  await page.keyboard.press("Escape");
  assert(await page.$("#alternatives[hidden]") !== null);
  assertEquals(
    // deno-lint-ignore no-explicit-any
    await page.evaluate("document.activeElement.id" as any),
    "written",
  );
  // From tab to tab, and what is focused can be seen.
  await page.focus("#completion-tab");
  await page.keyboard.press("ArrowRight");
  assert(await page.$("#chat:not([hidden])") !== null);
  const outline = await page.$eval(
    "#chat-tab",
    (tab) =>
      // deno-lint-ignore no-explicit-any
      (globalThis as any).getComputedStyle(tab).outlineStyle,
  );
  assertEquals(outline, "solid");
}

/** Presses Enter on a message; returns whether the browser may act on it. */
function fires(page: Page, how: { isComposing: boolean }): Promise<boolean> {
  return page.$eval("#message", (field, how) =>
    field.dispatchEvent(
      // deno-lint-ignore no-explicit-any
      new (globalThis as any).KeyboardEvent("keydown", {
        key: "Enter",
        bubbles: true,
        cancelable: true,
        ...how,
      }),
    ), how);
}

async function talks(page: Page): Promise<void> {
  const given = answers();
  await using server = fakeServer(given);
  await page.goto(server.address);
  await page.click("#chat-tab");
  given.tokens = [[" Na", 0.4, { " Em": 0.3 }], [" serra", 0.5], [".", 0.9]];
  assertStringIncludes(await textOf(page, "#key-hint"), "Enter sends");
  await page.keyboard.press("Enter"); // nothing is said yet
  await page.type("#message", "Onde");
  await page.keyboard.down("Shift");
  await page.keyboard.press("Enter");
  await page.keyboard.up("Shift");
  await page.type("#message", "nasce?");
  assertEquals(await fires(page, { isComposing: true }), true);
  assertEquals(server.requests.length, 0);
  await page.keyboard.press("Enter");
  await saw(page, "#state", "ended");
  await page.type("#message", "E morre?");
  await page.click("#write");
  await page.waitForSelector("#messages li:nth-child(4) .token:nth-child(3)");
  await saw(page, "#state", "ended");
  const [, second] = server.requests;
  assertEquals(second.path, "/v1/chat/completions");
  assertEquals(second.body.messages, [
    { role: "user", content: "Onde\nnasce?" },
    { role: "assistant", content: "Na serra." },
    { role: "user", content: "E morre?" },
  ]);
  assertEquals(second.body.top_logprobs, 5);
  given.tokens = [[" Minas", 0.5]];
  await page.click("#messages li:nth-child(2) .token");
  await page.click("#alternatives li:nth-child(2) button");
  await saw(page, "#messages", "Em Minas");
  await saw(page, "#state", "ended");
  assertEquals(server.requests[2].body.messages, [
    { role: "user", content: "Onde\nnasce?" },
    { role: "assistant", content: "Em" },
  ]);
  assertEquals((await page.$$("#messages li")).length, 2);
}

async function cancels(page: Page): Promise<void> {
  await using server = fakeServer({ tokens: STORY, wait: 60 });
  await page.goto(server.address);
  await writeText(page);
  await page.waitForSelector(".token:nth-child(3)");
  await page.keyboard.press("Escape");
  await saw(page, "#state", "Cancelled");
  const text = await textOf(page, "#text");
  assert(
    text.startsWith("O rio nasce na") && text.length < TEXT.length,
    text,
  );
  const [asked] = server.requests;
  const end = performance.now() + 5000;
  while (!asked.isLeft && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert(asked.isLeft);
}

async function asksForAKey(page: Page): Promise<void> {
  await using server = fakeServer({ ...answers(), key: "segredo" });
  await page.goto(server.address);
  await page.waitForSelector("#door[open]");
  await page.type("#key", "errada");
  await page.keyboard.press("Enter");
  await saw(page, "#door", "not accepted");
  await page.waitForSelector("#door[open]");
  await page.type("#key", "€"); // which no header can carry
  await page.keyboard.press("Enter");
  await saw(page, "#door", "not accepted");
  await page.waitForSelector("#door[open]");
  await page.type("#key", "segredo");
  await page.keyboard.press("Enter");
  await saw(page, "#model", "mini-pt");
  await writeText(page);
  await saw(page, "#state", "ended");
  const kept = await page.evaluate(
    // deno-lint-ignore no-explicit-any
    "[location.href, JSON.stringify(localStorage)].join(' ')" as any,
  );
  assert(!String(kept).includes("segredo"), String(kept));
}

async function saysWhatIsRefused(page: Page): Promise<void> {
  const refusal = { status: 429, message: "Cannot answer: too many wait" };
  const given: Parameters<typeof fakeServer>[0] = { ...answers(), refusal };
  await using server = fakeServer(given);
  await page.goto(server.address);
  await saw(page, "#model", "mini-pt");
  await writeText(page);
  await saw(page, "#trouble", "too much to do");
  given.refusal = { status: 400, message: "Cannot use <b>: it is none" };
  await page.focus("#prompt");
  await pressCtrl(page, "Enter");
  await saw(page, "#trouble", "Cannot use <b>: it is none");
  const { value } = await page.$eval("#prompt", (field) => ({
    // deno-lint-ignore no-explicit-any
    value: (field as any).value,
  }));
  assertEquals(value, "O rio");
  given.refusal = undefined;
  await pressCtrl(page, "Enter");
  await saw(page, "#state", "ended");
  assert(await page.$("#trouble[hidden]") !== null);
}

async function holdsFieldsToTheirLimits(page: Page): Promise<void> {
  const given: Parameters<typeof fakeServer>[0] = answers();
  await using server = fakeServer(given);
  await page.goto(server.address);
  await saw(page, "#model", "mini-pt");
  await page.$eval("#max_tokens", (field) => {
    // deno-lint-ignore no-explicit-any
    (field as any).value = "";
  });
  await page.type("#max_tokens", "99999");
  await page.keyboard.press("Tab");
  assertEquals(
    // deno-lint-ignore no-explicit-any
    await page.$eval("#max_tokens", (field) => (field as any).value),
    "4096",
  );
  await writeText(page);
  await saw(page, "#state", "ended");
  assertEquals(server.requests[0].body.max_tokens, 4096);
  // A server that says otherwise: in the page's words, not the API's.
  await page.click("#language");
  given.refusal = { status: 400, message: "Cannot", param: "max_tokens" };
  await page.click("#write");
  await saw(page, "#trouble", "não aceita este valor: Máximo de tokens 4096");
}

async function makesALink(page: Page): Promise<void> {
  await using server = fakeServer(answers());
  await page.goto(server.address);
  await saw(page, "#model", "mini-pt");
  await page.select("#model", "micro-pt");
  await page.$eval("#temperature", (field) => {
    // deno-lint-ignore no-explicit-any
    (field as any).value = "0.3";
  });
  await writeText(page);
  await saw(page, "#state", "ended");
  await page.click("#share");
  await page.waitForFunction("location.hash.length > 10");
  const address = page.url();
  await page.goto("about:blank");
  await page.goto(address);
  await page.waitForFunction(
    "document.querySelector('#model').value === 'micro-pt'",
  );
  assertEquals(await textOf(page, "#text"), `O rio${TEXT}`);
  assertEquals(
    await page.$eval("#temperature", (field) =>
      // deno-lint-ignore no-explicit-any
      (field as any).value),
    "0.3",
  );
  assertEquals(server.requests.length, 1);
  await page.goto("about:blank");
  await page.goto(`${server.address}#mode=chat&messages=[`);
  await saw(page, "#trouble", "damaged");
}

async function outlivesAReload(page: Page): Promise<void> {
  await using server = fakeServer(answers());
  await page.goto(server.address);
  await saw(page, "#model", "mini-pt");
  const focused = () =>
    // deno-lint-ignore no-explicit-any
    page.evaluate("document.activeElement.id" as any);
  assertEquals(await focused(), "prompt");
  assert(await page.$("#copy:disabled") !== null);
  await writeText(page);
  await saw(page, "#state", "ended");
  assert(await page.$("#copy:disabled") === null);
  await page.click("#chat-tab");
  await page.type("#message", "Onde?");
  await page.keyboard.press("Enter");
  await saw(page, "#state", "ended");
  await page.type("#message", "E depois");
  const messages = await textOf(page, "#messages");
  await page.reload();
  await saw(page, "#model", "mini-pt");
  assertEquals(await textOf(page, "#messages"), messages);
  assertEquals(await focused(), "message");
  assertEquals(
    // deno-lint-ignore no-explicit-any
    await page.$eval("#message", (field) => (field as any).value),
    "E depois",
  );
  await page.click("#completion-tab");
  assertEquals(await textOf(page, "#text"), `O rio${TEXT}`);
  assertEquals(
    (await page.$$("#written .token")).length,
    STORY.length,
  );
}

async function fitsAPhone(page: Page): Promise<void> {
  await using server = fakeServer(answers());
  for (const width of [360, 390]) {
    await page.setViewport({
      width,
      height: 740,
      isMobile: true,
      hasTouch: true,
    });
    await page.goto(server.address);
    for (let language = 0; language < 2; language++) {
      await page.tap("#language");
      for (const tab of ["chat", "tokenizer", "completion"]) {
        await page.tap(`#${tab}-tab`);
        const wide = await page.evaluate("document.body.scrollWidth");
        assert(Number(wide) <= width, `${wide} of ${width} in ${tab}`);
      }
    }
    await page.tap("#show-settings");
    assert(
      await page.$eval("#settings", (element) => element.checkVisibility()),
    );
    await page.tap("#show-settings");
    await writeText(page);
    await saw(page, "#state", "ended");
    await page.tap(".token:nth-child(12) .ink");
    await page.waitForSelector("#alternatives:not([hidden])");
    const hidden = await page.evaluate(`(() => {
      const panel = document.querySelector("#alternatives")
        .getBoundingClientRect();
      const token = document.querySelector(".token.open")
        .getBoundingClientRect();
      return panel.top < token.bottom && panel.bottom > token.top;
    })()`);
    assertEquals(hidden, false);
  }
}

async function hasNoFaultsOfAccess(page: Page): Promise<void> {
  await using server = fakeServer(answers());
  const { default: axe } = await import("npm:axe-core@4.14.1");
  const check = async (what: string) => {
    await page.evaluate(axe.source);
    // deno-lint-ignore no-explicit-any
    const { passes, violations }: any = await page.evaluate("axe.run()");
    const faults = violations.map((
      { id, nodes }: { id: string; nodes: readonly { html: string }[] },
    ) => [id, ...nodes.map(({ html }) => html)]);
    assertEquals(faults, [], what);
    assert(passes.length > 20);
  };
  for (const value of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
    await page.goto(server.address);
    await writeText(page);
    await saw(page, "#state", "ended");
    await page.focus("#written");
    await page.keyboard.press("ArrowRight");
    await page.click("#more summary");
    await page.click("#card summary");
    await check(`a text, ${value}`);
    await page.click("#chat-tab");
    await page.type("#message", "Oi");
    await pressCtrl(page, "Enter");
    await saw(page, "#state", "ended");
    await check(`a conversation, ${value}`);
    await page.click("#tokenizer-tab");
    await page.type("#tokenizer-text", "A ação");
    await saw(page, "#tokenizer-figures", "tokens");
    await check(`tokens, ${value}`);
  }
}

async function showsTokens(page: Page): Promise<void> {
  await using server = fakeServer(answers());
  await page.goto(server.address);
  await saw(page, "#model", "mini-pt");
  await page.click("#tokenizer-tab");
  assert(await page.$("#foot[hidden]") !== null);
  await page.type("#tokenizer-text", "A ação <b>");
  await saw(page, "#tokenizer-figures", "10 tokens for 3 words");
  const shown = await page.$$eval(
    "#tokenizer-tokens li span",
    (spans) => spans.map(({ textContent }) => textContent),
  );
  assertEquals(shown, ["A", "␣", "a", "c3", "c3", "o", "␣", "<", "b", ">"]);
  await page.click("#ids");
  await saw(page, "#tokenizer-tokens li:first-child small", "65");
  await page.click("#completion-tab");
  assert(await page.$("#foot[hidden]") === null);
}

browserTests("the page to try models on", {
  "writes a text and tells what it cost": writesAText,
  "shows what might have been, and branches": branches,
  "waits for the mouse to move, and for the text": waitsForTheMouse,
  "shows colours as the switch says": showsColours,
  "can be used with the keyboard alone": isUsedByKeys,
  "talks, and goes on from an earlier turn": talks,
  "cancels at once, and keeps what was written": cancels,
  "asks for a key where one is needed": asksForAKey,
  "says what is refused, and loses nothing": saysWhatIsRefused,
  "holds fields to what the server takes": holdsFieldsToTheirLimits,
  "shows the tokens of a text": showsTokens,
  "makes a link that holds all there is to see": makesALink,
  "shows after a reload what was there before": outlivesAReload,
  "fits a phone, in both languages": fitsAPhone,
  "has no faults that axe finds, in light and in dark": hasNoFaultsOfAccess,
});

Deno.test("PAGE_PARTS are all that the page asks for, and nothing else", () => {
  const asked = new Set(["/"]);
  for (const path of asked) {
    const [, text] = PAGE_PARTS[path];
    const parts = text.matchAll(
      path === "/"
        ? /(?:src|href)="(\w[^":]*\.\w+)"/g
        : /^(?:import|\}).* from "(?:\.\.\/\.\.|\.)(\/[\w/]+\.js)"/gm,
    );
    for (const [, part] of parts) asked.add(part.replace(/^\/?/, "/"));
    assert(!/https?:\/\/|innerHTML|insertAdjacentHTML|eval\(/.test(text), path);
    assert(!/<script(?![^>]*src=)|<style| on\w+=/.test(text), path);
  }
  assertEquals([...asked].sort(), Object.keys(PAGE_PARTS).sort());
});
