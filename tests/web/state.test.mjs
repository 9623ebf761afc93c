/*  state.test.mjs - what happens, and what the page makes of it  */
import assert from "node:assert/strict";
import { test } from "node:test";
import { initial, lastOwn, listed, mailboxRead, pendingOf, reduce, rights, totals } from "../../client/web/page/state.js";

const ME = { user: "ann", guest: false, proven: true, log: "L1" };
const say = (seq, user, more = {}) => ({ room: "dev", seq, time: seq * 1000, type: "say", user, text: `text ${seq}`, ...(user === "ann" ? { own: true } : {}), ...more });
const run = (...actions) => actions.reduce(reduce, initial());
const events = (...list) => ({ do: "events", events: list, follows: true });
const away = (...list) => ({ do: "events", events: list, follows: false });
const page = (list, head) => ({ do: "page", key: "dev", how: "last", page: { events: list, more: false, first: 1, head } });
const opened = [{ do: "hello", me: ME }, { do: "open", key: "dev" }, page([say(1, "bob")], 1)];
const seqs = (state, key = "dev") => state.rooms[key].timeline.items.map((item) => item.seq);

test("what is said elsewhere is unread, and read when it is seen", () => {
  let state = run(...opened, events(say(1, "bob", { room: "lobby" }), say(2, "bob", { room: "lobby", mentions_me: true }), say(3, "ann", { room: "lobby" })));
  assert.deepEqual(totals(state), { unread: 2, mentions: 1 });
  state = reduce(state, { do: "read", key: "lobby", seq: 3 });
  assert.deepEqual(totals(state), { unread: 0, mentions: 0 });
});

test("what is heard twice counts once", () => {
  const twice = say(5, "bob", { room: "lobby" });
  assert.equal(totals(run(...opened, events(twice), events(twice))).unread, 1);
});

test("who looks has read it; who does not look has not, and is told", () => {
  assert.equal(totals(run(...opened, events(say(2, "bob")))).unread, 0);
  const state = run(...opened, away(say(2, "bob")));
  assert.equal(totals(state).unread, 1);
  assert.deepEqual(state.said, [{ user: "bob", text: "text 2" }]);
});

test("another device read it", () => {
  const state = run(...opened, away(say(2, "bob"), say(3, "bob")), events({ room: "@", type: "read", user: "ann", own: true, about: "dev", target: 3 }));
  assert.equal(totals(state).unread, 0);
});

test("what happens while a page of history is on its way is not lost", () => {
  const state = run({ do: "hello", me: ME }, { do: "open", key: "dev" }, events(say(2, "bob")), page([say(1, "bob")], 1));
  assert.ok(state.rooms.dev.gap);
  const filled = reduce(state, { do: "page", key: "dev", how: "after", page: { events: [say(2, "bob")], more: false, first: 1, head: 2 } });
  assert.ok(!filled.rooms.dev.gap);
  assert.deepEqual(seqs(filled), [1, 2]);
});

test("an own message is sending, then in its place, whichever comes first", () => {
  const queued = { do: "queue", message: { key: "k", room: "dev", text: "text 2", type: "say", re: null } };
  let state = run(...opened, queued);
  assert.equal(pendingOf(state, "dev")[0].status, "sending");
  const answerFirst = [{ do: "sent", key: "k", seq: 2 }, events(say(2, "ann"))].reduce(reduce, state);
  const streamFirst = [events(say(2, "ann")), { do: "sent", key: "k", seq: 2 }].reduce(reduce, state);
  for (const done of [answerFirst, streamFirst]) {
    assert.deepEqual(seqs(done), [1, 2]);
    assert.equal(done.pending.length, 0);
  }
  assert.equal(pendingOf(reduce(state, events(say(2, "ann"))), "dev").length, 0);
  state = reduce(state, { do: "sent", key: "k", seq: 2 });
  assert.equal(pendingOf(state, "dev")[0].seq, 2);
});

test("an own message that comes by a page of history stands once", () => {
  const queued = { do: "queue", message: { key: "k", room: "dev", text: "text 3", type: "say", re: null } };
  let state = run(...opened, queued, { do: "sent", key: "k", seq: 3 }, events(say(4, "bob")));
  assert.equal(pendingOf(state, "dev").length, 1);
  assert.ok(state.rooms.dev.gap);
  state = reduce(state, { do: "page", key: "dev", how: "after", page: { events: [say(2, "bob"), say(3, "ann"), say(4, "bob")], more: false, first: 1, head: 4 } });
  assert.deepEqual(seqs(state), [1, 2, 3, 4]);
  assert.equal(state.pending.length, 0);
});

test("a refused message can be tried again or dropped", () => {
  const queued = { do: "queue", message: { key: "k", room: "dev", text: "x", type: "say" } };
  let state = run(...opened, queued, { do: "refused", key: "k", code: "muted", text: "no" });
  assert.equal(pendingOf(state, "dev")[0].status, "failed");
  assert.equal(reduce(state, { do: "again", key: "k" }).pending[0].status, "sending");
  assert.equal(reduce(state, { do: "drop", key: "k" }).pending.length, 0);
});

test("a change of a message is seen on its way only where it was refused", () => {
  const queued = { do: "queue", message: { key: "k", room: "dev", text: "better", edit: 1 } };
  const state = run(...opened, queued);
  assert.equal(pendingOf(state, "dev").length, 0);
  assert.equal(pendingOf(reduce(state, { do: "refused", key: "k", code: "limit", text: "" }), "dev")[0].text, "better");
});

test("direct conversations are told apart in one mailbox", () => {
  const tell = (seq, user, type = "tell") => ({ room: "@", seq, time: seq, type, user, text: "hi", ...(type === "told" ? { own: true } : {}) });
  let state = run(...opened, { do: "people", events: [tell(1, "bob"), tell(2, "eve", "told"), tell(3, "eve")], head: 3, read: 1 });
  assert.deepEqual(listed(state).people.map((room) => [room.key, room.unread]), [["@eve", 1], ["@bob", 0]]);
  assert.equal(mailboxRead(state), 2);
  state = reduce(state, { do: "open", key: "@bob" });
  state = reduce(state, { do: "page", key: "@bob", how: "last", page: { events: [tell(1, "bob"), tell(2, "eve", "told"), tell(3, "eve")], more: false, first: 1, head: 3 } });
  state = reduce(state, events(tell(4, "eve"), tell(5, "bob")));
  assert.deepEqual(seqs(state, "@bob"), [1, 5]);
  assert.ok(!state.rooms["@bob"].gap);
  assert.equal(state.rooms["@eve"].unread, 2);
  state = reduce(reduce(state, { do: "read", key: "@bob", seq: 5 }), { do: "read", key: "@eve", seq: 5 });
  assert.equal(mailboxRead(state), 5);
});

test("another log forgets what was there", () => {
  const state = run(...opened, { do: "hello", me: { ...ME, log: "L2" } });
  assert.deepEqual(seqs(state), []);
  assert.equal(state.notice.code, "replaced");
  assert.equal(run(...opened, { do: "hello", me: ME }).notice, null);
});

test("who may do what", () => {
  const state = run(...opened, events(say(2, "ann")));
  const [bobs, own] = state.rooms.dev.timeline.items;
  assert.deepEqual(rights(state, bobs), { reply: true, react: true, edit: false, remove: false });
  assert.deepEqual(rights(state, own), { reply: true, react: true, edit: true, remove: true });
  assert.equal(lastOwn(state), own);
  assert.ok(rights(reduce(state, { do: "role", key: "dev", role: "operator" }), bobs).remove);
  const guest = reduce(state, { do: "hello", me: { ...ME, guest: true } });
  assert.ok(Object.values(rights(guest, own)).every((right) => !right));
});

test("rooms that the stream does not bring count by their heads", () => {
  const rooms = [{ room: "a", head: 10, first: 1, read: 4, mentions: 1 }, { room: "b", head: 9, first: 1 }, { room: "c", head: 9, first: 8, read: 2 }];
  const state = run(...opened, { do: "rooms", rooms, whole: true });
  assert.deepEqual(listed(state).rooms.map((room) => [room.key, room.unread]), [["a", 6], ["b", 0], ["c", 2], ["dev", 0]]);
});

test("of very many rooms those that matter are listed", () => {
  const rooms = Array.from({ length: 500 }, (_, i) => ({ room: `r${i}`, head: 9, first: 1, members: i === 77 ? 5 : 0, ...(i === 499 ? { read: 3 } : {}) }));
  const state = run(...opened, { do: "rooms", rooms, whole: true });
  assert.deepEqual(listed(state, 3).rooms.map((room) => room.key), ["dev", "r499", "r77"]);
  assert.equal(listed(state).rooms.length, 501);
});

test("rooms and people may be called as what every object has", () => {
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    let state = run(...opened, { do: "rooms", rooms: [{ room: name, head: 2, first: 1, read: 1 }], whole: false });
    state = reduce(state, events(say(3, name, { room: name }), { ...say(1, name, { type: "tell" }), room: "@" }));
    assert.deepEqual(listed(state).rooms.map((room) => [room.key, room.unread]), [name, "dev"].sort((a, b) => a.localeCompare(b)).map((key) => [key, key === name ? 2 : 0]));
    assert.deepEqual(listed(state).people.map((room) => room.key), [`@${name}`]);
    state = reduce(reduce(state, { do: "open", key: name }), { do: "page", key: name, how: "last", page: { events: [say(1, "bob")], more: false, first: 1, head: 3 } });
    assert.deepEqual(seqs(state, name), [1]);
    assert.equal({}.unread, undefined);
  }
});

test("what the page missed between its list of rooms and its stream is unread", () => {
  const rooms = [{ room: "a", head: 10, first: 1, read: 8 }];
  const state = run(...opened, { do: "rooms", rooms, whole: true }, { do: "streams", rooms: [{ room: "a", head: 12, read: 8 }] });
  assert.equal(state.rooms.a.unread, 4);
});

test("nothing that is given is changed", () => {
  const freeze = (value) => {
    if (value && typeof value === "object") Object.values(Object.freeze(value)).forEach(freeze);
    return value;
  };
  let state = freeze(initial());
  for (const action of [...opened, events(say(2, "bob")), { do: "queue", message: { key: "k", room: "dev", text: "x" } },
    events({ room: "dev", seq: 3, time: 1, type: "react", user: "bob", text: "ok", target: 1 }), { do: "sent", key: "k", seq: 4 },
    { do: "streams", rooms: [{ room: "dev", head: 3 }] }, { do: "rooms", rooms: [], whole: true }])
    state = freeze(reduce(state, freeze(action)));
});
