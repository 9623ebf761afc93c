/*  state.js - all that the page knows, and what each thing that happens makes of it

    reduce (state, action) gives the next state and changes nothing it was given; page.js does the rest: it asks
    the API for what the state lacks, and draws. A conversation has a key: a room its name, a direct conversation
    "@" and the name of the other. Pure.  */
import { display, sameName } from "./text.js";
import { empty, happened, paged } from "./timeline.js";

export const MAILBOX = "@";

/*  A table by names that others chose: without what every object has (constructor, __proto__).  */
const copy = (rooms) => Object.assign(Object.create(null), rooms);

export const initial = () => ({
  link: "connecting", // "live", "lost"
  me: { user: "", guest: true, proven: false, log: "", known: false },
  rooms: copy({}), // by key, see conversation ()
  current: "", // key of the conversation on the page
  pending: [], // own messages on their way, in their order
  compose: { reply: null, edit: null }, // the message that is answered, or changed
  who: { room: "", members: 0, users: [], away: {} },
  search: null, // {query, hits, next, behind, partial, busy, error}
  notice: null, // {code, text}: what was refused last
  said: [], // what a screen reader is to say of what has just happened; the page takes it
});

export const keyOf = (peer) => MAILBOX + peer;
export const peerOf = (key) => (key.startsWith(MAILBOX) && key.length > 1 ? key.slice(1) : null);
export const sourceOf = (key) => (key.startsWith(MAILBOX) ? MAILBOX : key);

function conversation(key) {
  return {
    key, peer: peerOf(key), topic: "", private: false, members: 0, role: "",
    head: 0, first: 1, // of the room, or of the mailbox
    heard: 0, // up to here the stream has brought it
    live: false, // the stream brings it
    read: 0, unread: 0, firstUnread: 0, mentions: 0,
    line: 0, // where the line "new" stands while the conversation is on the page
    last: 0, // when something was said last, where that is known
    listed: false, timeline: empty(), loading: "",
    gap: false, // events are missing at the end of the timeline: they are to be asked for
  };
}

function put(state, room) {
  const rooms = copy(state.rooms);
  rooms[room.key] = room;
  return { ...state, rooms };
}

/*  The key under which this conversation is known, whatever the case in which its name is written.  */
export function knownKey(state, key) {
  if (key in state.rooms) return key;
  return Object.keys(state.rooms).find((other) => sameName(other, key)) ?? key;
}

const ensure = (state, key) => {
  const known = knownKey(state, key);
  return [state.rooms[known] ?? conversation(known), known];
};

/*  The conversations in the order of the page: rooms by name, people by when one last heard of them. most: so many
    rooms, those one is in, with something unread and the liveliest before others.  */
export function listed(state, most = Infinity) {
  const all = Object.values(state.rooms);
  let rooms = all.filter((room) => room.peer === null && (room.listed || room.key === state.current));
  const people = all.filter((room) => room.peer !== null);
  if (rooms.length > most) {
    const weight = (room) => [room.key === state.current || room.live, room.unread > 0, room.members];
    const heavier = (a, b) => weight(b).reduce((found, value, i) => found || value - weight(a)[i], 0);
    rooms = rooms.sort(heavier).slice(0, most);
  }
  rooms.sort((a, b) => a.key.localeCompare(b.key));
  people.sort((a, b) => b.last - a.last || a.key.localeCompare(b.key));
  return { rooms, people };
}

export function totals(state) {
  const all = Object.values(state.rooms);
  return { unread: all.reduce((sum, room) => sum + room.unread, 0), mentions: all.reduce((sum, room) => sum + room.mentions, 0) };
}

/*  Who may do what with a message; the broker decides in the end.  */
export function rights(state, item) {
  const said = item.type === "say" || item.type === "action";
  const room = state.rooms[state.current];
  const speaks = !state.me.guest && !!room;
  const mine = speaks && sameName(item.user, state.me.user);
  return {
    reply: speaks && (said || item.type === "tell" || item.type === "told"),
    react: speaks && said,
    edit: mine && said && state.me.proven,
    remove: said && speaks && ((mine && state.me.proven) || room.role === "operator" || state.me.admin === true),
  };
}

/*  --- what happens  */

const options = (state, room) => ({ peer: room.peer, same: sameName });

/*  The conversation that an event belongs to, or null.  */
function keyOfEvent(event) {
  if (event.room !== MAILBOX) return event.room;
  return ["tell", "told", "invite"].includes(event.type) && event.user ? keyOf(event.user) : null;
}

const counts = (event) => ["say", "action", "tell", "invite"].includes(event.type);

function heard(state, event, follows) {
  if (event.type === "read") return read(state, event.about, event.target);
  const key = keyOfEvent(event);
  if (key === null) return mailboxWent(event.type === "mention" ? mentioned(state, event) : state, event);
  const [old, known] = ensure(state, key);
  const looks = follows && known === state.current;
  const { timeline, gap } = happened(old.timeline, event, looks, options(state, old));
  const seq = event.seq ?? 0, isNew = seq > old.heard && counts(event) && !event.own;
  let room = {
    ...old, timeline, gap: old.gap || gap, head: Math.max(old.head, seq), heard: Math.max(old.heard, seq),
    listed: old.listed || old.peer === null, live: true,
  };
  if (event.type === "topic") room.topic = event.text;
  if (["join", "leave", "presence"].includes(event.type)) room.members = event.data?.members ?? room.members;
  if (counts(event)) room.last = Math.max(room.last, event.time ?? 0);
  if (isNew && seq > old.read && !looks) room = counted(room, event);
  state = matched(put(state, room), known, event);
  if (isNew && known === state.current)
    state = { ...state, said: [...state.said, { user: event.user, text: event.text ?? "" }].slice(-10) };
  return mailboxWent(state, event);
}

/*  Somebody mentioned this user in a room that the stream does not bring.  */
function mentioned(state, event) {
  const room = state.rooms[event.about];
  if (!room || room.live || event.own) return state;
  return put(state, { ...room, mentions: room.mentions + 1, unread: Math.max(1, room.unread) });
}

/*  The mailbox counts for all direct conversations together, so each of them has come as far.  */
function mailboxWent(state, event) {
  if (event.room !== MAILBOX || !event.seq) return state;
  const rooms = copy(state.rooms);
  for (const [key, room] of Object.entries(rooms)) {
    if (room.peer === null) continue;
    const { timeline } = room;
    rooms[key] = {
      ...room, head: Math.max(room.head, event.seq), heard: Math.max(room.heard, event.seq),
      timeline: timeline.loaded && timeline.atEnd && event.seq === timeline.hi + 1 ? { ...timeline, hi: event.seq } : timeline,
    };
  }
  return { ...state, rooms };
}

function counted(room, event) {
  const calls = event.mentions_me || event.mentions_all || event.type === "tell";
  return {
    ...room, unread: room.unread + 1, firstUnread: room.firstUnread || event.seq, mentions: room.mentions + (calls ? 1 : 0),
  };
}

/*  An own message came back through the stream, perhaps before the answer to the request that sent it.  */
function matched(state, key, event) {
  const index = !event.own || !event.seq ? -1 : state.pending.findIndex((message) => message.room === key && !message.edit &&
    (message.seq ? message.seq === event.seq : message.status === "sending" && !message.shown && message.text === event.text));
  if (index < 0) return state;
  const pending = [...state.pending];
  if (pending[index].seq) pending.splice(index, 1);
  else pending[index] = { ...pending[index], shown: event.seq };
  return { ...state, pending };
}

function read(state, key, seq) {
  if (!key || !Number.isSafeInteger(seq)) return state;
  if (key === MAILBOX) {
    const rooms = copy(state.rooms);
    for (const [name, room] of Object.entries(rooms))
      if (room.peer !== null) rooms[name] = marked(room, seq);
    return { ...state, rooms };
  }
  const [room] = ensure(state, key);
  return put(state, marked(room, seq));
}

function marked(room, seq) {
  if (seq <= room.read) return room;
  const whole = seq >= room.head;
  const left = whole ? 0 : Math.min(room.unread, room.head - seq);
  return { ...room, read: seq, unread: left, firstUnread: left ? seq + 1 : 0, mentions: whole ? 0 : room.mentions };
}

/*  How far the mailbox may be said to be read: not beyond what another conversation has unread.  */
export function mailboxRead(state) {
  const people = Object.values(state.rooms).filter((room) => room.peer !== null);
  const head = Math.max(0, ...people.map((room) => room.head));
  const open = people.map((room) => room.firstUnread).filter((seq) => seq > 0);
  return open.length ? Math.min(...open) - 1 : head;
}

/*  --- actions  */

const actions = {
  link: (state, { status }) => ({ ...state, link: status }),

  hello(state, { me }) {
    const replaced = state.me.known && state.me.log !== me.log;
    const other = state.me.user !== me.user;
    const next = { ...state, me: { ...me, known: true } };
    if (!replaced && !other) return next;
    const rooms = copy({});
    for (const [key, room] of Object.entries(state.rooms))
      if (replaced || (other && room.peer === null && !room.private))
        rooms[key] = { ...conversation(key), listed: room.listed, topic: room.topic };
    return { ...next, rooms, notice: replaced ? { code: "replaced" } : state.notice, pending: other ? [] : next.pending };
  },

  /*  The stream begins, anew perhaps: which rooms it brings, and where they stand.  */
  streams(state, { rooms }) {
    const all = copy(state.rooms);
    for (const [key, room] of Object.entries(all)) all[key] = { ...room, live: false };
    for (const one of rooms) {
      const keys = one.room === MAILBOX ? Object.keys(all).filter((key) => all[key].peer !== null) : [one.room];
      for (const key of keys) {
        const old = all[key] ?? conversation(key);
        const read = Math.max(old.read, one.read ?? 0), counted = old.heard > 0 || read === 0 || old.peer !== null;
        all[key] = {
          ...old, live: true, unread: counted ? old.unread : Math.max(0, one.head - Math.max(read, old.first - 1)), listed: old.listed || old.peer === null, heard: old.heard || one.head, head: Math.max(old.head, one.head),
          topic: one.topic ?? old.topic, members: one.members ?? old.members, read,
          gap: old.gap || (old.timeline.loaded && old.timeline.atEnd && old.heard === 0 && one.head > old.timeline.hi),
        };
      }
    }
    return { ...state, rooms: all };
  },

  rooms(state, { rooms, whole }) {
    const all = copy(state.rooms);
    const named = new Set(rooms.map((one) => one.room));
    if (whole)
      for (const [key, room] of Object.entries(all))
        if (room.peer === null && !named.has(key) && key !== state.current) delete all[key];
    for (const one of rooms) {
      if (one.room === MAILBOX) continue;
      const old = all[one.room] ?? conversation(one.room);
      const marker = Math.max(old.read, one.read ?? 0);
      const known = {
        ...old, listed: true, first: one.first ?? old.first, topic: one.topic ?? old.topic,
        private: one.private ?? old.private, members: one.members ?? old.members, read: marker,
      };
      if (!old.live) {
        // the stream does not count here: all events behind what was read are unread
        known.head = Math.max(old.head, one.head ?? 0);
        known.unread = marker ? Math.max(0, known.head - Math.max(marker, known.first - 1)) : 0;
        known.mentions = one.mentions ?? (known.unread ? old.mentions : 0);
      }
      all[one.room] = known;
    }
    return { ...state, rooms: all };
  },

  open(state, { key }) {
    const [room, known] = ensure(state, key);
    const opened = { ...room, line: room.read };
    return { ...put(state, opened), current: known, compose: { reply: null, edit: null }, notice: null, said: [] };
  },

  loading: (state, { key, how }) => put(state, { ...ensure(state, key)[0], loading: how }),

  page(state, { key, how, page }) {
    const [room] = ensure(state, key);
    const head = Math.max(room.head, page.head ?? 0);
    const timeline = paged(room.timeline, how, page, options(state, room));
    const newest = timeline.items.at(-1);
    // an own message may come by a page, where the stream had a gap
    const pending = state.pending.filter((message) => message.room !== key || !message.seq || message.seq > timeline.hi);
    return put({ ...state, pending }, {
      ...room, timeline, head, first: page.first ?? room.first, loading: "",
      gap: timeline.atEnd && room.heard > timeline.hi, // it happened while the page was on its way
      last: Math.max(room.last, newest?.time ?? 0),
    });
  },

  forget: (state, { key }) => put(state, { ...ensure(state, key)[0], timeline: empty(), loading: "", gap: false }),

  events(state, { events, follows }) {
    return events.reduce((next, event) => heard(next, event, follows), state);
  },

  read: (state, { key, seq }) => {
    const [room] = ensure(state, key);
    return put(state, { ...marked(room, seq), unread: seq >= room.head ? 0 : room.unread });
  },

  /*  People one has written with: what a page of the mailbox tells.  */
  people(state, { events, head, read: marker }) {
    const before = state.rooms;
    for (const event of events) {
      const key = keyOfEvent({ ...event, room: MAILBOX });
      if (key === null) continue;
      let [room] = ensure(state, key);
      const unread = event.seq > Math.max(marker, before[room.key]?.heard ?? 0) && counts(event) && !event.own;
      room = {
        ...room, last: Math.max(room.last, event.time), head: Math.max(room.head, head), heard: Math.max(room.heard, head),
        read: Math.max(room.read, marker), live: true,
      };
      if (unread) room = { ...room, unread: room.unread + 1, firstUnread: room.firstUnread || event.seq, mentions: room.mentions + 1 };
      state = put(state, room);
    }
    return state;
  },

  compose: (state, { reply = null, edit = null }) => ({ ...state, compose: { reply, edit } }),

  queue: (state, { message }) => ({
    ...state, compose: { reply: null, edit: null }, pending: [...state.pending, { ...message, status: "sending", code: "", error: "", seq: 0, shown: 0 }],
  }),

  sent(state, { key, seq }) {
    const message = state.pending.find((one) => one.key === key);
    if (!message) return state;
    const room = state.rooms[message.room];
    const there = message.edit || message.shown === seq || (room && room.timeline.hi >= seq) || !room?.timeline.atEnd;
    const pending = there ? state.pending.filter((one) => one.key !== key)
      : state.pending.map((one) => (one.key === key ? { ...one, status: "stored", seq } : one));
    return { ...state, pending };
  },

  refused: (state, { key, code, text }) => ({
    ...state, pending: state.pending.map((one) => (one.key === key ? { ...one, status: "failed", code, error: text, shown: 0 } : one)),
  }),

  again: (state, { key }) => ({
    ...state, pending: state.pending.map((one) => (one.key === key ? { ...one, status: "sending", code: "", error: "" } : one)),
  }),

  drop: (state, { key }) => ({ ...state, pending: state.pending.filter((one) => one.key !== key) }),

  who: (state, { who }) => ({ ...state, who }),

  role: (state, { key, role }) => put(state, { ...ensure(state, key)[0], role }),

  /*  A room is not read any more: the user left it, or may no longer read it.  */
  parted: (state, { key }) => put(state, { ...ensure(state, key)[0], live: false }),

  search: (state, { search }) => ({ ...state, search }),

  notice: (state, { notice }) => ({ ...state, notice }),

  spoken: (state) => (state.said.length ? { ...state, said: [] } : state),
};

export function reduce(state, action) {
  return actions[action.do](state, action);
}

/*  Own messages on their way that are to be seen in the conversation: those the stream has not brought, and
    changes of messages that were refused.  */
export const pendingOf = (state, key) =>
  state.pending.filter((message) => message.room === key && !message.shown && (!message.edit || message.status === "failed"));

/*  The last own message that may be changed, for the arrow upwards in an empty field.  */
export function lastOwn(state) {
  const items = state.rooms[state.current]?.timeline.items ?? [];
  return items.findLast((item) => rights(state, item).edit) ?? null;
}

/*  The title of a conversation, fit to be shown.  */
export const titleOf = (room) => (room.peer === null ? `#${display(room.key)}` : display(room.peer));
