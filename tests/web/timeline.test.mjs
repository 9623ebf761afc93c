/*  timeline.test.mjs - the window onto a room holds what was said, once, in order, and stays small  */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX, empty, find, happened, paged, rows } from "../../client/web/page/timeline.js";

const say = (seq, user = "bob", more = {}) => ({ seq, time: 1000 * seq, type: "say", user, text: `text ${seq}`, ...more });
const run = (low, high) => Array.from({ length: high - low + 1 }, (_, i) => say(low + i));
const last = (low, high, first = 1) => paged(empty(), "last", { events: run(low, high), more: low > first, first, head: high });
const texts = (timeline) => timeline.items.map((item) => item.text);
const of = (type, seq, target, more = {}) => ({ type, seq, time: seq, user: "ann", target, ...more });

test("an empty room begins and ends at once", () => {
  const timeline = paged(empty(), "last", { events: [], more: false, first: 1, head: 0 });
  assert.ok(timeline.atStart && timeline.atEnd && timeline.loaded);
  assert.deepEqual(texts(happened(timeline, say(1), true).timeline), ["text 1"]);
});

test("what happens is appended once and in order", () => {
  let timeline = last(1, 3);
  for (const seq of [3, 4, 4, 2, 5]) ({ timeline } = happened(timeline, say(seq), true));
  assert.deepEqual(timeline.items.map((item) => item.seq), [1, 2, 3, 4, 5]);
});

test("a hole is a gap, and is filled by a page", () => {
  let { timeline, gap } = happened(last(1, 3), say(6), true);
  assert.ok(gap);
  assert.equal(timeline.hi, 3);
  timeline = paged(timeline, "after", { events: run(4, 6), more: false, first: 1, head: 6 });
  assert.deepEqual(timeline.items.map((item) => item.seq), [1, 2, 3, 4, 5, 6]);
  assert.ok(timeline.atEnd);
});

test("scrolling back a thousand messages and forward again leaves nothing out and stays small", () => {
  const seen = new Set();
  let timeline = last(901, 1000);
  while (!timeline.atStart) {
    const low = Math.max(1, timeline.lo - 100);
    timeline = paged(timeline, "before", { events: run(low, timeline.lo - 1), more: low > 1, first: 1, head: 1000 });
    assert.ok(timeline.items.length <= MAX);
    for (const item of timeline.items) seen.add(item.seq);
  }
  assert.equal(seen.size, 1000);
  assert.equal(timeline.items[0].seq, 1);
  assert.equal(timeline.hi, timeline.items.at(-1).seq);
  assert.ok(!timeline.atEnd);
  while (!timeline.atEnd) {
    const high = Math.min(1000, timeline.hi + 100);
    timeline = paged(timeline, "after", { events: run(timeline.hi + 1, high), more: high < 1000, first: 1, head: 1000 });
    assert.ok(timeline.items.length <= MAX);
  }
  assert.deepEqual(timeline.items.map((item) => item.seq), run(701, 1000).map((event) => event.seq));
});

test("a full window does not move under whoever reads further up", () => {
  let timeline = last(1, MAX);
  ({ timeline } = happened(timeline, say(MAX + 1), false));
  assert.equal(timeline.items[0].seq, 1);
  assert.ok(!timeline.atEnd);
  ({ timeline } = happened(last(1, MAX), say(MAX + 1), true));
  assert.equal(timeline.items[0].seq, 2);
});

test("edits, removals and reactions change the message they are of, once", () => {
  let timeline = last(1, 3);
  const step = (event) => ({ timeline } = happened(timeline, event, true));
  step(of("edit", 4, 2, { text: "better" }));
  assert.equal(timeline.items[1].text, "better");
  assert.equal(timeline.items[1].edited, 4);
  step(of("react", 5, 2, { text: "👍" }));
  step(of("react", 6, 2, { text: "👍", user: "me", own: true }));
  step(of("react", 6, 2, { text: "👍", user: "me", own: true }));
  assert.deepEqual(timeline.items[1].reactions, [{ text: "👍", count: 2, users: ["ann", "me"], mine: true }]);
  step(of("unreact", 7, 2, { text: "👍" }));
  step(of("unreact", 8, 2, { text: "👍", user: "me", own: true }));
  assert.deepEqual(timeline.items[1].reactions, []);
  step(of("remove", 9, 3));
  assert.equal(timeline.items[2].type, "gone");
  assert.equal(timeline.items.length, 3);
  assert.equal(timeline.hi, 9);
});

test("marks count up to their seq", () => {
  const marks = { type: "marks", target: 1, data: { at: 5, edited: 3, edits: 1, reactions: { ok: { count: 4, users: ["a", "b", "c"], mine: true } } } };
  const events = [say(1), marks, of("edit", 3, 1, { text: "" }), of("react", 5, 1, { text: "ok" })];
  let timeline = paged(empty(), "last", { events, more: false, first: 1, head: 5 });
  assert.equal(timeline.items[0].text, "text 1");
  assert.equal(timeline.items[0].edits, 1);
  assert.deepEqual(timeline.items[0].reactions, [{ text: "ok", count: 4, users: ["a", "b", "c"], mine: true }]);
  ({ timeline } = happened(timeline, of("react", 6, 1, { text: "ok", user: "eve" }), true));
  assert.equal(timeline.items[0].reactions[0].count, 5);
});

test("a page tells of reactions that are over", () => {
  const events = [say(1), of("react", 2, 1, { text: "+1" }), say(3)];
  let timeline = paged(empty(), "around", { events, more: true, first: 1, head: 9 });
  assert.deepEqual(timeline.items[0].reactions, []);
  ({ timeline } = happened(timeline, of("react", 5, 1, { text: "+1" }), false));
  assert.deepEqual(timeline.items[0].reactions, [], "what the page has is not counted again");
  ({ timeline } = happened(timeline, of("react", 10, 1, { text: "+1" }), false));
  assert.equal(timeline.items[0].reactions[0].count, 1);
});

test("a page that fills a hole tells what became of those before it", () => {
  const events = [of("edit", 2, 1, { text: "better" }), of("react", 3, 1, { text: "+1" })];
  const timeline = paged(last(1, 1), "after", { events, more: false, first: 1, head: 3 });
  assert.equal(timeline.items[0].text, "better");
  assert.equal(timeline.items[0].reactions[0].count, 1);
});

test("a reaction counts once, and is taken back by who gave it", () => {
  let timeline = last(1, 1);
  const react = (seq, user, type = "react") => ({ timeline } = happened(timeline, of(type, seq, 1, { text: "+1", user }), true));
  react(2, "ann"), react(3, "ann"), react(4, "eve", "unreact");
  assert.equal(timeline.items[0].reactions[0].count, 1);
  react(5, "ann", "unreact");
  assert.deepEqual(timeline.items[0].reactions, []);
});

test("what did not change stays the same object", () => {
  const before = last(1, 3);
  const { timeline } = happened(before, of("edit", 4, 2, { text: "better" }), true);
  assert.equal(timeline.items[0], before.items[0]);
  assert.notEqual(timeline.items[1], before.items[1]);
  assert.equal(happened(before, { type: "join", user: "x" }, true).timeline, before);
});

test("a direct conversation is what the mailbox holds of one person", () => {
  const options = { peer: "ann", same: (a, b) => a === b };
  const events = [say(1, "ann", { type: "tell" }), say(2, "eve", { type: "tell" }), say(3, "ann", { type: "told", own: true }), say(4, "bob", { type: "mention" })];
  let timeline = paged(empty(), "last", { events, more: false, first: 1, head: 4 }, options);
  assert.deepEqual(timeline.items.map((item) => item.seq), [1, 3]);
  ({ timeline } = happened(timeline, say(5, "eve", { type: "tell" }), true, options));
  ({ timeline } = happened(timeline, say(6, "ann", { type: "tell" }), true, options));
  assert.deepEqual(timeline.items.map((item) => item.seq), [1, 3, 6]);
});

test("rows have days, a line where the unread begins, and what is on its way", () => {
  const day = 86400000, options = { dayOf: (time) => String(Math.floor(time / day)) };
  const events = [say(1, "bob", { time: 0 }), say(2, "bob", { time: 1 }), say(3, "ann", { time: day })];
  const timeline = paged(empty(), "last", { events, more: false, first: 1, head: 3 });
  const kinds = rows(timeline, { read: 2, me: "me", pending: [{ key: "k" }], ...options }).map((row) => row.kind);
  assert.deepEqual(kinds, ["day", "message", "message", "day", "unread", "message", "pending"]);
  assert.deepEqual(rows(timeline, options).filter((row) => row.joined).map((row) => row.item.seq), [2]);
  assert.equal(find(timeline.items, 9), -1);
});
