/*  keys.js - which key does what; the list that the page shows is keyList in words.js. Pure.  */

const chord = (event) =>
  (event.ctrlKey || event.metaKey ? "Ctrl+" : "") + (event.altKey ? "Alt+" : "") + (event.shiftKey ? "Shift+" : "") + event.key;

const EVERYWHERE = {
  "Alt+ArrowUp": "previous", "Alt+ArrowDown": "next", "Alt+Shift+ArrowDown": "nextUnread", "Ctrl+k": "goTo",
  "Ctrl+/": "keys", "Ctrl+Shift+/": "keys", "Ctrl+Shift+?": "keys", F6: "nextPart", "Shift+F6": "previousPart", Escape: "escape",
};
const MESSAGE = {
  ArrowUp: "messageUp", ArrowDown: "messageDown", Home: "messageFirst", End: "messageLast",
  r: "reply", e: "edit", "+": "react", "Shift++": "react", Delete: "remove", j: "jump",
};

/*  Where a letter key gives the letter of another alphabet, the key's place tells which one is meant.  */
function latin(event) {
  const letter = /^Key([A-Z])$/.exec(event.code ?? "");
  return letter && !/^[a-z]$/i.test(event.key) ? letter[1].toLowerCase() : event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

/*  The command of a key, or null. where: "message" (one has the focus), "field" (text is typed), "composer" (the
    message field), "" (elsewhere); empty: the field is.  */
export function commandOf(event, where, empty = false) {
  if (event.isComposing) return null;
  const pressed = chord({ ...pick(event), key: latin(event) });
  if (pressed in EVERYWHERE) return EVERYWHERE[pressed];
  if (where === "composer") {
    if (pressed === "Enter") return "send";
    return pressed === "ArrowUp" && empty ? "editLast" : null;
  }
  if (where === "field") return null;
  if (where === "message" && pressed in MESSAGE) return MESSAGE[pressed];
  return pressed === "/" ? "search" : null;
}

const pick = ({ ctrlKey, metaKey, altKey, shiftKey }) => ({ ctrlKey, metaKey, altKey, shiftKey });
