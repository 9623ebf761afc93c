/*  words.test.mjs - both languages say the same things  */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { LANGUAGES, languageOf, words } from "../../client/web/page/words.js";

const page = new URL("../../client/web/page/", import.meta.url);
const slots = (text) => [...String(text).matchAll(/\{\w+\}/g)].map((match) => match[0]).sort().join();

function compare(one, other, path) {
  assert.deepEqual(Object.keys(one), Object.keys(other), path);
  for (const [key, value] of Object.entries(one)) {
    if (Array.isArray(value)) assert.equal(slots(value[0]), slots(other[key][0]), `${path}.${key}`);
    else if (typeof value === "object") compare(value, other[key], `${path}.${key}`);
    else assert.equal(slots(value), slots(other[key]), `${path}.${key}`);
  }
}

test("Russian has what English has", () => compare(LANGUAGES.en, LANGUAGES.ru, "words"));

test("docs/HTTP.md has the same keys", () => {
  const docs = readFileSync(new URL("../../docs/HTTP.md", import.meta.url), "utf8");
  const squeeze = (text) => text.replace(/[,\s]/g, "");
  const rows = docs.slice(docs.lastIndexOf("| key | |")).split("\n\n")[0].split("\n").slice(2).map((row) => row.split("|").map(squeeze));
  const told = Object.fromEntries(rows.map(([, keys, meaning]) => [keys, meaning]));
  const { keyList } = LANGUAGES.en;
  const shown = Object.fromEntries(Object.entries(keyList).map(([keys, meaning]) => [squeeze(keys), squeeze(meaning)]));
  shown.Enter += `;${shown["Shift+Enter"]}`; // one row
  shown["EnterShift+Enter"] = shown.Enter;
  delete shown.Enter;
  delete shown["Shift+Enter"];
  assert.deepEqual(told, shown);
});

test("the browser's first known language is taken", () => {
  assert.equal(languageOf(["fr-FR", "ru-RU", "en"]), "ru");
  assert.equal(languageOf(["de"]), "en");
  assert.equal(languageOf([]), "en");
});

test("numbers have their forms", () => {
  const ru = words("ru"), en = words("en");
  assert.equal(ru.t("unread", { n: 1 }), "1 непрочитанное");
  assert.equal(ru.t("unread", { n: 3 }), "3 непрочитанных");
  assert.equal(ru.t("unread", { n: 11 }), "11 непрочитанных");
  assert.equal(en.t("unread", { n: 1200 }), "1,200 unread");
});

test("days have names", () => {
  const { dayName } = words("en", { timeZone: "UTC" });
  const now = Date.UTC(2026, 10, 28, 12);
  assert.equal(dayName(now - 1000, now), "Today");
  assert.equal(dayName(now - 86400000, now), "Yesterday");
  assert.equal(dayName(now - 3 * 86400000, now), "Wednesday, November 25");
  assert.equal(dayName(Date.UTC(2020, 0, 2), now), "January 2, 2020");
});

test("what the page asks for is there, and what is there is asked for", () => {
  const sources = readdirSync(page).filter((name) => /\.(js|html)$/.test(name) && name !== "words.js")
    .map((name) => readFileSync(new URL(name, page), "utf8")).join("\n");
  const asked = new Set([...sources.matchAll(/\bt\("(\w+)/g), ...sources.matchAll(/data-(?:t|label|hint)="(\w+)"/g)].map((match) => match[1]));
  for (const key of asked) assert.ok(key in LANGUAGES.en, key);
  const inside = ["today", "yesterday", "keyList", "errors"]; // by words.js itself
  for (const key of Object.keys(LANGUAGES.en))
    assert.ok(inside.includes(key) || new RegExp(`["\`]${key}["\`.]`).test(sources), `${key} is not used`);
});
