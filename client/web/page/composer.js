/*  composer.js - the field in which one writes, and what it is an answer to or a change of  */
import { $, say } from "./dom.js";
import { messageOfLine, newKey } from "./outbox.js";
import { peerOf, titleOf } from "./state.js";
import { display } from "./text.js";

const utf8 = new TextEncoder();

/*  on: state (), dispatch (action), send ().  */
export function composer({ t, error }, on) {
  const field = $("compose"), drafts = new Map();
  let before = ""; // what stood in the field before a message was changed

  function fit() {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + 2}px`;
  }

  function put(text) {
    field.value = text;
    fit();
  }

  function submit() {
    const state = on.state(), { reply, edit } = state.compose, text = field.value.replace(/\s+$/, "");
    if (!text || state.me.guest || !state.current) return;
    const most = state.me.body_max ?? 65536;
    if (utf8.encode(text).length > most) return on.dispatch({ do: "notice", notice: { code: "limit", text: "" } });
    const direct = peerOf(state.current) !== null;
    const message = edit ? { text, edit: edit.seq } : { ...messageOfLine(text), re: reply && (direct ? reply.time : reply.seq) };
    if (direct) message.type = "say";
    on.dispatch({ do: "notice", notice: null });
    on.dispatch({ do: "queue", message: { key: newKey(), room: state.current, ...message } });
    put(edit ? before : "");
    on.send();
  }

  function cancel() {
    const { reply, edit } = on.state().compose;
    if (edit) put(before);
    if (edit || reply) on.dispatch({ do: "compose" });
  }

  field.addEventListener("input", fit);
  $("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
    field.focus();
  });
  $("context-cancel").addEventListener("click", () => {
    cancel();
    field.focus();
  });

  return {
    submit, cancel,
    reply(item) {
      cancel();
      on.dispatch({ do: "compose", reply: item });
      field.focus();
    },
    edit(item) {
      if (!on.state().compose.edit) before = field.value;
      on.dispatch({ do: "compose", edit: item });
      put(item.text);
      field.focus();
    },
    /*  The conversation on the page changes: what was begun stays with it.  */
    leave() {
      const { current, compose } = on.state();
      if (current) drafts.set(current, compose.edit ? before : field.value);
    },
    enter() {
      put(drafts.get(on.state().current) ?? "");
      if (matchMedia("(min-width: 44rem)").matches && !document.querySelector("dialog[open]")) field.focus();
    },
    show(state) {
      const { me, compose: { reply, edit }, notice } = state, room = state.rooms[state.current];
      const guest = me.known && me.guest;
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
    },
  };
}
