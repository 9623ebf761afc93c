/*  view.js - the conversation on the page, and where one looks in it  */
import { $, h, list, say } from "./dom.js";
import { Rows, answered } from "./rows.js";
import { pendingOf, rights } from "./state.js";
import { rows } from "./timeline.js";

const NEAR = 60; // pixels from the end that count as the end
const AHEAD = 700; // pixels before an edge at which more is asked for

const scroll = $("scroll"), messages = $("messages"), bar = $("bar");

const same = (a, b) => a.kind === b.kind && a.item === b.item && a.joined === b.joined && a.message === b.message &&
  a.time === b.time && a.quoted === b.quoted;

/*  The toolbar stands in a message: it is taken out before that one goes.  */
function leaving(element) {
  if (!element.contains(bar)) return;
  bar.hidden = true;
  document.body.append(bar);
}

const below = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight;
const all = () => [...messages.querySelectorAll(".message")];

/*  The first message in sight, and where it stands: what is drawn must not move it.  */
function anchor() {
  const top = scroll.getBoundingClientRect().top;
  for (const element of messages.children) {
    const box = element.getBoundingClientRect();
    if (box.bottom > top && element.id) return { id: element.id, top: box.top };
  }
  return null;
}

export class View {
  /*  words: of words.js; on: what is done at clicks and when one looks elsewhere: jump (item), react (item, text, adds),
      act (name, item), retry (key), discard (key), focused (element), scrolled ().  */
  constructor(words, on) {
    this.words = words;
    this.on = on;
    this.rows = new Rows(words, on);
    this.shown = ""; // the key of the conversation
    this.follow = true; // the end stays in sight
    this.active = ""; // id of the message that Tab reaches
    this.height = this.width = 0;
    this.listen();
  }

  listen() {
    messages.addEventListener("focusin", ({ target }) => {
      const element = target.closest(".message");
      if (!element) return;
      this.rove(element);
      this.on.focused(element);
    });
    messages.addEventListener("pointerover", ({ target, pointerType }) => {
      const element = target.closest(".message");
      if (element && pointerType === "mouse" && !bar.contains(document.activeElement)) this.on.focused(element);
    });
    messages.addEventListener("pointerleave", () => {
      if (!bar.parentElement?.contains(document.activeElement)) bar.hidden = true;
    });
    scroll.addEventListener("scroll", () => {
      if (scroll.clientHeight === this.height && scroll.clientWidth === this.width) this.follow = this.atEnd();
      this.on.scrolled();
    }, { passive: true });
    // a line more in the field, or the keyboard of a phone, changes the height: that is no scrolling away
    new ResizeObserver(() => {
      ({ clientHeight: this.height, clientWidth: this.width } = scroll);
      if (this.follow) scroll.scrollTop = scroll.scrollHeight;
      this.on.scrolled();
    }).observe(scroll);
  }

  show(state) {
    const room = state.rooms[state.current], timeline = room?.timeline ?? { items: [], atEnd: true };
    const kept = this.shown === state.current ? anchor() : null;
    if (this.shown !== state.current) {
      messages.replaceChildren();
      this.follow = true;
      this.active = "";
      this.shown = state.current;
    }
    this.rows.me = state.me.user;
    this.rows.items = timeline.items;
    const pending = room && timeline.atEnd ? pendingOf(state, room.key) : [];
    const wanted = rows(timeline, { read: room?.line ?? 0, me: state.me.user, pending, dayOf: this.words.dayOf });
    for (const row of wanted) if (row.item?.re) row.quoted = timeline.items[answered(timeline.items, row.item)] ?? null;
    list(messages, wanted, same, (row) => this.rows.draw(row), leaving);
    this.edge(room);
    if (this.follow && timeline.atEnd) scroll.scrollTop = scroll.scrollHeight;
    else if (kept && $(kept.id)) scroll.scrollTop += $(kept.id).getBoundingClientRect().top - kept.top;
    this.rove();
    $("newest").hidden = !room || (timeline.atEnd && (this.follow || this.atEnd()));
  }

  /*  What stands above the first message.  */
  edge(room) {
    const { t } = this.words;
    if (!room?.timeline.loaded) return say($("edge-top"), room?.loading ? t("loading") : "");
    const { atStart, lo } = room.timeline;
    say($("edge-top"), !atStart ? t("loading") : room.first > 1 && lo > 1 && room.peer === null ? t("gone") : t("beginning"));
  }

  /*  One message is reached by Tab, the others from there by arrows.  */
  rove(element) {
    const chosen = element ?? all().find((one) => one.id === this.active) ?? all().at(-1);
    for (const one of messages.querySelectorAll('[tabindex="0"]')) if (one !== chosen) one.tabIndex = -1;
    if (!chosen) return;
    chosen.tabIndex = 0;
    if (element) this.active = element.id;
  }

  /*  step: 1 or -1 from the message that has the focus, or "first", "last".  */
  focusMessage(step) {
    const found = all(), now = found.indexOf(document.activeElement?.closest?.(".message"));
    const next = { first: 0, last: found.length - 1 }[step] ??
      (now < 0 ? found.findIndex((one) => one.tabIndex === 0) : Math.min(found.length - 1, now + step));
    found[Math.max(0, next)]?.focus();
  }

  /*  Bring a message into sight; true where it is on the page.  */
  reveal(seq) {
    const element = $(`m${seq}`);
    if (!element) return false;
    this.follow = false;
    element.scrollIntoView({ block: "center" });
    element.focus({ preventScroll: true });
    element.classList.remove("flash");
    void element.offsetWidth; // the animation begins anew
    element.classList.add("flash");
    return true;
  }

  /*  The toolbar of the message that has the focus or the pointer.  */
  showBar(element, state) {
    const item = element?.row?.item;
    if (!item || (bar.parentElement === element && !bar.hidden)) return;
    const can = rights(state, item), names = ["reply", "react", "edit", "remove"].filter((name) => can[name]);
    bar.replaceChildren(...names.map((name) => h("button", { type: "button", on: { click: () => this.on.act(name, item) } }, this.words.t(name))));
    bar.hidden = names.length === 0;
    element.append(bar);
  }

  /*  Whoever looks sees what is new at once.  */
  follows() {
    return this.follow && document.visibilityState === "visible";
  }

  atEnd() {
    return below() < NEAR;
  }

  nearStart() {
    return scroll.scrollTop < AHEAD;
  }

  nearEnd() {
    return below() < AHEAD;
  }

  toEnd() {
    this.follow = true;
    scroll.scrollTop = scroll.scrollHeight;
  }

  /*  A conversation with something unread begins where that begins.  */
  toUnread() {
    const line = $("unread-line");
    if (!line) return;
    line.scrollIntoView({ block: "start" });
    scroll.scrollTop -= 40;
    this.follow = this.atEnd();
  }

  /*  The message that has the focus.  */
  item() {
    return document.activeElement?.closest?.(".message")?.row?.item ?? null;
  }

  /*  The seq of the last message that is in sight as a whole; 0: none.  */
  lastSeen() {
    const bottom = scroll.getBoundingClientRect().bottom + 2;
    const seen = all().findLast((one) => one.id && one.getBoundingClientRect().bottom <= bottom);
    return seen?.row?.item?.seq ?? 0;
  }
}
