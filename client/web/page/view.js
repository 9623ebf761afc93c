/*  view.js - the conversation on the page: its messages, and where one looks in it  */
import { $, h, list, say } from "./dom.js";
import { pendingOf, rights, titleOf } from "./state.js";
import { display, parts } from "./text.js";
import { find, rows } from "./timeline.js";

const NEAR = 60; // pixels from the end that count as the end
const AHEAD = 700; // pixels before an edge at which more is asked for

/*  words: of words.js; on: what is done at clicks: jump (item), react (item, text), retry (key), discard (key).  */
export function messagesView(words, on) {
  const { t } = words, scroll = $("scroll"), messages = $("messages"), bar = $("bar");
  let me = "", items = [], shownKey = "", follow = true, active = "";

  const tell = (text, mentions) => parts(text, { mentions, me }).map((part) => {
    if (part.kind === "link")
      return h("a", { href: part.href, target: "_blank", rel: "noopener noreferrer", title: t("linkNew") }, part.text);
    return part.kind === "mention" ? h("span", { class: "mention" }, part.text) : part.text;
  });

  /*  What happened, in words, where it is not something said.  */
  function told(item) {
    const user = display(item.user), text = display(item.text, true);
    switch (item.type) {
      case "topic":
        return text ? t("topic", { user, text }) : t("topicCleared", { user });
      case "invite":
        return t("invited", { user, room: display(item.data?.room ?? "") }) + (text ? ` ${t("reason", { text })}` : "");
      case "mode": {
        const set = String(item.data?.set ?? ""), who = display(item.data?.user ?? "");
        const known = /^[a-z]+$/.test(set) && t(`did.${set}`, { user, who });
        const done = known && known !== `did.${set}` ? known : t("mode", { user, set: display(set) });
        return text ? `${done} ${t("reason", { text })}` : done;
      }
      case "gone":
        return t("removed");
    }
    return null;
  }

  function quote(item) {
    const index = typeof item.re === "number" ? answered(item) : -1;
    const to = items[index];
    const text = to ? `${display(to.user)}: ${display(told(to) ?? to.text).slice(0, 120)}` : t("notHere");
    return h("button", { type: "button", class: "quote", tabindex: "-1", on: { click: () => on.jump(item) } }, "↩ ", text);
  }

  function answered(item) {
    return item.type === "tell" || item.type === "told" ? items.findIndex((one) => one.time === item.re) : find(items, item.re);
  }

  function reactions(item) {
    return h("div", { class: "reactions", role: "group", "aria-label": t("reactions") }, ...item.reactions.map(({ text, count, users, mine }) => {
      const names = users.map((user) => display(user)).join(", ") + (count > users.length ? ` ${t("andMore", { n: count - users.length })}` : "");
      return h("button", {
        type: "button", tabindex: "-1", "aria-pressed": String(mine), title: t("reactedBy", { text: display(text), users: names }),
        "aria-label": t("reactedBy", { text: display(text), users: names }), on: { click: () => on.react(item, text, !mine) },
      }, `${display(text)} ${count}`);
    }));
  }

  function message({ item, joined }) {
    const event = told(item), sealed = item.data?.sealed === 1;
    const body = event ?? (sealed ? t("sealed") : null);
    const when = h("time", { datetime: new Date(item.time).toISOString(), title: words.fullTime(item.time) }, words.time(item.time));
    const mark = item.own && !event && h("span", { class: "mark stored", title: t("stored"), role: "img", "aria-label": t("stored") }, "✓");
    const edited = item.edited > 0 && h("span", { class: "mark" }, `(${t("edited")})`);
    const author = h("span", { class: "author", dir: "auto" }, item.type === "told" ? display(me) : display(item.user));
    const text = body !== null ? [body] : tell(item.type === "action" ? `${item.user} ${item.text}` : item.text, item.mentions);
    return h("li", {
      class: ["message", joined && "joined", (event || sealed) && "event", item.type === "action" && "action", item.calls && "calls"].filter(Boolean).join(" "),
      id: `m${item.seq}`, tabindex: "-1",
    },
    h("div", { class: "head" }, author, when, edited, mark), item.re !== null && item.re !== undefined && !event ? quote(item) : null,
    h("div", { class: "text", dir: "auto" }, ...text), item.reactions.length ? reactions(item) : null);
  }

  function pending({ message: { key, text, type, status, code, error, seq } }) {
    const failed = status === "failed", state = failed ? "failed" : seq ? "stored" : "sending";
    return h("li", { class: "message pending", tabindex: "-1" },
      h("div", { class: "head" }, h("span", { class: "author" }, display(me)), h("span", { class: `mark ${state}` }, t(state))),
      h("div", { class: "text", dir: "auto" }, ...tell(type === "action" ? `${me} ${text}` : text, [])),
      failed && h("p", {}, h("span", { class: "bad" }, `${words.error(code, display(error ?? ""))} `),
        h("button", { type: "button", on: { click: () => on.retry(key) } }, t("retry")), " ",
        h("button", { type: "button", on: { click: () => on.discard(key) } }, t("discard"))));
  }

  function draw(row) {
    switch (row.kind) {
      case "day":
        return h("li", { class: "day" }, h("span", {}, words.dayName(row.time, Date.now())));
      case "unread":
        return h("li", { class: "line", id: "unread-line" }, h("span", {}, t("unreadLine")));
      case "pending":
        return pending(row);
    }
    return message(row);
  }

  const same = (a, b) => a.kind === b.kind && a.item === b.item && a.joined === b.joined && a.message === b.message &&
    a.time === b.time && a.quoted === b.quoted;

  function leaving(element) {
    if (element.contains(bar)) {
      bar.hidden = true;
      document.body.append(bar);
    }
  }

  const atEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR;

  /*  The first message in sight, and where it stands: what is drawn must not move it.  */
  function anchor() {
    const top = scroll.getBoundingClientRect().top;
    for (const element of messages.children) {
      const box = element.getBoundingClientRect();
      if (box.bottom > top && element.id) return { id: element.id, top: box.top };
    }
    return null;
  }

  function show(state) {
    const room = state.rooms[state.current];
    me = state.me.user;
    const fresh = shownKey !== state.current;
    const kept = fresh ? null : anchor();
    if (fresh) {
      messages.replaceChildren();
      follow = true;
      active = "";
    }
    shownKey = state.current;
    items = room?.timeline.items ?? [];
    const all = rows(room?.timeline ?? { items: [] }, { read: room?.line ?? 0, me, pending: room && room.timeline.atEnd ? pendingOf(state, room.key) : [], dayOf: words.dayOf });
    for (const row of all) if (row.item?.re) row.quoted = items[answered(row.item)] ?? null;
    list(messages, all, same, draw, leaving);
    edges(room);
    if (follow && (room?.timeline.atEnd ?? true)) scroll.scrollTop = scroll.scrollHeight;
    else if (kept) {
      const element = $(kept.id);
      if (element) scroll.scrollTop += element.getBoundingClientRect().top - kept.top;
    }
    rove();
    $("newest").hidden = !room || (room.timeline.atEnd && (follow || atEnd()));
  }

  function edges(room) {
    if (!room || !room.timeline.loaded) return say($("edge-top"), room?.loading ? t("loading") : "");
    const { atStart, lo } = room.timeline;
    say($("edge-top"), atStart ? (room.first > 1 && lo > 1 && room.peer === null ? t("gone") : t("beginning")) : t("loading"));
  }

  /*  One message is reached by Tab, the others from there by arrows.  */
  function rove(element) {
    const all = [...messages.querySelectorAll(".message")];
    const chosen = element ?? all.find((one) => one.id === active) ?? all.at(-1);
    for (const one of messages.querySelectorAll('[tabindex="0"]')) if (one !== chosen) one.tabIndex = -1;
    if (!chosen) return;
    chosen.tabIndex = 0;
    if (element) active = element.id;
  }

  function focusMessage(step) {
    const all = [...messages.querySelectorAll(".message")];
    const now = all.indexOf(document.activeElement?.closest?.(".message"));
    const next = { first: 0, last: all.length - 1 }[step] ?? (now < 0 ? all.findIndex((one) => one.tabIndex === 0) : Math.min(all.length - 1, now + step));
    all[Math.max(0, next)]?.focus();
  }

  /*  Bring a message into sight; true where it is on the page.  */
  function reveal(seq) {
    const element = $(`m${seq}`);
    if (!element) return false;
    follow = false;
    element.scrollIntoView({ block: "center" });
    element.focus({ preventScroll: true });
    element.classList.remove("flash");
    void element.offsetWidth; // the animation begins anew
    element.classList.add("flash");
    return true;
  }

  /*  The toolbar of the message that has the focus or the pointer.  */
  function showBar(element, state) {
    const item = element?.row?.item;
    if (!item) return;
    const can = rights(state, item);
    const buttons = ["reply", "react", "edit", "remove"].filter((name) => can[name]);
    if (bar.parentElement === element && !bar.hidden) return;
    bar.replaceChildren(...buttons.map((name) => h("button", { type: "button", on: { click: () => on.act(name, item) } }, t(name))));
    bar.hidden = buttons.length === 0;
    element.append(bar);
  }

  messages.addEventListener("focusin", (event) => {
    const element = event.target.closest(".message");
    if (!element) return;
    rove(element);
    on.focused(element);
  });
  messages.addEventListener("pointerover", (event) => {
    const element = event.target.closest(".message");
    if (element && event.pointerType === "mouse" && !bar.contains(document.activeElement)) on.focused(element);
  });
  messages.addEventListener("pointerleave", () => {
    if (!bar.parentElement?.contains(document.activeElement)) bar.hidden = true;
  });
  // a line more in the field, or the keyboard of a phone, changes the height: that is no scrolling away
  let height = 0, width = 0;
  scroll.addEventListener("scroll", () => {
    if (scroll.clientHeight === height && scroll.clientWidth === width) follow = atEnd();
    on.scrolled();
  }, { passive: true });
  new ResizeObserver(() => {
    ({ clientHeight: height, clientWidth: width } = scroll);
    if (follow) scroll.scrollTop = scroll.scrollHeight;
    on.scrolled();
  }).observe(scroll);

  return {
    show, reveal, focusMessage, showBar, atEnd,
    follows: () => follow && document.visibilityState === "visible",
    toEnd() {
      follow = true;
      scroll.scrollTop = scroll.scrollHeight;
    },
    /*  A conversation with something unread begins where that begins.  */
    toUnread() {
      const line = $("unread-line");
      if (!line) return;
      line.scrollIntoView({ block: "start" });
      scroll.scrollTop -= 40;
      follow = atEnd();
    },
    item: () => document.activeElement?.closest?.(".message")?.row?.item ?? null,
    /*  Which edge is near: "before", "after", or "".  */
    edge() {
      if (scroll.scrollTop < AHEAD) return "before";
      return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < AHEAD ? "after" : "";
    },
    nearEnd: () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < AHEAD,
    /*  The last message that is in sight as a whole.  */
    lastSeen() {
      const bottom = scroll.getBoundingClientRect().bottom + 2;
      const seen = [...messages.querySelectorAll(".message[id]")].findLast((one) => one.getBoundingClientRect().bottom <= bottom);
      return seen?.row?.item?.seq ?? 0;
    },
    quoteText: (item) => `${display(item.user)}: ${display(item.text).slice(0, 100)}`,
    title: (room) => titleOf(room),
  };
}
