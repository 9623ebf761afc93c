/*  room.js - what the page asks the API for: rooms, history, who is here, what is unread

    Each function takes the page: {state (), dispatch (action), who (), failed (error)}.  */
import { PAGE } from "./timeline.js";
import { ask, roomPath } from "./api.js";
import { MAILBOX, sourceOf } from "./state.js";

const AROUND = 40;

/*  All rooms there are, and how far they were read; kept: seqs that this browser remembers, by room.  */
export async function loadRooms(page, kept) {
  const rooms = [];
  for (let after, more = true, i = 0; more && i < 5; i++) {
    const answer = await ask(page.who(), "/rooms", { params: { after } });
    rooms.push(...answer.rooms);
    more = answer.more === true && answer.rooms.length > 0;
    after = rooms.at(-1)?.room;
  }
  const { me } = page.state();
  const marks = new Map(Object.entries(kept).map(([room, read]) => [room, { read }]));
  if (me.proven) for (const one of (await ask(page.who(), "/unread")).rooms) marks.set(one.room, one);
  const all = rooms.map((one) => ({ ...one, ...pick(marks.get(one.room)) }));
  page.dispatch({ do: "rooms", rooms: all, whole: true });
}

const pick = (mark) => (mark ? { read: mark.read, ...(mark.mentions === undefined ? {} : { mentions: mark.mentions }) } : {});

/*  With whom one has written lately, and what of it is unread. Gives the seq up to which the mailbox was looked at.  */
export async function loadPeople(page, kept) {
  if (page.state().me.guest) return 0;
  const answer = await ask(page.who(), roomPath(MAILBOX), { params: { limit: 300 } });
  const read = page.state().me.proven ? (await ask(page.who(), roomPath(MAILBOX, "read"))).read : kept[MAILBOX];
  page.dispatch({ do: "people", events: answer.events, head: answer.head, read: read ?? 0 });
  return answer.head;
}

/*  A page of history for a conversation; how: see paged () in timeline.js; seq of what "around" is around.
    Gives the room as the broker spells it, or null.  */
export async function loadPage(page, key, how, seq) {
  const room = page.state().rooms[key];
  if (!room || room.loading) return null;
  const source = sourceOf(key), limit = room.peer === null ? PAGE : 3 * PAGE, { lo, hi } = room.timeline;
  const history = (params) => ask(page.who(), roomPath(source), { params });
  page.dispatch({ do: "loading", key, how });
  try {
    let found;
    if (how === "around") {
      const before = await history({ before: seq + 1, limit: AROUND });
      const after = await history({ after: seq, limit });
      found = { ...after, events: [...before.events, ...after.events] };
    } else found = await history({ limit, ...(how === "before" ? { before: lo } : how === "after" ? { after: hi } : {}) });
    page.dispatch({ do: "page", key, how, page: found });
    return found.room;
  } catch (error) {
    page.dispatch({ do: "loading", key, how: "" });
    page.failed(error);
    return null;
  }
}

/*  Who is in the room on the page.  */
export async function loadWho(page) {
  const { current } = page.state(), source = sourceOf(current);
  if (!source || source === MAILBOX) return;
  try {
    const who = await ask(page.who(), "/who", { params: { room: source } });
    page.dispatch({ do: "who", who: { ...who, room: source } });
  } catch {
    // it is asked for again with the next who comes or goes
  }
}

/*  Whether this user may remove what others said in the room.  */
export async function loadRole(page, key, same) {
  const { me, rooms } = page.state();
  if (!me.proven || sourceOf(key) === MAILBOX || !rooms[key]?.head) return;
  try {
    const { operators = [] } = await ask(page.who(), roomPath(key, "mode"));
    page.dispatch({ do: "role", key, role: operators.some((name) => same(name, me.user)) ? "operator" : "" });
  } catch {
    // then the broker says so when it is tried
  }
}

/*  Words in what was said; next: of the answer before, to go on.  */
export async function search(page, query, next) {
  const old = next ? page.state().search.hits : [];
  page.dispatch({ do: "search", search: { query, hits: old, busy: true } });
  try {
    const { hits, next: more, behind, partial } = await ask(page.who(), "/search", { params: { q: query, limit: 30, before: next } });
    page.dispatch({ do: "search", search: { query, hits: [...old, ...hits], next: more, behind, partial, busy: false } });
  } catch (error) {
    page.dispatch({ do: "search", search: { query, hits: old, busy: false, error: { code: error.code, text: error.text } } });
  }
}
