/*  page.js - the page itself: state, stream and requests are put together, and what is done on the page  */
import { Refusal, ask, roomPath } from "./api.js";
import { Composer } from "./composer.js";
import { Dialogs } from "./dialogs.js";
import { $, h, localise, say } from "./dom.js";
import { commandOf } from "./keys.js";
import { joined, readUpTo, who } from "./memory.js";
import { keepUnsent, keptUnsent, outbox } from "./outbox.js";
import { loadPage, loadPeople, loadRole, loadRooms, loadWho, search } from "./room.js";
import { hashOf, placeOf, sideView } from "./side.js";
import { MAILBOX, initial, knownKey, lastOwn, mailboxRead, reduce, rights, sourceOf, titleOf, totals } from "./state.js";
import { Stream } from "./stream.js";
import { display, sameName } from "./text.js";
import { View } from "./view.js";
import { languageOf, words } from "./words.js";

const POLL_MS = 30000, READ_MS = 800, WHO_MS = 1500, START_MS = 3000;

let state = initial(), drawn = false, streamed = null, identity = who.get();
const lang = words(languageOf(navigator.languages)), { t } = lang;
const cursors = new Map();

const page = {
  state: () => state,
  who: () => identity,
  dispatch,
  failed(error) {
    if (error.code === "token" || (error.status === 401 && identity)) return askToSignIn(t("badToken"));
    dispatch({ do: "notice", notice: { code: error.code ?? "system", text: error.text ?? String(error) } });
  },
};
const view = new View(lang, {
  jump: (item) => void jumpTo(item), react, act,
  retry(key) {
    dispatch({ do: "again", key });
    out.run();
  },
  discard: (key) => dispatch({ do: "drop", key }),
  focused: (element) => view.showBar(element, state),
  scrolled: () => later("edges", 50, edges),
});
const side = sideView(lang);
const over = new Dialogs(lang, {
  state: () => state, open, search: (query, next) => search(page, query, next), react, signIn,
  remove: (item) => attempt(ask(identity, roomPath(state.current, item.seq), { method: "DELETE" })),
});
const out = outbox({ who: () => identity, pending: () => state.pending, dispatch });
const field = new Composer(lang, { state: () => state, dispatch, send: () => out.run() });

/*  --- state and drawing  */

function dispatch(action) {
  const before = state;
  state = reduce(state, action);
  if (state.pending !== before.pending) keepUnsent(sessionStorage, identity, state.pending);
  if (drawn || state === before) return;
  drawn = true;
  // a page that is not seen gets no frames, but its title tells what is unread
  if (document.hidden) setTimeout(draw, 100);
  else requestAnimationFrame(draw);
}

function draw() {
  drawn = false;
  const room = state.rooms[state.current], { unread, mentions } = totals(state);
  document.title = `${mentions || unread ? `(${mentions || unread}) ` : ""}${room ? `${titleOf(room)} – ` : ""}zchat`;
  say($("title"), room ? titleOf(room) : t("title"));
  say($("topic"), room ? display(room.topic) : "");
  say($("link"), { connecting: t("connecting"), lost: t("lost"), offline: t("brokerLost") }[state.link] ?? "");
  const { user, guest, known } = state.me;
  say($("whoami"), known && !guest ? t("signedInAs", { user: display(user) }) : "");
  say($("sign"), t(guest ? "signIn" : "signOut"));
  side.show(state);
  view.show(state);
  field.show(state);
  over.show(state);
  speak();
  later("edges", 0, edges);
}

/*  What has just been said in the conversation on the page is told to a screen reader.  */
function speak() {
  if (state.said.length === 0) return;
  const log = $("spoken");
  for (const { user, text } of state.said) log.append(h("p", {}, t("newMessage", { user: display(user), text: display(text) })));
  while (log.childElementCount > 20) log.firstElementChild.remove();
  dispatch({ do: "spoken" });
}

const timers = new Map();

/*  Do it once, some time later, however often it is asked for meanwhile.  */
function later(name, ms, run) {
  if (timers.has(name)) return;
  timers.set(name, setTimeout(() => {
    timers.delete(name);
    run();
  }, ms));
}

async function attempt(promise) {
  try {
    return await promise;
  } catch (error) {
    page.failed(error);
    return null;
  }
}

/*  --- what one reads  */

/*  Where one has scrolled near an edge, more is asked for; what was seen is read.  */
function edges() {
  const room = state.rooms[state.current];
  if (!room || room.loading || !room.timeline.loaded) return;
  const { timeline } = room;
  if (room.gap) {
    const far = room.heard - timeline.hi > 500;
    return void loadPage(page, room.key, far ? "last" : "after");
  }
  if (!timeline.atStart && view.nearStart()) return void loadPage(page, room.key, "before");
  if (!timeline.atEnd && view.nearEnd()) return void loadPage(page, room.key, "after");
  if (document.visibilityState === "visible") later("read", READ_MS, markRead);
}

function markRead() {
  const room = state.rooms[state.current];
  if (!room?.timeline.loaded || document.visibilityState !== "visible") return;
  const end = room.timeline.atEnd && view.atEnd();
  const seq = end ? room.timeline.hi : room.peer === null ? view.lastSeen() : 0;
  if (seq <= room.read) return;
  dispatch({ do: "read", key: room.key, seq });
  const source = sourceOf(room.key), upTo = source === MAILBOX ? mailboxRead(state) : seq;
  if (state.me.proven) ask(identity, roomPath(source, "read"), { method: "PUT", body: { seq: upTo }, keepalive: true }).catch(() => {});
  else readUpTo.set(state.me, source, upTo);
}

/*  Open a conversation, at a message of it where seq is given.  */
function open(key, seq = 0) {
  if (!key || key === MAILBOX) return;
  markRead();
  field.leave();
  dispatch({ do: "open", key });
  const hash = hashOf(state.current);
  if (placeOf(location.hash).key !== state.current) history.pushState(null, "", hash);
  closeSides();
  field.enter();
  void arrive(state.current, seq);
}

async function arrive(key, seq) {
  const room = state.rooms[key], { timeline } = room;
  if (room.peer === null) joined.add(sourceOf(key));
  restream();
  const missed = room.unread > 60 && room.read > 0;
  let spelled = key;
  if (seq && (seq < timeline.lo || seq > timeline.hi || !timeline.loaded)) spelled = await loadPage(page, key, "around", seq);
  else if (!timeline.loaded || !timeline.atEnd)
    spelled = missed && !seq ? await loadPage(page, key, "around", room.read) : await loadPage(page, key, "last");
  if (state.current !== key) return;
  if (spelled && room.peer === null && spelled !== key) {
    joined.drop(key);
    return open(spelled, seq);
  }
  draw();
  if (seq) view.reveal(seq);
  else view.toUnread();
  void loadWho(page);
  void loadRole(page, key, sameName);
}

async function jumpTo(item) {
  const room = state.rooms[state.current];
  const direct = item.type === "tell" || item.type === "told";
  const seq = direct ? room.timeline.items.find((one) => one.time === item.re)?.seq : item.re;
  if (seq && !view.reveal(seq)) await arrive(state.current, seq);
}

/*  --- the stream  */

function wantedRooms() {
  const { current } = state;
  const rooms = [...new Set([...(current && sourceOf(current) !== MAILBOX ? [current] : []), ...joined.get()])];
  return [...rooms, ...(state.me.guest ? [] : [MAILBOX])];
}

function restream() {
  const rooms = wantedRooms();
  if (streamed && rooms.every((room) => streamed.rooms.includes(room))) return;
  streamed?.close();
  streamed = null;
  if (rooms.length === 0) return;
  // what is on the page goes on where it ends
  for (const room of rooms) if (room !== MAILBOX && state.rooms[room]?.timeline.atEnd) cursors.set(room, Math.max(cursors.get(room) ?? 0, state.rooms[room].timeline.hi));
  streamed = new Stream(identity, rooms, cursors, state.me.log, {
    happened,
    lost: () => dispatch({ do: "link", status: "lost" }),
    refused: (error) => streamRefused(rooms, error),
  });
}

function streamRefused(rooms, error) {
  streamed = null;
  if (error.status === 401) return page.failed(error);
  const room = error.room ?? (error.status === 403 ? rooms[0] : null);
  page.failed(error);
  if (!room || room === MAILBOX) return void later("stream", 5000, restream);
  joined.drop(room);
  if (room !== state.current) restream();
}

function happened(all) {
  const events = [];
  const flush = () => events.length && dispatch({ do: "events", events: events.splice(0), follows: view.follows() });
  for (const { type, data } of all) {
    if (type === "message") {
      events.push(data);
      if (["join", "leave", "presence"].includes(data.type) && data.room === state.current) later("who", WHO_MS, () => loadWho(page));
      continue;
    }
    flush();
    special(type, data);
  }
  flush();
}

function special(type, data) {
  switch (type) {
    case "ready":
      if (data.log !== state.me.log) return void replaced(data.log);
      dispatch({ do: "streams", rooms: data.rooms });
      dispatch({ do: "link", status: "live" });
      out.hurry();
      return void later("who", 0, () => loadWho(page));
    case "offline":
      return dispatch({ do: "link", status: "offline" });
    case "log_replaced":
      return void replaced(data.log);
    case "lost":
    case "ahead":
      return again(data.room);
    case "parted":
      joined.drop(data.room);
      dispatch({ do: "parted", key: data.room });
      return page.failed(data);
  }
}

/*  Some of what was said there is no more: what is on the page is asked for anew.  */
function again(source) {
  for (const key of Object.keys(state.rooms)) if (sourceOf(key) === source) dispatch({ do: "forget", key });
  if (sourceOf(state.current) === source) void loadPage(page, state.current, "last");
}

/*  The broker has another log: what is on the page is no more.  */
function replaced(log) {
  cursors.clear();
  dispatch({ do: "hello", me: { ...state.me, log } });
  streamed?.close();
  streamed = null;
  if (state.current) void arrive(state.current, 0);
}

/*  --- what one does  */

function react(item, text, adds) {
  const mine = item.reactions.find((reaction) => reaction.text === text)?.mine === true;
  if (adds === mine || !rights(state, item).react) return;
  void attempt(ask(identity, roomPath(state.current, item.seq, "reactions", text), { method: adds ? "PUT" : "DELETE" }));
}

function act(name, item) {
  if (!item || !rights(state, item)[name]) return;
  if (name === "reply") field.reply(item);
  else if (name === "edit") field.edit(item);
  else if (name === "react") over.react(item);
  else over.remove(item);
}

async function signIn(name, token) {
  const { free_names: free = false } = state.me;
  const secret = token || (free ? Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("") : "");
  try {
    await ask({ name, token: secret }, "/status");
  } catch (error) {
    return askToSignIn(error.status === 401 ? t("badToken") : lang.error(error.code, display(error.text)));
  }
  identity = { name, token: secret };
  who.set(identity);
  over.signedIn();
  restart();
}

function restart() {
  streamed?.close();
  streamed = null;
  cursors.clear();
  void start();
}

function signOut() {
  identity = null;
  who.set(null);
  joined.clear();
  restart();
}

const askToSignIn = (error) => over.signIn({ free: state.me.free_names, error });

/*  --- the page as a whole  */

function closeSides() {
  for (const id of ["side", "who"]) showSide(id, false);
}

function showSide(id, opens = !$(id).classList.contains("open")) {
  $(id).classList.toggle("open", opens);
  $(`${id}-open`).setAttribute("aria-expanded", String(opens));
  if (opens) $(id).querySelector("a, button")?.focus();
}

const PARTS = ["side", "scroll", "compose", "who"];

function focusPart(step) {
  const now = PARTS.findIndex((id) => $(id).contains(document.activeElement));
  for (let i = 1; i <= PARTS.length; i++) {
    const id = PARTS[(((now < 0 ? 2 : now) + step * i) % 4 + 4) % 4], part = $(id);
    if (getComputedStyle(part).visibility === "hidden") continue;
    const target = part.querySelector("[aria-current]") ?? part.querySelector('[tabindex="0"]') ?? part.querySelector("a");
    return (target ?? part).focus();
  }
}

const commands = {
  previous: () => open(side.neighbour(state, -1, false)),
  next: () => open(side.neighbour(state, 1, false)),
  nextUnread: () => open(side.neighbour(state, 1, true)),
  goTo: () => over.goTo(), keys: () => over.keys(), search: () => over.search(),
  nextPart: () => focusPart(1), previousPart: () => focusPart(-1),
  messageUp: () => view.focusMessage(-1), messageDown: () => view.focusMessage(1),
  messageFirst: () => view.focusMessage("first"), messageLast: () => view.focusMessage("last"),
  reply: () => act("reply", view.item()), edit: () => act("edit", view.item()), react: () => act("react", view.item()),
  remove: () => act("remove", view.item()), editLast: () => act("edit", lastOwn(state)), send: () => field.submit(),
  jump() {
    const item = view.item();
    if (item?.re) void jumpTo(item);
  },
  escape() {
    closeSides();
    field.cancel();
    $("compose").focus();
  },
};

function pressed(event) {
  if (document.querySelector("dialog[open]")) return; // a dialog has keys of its own
  const { target } = event, typed = /^(INPUT|TEXTAREA)$/.test(target.tagName);
  const where = target.id === "compose" ? "composer" : typed ? "field" : target.classList.contains("message") ? "message" : "";
  const command = commandOf(event, where, target.value === "");
  if (!command) return;
  event.preventDefault();
  commands[command]();
}

function wire() {
  document.addEventListener("keydown", pressed);
  const clicks = {
    "goto-open": commands.goTo, "keys-open": commands.keys, "search-open": commands.search, "side-open": () => showSide("side"),
    "side-close": commands.escape, "who-open": () => showSide("who"), "who-close": commands.escape,
    sign: () => (state.me.guest ? askToSignIn() : signOut()), "guest-sign": () => askToSignIn(),
    newest() {
      view.toEnd();
      if (!state.rooms[state.current]?.timeline.atEnd) void loadPage(page, state.current, "last").then(() => view.toEnd());
      draw();
    },
  };
  for (const [id, run] of Object.entries(clicks)) $(id).addEventListener("click", run);
  addEventListener("popstate", arriveByAddress);
  addEventListener("hashchange", arriveByAddress);
  addEventListener("online", () => (streamed?.hurry(), out.hurry()));
  addEventListener("pagehide", markRead);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) poll();
  });
  setInterval(poll, POLL_MS);
}

function arriveByAddress() {
  const { key, seq } = placeOf(location.hash);
  if (key && (knownKey(state, key) !== state.current || seq)) open(key, seq);
}

function poll() {
  if (document.hidden || !state.me.known || state.link !== "live") return;
  loadRooms(page, readUpTo.get(state.me)).catch(() => {});
}

/*  Where one begins: what the address says, where something is unread, or the liveliest room.  */
function firstKey() {
  const { key } = placeOf(location.hash);
  if (key) return key;
  const rooms = Object.values(state.rooms).filter((room) => room.peer === null);
  const [last] = joined.get();
  return last ?? rooms.sort((a, b) => b.mentions - a.mentions || b.members - a.members || b.head - a.head)[0]?.key ?? "lobby";
}

async function start() {
  dispatch({ do: "link", status: "connecting" });
  const unsent = keptUnsent(sessionStorage, identity);
  try {
    const status = await ask(identity, "/status");
    dispatch({ do: "hello", me: { ...status, guest: status.user === "" } });
    const kept = readUpTo.get(state.me);
    await loadRooms(page, kept);
    const mailbox = await loadPeople(page, kept);
    if (!state.me.guest && !cursors.has(MAILBOX)) cursors.set(MAILBOX, mailbox);
    for (const message of unsent)
      if (!state.pending.some((one) => one.key === message.key)) dispatch({ do: "queue", message });
    open(firstKey(), placeOf(location.hash).seq);
    void out.run();
  } catch (error) {
    if (error instanceof Refusal && !error.passes) {
      dispatch({ do: "notice", notice: { code: error.code, text: error.text } });
      return askToSignIn(identity ? t("badToken") : t("guestsNot"));
    }
    dispatch({ do: "link", status: "offline" });
    later("start", START_MS, start);
    if (!(error instanceof Refusal)) throw error;
  }
}

localise(t, lang.language);
wire();
void start();
