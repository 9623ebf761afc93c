// Sending exactly once: which message goes out when, under which number, and what an answer means.
// No clock, no socket, no disk: what is to be sent is returned, what is to be kept is told to `keep`.
import { bytes, hex } from './bytes.js'
import { Refused, Uncertain } from './errors.js'

const WINDOW = 1024
const WINDOW_BYTES = 1 << 20
export const ITEMS_MAX = 10000
export const BYTES_MAX = 16 << 20
const STORAGE_WAIT = 100
const STORAGE_WAIT_MAX = 5000

/** wait_ms of a refusal. */
export function waitOf(reply) {
  return typeof reply.wait_ms === 'number' && reply.wait_ms >= 0 ? reply.wait_ms : 1000
}

/** A message on its way. `options` is the json argument without producer, n and again. */
export class Item {
  constructor(ticket, verb, args, options) {
    this.ticket = ticket
    this.verb = verb
    this.args = args
    this.options = options
    this.producer = ''
    this.n = 0
    this.tag = null // of the attempt that is not answered yet
    this.first = 0 // the connection it was sent over first; 0: never; -1: in an earlier run, or perhaps
    this.forgotten = null // HELLO's `forgotten` of that connection
    this.kept = false // from an earlier run: nobody waits for it
    this.key = '' // its name in the journal
    this.size = args.reduce((size, arg) => size + bytes(arg).length, 256)
  }

  json(connection) {
    const made = { ...this.options, producer: this.producer, n: this.n }
    //   Of the first message alone the broker cannot tell whether it is new.
    if (this.n === 1 && this.first !== 0 && this.first !== connection && this.forgotten !== null)
      made.again = this.forgotten
    return made
  }
}

export class Outbox {
  /** entropy (size) makes bytes for producers; keep ('put' | 'sent' | 'done' | 'next', item) is for a journal. */
  constructor(entropy, keep = null, producer = '', n = 0, items = []) {
    this.entropy = entropy
    this.keep = keep
    this.producer = producer || hex(entropy(16))
    this.n = n
    this.items = items
    this.bytes = items.reduce((size, item) => size + item.size, 0)
    this.window = WINDOW
    this.limit = WINDOW
    this.inFlight = 0
    this.inFlightBytes = 0
    this.draining = false // nothing goes out until all that is under way has been answered
    this.holdUntil = 0
    this.storageWait = STORAGE_WAIT
  }

  #note(what, item = null) {
    if (!this.keep) return
    if (item && !item.key) item.key = hex(this.entropy(8))
    this.keep(what, item)
  }

  get full() {
    return this.items.length >= ITEMS_MAX || this.bytes >= BYTES_MAX
  }

  put(item) {
    item.producer = this.producer
    item.n = ++this.n
    this.items.push(item)
    this.bytes += item.size
    this.#note('put', item)
  }

  /** The next message to send, or null. The caller sends it, and sets its tag. */
  take(now, connection, forgotten) {
    if (this.draining || now < this.holdUntil || this.inFlight >= Math.min(this.window, this.limit)) return null
    //   All that is under way stands in front: what was not is the one at that place.
    const item = this.items[this.inFlight]
    if (!item || (this.inFlight && this.inFlightBytes + item.size > WINDOW_BYTES)) return null
    if (item.first === 0) {
      item.first = connection
      item.forgotten = forgotten
      if (item.n === 1) this.#note('sent', item)
    }
    this.inFlight++
    this.inFlightBytes += item.size
    return item
  }

  /** The connection is gone; what was not answered is sent again over the next one. */
  lost() {
    for (const item of this.items) item.tag = null
    this.inFlight = this.inFlightBytes = 0
    this.draining = false
  }

  /** Wait for the answers under way, and for the time; then send again from the first one. */
  #rest(until) {
    this.draining = true
    this.holdUntil = Math.max(this.holdUntil, until)
  }

  /** Once nothing is under way, go on from the first. */
  #settle() {
    if (this.draining && !this.items.some(item => item.tag !== null)) {
      this.draining = false
      this.inFlight = this.inFlightBytes = 0
    }
  }

  #remove(item) {
    this.items.splice(this.items.indexOf(item), 1)
    this.bytes -= item.size
    this.#note('done', item)
  }

  #done(item) {
    this.inFlight--
    this.inFlightBytes -= item.size
    this.#remove(item)
  }

  /** An answer to the attempt whose tag `item.tag` was. Returns what is finished: [{item, reply, error}]. */
  answer(item, ok, reply, now, connection) {
    item.tag = null
    let finished
    if (ok) {
      this.#done(item)
      this.storageWait = STORAGE_WAIT
      if (this.window < WINDOW) this.window++
      finished = [{ item, reply, error: null }]
    } else finished = this.#refused(item, reply, now, connection)
    this.#settle()
    return finished
  }

  #refused(item, reply, now, connection) {
    if (reply.code === 'slow') {
      //   Those behind it are refused for the same reason.
      if (!this.draining) this.window = Math.max(1, this.window >> 1)
      this.#rest(now + waitOf(reply))
    } else if (reply.code === 'storage') {
      if (!this.draining) this.storageWait = Math.min(STORAGE_WAIT_MAX, 2 * this.storageWait)
      this.#rest(now + this.storageWait)
    } else if (reply.code === 'gap' && item !== this.items[0]) this.#rest(now) // one before it was refused
    else if (reply.code === 'gap') return this.#forgotten(connection)
    else return this.#final(item, reply)
    return []
  }

  /** Refused for good: its number goes to the next, or, where others were sent behind it, to none. */
  #final(item, reply) {
    const at = this.items.indexOf(item)
    const behind = this.items.slice(at + 1)
    this.#done(item)
    if (behind.some(other => other.first !== 0)) this.#renew(at)
    else {
      this.n--
      for (const other of behind) {
        other.n--
        this.#note('put', other)
      }
      this.#note('next')
    }
    return [{ item, reply: null, error: new Refused(reply) }]
  }

  /** The broker knows another number: it forgot this producer, or has another log. What was sent over an
   * earlier connection may be stored or not. */
  #forgotten(connection) {
    const unsure = this.items.filter(item => item.first !== 0 && item.first !== connection)
    for (const item of unsure) this.#remove(item)
    this.#renew(0)
    return unsure.map(item => ({
      item, reply: null, error: new Uncertain('the broker has forgotten whether this was stored'),
    }))
  }

  /** A new producer for all from place `at` on. What is under way of these counts no more. */
  #renew(at) {
    this.producer = hex(this.entropy(16))
    this.n = 0
    for (const item of this.items.slice(at)) {
      item.producer = this.producer
      item.n = ++this.n
      item.tag = null
      item.first = 0
      item.forgotten = null
      this.#note('put', item)
    }
    this.inFlight = Math.min(this.inFlight, at)
    this.inFlightBytes = this.items.slice(0, this.inFlight).reduce((size, item) => size + item.size, 0)
    this.#note('next')
  }
}
