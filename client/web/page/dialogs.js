/*  dialogs.js - what opens over the page: go to, search, react, sign in, keys, remove  */
import { $, h, list, say } from "./dom.js";
import { keyOf, listed, titleOf } from "./state.js";
import { display, foundParts } from "./text.js";

const COMMON = ["👍", "❤️", "😂", "🎉", "😮", "😢", "🙏", "👀", "✅", "❌"];

/*  on: open (key, seq), search (query, next), react (item, text), signIn (name, token), remove (item).  */
export function dialogs(words, on) {
  const { t } = words;
  let chosen = 0, choices = [], reacting = null, removing = null;

  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    // what had the focus before may have been drawn anew meanwhile
    dialog.addEventListener("close", () => document.activeElement === document.body && $("compose").focus());
  }

  /*  --- go to a conversation  */

  function goTo(state) {
    const typed = $("goto-text").value.trim().replace(/^#/, "").normalize("NFC");
    const needle = typed.replace(/^@/, "").toLowerCase();
    const { rooms, people } = listed(state);
    const named = [...rooms, ...people, ...state.who.users.filter((user) => user !== state.me.user && !state.me.guest)
      .map(keyOf).filter((key) => !(key in state.rooms)).map((key) => ({ key, peer: key.slice(1) }))];
    choices = named.filter((room) => room.key.toLowerCase().includes(needle)).slice(0, 30)
      .map((room) => ({ key: room.key, text: titleOf(room) }));
    const free = typed.replace(/^@/, "");
    if (free && !/[\s/@]/.test(free)) {
      const known = (key) => choices.some((choice) => choice.key.toLowerCase() === key.toLowerCase());
      if (!typed.startsWith("@") && !known(free)) choices.push({ key: free, text: `${t("newRoom")}: #${display(free)}` });
      if (!state.me.guest && !known(keyOf(free))) choices.push({ key: keyOf(free), text: `${t("newPerson")}: ${display(free)}` });
    }
    chosen = Math.max(0, Math.min(chosen, choices.length - 1));
    $("goto-list").replaceChildren(...choices.map(({ key, text }, at) => h("li", {
      role: "option", id: `goto-${at}`, "aria-selected": String(at === chosen), on: { click: () => go(key) },
    }, text)));
    $("goto-text").setAttribute("aria-activedescendant", choices.length ? `goto-${chosen}` : "");
    $(`goto-${chosen}`)?.scrollIntoView({ block: "nearest" });
  }

  function go(key) {
    $("goto").close();
    if (key) on.open(key);
  }

  $("goto-text").addEventListener("input", () => {
    chosen = 0;
    goTo(on.state());
  });
  $("goto-text").addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.altKey) return;
    event.preventDefault();
    chosen += step;
    goTo(on.state());
  });
  $("goto-form").addEventListener("submit", (event) => {
    event.preventDefault();
    go(choices[chosen]?.key);
  });

  /*  --- search  */

  $("search-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const query = $("search-text").value.trim();
    if (query) on.search(query, null);
  });
  $("search-more").addEventListener("click", () => on.search(on.state().search.query, on.state().search.next));

  function hit({ hit: { room, user, time, text, found, seq, type } }) {
    const key = room === "@" ? keyOf(user) : room;
    const shown = foundParts(text, found).map((part) => (part.found ? h("mark", {}, part.text) : part.text));
    return h("li", {}, h("button", { type: "button", on: { click: () => { $("search").close(); on.open(key, seq); } } },
      h("span", { class: "author", dir: "auto" }, type === "told" ? `→ ${display(user)}` : display(user)),
      h("span", { class: "soft" }, ` ${room === "@" ? "" : `#${display(room)} `}`, h("time", {}, words.fullTime(time))),
      h("div", { class: "text", dir: "auto" }, ...shown)));
  }

  function searchState(search) {
    if (!search) return "";
    if (search.busy) return t("loading");
    if (search.error) return words.error(search.error.code, display(search.error.text));
    return [search.hits.length === 0 && t("noHits"), search.behind && t("behind", { n: search.behind }), search.partial && t("partial")].filter(Boolean).join(" ");
  }

  /*  --- the others  */

  $("reaction-common").append(...COMMON.map((text) => h("button", {
    type: "button", "aria-label": t("reactWith", { text }), on: { click: () => react(text) } }, text)));
  $("reaction-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = $("reaction-text").value.trim();
    if (text) react(text);
  });

  function react(text) {
    $("reaction").close();
    $(`m${reacting?.seq}`)?.focus();
    if (reacting) on.react(reacting, text, true);
  }

  $("signing-form").addEventListener("submit", (event) => {
    event.preventDefault();
    on.signIn($("signing-name").value.trim().normalize("NFC"), $("signing-token").value.trim());
  });
  $("keys-list").append(...Object.keys(words.keyList).flatMap((key) => [h("dt", {}, key), h("dd", {}, words.keyList[key])]));
  $("removal-no").addEventListener("click", () => $("removal").close());
  $("removal-yes").addEventListener("click", () => {
    $("removal").close();
    on.remove(removing);
  });

  const open = (id, field) => {
    if (!$(id).open) $(id).showModal();
    $(field)?.select?.();
  };

  return {
    goTo(state) {
      $("goto-text").value = "";
      chosen = 0;
      goTo(state);
      open("goto", "goto-text");
    },
    search: () => open("search", "search-text"),
    keys: () => open("keys"),
    react(item) {
      reacting = item;
      $("reaction-text").value = "";
      open("reaction");
    },
    remove(item) {
      removing = item;
      say($("removal-text"), display(item.text).slice(0, 200));
      open("removal");
      $("removal-no").focus();
    },
    signIn({ free, error }) {
      $("signing-optional").hidden = !free;
      $("signing-token").required = !free;
      say($("signing-error"), error ?? "");
      open("signing", "signing-name");
    },
    signedIn: () => $("signing").close(),
    /*  What the search found so far.  */
    show({ search }) {
      list($("hits"), (search?.hits ?? []).map((one) => ({ key: `${one.room}/${one.seq}`, hit: one })), (a, b) => a.hit === b.hit, hit);
      say($("search-state"), searchState(search));
      $("search-more").hidden = !search?.next || search.busy;
    },
  };
}
