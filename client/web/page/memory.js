/*  memory.js - what the browser keeps: who one is (for this tab), and what was read where the broker does not keep it

    A browser may refuse its storage; then the page goes on without.  */
const WHO = "zchat.who", READ = "zchat.read", JOINED = "zchat.joined";
const READ_MAX = 500, JOINED_MAX = 14; // zchat-web takes 16 rooms in a stream

function get(storage, name) {
  try {
    return JSON.parse(storage().getItem(name)) ?? null;
  } catch {
    return null;
  }
}

function put(storage, name, value) {
  try {
    if (value === null) storage().removeItem(name);
    else storage().setItem(name, JSON.stringify(value));
  } catch {
    // full, or refused
  }
}

const tab = () => sessionStorage, browser = () => localStorage;

/*  Who one is: {name, token}, or null for a guest.  */
export const who = {
  get: () => get(tab, WHO),
  set: (value) => put(tab, WHO, value),
};

/*  The rooms that the stream brings, the last one opened first.  */
export const joined = {
  get: () => get(tab, JOINED) ?? [],
  add: (room) => put(tab, JOINED, [room, ...joined.get().filter((one) => one !== room)].slice(0, JOINED_MAX)),
  drop: (room) => put(tab, JOINED, joined.get().filter((one) => one !== room)),
  clear: () => put(tab, JOINED, null),
};

/*  Up to where rooms were read by this user of this log: {room: seq}.  */
export const readUpTo = {
  get(me) {
    const kept = get(browser, READ);
    return kept?.log === me.log && kept.user === me.user ? kept.rooms : {};
  },
  set(me, room, seq) {
    const { [room]: _, ...others } = readUpTo.get(me);
    const rooms = Object.fromEntries([[room, seq], ...Object.entries(others)].slice(0, READ_MAX));
    put(browser, READ, { log: me.log, user: me.user, rooms });
  },
};
