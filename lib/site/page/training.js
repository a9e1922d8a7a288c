/** A model that learns from a text, in the page. */

import { find } from "../../page/elements.js";
import { figure, whole } from "../../page/language.js";
import { addView, showTrouble } from "../../serve/page/playground.js";
import { say } from "../../serve/page/words.js";
import { ask } from "./asking.js";
import { drawCurve } from "./curve.js";
import { load, loadedModel, refresh, tellTrouble } from "./library.js";

/** How often the curve is drawn, in ms. */
const DRAWN = 500;

/** Ends what is being learnt. */
let learning;
let points = [], planned = 0, drawn = 0;
/** What is said of it, in the language of now. */
let telling = () => "";

function tell(sentence) {
  telling = sentence;
  find("#training-state").textContent = telling();
}

function showButton() {
  const button = find("#train");
  button.dataset.word = learning ? "stopTraining" : "train";
  button.textContent = say(button.dataset.word);
  button.classList.toggle("stop", learning !== undefined);
  for (const id of ["lesson", "minutes", "result"]) {
    find(`#${id}`).disabled = learning !== undefined;
  }
}

function draw() {
  drawn = performance.now();
  drawCurve(find("#curve"), points);
}

/** Time for people, as minutes and seconds. */
function clock(seconds) {
  const rest = String(Math.floor(seconds % 60)).padStart(2, "0");
  return `${Math.floor(seconds / 60)}:${rest}`;
}

function tellStep({ step, seconds, loss, tokensPerSecond }) {
  const values = [
    whole(step),
    figure(loss, 3),
    figure(tokensPerSecond, 3),
    clock(seconds),
    clock(planned),
  ];
  tell(() => {
    const rest = [...values];
    return say("trainingState").replaceAll("{}", () => rest.shift());
  });
}

async function train() {
  if (learning !== undefined) return learning.abort();
  const model = loadedModel();
  if (model === undefined) return showTrouble(say("noModelToTrain"));
  const minutes = Number(find("#minutes").value) || 3;
  planned = 60 * Math.min(120, Math.max(0.1, minutes));
  const { name } = model;
  const lesson = {
    name,
    text: find("#lesson").value,
    seconds: planned,
    result: find("#result").value.trim() || `${name} +`,
  };
  showTrouble("");
  learning = new AbortController();
  points = [];
  draw();
  showButton();
  tell(() => say("preparing"));
  let trained, trouble;
  try {
    trained = await ask({ kind: "train", lesson }, {
      signal: learning.signal,
      onEvent(learnt) {
        points.push(learnt);
        tellStep(learnt);
        if (performance.now() - drawn >= DRAWN) draw();
      },
    });
  } catch (error) {
    tell(() => "");
    trouble = error;
  }
  learning = undefined;
  showButton();
  draw();
  await refresh();
  // The one that learnt, or the one that there was.
  const isThere = await load(trained ?? name).catch(() => false);
  // Only now: what is loaded takes away what was said before. Where even that
  // fails, what it says has ways on.
  if (isThere && trouble !== undefined) tellTrouble(trouble);
  if (trained !== undefined) {
    tell(() => say("trained").replace("{}", trained));
  }
}

addView("training", {
  onShow: draw,
  onSpeak() {
    showButton();
    find("#training-state").textContent = telling();
    draw();
  },
});
find("#train").addEventListener("click", train);
addEventListener("resize", draw);
showButton();
