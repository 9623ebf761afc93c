/*  api.js - the way to zchat-web: requests, and the stream of what happens (docs/HTTP.md)  */
import { sseParser } from "./sse.js";

const REQUEST_MS = 30000; // zchat-web itself gives up after 15 s
const SILENCE_MS = 45000; // it sends a line every 15 s
const WAIT_FIRST_MS = 500, WAIT_MOST_MS = 15000;

/*  What was refused: status 0 where no answer came.  */
export class Refusal extends Error {
  constructor(status, body) {
    super(body.text ?? body.code);
    this.status = status;
    this.code = body.code ?? "network";
    this.text = body.text ?? "";
    this.room = body.room ?? null;
    this.waitMs = body.wait_ms ?? 0;
  }

  /*  True where the same request may go well later: nobody knows, or is able, now.  */
  get passes() {
    return this.status === 0 || this.status === 429 || this.status >= 502 || this.code === "hello";
  }
}

const encode = encodeURIComponent;
export const roomPath = (room, ...more) => `/rooms/${[room, ...more].map(encode).join("/")}`;
export const directPath = (user) => `/direct/${encode(user)}`;

/*  The header that says who one is; who: {name, token}, or null for a guest.  */
function headersOf(who, more = {}) {
  return who ? { ...more, Authorization: `Bearer ${encode(who.name)}:${who.token}` } : more;
}

function query(params) {
  const given = Object.entries(params).filter(([, value]) => value !== undefined && value !== null);
  return given.length ? "?" + given.map(([key, value]) => `${key}=${encode(value)}`).join("&") : "";
}

async function refusalOf(answer) {
  let body = {};
  try {
    body = await answer.json();
  } catch {
    // a proxy between may answer with a page of its own
  }
  return new Refusal(answer.status, typeof body === "object" && body ? body : {});
}

/*  Ask for something as who; gives the JSON of the answer, or throws a Refusal.
    options: method, body (an object), key (Idempotency-Key), params (behind the ?), keepalive.  */
export async function ask(who, path, { method = "GET", body, key, params = {}, keepalive = false } = {}) {
  const headers = headersOf(who);
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  let answer;
  try {
    answer = await fetch(path + query(params), {
      method, headers, keepalive, body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(REQUEST_MS),
    });
  } catch {
    throw new Refusal(0, {});
  }
  if (!answer.ok) throw await refusalOf(answer);
  try {
    return await answer.json();
  } catch {
    throw new Refusal(0, {});
  }
}

/*  The cursors of a stream, as Last-Event-ID has them.  */
export function cursorText(rooms, cursors) {
  const known = rooms.filter((room) => cursors.has(room));
  if (rooms.length === 1) return known.length ? String(cursors.get(rooms[0])) : "";
  return known.map((room) => `${encode(room)}=${cursors.get(room)}`).join(";");
}

/*  The stream of these rooms, kept up until close () of what is returned. on: functions
    happened ([{type, data}]), what came, in order; status ("live" | "lost" | "offline"); refused (Refusal): it is over.
    cursors: a Map of seqs by room, which is kept up to date: after them it begins, and goes on.  */
export function stream(who, rooms, cursors, log, on) {
  let closed = false, control = null, wait = WAIT_FIRST_MS, timer = 0, watch = 0;

  function take(all) {
    const found = [];
    for (const { type, data } of all) {
      let body;
      try {
        body = JSON.parse(data);
      } catch {
        continue;
      }
      if (type === "ready") {
        log = body.log;
        for (const one of body.rooms) if (!cursors.has(one.room)) cursors.set(one.room, one.head);
      } else if (type === "log_replaced") {
        log = body.log;
        cursors.clear();
      } else if (type === "message" && body.seq) cursors.set(body.room, body.seq);
      else if (type === "ahead") cursors.set(body.room, body.head);
      found.push({ type, data: body });
    }
    if (found.length && !closed) on.happened(found);
  }

  async function read() {
    control = new AbortController();
    const params = new URLSearchParams(rooms.map((room) => ["room", room]));
    params.set("presence", "1");
    if (log) params.set("log", log);
    const since = cursorText(rooms, cursors);
    const headers = headersOf(who, { Accept: "text/event-stream", ...(since ? { "Last-Event-ID": since } : {}) });
    alive();
    const answer = await fetch(`/events?${params}`, {
      headers, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer", signal: control.signal,
    });
    if (!answer.ok) throw await refusalOf(answer);
    const parse = sseParser(), decoder = new TextDecoder(), reader = answer.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      alive();
      wait = WAIT_FIRST_MS;
      take(parse(decoder.decode(value, { stream: true })));
    }
  }

  function alive() {
    clearTimeout(watch);
    watch = setTimeout(() => control?.abort(), SILENCE_MS);
  }

  async function keep() {
    while (!closed) {
      try {
        await read();
      } catch (error) {
        if (closed) return;
        if (error instanceof Refusal && !error.passes) {
          closed = true;
          clearTimeout(watch);
          return void on.refused(error);
        }
      }
      clearTimeout(watch);
      if (closed) return;
      on.status("lost");
      await pause(wait * (0.5 + Math.random()));
      wait = Math.min(wait * 2, WAIT_MOST_MS);
    }
  }

  let wake = () => {};
  function pause(ms) {
    return new Promise((done) => {
      wake = done;
      timer = setTimeout(done, ms);
    });
  }

  keep();
  return {
    /*  The network is back: try again now.  */
    hurry() {
      clearTimeout(timer);
      wake();
    },
    close() {
      closed = true;
      clearTimeout(timer);
      clearTimeout(watch);
      control?.abort();
      wake();
    },
  };
}
