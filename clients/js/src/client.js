// The client that programs use, over any transport: a core, the clock, promises. node.js and browser.js give
// it sockets.
import { Core } from './core.js'
import { Closed } from './errors.js'
import { isSealed } from './wire.js'
import { Sealing } from './sealing.js'

const TIMER_MAX_MS = 60000
const SAID = ['say', 'action', 'tell']
//   What a program that looks at messages alone has to know of: something is missing.
const MISSING = ['log-replaced', 'missed', 'went-back', 'room-lost', 'feed-silent', 'unsure']

const without = options => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== null))
const stored = reply => ({ seq: reply.seq ?? 0, time: reply.time ?? 0, duplicate: reply.duplicate === true })
const asIs = reply => ({ ...reply })

/** A connection to a broker, made again whenever it is lost. It is not waited for here: what cannot be (a name
 * that is taken, a token that is wrong) rejects what waits, and ends the client. */
export class BaseClient {
  #core
  #transport
  #journal
  #sealing
  #waiting = new Map() // ticket: {resolve, reject, shape}
  #queue = []
  #wanting = [] // of next (): who waits for an event
  #timer = null
  #turning = false
  #over = false

  /** parts: settings of the core, transport (handlers) with its `do (effect)` and `close ()`, entropy, and maybe
   * journal, sealing ({broker, secret, people, sodium}). */
  constructor({ settings, transport, entropy, journal = null, sealing = null }) {
    this.#core = new Core(settings, entropy, journal)
    this.#journal = journal
    this.#sealing = new Sealing(this, entropy, sealing)
    const hand = (what, ...given) => {
      if (this.#over) return
      this.#core[what](...given, performance.now())
      this.#turn()
    }
    this.#transport = transport({
      door: frames => hand('door', frames),
      feed: frames => hand('feed', frames),
      lost: reason => !this.#over && (this.#core.lost(performance.now(), reason), this.#turn()),
    })
    this.#core.start(performance.now())
    //   Not before the program has had time to hand over what it begins with.
    queueMicrotask(() => this.#turn())
  }

  /** Do what the core wants, hand over what is finished and what has happened, set the timer. */
  #turn() {
    if (this.#turning || this.#over) return
    this.#turning = true
    try {
      for (;;) {
        const effects = this.#core.take('effects')
        const kept = effects.filter(effect => effect.do === 'keep')
        //   What is to be kept is on disk before anything is sent.
        if (kept.length) this.#journal.write(kept.map(keep => keep.record), kept.some(keep => keep.sync))
        for (const effect of effects) if (effect.do !== 'keep') this.#transport.do(effect)
        for (const done of this.#core.take('finished')) this.#finish(done)
        for (const event of this.#core.take('events')) this.#queue.push(event)
        this.#core.readUpTo(this.#queue.length, performance.now())
        if (!this.#core.effects.length && !this.#core.finished.length && !this.#core.events.length) break
      }
    } catch (error) {
      this.#break(error)
    }
    this.#turning = false
    if (this.#core.ended) this.#break(null)
    this.#give()
    clearTimeout(this.#timer)
    const due = this.#core.deadline()
    if (this.#over || due === Infinity) return
    const wait = Math.min(Math.max(0, Math.ceil(due - performance.now())), TIMER_MAX_MS)
    this.#timer = setTimeout(() => {
      this.#core.tick(performance.now())
      this.#turn()
    }, wait)
  }

  #finish({ ticket, reply, error, events }) {
    const waiting = this.#waiting.get(ticket)
    this.#waiting.delete(ticket)
    if (!waiting) return
    if (error) waiting.reject(error)
    else waiting.resolve(waiting.shape(reply, events))
  }

  /** It is over; with an error where something of ours broke (a disk that is full, say). */
  #break(error) {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#timer)
    if (error) this.#queue.push({ type: 'ended', error })
    for (const { reject } of this.#waiting.values()) reject(error ?? new Closed('the client has ended'))
    this.#waiting.clear()
    this.#transport.close()
    this.#journal?.close()
  }

  #give() {
    while (this.#wanting.length && (this.#queue.length || this.#over)) this.#wanting.shift()(this.#queue.shift() ?? null)
  }

  #start(shape, begin) {
    return new Promise((resolve, reject) => {
      if (this.#over) return reject(new Closed('the client has ended'))
      this.#waiting.set(begin(performance.now()), { resolve, reject, shape })
      queueMicrotask(() => this.#turn())
    })
  }

  #ask(verb, args, shape = asIs, collect = false) {
    const given = args.filter(arg => arg !== null && arg !== undefined)
    return this.#start(shape, now => this.#core.request(now, verb, given, collect))
  }

  #once(verb, args, options) {
    return this.#start(stored, now => this.#core.send(now, verb, args, without(options)))
  }

  // --- what happens

  /** The next event; null once the client has ended and all were given. */
  async next() {
    const event = await new Promise(resolve => {
      this.#wanting.push(resolve)
      this.#give()
    })
    if (!this.#over && this.#queue.length === this.#core.eventsMax - 1) this.#turn()
    return event && this.open(event)
  }

  /** Everything, in order, until the client ends. */
  async *events() {
    for (;;) {
      const event = await this.next()
      if (event === null) return
      yield event
      if (event.type === 'ended') return
    }
  }

  /** What people say: say, action, tell. Throws what ended the client; what is missing is told to `console.warn`. */
  async *messages() {
    for await (const event of this.events()) {
      if (SAID.includes(event.type)) yield event
      else if (event.type === 'ended' && event.error) throw event.error
      else if (MISSING.includes(event.type)) console.warn('zchat:', JSON.stringify(event))
    }
  }

  // --- who and what

  /** The name as the broker spells it. */
  get user() {
    return this.#core.user
  }

  /** The id of the broker's log, null before the first connection: keep it with a seq that is to be gone on from. */
  get log() {
    return this.#core.log
  }

  // --- rooms

  /** Come into a room, and have delivered what is said there from now on; or behind the seq `after`; or beginning
   * `last` messages before its end. A guest only reads it. */
  join(room, { private: makePrivate = false, after = null, last = 0 } = {}) {
    return this.#start(asIs, now => this.#core.follow(now, room, { join: true, makePrivate, after, last }))
  }

  /** Read a room without coming into it. */
  watch(room, { after = null, last = 0 } = {}) {
    return this.#start(asIs, now => this.#core.follow(now, room, { join: false, after, last }))
  }

  part(room) {
    return this.#start(asIs, now => this.#core.unfollow(now, room))
  }

  // --- sending: each resolves once it is on the broker's disk, there once, whatever happens meanwhile

  say(room, text, { action = false, data, re, private: only } = {}) {
    return this.#once('SAY', [room, text], { type: action ? 'action' : null, data, re, private: only })
  }

  edit(room, seq, text) {
    return this.#once('EDIT', [room, String(seq), text], {})
  }

  /** Tell one person. sealed: true - or fail; false - never; left out - where both have keys. */
  async tell(name, text, { sealed = null, data, re } = {}) {
    const body = sealed === false ? null : await this.#sealing.seal(name, text, data, sealed === true)
    return body === null ? this.#once('TELL', [name, text], { data, re })
      : this.#once('TELL', [name, body], { data: { sealed: 1 }, re }) // prettier-ignore
  }

  // --- the other verbs; what is resolved is what the page says that OK holds

  react(room, seq, text) {
    return this.#ask('REACT', [room, String(seq), text], stored)
  }

  unreact(room, seq, text) {
    return this.#ask('UNREACT', [room, String(seq), text], stored)
  }

  remove(room, seq, reason) {
    return this.#ask('REMOVE', [room, String(seq), reason], stored)
  }

  who(room) {
    return this.#ask('WHO', [room])
  }

  rooms({ after } = {}) {
    return this.#ask('ROOMS', [after === undefined ? null : { after }])
  }

  topic(room) {
    return this.#ask('TOPIC', [room])
  }

  setTopic(room, text) {
    return this.#ask('TOPIC', [room, text], stored)
  }

  /** One page, with `events`. Rooms that were joined are delivered anyway: this is for looking back. */
  history(room, { after, before, limit } = {}) {
    const options = { ...without({ after, before, limit }), form: 'pack', marks: true }
    return this.#ask('HISTORY', [room, options], (reply, events) => ({ ...reply, events }), true)
  }

  /** Be away, with a text; without one, be back. */
  away(text) {
    return this.#ask('AWAY', [text])
  }

  /** How far the room is read, on all devices; with seq, it is up to there. */
  read(room, seq) {
    return this.#ask('READ', [room, seq === undefined ? null : String(seq)])
  }

  unread() {
    return this.#ask('UNREAD', [], reply => reply.rooms ?? [])
  }

  search(query, { limit, before } = {}) {
    return this.#ask('SEARCH', [query, without({ limit, before })])
  }

  invite(room, name, reason) {
    return this.#ask('INVITE', [room, name, reason], stored)
  }

  kick(room, name, reason) {
    return this.#ask('KICK', [room, name, reason], stored)
  }

  /** Who may what in a room; of "@", whose direct messages one takes. */
  modes(room) {
    return this.#ask('MODE', [room])
  }

  /** what: op, deop, ban, unban, mute, unmute, lock, unlock, close, open; of "@" also allow, unallow. */
  mode(room, what, user, { reason, forMs } = {}) {
    return this.#ask('MODE', [room, without({ set: what, user, reason, for_ms: forMs })], stored)
  }

  keys(name) {
    return this.#ask('KEYS', [name])
  }

  /** KEY: {add: key, vouch: text}, {remove: key} or {free: true}. */
  changeKeys(change) {
    return this.#ask('KEY', [change])
  }

  purge(what) {
    return this.#ask('PURGE', [what])
  }

  ping() {
    return this.#ask('PING', [])
  }

  // --- sealed messages

  /** A message of HISTORY with what was in it, or with seal "shut". `events` and `messages` do this by themselves. */
  open(event) {
    return event.seq !== undefined && isSealed(event) ? this.#sealing.open(event) : Promise.resolve(event)
  }

  /** One's own public key as text, null where there is none. */
  get publicKey() {
    return this.#sealing.publicKey
  }

  /** What the two of you compare, by a way that is not the broker's. */
  fingerprint(name) {
    return this.#sealing.fingerprint(name)
  }

  /** The fingerprints were compared: the keys that are told now are theirs. */
  trust(name) {
    return this.#sealing.trust(name)
  }

  /** Another device of one's own comes in under the name, and this key vouches for it. */
  addKey(key) {
    return this.#sealing.addKey(key)
  }

  /** Leave. What was not acknowledged and is in no outbox file is not sent. Resolves once the sockets are closed. */
  close() {
    return new Promise(resolve => {
      const poll = () => (this.#over ? resolve() : setTimeout(poll, 1))
      if (!this.#over) {
        this.#core.close(performance.now())
        this.#turn()
      }
      poll()
    })
  }
}
