// One room as it arrives: in order, without a gap, nothing twice. No clock, no socket.
import { KNOWN } from './wire.js'

const AHEAD_MAX = 4096
const AHEAD_BYTES_MAX = 8 << 20

const sizeOf = event => event.text.length * 2 + 64

/** Stored events are delivered at `next`; those ahead of it wait until the gap is fetched. */
export class Room {
  constructor(asked, join, { makePrivate = false, after = null, last = 0 } = {}) {
    this.asked = asked // the name as the program wrote it
    this.join = join // or only read
    this.makePrivate = makePrivate
    this.last = last // a new follower begins so many before the head
    this.name = null // as the broker spells it
    this.door = false // a private room, or the mailbox: its events come over the door
    this.next = after === null ? null : after + 1
    this.anew = false // begin at the first message that is there
    this.head = 0 // the last seq that is known to be there
    this.live = false // the barrier of its subscription came back
    this.fetching = false
    this.fetchAt = null
    this.mustFetch = false // though no gap is known: something may have been said meanwhile
    this.joinAt = null // when to ask JOIN again
    this.tickets = [] // of JOIN requests of the program
    this.info = null
    this.ahead = new Map() // seq: event
    this.behind = new Map() // seq: unstored events that came after it
    this.bytes = 0
    this.seen = 0 // the last seq that came, for the place of unstored events
  }

  /** The log is another one: nothing that was known counts, and all that is in it is new. */
  forget() {
    this.next = null
    this.anew = true
    this.head = this.seen = 0
    this.drop()
  }

  drop() {
    this.ahead.clear()
    this.behind.clear()
    this.bytes = 0
  }

  is(name) {
    return name === this.asked || name === this.name
  }

  get gap() {
    return this.next !== null && this.head >= this.next
  }

  /** The broker told of the room. Who is new begins behind the head, or `last` before it. Where it ends before
   * what was known, all behind its head is new. */
  arrived(head, first) {
    let out = []
    if (this.next === null) this.next = Math.max(first, this.anew ? 1 : head - this.last + 1, 1)
    //   While it is live the feed may be ahead of this answer.
    else if (head < this.next - 1 && !this.live) out = this.back(this.next - 1, head)
    this.head = Math.max(this.head, head)
    return out
  }

  back(known, head) {
    this.drop()
    this.next = head + 1
    this.head = this.seen = head
    return [{ type: 'went-back', room: this.name ?? this.asked, known, head }]
  }

  /** What can be delivered, now that this came over the feed, or unasked over the door. */
  take(event, paused) {
    if (event.seq === 0) {
      if (event.type === 'marks' || paused) return [] // marks: only HISTORY tells these
      return this.#unstored(event)
    }
    this.seen = Math.max(this.seen, event.seq)
    this.head = Math.max(this.head, event.seq)
    if (!paused) this.#keep(event)
    return this.#flush()
  }

  /** A whole run of HISTORY. `marks` belong to the message before them: they are delivered right behind it,
   * before what the feed brought meanwhile, or fall with it. */
  takeHistory(events) {
    let kept = null
    for (const event of events) {
      if (event.seq) {
        this.head = Math.max(this.head, event.seq)
        kept = this.#keep(event) ? event.seq : null
      } else if (kept !== null && event.type === 'marks') this.#behind(kept, event)
    }
    return this.#flush()
  }

  #behind(seq, event) {
    if (!this.behind.has(seq)) this.behind.set(seq, [])
    this.behind.get(seq).push(event)
    this.bytes += sizeOf(event)
  }

  /** In its place among the messages: behind the one it came after. */
  #unstored(event) {
    if (this.next === null || !KNOWN.has(event.type)) return []
    if (this.seen < this.next) return [event]
    if (this.bytes < AHEAD_BYTES_MAX && this.ahead.has(this.seen)) this.#behind(this.seen, event)
    return []
  }

  #keep(event) {
    if (this.next === null || event.seq < this.next || this.ahead.has(event.seq)) return false
    const size = sizeOf(event)
    if (event.seq !== this.next && (this.ahead.size >= AHEAD_MAX || this.bytes + size > AHEAD_BYTES_MAX))
      return false // it is fetched again when the gap is closed
    this.ahead.set(event.seq, event)
    this.bytes += size
    return true
  }

  #flush() {
    const out = []
    for (; this.next !== null && this.ahead.has(this.next); this.next++) {
      const run = [this.ahead.get(this.next), ...(this.behind.get(this.next) ?? [])]
      this.#forget(this.next)
      out.push(...run.filter(event => KNOWN.has(event.type)))
    }
    return out
  }

  #forget(seq) {
    for (const event of [this.ahead.get(seq), ...(this.behind.get(seq) ?? [])]) this.bytes -= sizeOf(event)
    this.ahead.delete(seq)
    this.behind.delete(seq)
  }

  /** The OK of a HISTORY that was asked for what is behind `after`. */
  bounds(after, first, head) {
    const out = head < after ? this.back(after, head) : []
    this.head = Math.max(this.head, head)
    if (first > this.next) {
      out.push({ type: 'missed', room: this.name, first: this.next, last: first - 1 })
      for (const seq of [...this.ahead.keys()]) if (seq < first) this.#forget(seq)
      this.next = first
    }
    return [...out, ...this.#flush()]
  }
}
