// The core: it decides, and does nothing. Frames and the time (ms) come in as arguments; what is to be done
// (effects), what is to be told (events) and which requests are finished (finished) lie ready to be taken. It
// reads no clock, no disk and no randomness, and it never waits.
//
// A shell (client.js) calls `start`, then `door`, `feed`, `lost` and `tick` as things happen, and after each
// call does the effects in their order.
import { hex } from './bytes.js'
import { Closed, Full, Malformed, Refused } from './errors.js'
import { feedOf } from './address.js'
import { AGAIN_MS, Following } from './follow.js'
import { Item, Outbox, waitOf } from './outbox.js'
import { doorDecode, eventsDecode, requestEncode } from './wire.js'

const GREETING_MS = 5000
const REPLY_MS = 10000
const BACKOFF_MIN_MS = 100
const BACKOFF_MAX_MS = 5000
const ASKS_MAX = 64
const BYE_MS = 1000
//   Answers to a request after which the connection is made anew: its session is not there any more, or the
//   broker is about to go.
const GONE = ['hello', 'closing', 'identity', 'taken']

/** settings: door, user ('' for a guest), and maybe feed (instead of what the broker names), claim, token,
 * agent, log (that what is known of rooms is of), waitForName (where somebody else holds it for the moment).
 * entropy (size) makes random bytes. journal: {items, producer, n} of an earlier run; Keep effects follow then.
 *
 * States: idle, waiting (for the next attempt), greeting (HELLO is under way), ready, leaving, ended. */
export class Core extends Following {
  constructor(settings, entropy, journal = null) {
    super()
    this.settings = { user: '', feed: null, claim: false, token: null, agent: 'zchat for JavaScript', log: null,
                      waitForName: false, ...settings } // prettier-ignore
    this.entropy = entropy
    this.effects = []
    this.events = []
    this.finished = []
    this.journal = journal !== null
    const keep = journal ? (what, item) => this.#keep(what, item) : null
    this.outbox = new Outbox(entropy, keep, journal?.producer, journal?.n, journal?.items)
    this.state = 'idle'
    this.user = this.settings.user
    this.log = this.settings.log
    this.session = null
    this.greeting = {}
    this.connection = 0
    this.attemptAt = 0
    this.failures = 0
    this.helloAt = null
    this.greetingBy = 0
    this.pingAt = 0
    this.leaveBy = 0
    this.pending = new Map() // tag: {deadline, answer, mail}, what is under way over this connection
    this.asks = [] // of the program: asked again over the next connection until they are answered
    this.tags = 0
    this.tickets = 0
  }

  // --- for the shell

  start(now) {
    this.#connect(now)
  }

  take(which) {
    return this[which].splice(0)
  }

  get ended() {
    return this.state === 'ended'
  }

  /** When `tick` is wanted at the latest; Infinity where it is not. */
  deadline() {
    if (this.state === 'waiting') return this.attemptAt
    if (this.state === 'greeting') return Math.min(this.greetingBy, this.helloAt ?? Infinity)
    if (this.state === 'leaving') return this.leaveBy
    if (this.state !== 'ready') return Infinity
    let due = this.pingAt
    for (const { deadline } of this.pending.values()) due = Math.min(due, deadline)
    for (const ask of this.asks) if (ask.tag === null) due = Math.min(due, ask.notBefore)
    if (this.outbox.items.length && !this.outbox.inFlight) due = Math.min(due, this.outbox.holdUntil)
    return Math.min(due, ...this._followDeadlines())
  }

  tick(now) {
    if (this.state === 'waiting' && now >= this.attemptAt) this.#connect(now)
    else if (this.state === 'greeting') {
      if (now >= this.greetingBy) this.#lost(now, 'no answer to HELLO')
      else if (this.helloAt !== null && now >= this.helloAt) this.#hello(now)
    } else if (this.state === 'leaving' && now >= this.leaveBy) this.#end(null)
    else if (this.state === 'ready') {
      for (const { deadline } of this.pending.values())
        if (now >= deadline) {
          this.#lost(now, 'no answer for 10 s')
          return
        }
      if (now >= this.pingAt) this.#ping(now)
      this.#askAll(now)
      this.#pump(now)
      this._followTick(now)
    }
  }

  /** The shell saw the connection to the door, or to the feed, end. */
  lost(now, reason) {
    if (this.state === 'leaving') this.#end(null)
    else if (this.state === 'greeting' || this.state === 'ready') this.#lost(now, reason)
  }

  /** A message came over the door. What does not have the form is as good as not sent. */
  door(frames, now) {
    if (!['greeting', 'ready', 'leaving'].includes(this.state)) return
    try {
      const message = doorDecode(frames)
      if (message === null) return
      const pending = this.pending.get(message.tag)
      if (message.mail) this.#mail(message, pending, now)
      else if (pending) {
        this.pending.delete(message.tag)
        pending.answer(message.ok, message.reply, now)
      }
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
    }
  }

  #mail(message, pending, now) {
    const events = eventsDecode(message.frames)
    if (message.tag === '') for (const event of events) this._take(event, now)
    else if (pending) {
      pending.deadline = Math.max(pending.deadline, now + REPLY_MS)
      pending.mail?.(events)
    }
  }

  // --- for the program: each returns a ticket, which stands in `finished` with its answer

  /** Ask. collect: keep the mail, it is the answer. */
  request(now, verb, args, collect = false) {
    const ticket = this._ticket()
    if (this.ended) this._finish(ticket, null, this._closed())
    else if (this.asks.length >= ASKS_MAX) this._finish(ticket, null, new Full(`${ASKS_MAX} requests are under way`))
    else {
      this.asks.push({ ticket, verb, args, collect, tag: null, notBefore: 0, events: [] })
      this.#askAll(now)
    }
    return ticket
  }

  /** Have a message (SAY, TELL, EDIT) stored exactly once. */
  send(now, verb, args, options) {
    const ticket = this._ticket()
    if (this.ended) this._finish(ticket, null, this._closed())
    else if (this.outbox.full) this._finish(ticket, null, new Full('too much waits to be sent'))
    else {
      this.outbox.put(new Item(ticket, verb, args, options))
      this.#pump(now)
    }
    return ticket
  }

  /** Say BYE, and end. What was not acknowledged stays unsent (in the journal, where there is one). */
  close(now) {
    if (this.state === 'leaving' || this.ended) return
    if (this.state !== 'ready' || this.settings.user === '') {
      this.#end(null)
      return
    }
    const done = this.outbox.items.length === 0 && this.outbox.n > 0 && !this.journal
    const options = done && 'forgotten' in this.greeting ? [{ producer: this.outbox.producer }] : []
    this.state = 'leaving'
    this.leaveBy = now + BYE_MS
    this._send(now, 'BYE', options, () => this.#end(null))
  }

  _ticket() {
    return ++this.tickets
  }

  _finish(ticket, reply, error = null, events = null) {
    this.finished.push({ ticket, reply, error, events })
  }

  _random(size) {
    return hex(this.entropy(size))
  }

  /** In [0, 1). */
  _chance() {
    const [high, low] = this.entropy(2)
    return (high * 256 + low) / 65536
  }

  // --- the connection

  #connect(now) {
    this.connection++
    this.state = 'greeting'
    this.greetingBy = now + GREETING_MS
    this.effects.push({ do: 'open-door', endpoint: this.settings.door })
    this.#hello(now)
  }

  #hello(now) {
    this.helloAt = null
    const { agent, claim, user, token } = this.settings
    const made = { protocol: 'ZCHAT/1', agent, form: 'pack' }
    if (this.session) made.session = this.session
    if (claim && user) made.claim = true
    if (token) made.token = token
    this._send(now, 'HELLO', [made], (ok, reply, at) => (ok ? this.#greeted(reply, at) : this.#unwelcome(reply, at)))
  }

  #greeted(reply, now) {
    const wrong = greetingFault(reply)
    if (wrong) {
      this.#lost(now, `HELLO was answered with what is none: ${wrong}`)
      return
    }
    this.greeting = reply
    this.state = 'ready'
    this.user = reply.user
    if (typeof reply.session === 'string') this.session = reply.session
    const pending = reply.limits?.pending
    this.outbox.limit = Number.isInteger(pending) && pending > 0 ? pending : Infinity
    const old = this.log
    this.log = reply.log
    if (old !== null && old !== reply.log) {
      this.events.push({ type: 'log-replaced', old, new: reply.log })
      this._forgetRooms()
    }
    this.events.push({ type: 'connected', user: this.user, log: this.log, resumed: reply.resumed === true,
                       proven: reply.proven === true, server: String(reply.server ?? '') }) // prettier-ignore
    this._followStart(this.settings.feed ?? feedOf(this.settings.door, reply.feeds), now)
    this.#ping(now)
    this.#askAll(now)
    this.#pump(now)
  }

  /** HELLO was refused. */
  #unwelcome(reply, now) {
    const taken = reply.code === 'taken' && reply.owned !== true && ('wait_ms' in reply || this.settings.waitForName)
    if (reply.code === 'slow' || taken) {
      this.helloAt = now + waitOf(reply)
      this.greetingBy = this.helloAt + GREETING_MS
    } else if (['storage', 'closing', 'hello', 'identity'].includes(reply.code)) this.#lost(now, `HELLO: ${reply.code}`)
    else this.#end(new Refused(reply))
  }

  #lost(now, reason) {
    this.#closeSockets()
    this.outbox.lost()
    for (const ask of this.asks) {
      ask.tag = null
      ask.events = []
    }
    const most = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** Math.min(this.failures++, 10))
    const wait = most * (0.5 + 0.5 * this._chance())
    this.state = 'waiting'
    this.attemptAt = now + wait
    this.events.push({ type: 'disconnected', reason, againIn: wait })
  }

  #closeSockets() {
    this.pending.clear()
    this._followStop()
    this.effects.push({ do: 'close-door' })
  }

  _closed(error = null) {
    return new Closed(`the client has ended${error ? `: ${error.message}` : ''}`, { cause: error })
  }

  #end(error) {
    if (this.ended) return
    this.#closeSockets()
    this.state = 'ended'
    const why = error ?? this._closed()
    this._failRooms(why)
    for (const ask of this.asks.splice(0)) this._finish(ask.ticket, null, why)
    for (const item of this.outbox.items) if (!item.kept) this._finish(item.ticket, null, why)
    this.events.push({ type: 'ended', error })
  }

  // --- requests

  _send(now, verb, args, answer, mail = null) {
    const tag = String(++this.tags)
    this.pending.set(tag, { deadline: now + REPLY_MS, answer, mail })
    this.effects.push({ do: 'send', frames: requestEncode(verb, tag, this.settings.user, args) })
    return tag
  }

  /** Whether the answer says that this connection is of no use any more; then it is made anew. */
  _gone(reply, now) {
    if (!GONE.includes(reply.code)) return false
    if (this.state === 'ready') this.#lost(now, `${reply.code}: ${reply.text}`)
    return true
  }

  #ping(now) {
    this.pingAt = now + this.greeting.heartbeat_ms
    this._send(now, 'PING', [], (ok, reply, at) => {
      if (ok) {
        this.failures = 0
        this._heads(reply, at)
      } else if (!this._gone(reply, at) && reply.code === 'slow') this.pingAt = at + waitOf(reply)
    })
    this._followGuest(now)
  }

  #askAll(now) {
    if (this.state !== 'ready') return
    for (const ask of this.asks) if (ask.tag === null && now >= ask.notBefore) this.#ask(ask, now)
  }

  #ask(ask, now) {
    const answer = (ok, reply, at) => {
      ask.tag = null
      if (!ok && (reply.code === 'slow' || reply.code === 'storage')) {
        //   Nothing was stored; later it may be.
        ask.notBefore = at + (reply.code === 'slow' ? waitOf(reply) : AGAIN_MS)
        ask.events = []
      } else if (ok || !this._gone(reply, at)) {
        this.asks.splice(this.asks.indexOf(ask), 1)
        this._finish(ask.ticket, ok ? reply : null, ok ? null : new Refused(reply), ask.collect ? ask.events : null)
        this._asked(ask, ok)
      }
    }
    ask.tag = this._send(now, ask.verb, ask.args, answer, ask.collect ? events => ask.events.push(...events) : null)
  }

  // --- the outbox

  #pump(now) {
    while (this.state === 'ready') {
      const item = this.outbox.take(now, this.connection, this.greeting.forgotten ?? null)
      if (item === null) return
      this.#sendItem(item, now)
    }
  }

  #sendItem(item, now) {
    const answer = (ok, reply, at) => {
      if (item.tag !== tag) return // of a producer that counts no more
      this.#extend(at)
      if (!ok && GONE.includes(reply.code)) {
        this._gone(reply, at)
        return
      }
      for (const done of this.outbox.answer(item, ok, reply, at, this.connection)) this.#itemDone(done)
      this.#pump(at)
    }
    const tag = this._send(now, item.verb, [...item.args, item.json(this.connection)], answer)
    item.tag = tag
    if (this.outbox.inFlight > 1) this.pending.get(tag).deadline = Infinity // until it is the first
  }

  /** Answers come in the order of the messages, and of a thousand that wait the last one has no other time than
   * the first: only the first that is not answered has a deadline. */
  #extend(now) {
    const first = this.outbox.items.find(item => this.pending.has(item.tag))
    if (first) this.pending.get(first.tag).deadline = now + REPLY_MS
  }

  #itemDone({ item, reply, error }) {
    if (!item.kept) this._finish(item.ticket, reply, error)
    else if (error)
      this.events.push({ type: 'unsure', verb: item.verb, to: item.args[0], text: item.args.at(-1), code: error.code ?? '' })
  }

  /** A line for the journal. That something is acknowledged need not be on disk at once. */
  #keep(what, item) {
    const record = { what, producer: item?.producer ?? this.outbox.producer, n: item?.n ?? this.outbox.n }
    if (item) record.key = item.key
    if (what === 'put') Object.assign(record, { verb: item.verb, args: item.args, options: item.options })
    else if (what === 'sent') record.forgotten = item.forgotten
    this.effects.push({ do: 'keep', record, sync: what === 'put' || what === 'sent' })
  }
}

/** What HELLO's OK must hold for us to go on; a broker is a stranger too. */
function greetingFault(reply) {
  if (typeof reply.log !== 'string' || typeof reply.user !== 'string') return 'no log, or no user'
  if (!Array.isArray(reply.feeds)) return 'no feeds'
  const beat = reply.heartbeat_ms
  return Number.isInteger(beat) && beat >= 1 && beat <= 3600000 ? null : 'no heartbeat_ms'
}

