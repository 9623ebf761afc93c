/*  composer.js - the field in which one writes, and what it is an answer to or a change of  */
import { $, say } from "./dom.js";
import { messageOfLine, newKey } from "./outbox.js";
import { peerOf, titleOf } from "./state.js";
import { display } from "./text.js";

const BODY_MAX = 65536; // bytes, where the door has not said it
const utf8 = new TextEncoder();
const field = $("compose");

export class Composer {
  /*  on: state (), dispatch (action), send ().  */
  constructor(words, on) {
    this.words = words;
    this.on = on;
    this.drafts = new Map(); // what was begun, by conversation
    this.before = ""; // what stood in the field before a message was changed
    field.addEventListener("input", () => this.fit());
    $("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
      field.focus();
    });
    $("context-cancel").addEventListener("click", () => {
      this.cancel();
      field.focus();
    });
  }

  fit() {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + 2}px`;
  }

  put(text) {
    field.value = text;
    this.fit();
  }

  submit() {
    const { me, current, compose: { reply, edit } } = this.on.state(), text = field.value.replace(/\s+$/, "");
    if (!text || me.guest || !current) return;
    const tooLong = utf8.encode(text).length > (me.body_max ?? BODY_MAX);
    this.on.dispatch({ do: "notice", notice: tooLong ? { code: "limit", text: "" } : null });
    if (tooLong) return;
    const direct = peerOf(current) !== null;
    const message = edit ? { text, edit: edit.seq } : { ...messageOfLine(text), re: reply && (direct ? reply.time : reply.seq) };
    if (direct) message.type = "say";
    this.on.dispatch({ do: "queue", message: { key: newKey(), room: current, ...message } });
    this.put(edit ? this.before : "");
    this.on.send();
  }

  cancel() {
    const { reply, edit } = this.on.state().compose;
    if (edit) this.put(this.before);
    if (edit || reply) this.on.dispatch({ do: "compose" });
  }

  reply(item) {
    this.cancel();
    this.on.dispatch({ do: "compose", reply: item });
    field.focus();
  }

  edit(item) {
    if (!this.on.state().compose.edit) this.before = field.value;
    this.on.dispatch({ do: "compose", edit: item });
    this.put(item.text);
    field.focus();
  }

  /*  The conversation on the page changes: what was begun stays with it.  */
  leave() {
    const { current, compose } = this.on.state();
    if (current) this.drafts.set(current, compose.edit ? this.before : field.value);
  }

  enter() {
    this.put(this.drafts.get(this.on.state().current) ?? "");
    // on a phone the keyboard would cover what one came to read
    if (matchMedia("(min-width: 44rem)").matches && !document.querySelector("dialog[open]")) field.focus();
  }

  show({ me, rooms, current, compose: { reply, edit }, notice }) {
    const { t, error } = this.words, room = rooms[current], guest = me.known && me.guest;
    $("guest").hidden = !guest;
    field.parentElement.hidden = guest;
    const label = room ? t(room.peer === null ? "say" : "tell", { room: titleOf(room), user: titleOf(room) }) : "";
    if (field.placeholder !== label) {
      field.placeholder = label;
      field.setAttribute("aria-label", label);
    }
    $("context").hidden = !reply && !edit;
    say($("context-text"), edit ? t("editing") : reply ? t("replyingTo", { user: display(reply.user), text: display(reply.text).slice(0, 100) }) : "");
    say($("notice"), !notice ? "" : notice.code === "replaced" ? t("replaced") : error(notice.code, display(notice.text ?? "")));
  }
}
