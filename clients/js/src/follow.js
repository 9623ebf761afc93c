// The half of the core that follows rooms: subscriptions, the barrier, gaps, heads. See core.js.
import { Malformed, Refused } from './errors.js'
import { waitOf } from './outbox.js'
import { Room } from './room.js'
import { eventsDecode, isBarrier, topicParse, whole } from './wire.js'

const SYNC_MS = 200
const SYNC_SILENT_MS = 5000
const GAP_WAIT_MS = 100
const FETCHES_MAX = 2
const PAGE = 1000
const RUN_MAX = 3 * PAGE
const EVENTS_MAX = 16384
export const AGAIN_MS = 1000

/** Rooms by the name as asked and as the broker spells it; one feed; one barrier at a time. */
export class Following {
  constructor() {
    this.rooms = new Map() // by the broker's spelling, once it is known
    this.joining = new Set() // of which the spelling is not known yet
    this.endpoint = null // of the feed
    this.feedOpen = false
    this.feedSilent = false
    this.eventsMax = EVENTS_MAX // that the program leaves unread
    this.unread = 0 // of those that were taken, as the shell told
    this.paused = false
    this.nonce = null
    this.syncAt = 0
    this.syncSince = 0
    this.fetches = 0
  }

  get #all() {
    return [...this.rooms.values(), ...this.joining]
  }

  #find(name) {
    return this.#all.find(room => room.is(name))
  }

  // --- for the shell and the program

  /** A message came over the feed. */
  feed(frames, now) {
    if (this.state !== 'ready') return
    try {
      if (isBarrier(frames)) this.#barrierBack(topicParse(frames[0])[1], now)
      else
        for (const event of eventsDecode(frames)) {
          const room = this.rooms.get(event.room)
          if (room && !room.door) this._take(event, now) // what is private never comes over the feed
        }
    } catch (error) {
      if (!(error instanceof Malformed)) throw error // if it was a message, its seq shows the gap
    }
  }

  /** Deliver what is said in a room from now on (or behind `after`, or from `last` before its head). Finished
   * once the broker told of the room: nothing said later will be missing. */
  follow(now, name, { join = true, makePrivate = false, after = null, last = 0 } = {}) {
    const ticket = this._ticket()
    if (this.ended) {
      this._finish(ticket, null, this._closed())
      return ticket
    }
    let room = this.#find(name)
    if (!room) {
      room = new Room(name, join && this.settings.user !== '', { makePrivate, after, last })
      this.joining.add(room)
    } else if (join && !room.join && this.settings.user !== '') room.join = true
    else if (room.info) {
      this._finish(ticket, { ...room.info })
      return ticket
    }
    room.tickets.push(ticket)
    if (this.state === 'ready' && (room.joinAt !== null || room.tickets.length === 1)) this.#join(room, now)
    return ticket
  }

  /** The other way round: PART, where it was joined. */
  unfollow(now, name) {
    const room = this.#find(name)
    if (room?.join) return this.request(now, 'PART', [name])
    const ticket = this._ticket()
    this.#remove(room)
    this._finish(ticket, {})
    return ticket
  }

  /** The program has so many events before it. Where they are too many, what comes counts as lost, and is
   * fetched once it reads again. */
  readUpTo(unread, now) {
    this.unread = unread
    if (!this.paused || this.#full()) return
    this.paused = false
    for (const room of this.rooms.values()) this.#gap(room, now, 0)
  }

  #full() {
    return this.unread + this.events.length >= this.eventsMax
  }

  _asked(ask, ok) {
    if (ok && ask.verb === 'PART') this.#remove(this.#find(ask.args[0]))
  }

  #remove(room) {
    if (!room) return
    this.joining.delete(room)
    if (this.rooms.get(room.name) === room) {
      this.rooms.delete(room.name)
      if (this.feedOpen && !room.door) this.#unsubscribe(`pack/${room.name}/`)
    }
  }

  // --- the connection, as the core sees it

  _followStart(endpoint, now) {
    this.endpoint = endpoint
    for (const room of this.#all) this.#join(room, now)
  }

  /** The connection is gone; rooms and cursors stay. */
  _followStop() {
    if (this.feedOpen) this.effects.push({ do: 'close-feed' })
    this.feedOpen = this.feedSilent = false
    this.nonce = null
    this.fetches = 0
    for (const room of this.#all) {
      room.live = room.fetching = false
      room.fetchAt = room.joinAt = null
    }
  }

  _forgetRooms() {
    for (const room of this.rooms.values()) room.forget()
  }

  _failRooms(error) {
    for (const room of this.#all) for (const ticket of room.tickets.splice(0)) this._finish(ticket, null, error)
  }

  _followDeadlines() {
    const times = this.#all.map(room => room.joinAt).filter(at => at !== null)
    if (this.nonce !== null) times.push(this.syncAt, this.syncSince + SYNC_SILENT_MS)
    if (this.fetches < FETCHES_MAX && !this.paused)
      for (const room of this.rooms.values()) if (room.fetchAt !== null && !room.fetching) times.push(room.fetchAt)
    return times
  }

  _followTick(now) {
    for (const room of this.#all) if (room.joinAt !== null && now >= room.joinAt) this.#join(room, now)
    if (this.nonce !== null && now >= this.syncSince + SYNC_SILENT_MS) this.#silent(now)
    if (this.nonce !== null && now >= this.syncAt) this.#sync(now)
    this.#fetchDue(now)
  }

  // --- coming into a room

  #join(room, now) {
    room.joinAt = null
    const answer = (ok, reply, at) => {
      if (!ok) this.#notJoined(room, reply, at)
      else if (typeof reply.room !== 'string' || !whole(reply.head) || !whole(reply.first)) room.joinAt = at + AGAIN_MS
      else this.#joined(room, reply, at)
    }
    if (room.join) {
      const options = room.makePrivate && room.name === null ? [{ private: true }] : []
      this._send(now, 'JOIN', [room.asked, ...options], answer)
    } else this._send(now, 'HISTORY', [room.asked, { limit: 1, form: 'pack' }], answer) // a guest is in no room
  }

  #joined(room, reply, now) {
    const { room: name, head, first } = reply
    const other = this.rooms.get(name)
    if (other && other !== room) {
      other.tickets.push(...room.tickets) // asked for by two spellings
      this.joining.delete(room)
      room = other
    }
    this.joining.delete(room)
    if (room.name !== null && room.name !== name) this.#remove(room) // it ended, and is spelled otherwise now
    room.name = name
    room.info = reply
    this.rooms.set(name, room)
    room.door = reply.private === true || name === '@'
    this.events.push(...room.arrived(head, first))
    for (const ticket of room.tickets.splice(0)) this._finish(ticket, { ...reply })
    //   Without a feed, what PING tells of comes by HISTORY.
    if (room.door || this.endpoint === null) {
      room.live = true
      this.#gapNow(room, now)
    } else {
      this.#subscribe(`pack/${name}/`)
      this.#barrier(now)
    }
  }

  #notJoined(room, reply, now) {
    if (reply.code === 'slow') room.joinAt = now + waitOf(reply)
    else if (reply.code === 'storage') room.joinAt = now + AGAIN_MS
    else if (!this._gone(reply, now)) {
      if (room.tickets.length === 0) this.#roomLost(room, reply)
      for (const ticket of room.tickets.splice(0)) this._finish(ticket, null, new Refused(reply))
      this.#remove(room)
    }
  }

  #roomLost(room, reply) {
    this.events.push({
      type: 'room-lost', room: room.name ?? room.asked, code: String(reply.code), text: String(reply.text ?? ''),
    })
  }

  // --- the feed and its barrier

  #subscribe(topic) {
    if (!this.feedOpen) {
      this.feedOpen = true
      this.effects.push({ do: 'open-feed', endpoint: this.endpoint })
    }
    this.effects.push({ do: 'subscribe', topic })
  }

  #unsubscribe(topic) {
    this.effects.push({ do: 'unsubscribe', topic })
  }

  /** Find out that every subscription up to here is live. One that is under way gives way to the new one,
   * which tells of its subscriptions too. */
  #barrier(now) {
    if (this.nonce !== null) this.#unsubscribe(`sync/${this.nonce}/`)
    else this.syncSince = now
    this.nonce = this._random(8)
    this.#subscribe(`sync/${this.nonce}/`)
    this.#sync(now)
  }

  #sync(now) {
    this.syncAt = now + SYNC_MS
    this._send(now, 'SYNC', [this.nonce], (ok, reply, at) => {
      if (!ok && reply.code === 'slow') this.syncAt = Math.max(this.syncAt, at + waitOf(reply))
      else if (!ok) this._gone(reply, at)
    })
  }

  #barrierBack(nonce, now) {
    if (nonce !== this.nonce) return
    this.#unsubscribe(`sync/${nonce}/`)
    this.nonce = null
    if (this.feedSilent) {
      this.feedSilent = false
      this.events.push({ type: 'feed-back', endpoint: this.endpoint })
    }
    for (const room of this.rooms.values())
      if (!room.live) {
        room.live = true
        this.#gapNow(room, now)
      }
  }

  /** The nonce does not come back: say so, live by the door, and try the feed again. */
  #silent(now) {
    if (!this.feedSilent) {
      this.feedSilent = true
      this.events.push({ type: 'feed-silent', endpoint: this.endpoint })
    }
    this.effects.push({ do: 'close-feed' })
    this.feedOpen = false
    this.nonce = null
    for (const room of this.rooms.values())
      if (!room.door) {
        this.#subscribe(`pack/${room.name}/`)
        room.live = false
        this.#gapNow(room, now)
      }
    this.#barrier(now)
  }

  // --- events, and what is missing

  _take(event, now) {
    const room = this.rooms.get(event.room)
    if (!room) return
    this.paused ||= this.#full()
    this.events.push(...room.take(event, this.paused))
    this.#gap(room, now)
  }

  /** PING told where the rooms end. One that this session is no longer in is joined again. */
  _heads(reply, now) {
    const heads = reply.heads
    if (typeof heads !== 'object' || heads === null) return
    for (const room of [...this.rooms.values()]) {
      if (!room.join || room.next === null || room.joinAt !== null) continue
      const head = Object.hasOwn(heads, room.name) ? heads[room.name] : null
      if (!whole(head)) room.joinAt = now
      else if (head >= room.next) {
        room.head = Math.max(room.head, head)
        this.#gap(room, now)
        //   The feed did not bring what PING tells of: find out whether it is there at all.
        if (!room.door && this.feedOpen && this.nonce === null) this.#barrier(now)
      } else if (head < room.next - 1) this.#gapNow(room, now) // HISTORY tells whether the log went back
    }
  }

  /** For rooms that are read from outside PING has no heads. */
  _followGuest(now) {
    for (const room of this.rooms.values()) if (!room.join && room.next !== null) this.#gapNow(room, now)
  }

  /** Fetch what is missing after a short random wait: it may only be late, and all who miss it should not ask
   * at once. What came too early alone is no reason before the barrier. */
  #gap(room, now, wait = GAP_WAIT_MS) {
    if (!room.gap) {
      if (!room.fetching && !room.mustFetch) room.fetchAt = null
    } else if (room.fetchAt === null && !room.fetching && (room.live || this.feedSilent))
      room.fetchAt = now + wait * (0.2 + 0.8 * this._chance())
  }

  #gapNow(room, now) {
    room.fetchAt = now
    room.mustFetch = true
    this.#fetchDue(now)
  }

  #fetchDue(now) {
    this.paused ||= this.#full()
    if (this.state !== 'ready' || this.paused) return
    for (const room of this.rooms.values()) {
      const due = room.fetchAt !== null && now >= room.fetchAt && !room.fetching
      if (due && this.fetches < FETCHES_MAX && room.next !== null) this.#fetch(room, now)
    }
  }

  #fetch(room, now) {
    const after = room.next - 1
    room.fetching = true
    room.fetchAt = null
    room.mustFetch = false
    this.fetches++
    const run = []
    const mail = events => {
      //   Of a broker that does not end, no more is kept.
      if (run.length <= RUN_MAX) run.push(...events.filter(event => event.room === room.name))
    }
    const answer = (ok, reply, at) => {
      room.fetching = false
      this.fetches--
      if (ok) {
        this.events.push(...room.takeHistory(run))
        this.#fetched(room, after, reply, at)
      } else if (reply.code === 'slow') room.fetchAt = at + waitOf(reply)
      else if (['private', 'nobody', 'name'].includes(reply.code)) {
        this.#roomLost(room, reply)
        this.#remove(room)
      } else if (!this._gone(reply, at)) room.fetchAt = at + AGAIN_MS
      this.#fetchDue(at)
    }
    this._send(now, 'HISTORY', [room.name, { after, limit: PAGE, form: 'pack', marks: true }], answer, mail)
  }

  #fetched(room, after, { head, first, more }, now) {
    if (!whole(head) || !whole(first) || room.next === null) {
      room.fetchAt = now + AGAIN_MS
      return
    }
    this.events.push(...room.bounds(after, first, head))
    //   Where the answer brought nothing there is no hurry to ask again.
    if (more === true || room.gap) room.fetchAt = room.next > after + 1 ? now : now + AGAIN_MS
  }
}
