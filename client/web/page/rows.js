/*  rows.js - the rows of a conversation as elements: messages, days, where the unread begins, what is on its way  */
import { h } from "./dom.js";
import { display, parts } from "./text.js";
import { find } from "./timeline.js";

const QUOTED = 120; // characters of what is answered

/*  What happened, in words, where it is not something said; else null.  */
function told({ t }, item) {
  const user = display(item.user), text = display(item.text, true);
  const reason = text ? ` ${t("reason", { text })}` : "";
  switch (item.type) {
    case "topic":
      return text ? t("topic", { user, text }) : t("topicCleared", { user });
    case "invite":
      return t("invited", { user, room: display(item.data?.room ?? "") }) + reason;
    case "mode": {
      const set = String(item.data?.set ?? ""), known = `did.${/^[a-z]+$/.test(set) ? set : ""}`;
      const done = t(known, { user, who: display(item.data?.user ?? "") });
      return (done === known ? t("mode", { user, set: display(set) }) : done) + reason;
    }
    case "gone":
      return t("removed");
  }
  return null;
}

/*  Where what the item answers is among items, or -1: direct messages name it by its time.  */
export function answered(items, item) {
  if (typeof item.re !== "number") return -1;
  return item.type === "tell" || item.type === "told" ? items.findIndex((one) => one.time === item.re) : find(items, item.re);
}

/*  words: of words.js; on: what clicks do, as in view.js. me and items are set before each drawing.  */
export class Rows {
  constructor(words, on) {
    this.words = words;
    this.on = on;
    this.me = "";
    this.items = [];
  }

  /*  The elements of what was said.  */
  said(text, mentions) {
    return parts(text, { mentions, me: this.me }).map((part) => {
      if (part.kind === "link")
        return h("a", { href: part.href, target: "_blank", rel: "noopener noreferrer", title: this.words.t("linkNew") }, part.text);
      return part.kind === "mention" ? h("span", { class: "mention" }, part.text) : part.text;
    });
  }

  quote(item) {
    const to = this.items[answered(this.items, item)];
    const text = to ? `${display(to.user)}: ${display(told(this.words, to) ?? to.text).slice(0, QUOTED)}` : this.words.t("notHere");
    return h("button", { type: "button", class: "quote", tabindex: "-1", on: { click: () => this.on.jump(item) } }, "↩ ", text);
  }

  reactions(item) {
    const { t } = this.words;
    const chips = item.reactions.map(({ text, count, users, mine }) => {
      const names = users.map((user) => display(user)).join(", ") + (count > users.length ? ` ${t("andMore", { n: count - users.length })}` : "");
      const by = t("reactedBy", { text: display(text), users: names });
      return h("button", {
        type: "button", tabindex: "-1", "aria-pressed": String(mine), title: by, "aria-label": by,
        on: { click: () => this.on.react(item, text, !mine) },
      }, `${display(text)} ${count}`);
    });
    return h("div", { class: "reactions", role: "group", "aria-label": t("reactions") }, ...chips);
  }

  message({ item, joined }) {
    const { t, time, fullTime } = this.words;
    const event = told(this.words, item), sealed = item.data?.sealed === 1;
    const names = { joined, event: event !== null || sealed, action: item.type === "action", calls: item.calls };
    const head = h("div", { class: "head" },
      h("span", { class: "author", dir: "auto" }, item.type === "told" ? display(this.me) : display(item.user)),
      h("time", { datetime: new Date(item.time).toISOString(), title: fullTime(item.time) }, time(item.time)),
      item.edited > 0 && h("span", { class: "mark" }, `(${t("edited")})`),
      item.own && event === null && h("span", { class: "mark stored", title: t("stored"), role: "img", "aria-label": t("stored") }, "✓"));
    const text = event !== null ? [event] : sealed ? [t("sealed")]
      : this.said(item.type === "action" ? `${item.user} ${item.text}` : item.text, item.mentions);
    return h("li", { class: ["message", ...Object.keys(names).filter((name) => names[name])].join(" "), id: `m${item.seq}`, tabindex: "-1" },
      head, item.re !== null && event === null && this.quote(item), h("div", { class: "text", dir: "auto" }, ...text),
      item.reactions.length > 0 && this.reactions(item));
  }

  pending({ message: { key, text, type, status, code, error, seq } }) {
    const { t } = this.words, state = status === "failed" ? "failed" : seq ? "stored" : "sending";
    const refused = () => h("p", {}, h("span", { class: "bad" }, `${this.words.error(code, display(error ?? ""))} `),
      h("button", { type: "button", on: { click: () => this.on.retry(key) } }, t("retry")), " ",
      h("button", { type: "button", on: { click: () => this.on.discard(key) } }, t("discard")));
    return h("li", { class: "message pending", tabindex: "-1" },
      h("div", { class: "head" }, h("span", { class: "author" }, display(this.me)), h("span", { class: `mark ${state}` }, t(state))),
      h("div", { class: "text", dir: "auto" }, ...this.said(type === "action" ? `${this.me} ${text}` : text, [])),
      state === "failed" && refused());
  }

  draw(row) {
    switch (row.kind) {
      case "day":
        return h("li", { class: "day" }, h("span", {}, this.words.dayName(row.time, Date.now())));
      case "unread":
        return h("li", { class: "line", id: "unread-line" }, h("span", {}, this.words.t("unreadLine")));
      case "pending":
        return this.pending(row);
    }
    return this.message(row);
  }
}
