/*  dialogs.js - what opens over the page: go to, search, react, sign in, keys, remove  */
import { $, h, list, say } from "./dom.js";
import { keyOf, listed, titleOf } from "./state.js";
import { display, foundParts } from "./text.js";

const COMMON = ["👍", "❤️", "😂", "🎉", "😮", "😢", "🙏", "👀", "✅", "❌"];
const CHOICES = 30; // conversations that are offered at once

function open(id, field) {
  if (!$(id).open) $(id).showModal();
  $(field)?.select?.();
}

/*  Where one may go who has typed this: [{key, text}], those there are and those there may be.  */
function choicesOf(state, typed, { t }) {
  const name = typed.replace(/^[#@]/, "").normalize("NFC"), needle = name.toLowerCase();
  const { rooms, people } = listed(state), { guest, user: me } = state.me;
  const here = guest ? [] : state.who.users.filter((user) => user !== me).map(keyOf).filter((key) => !(key in state.rooms));
  const known = [...rooms, ...people, ...here.map((key) => ({ key, peer: key.slice(1) }))];
  const choices = known.filter((room) => room.key.toLowerCase().includes(needle)).slice(0, CHOICES)
    .map((room) => ({ key: room.key, text: titleOf(room) }));
  const offer = (key, text) => {
    if (!choices.some((choice) => choice.key.toLowerCase() === key.toLowerCase())) choices.push({ key, text });
  };
  if (name && !/[\s/@]/.test(name)) {
    if (!typed.startsWith("@")) offer(name, `${t("newRoom")}: #${display(name)}`);
    if (!guest) offer(keyOf(name), `${t("newPerson")}: ${display(name)}`);
  }
  return choices;
}

export class Dialogs {
  /*  on: state (), open (key, seq), search (query, next), react (item, text, adds), signIn (name, token), remove (item).  */
  constructor(words, on) {
    this.words = words;
    this.on = on;
    this.chosen = 0; // of choices, that Enter takes
    this.choices = [];
    this.reacting = this.removing = null; // messages
    for (const dialog of document.querySelectorAll("dialog")) {
      dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
      // what had the focus before may have been drawn anew meanwhile
      dialog.addEventListener("close", () => document.activeElement === document.body && $("compose").focus());
    }
    this.listenToGoTo();
    this.listenToOthers();
  }

  submitted(id, run) {
    $(id).addEventListener("submit", (event) => {
      event.preventDefault();
      run();
    });
  }

  listenToGoTo() {
    $("goto-text").addEventListener("input", () => {
      this.chosen = 0;
      this.offer(this.on.state());
    });
    $("goto-text").addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step || event.altKey) return;
      event.preventDefault();
      this.chosen += step;
      this.offer(this.on.state());
    });
    this.submitted("goto-form", () => this.go(this.choices[this.chosen]?.key));
  }

  listenToOthers() {
    const { t, keyList } = this.words;
    this.submitted("search-form", () => {
      const query = $("search-text").value.trim();
      if (query) this.on.search(query, null);
    });
    $("search-more").addEventListener("click", () => this.on.search(this.on.state().search.query, this.on.state().search.next));
    $("reaction-common").append(...COMMON.map((text) => h("button", {
      type: "button", "aria-label": t("reactWith", { text }), on: { click: () => this.takeReaction(text) },
    }, text)));
    this.submitted("reaction-form", () => {
      const text = $("reaction-text").value.trim();
      if (text) this.takeReaction(text);
    });
    this.submitted("signing-form", () => this.on.signIn($("signing-name").value.trim().normalize("NFC"), $("signing-token").value.trim()));
    $("keys-list").append(...Object.keys(keyList).flatMap((key) => [h("dt", {}, key), h("dd", {}, keyList[key])]));
    $("removal-no").addEventListener("click", () => $("removal").close());
    $("removal-yes").addEventListener("click", () => {
      $("removal").close();
      this.on.remove(this.removing);
    });
  }

  offer(state) {
    this.choices = choicesOf(state, $("goto-text").value.trim(), this.words);
    this.chosen = Math.max(0, Math.min(this.chosen, this.choices.length - 1));
    $("goto-list").replaceChildren(...this.choices.map(({ key, text }, at) => h("li", {
      role: "option", id: `goto-${at}`, "aria-selected": String(at === this.chosen), on: { click: () => this.go(key) },
    }, text)));
    $("goto-text").setAttribute("aria-activedescendant", this.choices.length ? `goto-${this.chosen}` : "");
    $(`goto-${this.chosen}`)?.scrollIntoView({ block: "nearest" });
  }

  go(key) {
    $("goto").close();
    if (key) this.on.open(key);
  }

  takeReaction(text) {
    $("reaction").close();
    $(`m${this.reacting?.seq}`)?.focus();
    if (this.reacting) this.on.react(this.reacting, text, true);
  }

  hit({ room, user, time, text, found, seq, type }) {
    const shown = foundParts(text, found).map((part) => (part.found ? h("mark", {}, part.text) : part.text));
    const go = () => {
      $("search").close();
      this.on.open(room === "@" ? keyOf(user) : room, seq);
    };
    return h("li", {}, h("button", { type: "button", on: { click: go } },
      h("span", { class: "author", dir: "auto" }, type === "told" ? `→ ${display(user)}` : display(user)),
      h("span", { class: "soft" }, ` ${room === "@" ? "" : `#${display(room)} `}`, h("time", {}, this.words.fullTime(time))),
      h("div", { class: "text", dir: "auto" }, ...shown)));
  }

  /*  What the search found so far.  */
  show({ search }) {
    list($("hits"), (search?.hits ?? []).map((hit) => ({ key: `${hit.room}/${hit.seq}`, hit })), (a, b) => a.hit === b.hit, ({ hit }) => this.hit(hit));
    say($("search-state"), this.searchState(search));
    $("search-more").hidden = !search?.next || search.busy;
  }

  searchState(search) {
    const { t, error } = this.words;
    if (!search) return "";
    if (search.busy) return t("loading");
    if (search.error) return error(search.error.code, display(search.error.text));
    return [search.hits.length === 0 && t("noHits"), search.behind && t("behind", { n: search.behind }), search.partial && t("partial")].filter(Boolean).join(" ");
  }

  goTo() {
    $("goto-text").value = "";
    this.chosen = 0;
    this.offer(this.on.state());
    open("goto", "goto-text");
  }

  search() {
    open("search", "search-text");
  }

  keys() {
    open("keys");
  }

  react(item) {
    this.reacting = item;
    $("reaction-text").value = "";
    open("reaction");
  }

  remove(item) {
    this.removing = item;
    say($("removal-text"), display(item.text).slice(0, 200));
    open("removal");
    $("removal-no").focus();
  }

  /*  free: a name can be had without a token.  */
  signIn({ free, error }) {
    $("signing-optional").hidden = !free;
    $("signing-token").required = !free;
    say($("signing-error"), error ?? "");
    open("signing", "signing-name");
  }

  signedIn() {
    $("signing").close();
  }
}
