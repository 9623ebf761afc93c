/*  timeline.js - the part of a conversation that is on the page

    A timeline is a window onto the events of a room: all of its messages from seq lo to seq hi, at most MAX of
    them, so that neither memory nor the document grows while one scrolls. Everything here takes a timeline and
    gives a new one; what did not change stays the same object, so that the page draws only what is new.
    A direct conversation is a window too: onto the events of the mailbox, those with one person. Pure.  */

export const MAX = 300; // messages in a window
export const PAGE = 100; // events that are asked for at once

export const empty = () => ({ items: [], lo: 0, hi: 0, atStart: false, atEnd: false, loaded: false });

// What is gone in the log may have been a message or an edit of one, so history shows neither.
const SHOWN = new Set(["say", "action", "topic", "mode", "tell", "told", "invite"]);

/*  An event of the API as a message of the page.  */
export function messageOf(event) {
  return {
    seq: event.seq, time: event.time, type: event.type, user: event.user, text: event.text ?? "",
    data: event.data ?? null, re: event.re ?? null, mentions: event.data?.zchat?.mentions ?? [],
    own: event.own === true, calls: event.mentions_me === true || event.mentions_all === true,
    edited: 0, edits: 0, reactions: [], at: 0,
  };
}

function change(items, seq, make) {
  const index = find(items, seq);
  if (index < 0) return items;
  const changed = make(items[index]);
  if (changed === items[index]) return items;
  return [...items.slice(0, index), changed, ...items.slice(index + 1)];
}

/*  Where the message with this seq is among items, or -1.  */
export function find(items, seq) {
  let low = 0, high = items.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (items[middle].seq === seq) return middle;
    if (items[middle].seq < seq) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function reacted(reactions, { text, user, own: mine = false }, adds) {
  const old = reactions.find((reaction) => reaction.text === text);
  if (adds && !old) return [...reactions, { text, count: 1, users: [user], mine }];
  if (!old) return reactions;
  // It may stand there twice, or be taken back for who has none; those beyond the first three have no names here.
  const named = old.users.includes(user);
  if (adds ? named : !named && old.count <= old.users.length) return reactions;
  const users = old.users.filter((name) => name !== user);
  if (adds && users.length < 3) users.push(user);
  const next = { text, count: old.count + (adds ? 1 : -1), users, mine: mine ? adds : old.mine };
  return reactions.flatMap((reaction) => (reaction !== old ? [reaction] : next.count > 0 ? [next] : []));
}

/*  What became of a message: an edit, a reaction, a removal, or all at once as marks.  */
function became(items, event) {
  const { target } = event;
  if (!Number.isSafeInteger(target)) return items;
  return change(items, target, (item) => {
    if (event.type === "marks") {
      if (item.at > event.data.at) return item;
      const reactions = Object.entries(event.data.reactions ?? {}).map(([text, of]) => (
        { text, count: of.count, users: of.users ?? [], mine: of.mine === true }));
      const { edited = 0, edits = 0, at } = event.data;
      return { ...item, edited, edits, reactions, at };
    }
    if (event.seq <= item.at || item.type === "gone") return item;
    const at = event.seq;
    switch (event.type) {
      case "edit": // of several edits the last one alone has a text in history
        return { ...item, at, text: event.text || item.text, edited: event.seq, edits: item.edits + 1 };
      case "remove":
        return { ...item, at, type: "gone", text: "", reactions: [], edited: 0 };
      case "react":
      case "unreact":
        return { ...item, at, reactions: reacted(item.reactions, event, event.type === "react") };
    }
    return item;
  });
}

const peerOf = (event) => (["tell", "told", "invite"].includes(event.type) ? event.user : null);

/*  True where the event is to be seen in this window. peer: a window of the mailbox, with one person.  */
function belongs(event, peer, same) {
  if (!SHOWN.has(event.type)) return false;
  return peer === null || (peerOf(event) !== null && same(peerOf(event), peer));
}

/*  head: the events are of a page of that time. Its messages are as they were then, so what it tells of them besides
    is over; what took a reaction back may stand behind its end. 0: they have just happened.  */
function merge(items, events, options, head = 0) {
  const { peer = null, same = (a, b) => a === b } = options;
  const fresh = events.filter((event) => event.seq && belongs(event, peer, same))
    .filter((event) => find(items, event.seq) < 0).map(messageOf);
  let all = fresh.length === 0 ? items : [...items, ...fresh].sort((a, b) => a.seq - b.seq);
  const came = new Set(head ? fresh.map((item) => item.seq) : []);
  for (const event of events) if (event.type === "marks" || !came.has(event.target)) all = became(all, event);
  if (came.size === 0) return all;
  return all.map((item) => (came.has(item.seq) && item.at === 0 ? { ...item, at: head } : item));
}

function cut(timeline, keepEnd) {
  const { items } = timeline;
  if (items.length <= MAX) return timeline;
  if (keepEnd) {
    const kept = items.slice(items.length - MAX);
    return { ...timeline, items: kept, lo: kept[0].seq, atStart: false };
  }
  const kept = items.slice(0, MAX);
  return { ...timeline, items: kept, hi: kept.at(-1).seq, atEnd: false };
}

const seqs = (events) => events.map((event) => event.seq ?? 0).filter((seq) => seq > 0);

/*  A page of history came. how: "last" (the newest events: the window begins anew), "before" or "after" (it goes
    on where the window ends), "around" (the window begins anew in the middle). page: {events, more, first, head};
    more: there are events beyond it in the direction that was asked for.  */
export function paged(timeline, how, page, options = {}) {
  const { events, more, first, head } = page;
  const found = seqs(events);
  const low = found.length ? Math.min(...found) : 0, high = found.length ? Math.max(...found) : 0;
  if (how === "last" || how === "around") {
    const items = merge([], events, options, head);
    const fresh = { items, lo: low || head + 1, hi: high || head, atStart: low <= first, atEnd: high >= head, loaded: true };
    return cut(how === "last" ? { ...fresh, atEnd: true, hi: Math.max(fresh.hi, head) } : fresh, true);
  }
  const items = merge(timeline.items, events, options, head);
  if (how === "before") {
    const lo = low || timeline.lo;
    return cut({ ...timeline, items, lo, atStart: !more || lo <= first }, false);
  }
  const hi = Math.max(high, timeline.hi);
  return cut({ ...timeline, items, hi, atEnd: !more || hi >= head }, true);
}

/*  An event that has just happened. follows: whoever looks is at the end, so the window may lose its beginning;
    else a full window stays as it is, and what is new is asked for when one scrolls there.
    Gives the timeline, and gap: true where events before this one are missing.  */
export function happened(timeline, event, follows, options = {}) {
  if (!timeline.loaded) return { timeline, gap: false };
  if (!event.seq || event.seq <= timeline.hi || !timeline.atEnd) {
    const items = became(timeline.items, event);
    return { timeline: items === timeline.items ? timeline : { ...timeline, items }, gap: false };
  }
  if (event.seq > timeline.hi + 1) return { timeline, gap: true };
  if (!follows && timeline.items.length >= MAX) {
    const items = became(timeline.items, event);
    return { timeline: { ...timeline, items, atEnd: false }, gap: false };
  }
  const items = merge(timeline.items, [event], options);
  return { timeline: cut({ ...timeline, items, hi: event.seq }, true), gap: false };
}

/*  The rows to draw: {kind: "day" | "unread" | "message", key, ...}. pending: own messages on their way.  */
export function rows(timeline, { read = 0, me = "", pending = [], dayOf = (time) => new Date(time).toDateString() } = {}) {
  const all = [];
  let day = "", author = "", last = 0, marked = read === 0;
  for (const item of timeline.items) {
    const its = dayOf(item.time);
    if (its !== day) {
      all.push({ kind: "day", key: `d${its}`, time: item.time });
      author = "";
    }
    if (!marked && item.seq > read) {
      marked = true;
      if (all.some((row) => row.kind === "message") && !item.own) {
        all.push({ kind: "unread", key: "unread" });
        author = "";
      }
    }
    const said = item.type === "say" || item.type === "tell" || item.type === "told";
    const writer = item.own ? me : item.user;
    const joined = said && !item.re && writer === author && item.time - last < 300000;
    all.push({ kind: "message", key: `m${item.seq}`, item, joined });
    day = its;
    author = said ? writer : "";
    last = item.time;
  }
  for (const message of pending) all.push({ kind: "pending", key: `p${message.key}`, message });
  return all;
}
