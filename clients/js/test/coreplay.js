// What tests of the core share: packs made by hand, and chance that is the same each time.
import { bytes, join } from '../src/bytes.js'
import { eventMake, TYPES } from '../src/wire.js'

export const decoder = new TextDecoder()
export const texts = frames => frames.map(frame => decoder.decode(frame))
const NUMBERS = Object.fromEntries(Object.entries(TYPES).map(([number, name]) => [name, Number(number)]))

/** A generator of numbers in [0, 1), always the same for a seed (mulberry32). */
export function dice(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
export const bytesOf = random => size => Uint8Array.from({ length: size }, () => Math.floor(random() * 256))

export const say = (seq, text, more = {}) => ({ ...eventMake('dev', 'say', 'a', text, seq, 1, null), ...more })

export function pack(events) {
  const number = (value, size) => {
    const made = new Uint8Array(size)
    for (let at = size - 1; at >= 0; at--, value = Math.floor(value / 256)) made[at] = value % 256
    return made
  }
  return join(...events.flatMap(event => {
    const [user, body, data] = [event.user, event.text, event.data ? JSON.stringify(event.data) : ''].map(bytes)
    const record = join(number(event.seq, 8), number(event.time, 8), number(NUMBERS[event.type], 1), number(user.length, 1),
                        user, number(data.length, 2), data, body) // prettier-ignore
    return [number(record.length, 4), record]
  }))
}

export const HELLO = { log: 'ab'.repeat(16), user: 'bob', session: 'cd'.repeat(32), feeds: ['tcp://x:2'], heartbeat_ms: 5000,
                limits: { pending: 2048 }, forgotten: 3 } // prettier-ignore
