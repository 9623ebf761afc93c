/*  side.js - the lists beside the conversation: rooms, people, and who is here  */
import { $, h, list, say } from "./dom.js";
import { keyOf, listed, sourceOf, titleOf } from "./state.js";
import { display, sameName } from "./text.js";

const ROOMS_MAX = 200; // in the list; the others are found by name

/*  The part of the address behind # that means a conversation, and perhaps a message in it.  */
export const hashOf = (key, seq) => `#${encodeURIComponent(key)}${seq ? `/${seq}` : ""}`;

export function placeOf(hash) {
  const [key, seq] = hash.replace(/^#/, "").split("/");
  try {
    return { key: decodeURIComponent(key), seq: Number.parseInt(seq, 10) || 0 };
  } catch {
    return { key: "", seq: 0 };
  }
}

export function sideView({ t }) {
  function entry({ room, current }) {
    const notes = [room.unread > 0 && t("unread", { n: room.unread }), room.mentions > 0 && room.peer === null && t("mentionsYou"), room.private && t("private")];
    const spoken = [titleOf(room), ...notes.filter(Boolean)].join(", ");
    return h("li", {}, h("a", { href: hashOf(room.key), "aria-current": current && "page", class: room.unread > 0 ? "unread" : false, "aria-label": spoken },
      h("span", { class: "name", dir: "auto" }, titleOf(room)),
      room.unread > 0 && h("span", { class: `badge${room.mentions > 0 ? " calls" : ""}` }, `${room.mentions > 0 && room.peer === null ? "@" : ""}${room.unread > 999 ? "999+" : room.unread}`)));
  }

  const fields = ["key", "unread", "mentions", "private"];
  const same = (a, b) => a.current === b.current && fields.every((field) => a.room[field] === b.room[field]);

  function person({ name, away, me, reachable }) {
    const content = [h("span", { class: "name", dir: "auto" }, display(name), me ? ` (${t("mine")})` : ""), away && h("span", { class: "soft" }, t("away", { text: display(away) }))];
    return h("li", {}, reachable ? h("a", { href: hashOf(keyOf(name)), "aria-label": [t("tell", { user: display(name) }), away && t("away", { text: display(away) })].filter(Boolean).join(", ") }, ...content) : h("span", {}, ...content));
  }

  return {
    show(state) {
      const { rooms, people } = listed(state, ROOMS_MAX);
      for (const [id, all] of [["rooms", rooms], ["people", people]])
        list($(id), all.map((room) => ({ key: room.key, room, current: room.key === state.current })), same, entry);
      $("people-title").hidden = people.length === 0;
      const { who } = state, here = who.room === sourceOf(state.current) ? who : { users: [], members: 0, away: {} };
      const shown = here.users.map((name) => ({ key: name, name, away: Object.hasOwn(here.away ?? {}, name) ? here.away[name] : "", me: sameName(name, state.me.user), reachable: !state.me.guest && !sameName(name, state.me.user) }));
      list($("who-list"), shown, (a, b) => a.name === b.name && a.away === b.away && a.me === b.me && a.reachable === b.reachable, person);
      const n = Math.max(here.members ?? 0, here.users.length);
      say($("who-title"), n ? `${t("here")}: ${n}` : t("nobodyHere"));
      say($("who-count"), String(n));
      $("who-open").setAttribute("aria-label", `${t("whoToggle")}: ${t("members", { n })}`);
    },
    /*  The conversation step places further, of all or of those with something unread.  */
    neighbour(state, step, unread) {
      const { rooms, people } = listed(state, ROOMS_MAX);
      const all = [...rooms, ...people];
      const now = all.findIndex((room) => room.key === state.current);
      for (let i = 1; i <= all.length; i++) {
        const room = all[(((now + step * i) % all.length) + all.length) % all.length];
        if (!unread || room.unread > 0) return room.key;
      }
      return null;
    },
  };
}
