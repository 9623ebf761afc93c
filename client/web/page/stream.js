/*  stream.js - the stream of what happens, kept up (docs/HTTP.md, "Streams")  */
import { Refusal, encode, headersOf, refusalOf } from "./api.js";
import { sseParser } from "./sse.js";

const SILENCE_MS = 45000; // zchat-web sends a line every 15 s
const WAIT_FIRST_MS = 500, WAIT_MOST_MS = 15000;

/*  The cursors of a stream, as Last-Event-ID has them.  */
export function cursorText(rooms, cursors) {
  const known = rooms.filter((room) => cursors.has(room));
  if (rooms.length === 1) return known.length ? String(cursors.get(rooms[0])) : "";
  return known.map((room) => `${encode(room)}=${cursors.get(room)}`).join(";");
}

export class Stream {
  /*  The stream of these rooms, from now until close (). who: {name, token}, or null; cursors: a Map of seqs by room,
      which is kept up to date: behind them it begins, and goes on; log: that they are of. on: functions
      happened ([{type, data}]), what came, in order; lost (), it tries again; refused (Refusal), it is over.  */
  constructor(who, rooms, cursors, log, on) {
    Object.assign(this, { who, rooms, cursors, log, on, closed: false, wait: WAIT_FIRST_MS });
    void this.keep();
  }

  /*  The network is back: try again now.  */
  hurry() {
    this.wake?.();
  }

  close() {
    this.closed = true;
    clearTimeout(this.watch);
    this.control?.abort();
    this.wake?.();
  }

  async keep() {
    while (!this.closed) {
      try {
        await this.read();
      } catch (error) {
        if (!this.closed && error instanceof Refusal && !error.passes) {
          this.close();
          return void this.on.refused(error);
        }
      }
      clearTimeout(this.watch);
      if (this.closed) return;
      this.on.lost();
      await new Promise((done) => {
        this.wake = done;
        setTimeout(done, this.wait * (0.5 + Math.random()));
      });
      this.wait = Math.min(this.wait * 2, WAIT_MOST_MS);
    }
  }

  /*  One connection, to its end.  */
  async read() {
    this.control = new AbortController();
    const params = new URLSearchParams([...this.rooms.map((room) => ["room", room]), ["presence", "1"], ...(this.log ? [["log", this.log]] : [])]);
    const since = cursorText(this.rooms, this.cursors);
    this.alive();
    const answer = await fetch(`/events?${params}`, {
      headers: headersOf(this.who, { Accept: "text/event-stream", ...(since ? { "Last-Event-ID": since } : {}) }),
      cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer", signal: this.control.signal,
    });
    if (!answer.ok) throw await refusalOf(answer);
    const parse = sseParser(), decoder = new TextDecoder(), reader = answer.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.closed) return;
      this.alive();
      this.wait = WAIT_FIRST_MS;
      this.take(parse(decoder.decode(value, { stream: true })));
    }
  }

  /*  Where nothing comes any more the connection is dead, though nobody said so.  */
  alive() {
    clearTimeout(this.watch);
    this.watch = setTimeout(() => this.control?.abort(), SILENCE_MS);
  }

  take(all) {
    const found = [];
    for (const { type, data } of all) {
      try {
        const body = JSON.parse(data);
        this.follow(type, body);
        found.push({ type, data: body });
      } catch {
        // not of this API: a proxy may put in what it likes
      }
    }
    try {
      if (found.length > 0) this.on.happened(found);
    } catch (error) {
      reportError(error); // a bug of the page is no reason to take a new connection
    }
  }

  /*  Keep the cursors up to date.  */
  follow(type, body) {
    const { cursors } = this;
    if (type === "log_replaced") cursors.clear();
    if (type === "ready" || type === "log_replaced") this.log = body.log;
    if (type === "ready") for (const one of body.rooms) if (!cursors.has(one.room)) cursors.set(one.room, one.head);
    if (type === "message" && body.seq) cursors.set(body.room, body.seq);
    if (type === "ahead") cursors.set(body.room, body.head);
  }
}
