/** The models: those that are stored, others to be brought, one that is loaded. */

import { find, made } from "../../page/elements.js";
import { languageTag } from "../../page/language.js";
import {
  addView,
  askModels,
  showTrouble,
  showView,
} from "../../serve/page/playground.js";
import { size } from "../../serve/page/model_card.js";
import { isKnown, say } from "../../serve/page/words.js";
import { ask, listenToNews, Trouble } from "./asking.js";
import { chosenIn, droppedIn } from "./files.js";

/** Where it is kept which model was loaded, and what computes. */
const LOADED = "model", ENGINE = "engine";
/** The model that comes with the page. */
const DEMO = new URL("demo/", document.baseURI).href;
/** What says more than its sentence by the worker's own words. */
const EXPLAINED = new Set(["notAModel", "unreachable", "other"]);

/** What is stored, and the model that is loaded. */
let stored = [], loaded;
/** Ends what is being brought. */
let bringing;
/** What is said of the models, in the language of now. */
let telling = () => "";

/** The model that is loaded, as the worker tells of it. */
export function loadedModel() {
  return loaded;
}

/** Says how it stands with the models. */
function tell(word, ...values) {
  telling = () => {
    const rest = [...values];
    return say(word).replaceAll("{}", () => rest.shift());
  };
  find("#models-state").textContent = telling();
}

function tellNothing() {
  telling = () => "";
  find("#models-state").textContent = "";
}

function showProgress(done, total) {
  const bar = find("#models-progress");
  bar.hidden = done === undefined;
  if (done === undefined || total === undefined) bar.removeAttribute("value");
  else {
    bar.max = total;
    bar.value = done;
  }
}

function way(word, action) {
  const button = made("button", "", say(word));
  button.type = "button";
  button.addEventListener("click", () => {
    showTrouble("");
    action();
  });
  return button;
}

/** What the worker says, in the language of now. */
async function reasonOf({ message }) {
  if (languageTag() === "en") return message;
  try {
    const { inPortuguese } = await import("./reasons.ts");
    return inPortuguese(message);
  } catch {
    return message; // without the network, where it was not loaded before
  }
}

/**
 * Says what has gone wrong, and how it can go on.
 *
 * @param {unknown} error
 * @param {() => void} [again] What may be tried once more.
 */
export async function tellTrouble(error, again) {
  const trouble = error instanceof Trouble && isKnown(error.trouble)
    ? error.trouble
    : "other";
  if (trouble === "left") return;
  const { name } = loaded ?? {};
  const more = EXPLAINED.has(trouble) ? await reasonOf(error) : "";
  const ways = again === undefined ? [] : [way("again", again)];
  if (trouble === "deviceLost" || trouble === "outOfMemory") {
    if (name !== undefined) {
      if (again === undefined) ways.push(way("load", () => load(name)));
      ways.push(way("withSimd", () => {
        find("#engine").value = "simd";
        keepEngine();
        load(name);
      }));
    }
  }
  if (trouble === "full") {
    ways.push(way("openModels", () => showView("models")));
  }
  showTrouble(say(trouble) + more, ways);
}

/** Shows what is stored. */
export async function refresh() {
  let free;
  try {
    ({ models: stored, free } = await ask({ kind: "list" }));
  } catch (error) {
    stored = [];
    if (error.trouble !== "noStore") tellTrouble(error);
    else find("#room").textContent = say("noStore");
  }
  if (free !== undefined) {
    find("#room").textContent = say("room").replace("{}", size(free));
  }
  find("#none-stored").hidden = stored.length > 0;
  find("#stored").replaceChildren(...stored.map(rowOf));
  find("#demo-place").hidden = stored.some(({ url, isWhole }) =>
    isWhole && url === DEMO
  );
}

function rowOf(model) {
  const { name, url, isWhole, done, total } = model;
  const isLoaded = loaded?.name === name;
  const about = isWhole
    ? size(done) + (isLoaded ? `, ${say("loaded")}` : "")
    : total === undefined
    ? say("someThere").replace("{}", size(done))
    : say("partly").replace("{}", size(done)).replace("{}", size(total));
  const action = (word, run, className = "") => {
    const button = made("button", className, say(word));
    button.type = "button";
    button.setAttribute("aria-label", `${say(word)}: ${name}`);
    button.addEventListener("click", run);
    return button;
  };
  const actions = isWhole
    ? [
      action("load", () => load(name), isLoaded ? "" : "main"),
      action("save", () => save(name)),
    ]
    : [action("resume", () => bring(url), "main")];
  actions.push(action("delete", () => remove(name)));
  return made(
    "li",
    "",
    made("div", "", made("b", "", name), " ", made("span", "hint", about)),
    made("div", "row", ...actions),
  );
}

/**
 * Loads a model and shows where one writes with it.
 *
 * @param {string} name
 * @returns {Promise<boolean>} Whether it is there now.
 */
export async function load(name) {
  showTrouble("");
  tell("loading", name);
  showProgress();
  find("#models-progress").hidden = false;
  const engine = find("#engine").value;
  try {
    loaded = await ask({ kind: "open", name, engine });
  } catch (error) {
    loaded = undefined;
    tellNothing();
    showProgress();
    await refresh();
    await askModels();
    // What is to be gone on with is the model that was meant.
    loaded = { name };
    tellTrouble(error, () => load(name));
    loaded = undefined;
    if (["notAModel", "noTokenizer"].includes(error.trouble)) throw error;
    return false;
  }
  showProgress();
  tellReady();
  localStorage.setItem(LOADED, name);
  await askModels();
  await refresh();
  return true;
}

function tellReady() {
  const { name, engine, adapter, threads, reason } = loaded;
  const computing = () =>
    engine === "webgpu"
      ? say("onGpu").replace("{}", adapter)
      : threads === 1
      ? say("onThread")
      : say("onCpu").replace("{}", threads);
  telling = () =>
    say("ready").replace("{}", name).replace("{}", computing()) +
    (reason === undefined ? "" : ` ${say("noGpu")}`);
  find("#models-state").title = reason ?? "";
  find("#models-state").textContent = telling();
}

/** Brings a model from an address, or what is missing of it, and loads it. */
async function bring(url) {
  if (bringing !== undefined) return;
  showTrouble("");
  bringing = new AbortController();
  find("#download").textContent = say("pause");
  tell("downloading", url);
  let name;
  try {
    name = await ask({ kind: "download", url }, {
      signal: bringing.signal,
      onEvent: ({ done, total }) => {
        showProgress(done, total);
        tell(
          total === undefined ? "someThere" : "partly",
          size(done),
          total === undefined ? undefined : size(total),
        );
      },
    });
  } catch (error) {
    tellNothing();
    tellTrouble(error, () => bring(url));
  } finally {
    bringing = undefined;
    find("#download").textContent = say("download");
    showProgress();
    await refresh();
  }
  if (name === undefined) return;
  find("#url").value = "";
  if (await load(name).catch(() => "wrong") === "wrong") {
    await ask({ kind: "remove", name });
    await refresh();
  } else if (loaded) showView("completion");
}

/** Loads a model from chosen files, and stores it where there is room. */
async function take(files) {
  showTrouble("");
  let name;
  try {
    name = await ask({ kind: "look", files });
    if (!await load(name)) return;
  } catch (error) {
    return tellTrouble(error);
  }
  showView("completion");
  try {
    tell("storing", name);
    const kept = await ask({ kind: "keep", files });
    if (loaded?.name === name) {
      loaded = { ...loaded, name: kept };
      localStorage.setItem(LOADED, kept);
    }
  } catch (error) {
    if (error.trouble === "full") showTrouble(say("fullFiles"));
    else if (error.trouble !== "noStore") tellTrouble(error);
  }
  tellReady();
  await refresh();
}

async function remove(name) {
  try {
    await ask({ kind: "remove", name });
    tell("deleted", name);
  } catch (error) {
    tellTrouble(error);
  }
  await refresh();
  find("#models-tab").focus();
}

/** Gives a model's folder to the browser to be saved. */
async function save(name) {
  try {
    const archive = await ask({ kind: "archive", name });
    const link = made("a", "");
    link.href = URL.createObjectURL(archive);
    link.download = `${name}.zip`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch (error) {
    tellTrouble(error);
  }
}

function keepEngine() {
  localStorage.setItem(ENGINE, find("#engine").value);
}

function listen() {
  const on = (id, type, action) => find(id).addEventListener(type, action);
  on("#demo", "click", () => bring(DEMO));
  on("#from-url", "submit", (event) => {
    event.preventDefault();
    if (bringing !== undefined) return bringing.abort();
    const given = find("#url").value.trim();
    if (given === "") return;
    const url = URL.parse(given, document.baseURI);
    if (url === null) showTrouble(say("badAddress"));
    else bring(url.href);
  });
  on("#engine", "change", () => {
    keepEngine();
    if (loaded !== undefined) load(loaded.name);
  });
  for (const id of ["files", "folder"]) {
    on(`#choose-${id}`, "click", () => find(`#${id}`).click());
    on(`#${id}`, "change", () => {
      const chosen = chosenIn(find(`#${id}`).files);
      find(`#${id}`).value = "";
      if (chosen.length > 0) take(chosen);
    });
  }
  // Anywhere on the page, or the browser would leave it.
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    document.body.classList.add("dragged");
  });
  document.addEventListener("dragleave", ({ relatedTarget }) => {
    if (relatedTarget === null) document.body.classList.remove("dragged");
  });
  document.addEventListener("drop", async (event) => {
    document.body.classList.remove("dragged");
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    take(await droppedIn(event.dataTransfer));
  });
}

addView("models", {
  onShow: refresh,
  onSpeak() {
    find("#models-state").textContent = telling();
    refresh();
  },
});
listen();
listenToNews((trouble) => tellTrouble(trouble));
find("#engine").value = localStorage.getItem(ENGINE) ?? "auto";
if (find("#engine").value === "") find("#engine").value = "auto";
await refresh();
const before = localStorage.getItem(LOADED);
if (stored.some(({ name, isWhole }) => isWhole && name === before)) {
  await load(before).catch(() => {});
} else showView("models");
