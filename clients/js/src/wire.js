// Frames of ZCHAT/1: events, packs, replies. Whatever does not have the form throws Malformed.
import { bytes, textOf } from './bytes.js'
import { Malformed } from './errors.js'

export const TYPES = {
  1: 'say', 2: 'action', 3: 'topic', 4: 'mode', 5: 'remove', 6: 'tell', 7: 'told', 8: 'invite', 9: 'gone',
  10: 'edit', 11: 'react', 12: 'unreact', 13: 'mention', 16: 'join', 17: 'leave', 18: 'presence', 19: 'read',
  20: 'marks',
}
export const KNOWN = new Set(Object.values(TYPES))
const BODY_MAX = 65536
const FIXED = 8 + 8 + 1 + 1

const isObject = value => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A JSON object. */
export function parseJson(frame) {
  let value
  try {
    value = JSON.parse(typeof frame === 'string' ? frame : textOf(frame))
  } catch (error) {
    throw new Malformed(`no JSON: ${error.message}`)
  }
  if (!isObject(value)) throw new Malformed('no JSON object')
  return value
}

export const whole = value => Number.isSafeInteger(value) && value >= 0

/** [kind, name] of `room/<name>/`, `pack/<name>/`, `sync/<nonce>/`. */
export function topicParse(topic) {
  const found = /^(room|pack|sync)\/([^/]+)\/$/s.exec(textOf(topic))
  if (!found) throw new Malformed('no topic')
  return [found[1], found[2]]
}

/** What happened in a room (of the mailbox: room "@"), as programs get it. `re` and `mentions` are what the
 * broker says in `data`; seq is 0 where it is not stored. */
export function eventMake(room, type, user, text, seq, time, data) {
  const mine = isObject(data?.zchat) ? data.zchat : {}
  return {
    room, type, user, text, seq, time, data: data ?? null, seal: '', sealedTime: 0,
    re: whole(mine.re) ? mine.re : null,
    mentions: Array.isArray(mine.mentions) ? mine.mentions.filter(name => typeof name === 'string') : [],
  }
}

/** Whether the text is the base64 of a sealed message that is yet to be opened. */
export const isSealed = event =>
  (event.type === 'tell' || event.type === 'told') && event.seal === '' && event.data?.sealed === 1

function eventDecode(frames) {
  if (frames.length !== 4) throw new Malformed('an event has four frames')
  const [kind, room] = topicParse(frames[0])
  if (kind !== 'room' || frames[2].length > BODY_MAX) throw new Malformed('no event')
  const meta = parseJson(frames[3])
  const { type, seq = 0, time = 0, data = null } = meta
  if (typeof type !== 'string' || !whole(seq) || !whole(time) || (data !== null && !isObject(data)))
    throw new Malformed('no meta')
  return eventMake(room, type, textOf(frames[1]), textOf(frames[2]), seq, time, data)
}

function number64(view, at) {
  const value = view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4)
  if (!Number.isSafeInteger(value)) throw new Malformed('a number beyond 2^53')
  return value
}

/** Two frames: where, and one or more records. Half a pack is none. */
function packDecode(frames) {
  if (frames.length !== 2) throw new Malformed('a pack has two frames')
  const [kind, room] = topicParse(frames[0])
  const pack = frames[1]
  if (kind !== 'pack' || pack.length === 0) throw new Malformed('no pack')
  const view = new DataView(pack.buffer, pack.byteOffset, pack.length)
  const events = []
  for (let at = 0; at < pack.length; ) {
    if (pack.length - at < 4) throw new Malformed('a pack ends within a length')
    const end = at + 4 + view.getUint32(at)
    at += 4
    if (end > pack.length || end - at < FIXED + 2) throw new Malformed('a record does not fit its pack')
    events.push(recordDecode(room, pack, view, at, end))
    at = end
  }
  return events
}

function recordDecode(room, pack, view, begin, end) {
  const seq = number64(view, begin)
  const time = number64(view, begin + 8)
  const type = TYPES[pack[begin + 16]] ?? `type ${pack[begin + 16]}`
  let at = begin + FIXED + pack[begin + 17]
  if (at + 2 > end) throw new Malformed('a user runs over its record')
  const user = textOf(pack.subarray(begin + FIXED, at))
  const size = view.getUint16(at)
  at += 2
  if (at + size > end || end - at - size > BODY_MAX) throw new Malformed('data or body does not fit its record')
  const data = size ? parseJson(pack.subarray(at, at + size)) : null
  return eventMake(room, type, user, textOf(pack.subarray(at + size, end)), seq, time, data)
}

const begins = (frame, text) => {
  for (let at = 0; at < text.length; at++) if (frame?.[at] !== text.charCodeAt(at)) return false
  return true
}

export const isBarrier = frames => begins(frames[0], 'sync/')

/** What came on the feed, or in mail: an event, or a pack of them. */
export function eventsDecode(frames) {
  return begins(frames[0], 'pack/') ? packDecode(frames) : [eventDecode(frames)]
}

/** What came over the door: {mail, tag, frames}, {ok, tag, reply}, or null for a probe. */
export function doorDecode(frames) {
  if (frames.length && frames[0].length === 0) frames = frames.slice(1)
  const kind = frames.length ? textOf(frames[0]) : ''
  if (kind === 'NOOP') return null
  if (kind === 'EVENT' && (frames.length === 4 || frames.length === 6))
    return { mail: true, tag: textOf(frames[1]), frames: frames.slice(2) }
  if ((kind === 'OK' || kind === 'ERR') && frames.length === 3)
    return { mail: false, ok: kind === 'OK', tag: textOf(frames[1]), reply: parseJson(frames[2]) }
  throw new Malformed('no message of a door')
}

/** The frames of a request; arguments are texts or objects. */
export function requestEncode(verb, tag, user, parts) {
  return [verb, tag, user, ...parts].map(part => bytes(typeof part === 'string' ? part : JSON.stringify(part)))
}
