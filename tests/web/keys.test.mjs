/*  keys.test.mjs - keys mean what the list of keys says  */
import assert from "node:assert/strict";
import { test } from "node:test";
import { commandOf } from "../../client/web/page/keys.js";

const press = (key, more = {}) => ({ key, code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });

test("everywhere", () => {
  for (const where of ["message", "field", "composer", ""]) {
    assert.equal(commandOf(press("ArrowUp", { altKey: true }), where), "previous");
    assert.equal(commandOf(press("k", { ctrlKey: true }), where), "goTo");
    assert.equal(commandOf(press("k", { metaKey: true }), where), "goTo");
    assert.equal(commandOf(press("F6"), where), "nextPart");
    assert.equal(commandOf(press("Escape"), where), "escape");
  }
});

test("in the message field", () => {
  assert.equal(commandOf(press("Enter"), "composer"), "send");
  assert.equal(commandOf(press("Enter", { shiftKey: true }), "composer"), null);
  assert.equal(commandOf(press("Enter", { isComposing: true }), "composer"), null);
  assert.equal(commandOf(press("ArrowUp"), "composer", true), "editLast");
  assert.equal(commandOf(press("ArrowUp"), "composer", false), null);
  for (const key of ["r", "/", "Delete", "Home"]) assert.equal(commandOf(press(key), "composer", true), null);
});

test("on a message, in every layout", () => {
  assert.equal(commandOf(press("r"), "message"), "reply");
  assert.equal(commandOf(press("к", { code: "KeyR" }), "message"), "reply");
  assert.equal(commandOf(press("л", { code: "KeyK", ctrlKey: true }), ""), "goTo");
  assert.equal(commandOf(press("+", { shiftKey: true }), "message"), "react");
  assert.equal(commandOf(press("r", { ctrlKey: true }), "message"), null);
  assert.equal(commandOf(press("/"), "message"), "search");
  assert.equal(commandOf(press("/"), ""), "search");
  assert.equal(commandOf(press("r"), ""), null);
});
