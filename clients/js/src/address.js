// Addresses, keys as text, feeds, permalinks: "Encryption", "Sockets" and "Pointing at a message" of the page.
import { join, same } from './bytes.js'
import { Malformed } from './errors.js'

const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz'
const READ_AS = { o: '0', i: '1', l: '1' }
const KEY_DIGITS = 56
const DEFAULT_PORT = 5680

/** The checksum of RFC 4880, section 6.1. */
function crc24(data) {
  let crc = 0xb704ce
  for (const byte of data) {
    crc ^= byte << 16
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1
      if (crc & 0x1000000) crc ^= 0x1864cfb
    }
  }
  crc &= 0xffffff
  return Uint8Array.of(crc >> 16, crc >> 8, crc)
}

export function keyEncode(key) {
  if (key.length !== 32) throw new Malformed('a key is of 32 bytes')
  let text = ''
  let kept = 0
  let bits = 0
  for (const byte of join(key, crc24(key))) {
    kept = (kept << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5) text += DIGITS[(kept >> (bits - 5)) & 31]
    kept &= 31
  }
  return text
}

export function keyDecode(text) {
  if (typeof text !== 'string' || text.length !== KEY_DIGITS)
    throw new Malformed(`a key has ${KEY_DIGITS} characters: was it cut off?`)
  const data = new Uint8Array(35)
  let kept = 0
  let bits = 0
  let at = 0
  for (const digit of text.toLowerCase()) {
    const value = DIGITS.indexOf(READ_AS[digit] ?? digit)
    if (value < 0) throw new Malformed(`'${digit}' stands in no key`)
    kept = (kept << 5) | value
    bits += 5
    if (bits >= 8) {
      bits -= 8
      data[at++] = kept >> bits
      kept &= (1 << bits) - 1
    }
  }
  const key = data.slice(0, 32)
  if (!same(crc24(key), data.subarray(32))) throw new Malformed('the key is mistyped: its checksum is wrong')
  return key
}

/** {door, key} of `zchat://host[:port]/key`, or of the bare zmq endpoint of a broker that does not encrypt
 * (key: null). */
export function addressParse(text) {
  const [, scheme, rest] = /^([^:]*):\/\/(.+)$/s.exec(text) ?? []
  if (!rest) throw new Malformed(`no address: ${text}`)
  if (scheme.toLowerCase() !== 'zchat') {
    if (!['tcp', 'ipc', 'ws'].includes(scheme))
      throw new Malformed(`an address begins with zchat://, tcp://, ipc:// or ws://: ${text}`)
    return { door: text, key: null }
  }
  const found = /^(\[[^\]/\s]+\]|[^[\]:/\s]+)(?::(\d{1,5}))?\/([^/]*)$/.exec(rest)
  if (!found) throw new Malformed(`no address: ${text}`)
  const port = Number(found[2] ?? DEFAULT_PORT)
  if (port < 1 || port > 65535) throw new Malformed(`no port: ${port}`)
  if (found[1].startsWith('[') && !isIPv6(found[1])) throw new Malformed(`no IPv6 address: ${found[1]}`)
  return { door: `tcp://${found[1]}:${port}`, key: keyDecode(found[3]) }
}

/** In brackets, maybe with a zone. */
function isIPv6(host) {
  try {
    return new URL(`http://${host.replace(/%[^\]]+/, '')}/`).hostname.startsWith('[')
  } catch {
    return false
  }
}

export function addressWrite({ door, key }) {
  return key === null ? door : `zchat://${door.slice('tcp://'.length)}/${keyEncode(key)}`
}

const percent = text =>
  encodeURIComponent(text).replace(/[!'()*]/g, c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

/** The text that points at a message. Of a broker without a key the address is its door. */
export const permalink = (address, room, seq) => `${address}/${percent(room)}/${seq}`

/** {address, room, seq} of such a text. */
export function permalinkParse(text) {
  const found = /^(.+)\/([^/]+)\/([1-9]\d{0,15})$/s.exec(text)
  if (!found || !Number.isSafeInteger(Number(found[3]))) throw new Malformed(`no permalink: ${text}`)
  let room
  try {
    room = decodeURIComponent(found[2])
  } catch {
    throw new Malformed(`no room: ${found[2]}`)
  }
  return { address: addressParse(found[1]), room, seq: Number(found[3]) }
}

function split(endpoint) {
  const [, transport, place] = /^([a-z]+):\/\/(.+)$/s.exec(endpoint) ?? []
  return [transport, place]
}

/** The feed to take, at the host the door was reached by, whatever host the broker names; null: there is none. */
export function feedOf(door, feeds) {
  const [transport, place] = split(door)
  let usable = feeds.filter(feed => typeof feed === 'string' && split(feed)[1])
  if (transport !== 'ipc') usable = usable.filter(feed => !feed.startsWith('ipc://')) // no folder to lie in
  const taken = usable.find(feed => split(feed)[0] === transport) ?? usable[0]
  if (!taken) return null
  const [kind, rest] = split(taken)
  if (kind === 'ipc') return `ipc://${place.slice(0, place.lastIndexOf('/') + 1)}${rest.slice(rest.lastIndexOf('/') + 1)}`
  const host = transport === 'ipc' ? '127.0.0.1' : place.split('/')[0].replace(/:[^:\]]*$/, '')
  const found = /^[^/]*:(\d{1,5})(\/.*)?$/s.exec(rest)
  return found ? `${kind}://${host}:${found[1]}${found[2] ?? ''}` : null
}
