/*  outbox.js - what one says is sent in order, each once

    One request at a time: what was said first is stored first. Each message has a key (Idempotency-Key), so a
    repetition after a lost answer stores nothing twice. Messages that are not acknowledged lie in the session
    storage, so they survive a reload of the page.  */
import { Refusal, ask, directPath, roomPath } from "./api.js";
import { peerOf } from "./state.js";

const WAIT_FIRST_MS = 500, WAIT_MOST_MS = 10000;
const KEEP = "zchat.unsent";

/*  The request that sends a message.  */
export function requestOf(message) {
  const peer = peerOf(message.room), { text, re, type, key } = message;
  if (message.edit) return { path: roomPath(message.room, message.edit), method: "PUT", body: { text }, key };
  const body = { text, ...(re ? { re } : {}), ...(type === "action" ? { type } : {}) };
  return { path: peer === null ? roomPath(message.room) : directPath(peer), method: "POST", body, key };
}

/*  What a line of the field means: /me waves is an action, // begins a text with one slash.  */
export function messageOfLine(line) {
  if (/^\/me\s+\S/.test(line)) return { type: "action", text: line.replace(/^\/me\s+/, "") };
  return { type: "say", text: line.startsWith("//") ? line.slice(1) : line };
}

export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/*  context: who () gives {name, token}; pending () the messages on their way; dispatch (action).  */
export function outbox(context) {
  let busy = false, wake = () => {};

  async function send(message) {
    let wait = WAIT_FIRST_MS;
    for (;;) {
      const { path, ...rest } = requestOf(message);
      try {
        return await ask(context.who(), path, rest);
      } catch (error) {
        if (!(error instanceof Refusal) || !error.passes) throw error;
        await new Promise((done) => {
          wake = done;
          setTimeout(done, Math.max(error.waitMs, wait * (0.5 + Math.random())));
        });
        wait = Math.min(wait * 2, WAIT_MOST_MS);
        if (!context.pending().some((one) => one.key === message.key)) return null; // dropped meanwhile
      }
    }
  }

  async function run() {
    if (busy) return;
    busy = true;
    for (let next; (next = context.pending().find((message) => message.status === "sending")); ) {
      try {
        const answer = await send(next);
        if (answer) context.dispatch({ do: "sent", key: next.key, seq: answer.seq ?? next.shown ?? 0 });
      } catch (error) {
        context.dispatch({ do: "refused", key: next.key, code: error.code ?? "system", text: error.text ?? String(error) });
      }
    }
    busy = false;
  }

  return { run, hurry: () => wake() };
}

export function keepUnsent(storage, who, pending) {
  const kept = pending.filter((message) => message.status !== "stored");
  if (kept.length === 0) storage.removeItem(KEEP);
  else storage.setItem(KEEP, JSON.stringify({ name: who?.name ?? "", pending: kept }));
}

/*  What was not acknowledged when the page was left, of this user.  */
export function keptUnsent(storage, who) {
  try {
    const kept = JSON.parse(storage.getItem(KEEP) ?? "{}");
    return kept.name === who?.name && Array.isArray(kept.pending) ? kept.pending : [];
  } catch {
    return [];
  }
}
