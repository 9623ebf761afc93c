// Sealed messages, fingerprints and vouches, as the page has them; on libsodium (npm: libsodium-wrappers-sumo),
// which is handed in. Nothing here reads a clock or makes randomness: both come in.
import { base64, bytes, join, same, unbase64 } from './bytes.js'
import { CannotOpen, Malformed } from './errors.js'
import { casefold } from './casefold.js'
import { parseJson, whole } from './wire.js'

const BODY_MAX = 32768
const KEYS_MAX = 16
const KEY_ID = 8
const BOX = KEY_ID + 80
const HEAD = 1 + 32 + 24 + 1
const MAC = 16
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n

/** Two names are of one user where their folds are the same (their looks aside). */
export const fold = name => casefold(name.replace(/[\u200c\u200d]/g, '')).normalize('NFKC')

function unbase64ed(text) {
  const made = typeof text === 'string' ? unbase64(text) : null
  if (!made) throw new CannotOpen('no base64 as RFC 4648 writes it')
  return made
}

// --- messages

/** The body of a message that `keys` can open, each once. me: {secret, publicKey}; nonce: 24 fresh random bytes,
 * textKey: 32. */
export function seal(sodium, plain, me, keys, nonce, textKey) {
  keys = keys.filter((key, at) => keys.findIndex(other => same(other, key)) === at)
  if (keys.length < 1 || keys.length > KEYS_MAX) throw new Malformed(`sealed for 1 to ${KEYS_MAX} keys, not ${keys.length}`)
  const size = bytes(plain.body).length
  if (size < 1 || size > BODY_MAX) throw new Malformed('a sealed text has 1 to 32,768 bytes')
  const head = join(Uint8Array.of(1), me.publicKey, nonce, Uint8Array.of(keys.length))
  const text = sodium.crypto_secretbox_easy(bytes(JSON.stringify(plain)), nonce, textKey)
  const bind = sodium.crypto_generichash(32, join(head, text))
  const inside = join(textKey, bind)
  const boxes = keys.map(key => join(key.subarray(0, KEY_ID), sodium.crypto_box_easy(inside, nonce, key, me.secret)))
  const body = base64(join(head, ...boxes, text))
  if (body.length > 65536) throw new Malformed('too long to be sealed')
  return body
}

/** Open it, and check `bind`: {sender, from, to, time, body, data}. Whether `sender` is a key of the user is the
 * caller's to look at. */
export function unseal(sodium, body, me) {
  const sealed = unbase64ed(body)
  if (sealed.length < HEAD + BOX + MAC || sealed[0] !== 1) throw new CannotOpen('no sealed message of version 1')
  const sender = sealed.slice(1, 33)
  const nonce = sealed.slice(33, 57)
  const count = sealed[57]
  const textAt = HEAD + count * BOX
  if (count < 1 || count > KEYS_MAX || sealed.length < textAt + MAC) throw new CannotOpen('it is cut off')
  const text = sealed.subarray(textAt)
  const bind = sodium.crypto_generichash(32, join(sealed.subarray(0, HEAD), text))
  for (let at = HEAD; at < textAt; at += BOX) {
    if (!same(sealed.subarray(at, at + KEY_ID), me.publicKey.subarray(0, KEY_ID))) continue
    let opened
    let written
    try {
      opened = sodium.crypto_box_open_easy(sealed.subarray(at + KEY_ID, at + BOX), nonce, sender, me.secret)
      written = sodium.crypto_secretbox_open_easy(text, nonce, opened.subarray(0, 32))
    } catch (error) {
      throw new CannotOpen('it was touched', { cause: error })
    }
    if (!same(opened.subarray(32), bind)) throw new CannotOpen('another text was put under its boxes')
    return { ...plainOf(written), sender }
  }
  throw new CannotOpen('it is not for this key')
}

function plainOf(written) {
  let plain
  try {
    plain = parseJson(written)
  } catch (error) {
    throw new CannotOpen(error.message)
  }
  const { from, to, time, body, data } = plain
  if (typeof from !== 'string' || typeof to !== 'string' || typeof body !== 'string' || !Number.isInteger(time))
    throw new CannotOpen('no from, to, time or body in it')
  const size = bytes(body).length
  const fits = data === undefined || (typeof data === 'object' && data !== null && !Array.isArray(data))
  if (!fits || size < 1 || size > BODY_MAX) throw new CannotOpen('its body or data does not have the form')
  return { from, to, time, body, data }
}

// --- fingerprints

const compare = (one, other) => {
  for (let at = 0; at < Math.min(one.length, other.length); at++) if (one[at] !== other[at]) return one[at] - other[at]
  return one.length - other.length
}

function groups(sodium, name, keys) {
  const digest = sodium.crypto_generichash(64, join(bytes(fold(name)), Uint8Array.of(0), ...[...keys].sort(compare)))
  const view = new DataView(digest.buffer, digest.byteOffset)
  return [0, 8, 16, 24, 32, 40].map(at => String(view.getBigUint64(at) % 100000n).padStart(5, '0')).join(' ')
}

/** What two people read to each other: [name, public keys] of both, in any order. */
export function fingerprint(sodium, ...users) {
  users.sort(([one], [other]) => compare(bytes(fold(one)), bytes(fold(other))))
  return users.map(([name, keys]) => groups(sodium, name, keys)).join(' ')
}

// --- vouches

const number = data => data.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)

function scalar(value) {
  const made = new Uint8Array(32)
  for (let at = 0; at < 32; at++, value >>= 8n) made[at] = Number(value & 255n)
  return made
}

function timeWrite(time) {
  const made = new Uint8Array(8)
  new DataView(made.buffer).setBigUint64(0, BigInt(time))
  return made
}

const statementOf = (broker, key, when, name) => join(bytes('ZCHAT/1 vouch\0'), broker, key, when, bytes(fold(name)))

/** The word of one's key that `key` is of the same person. fresh: 64 random bytes. */
export function vouch(sodium, me, broker, key, time, name, fresh) {
  const clamped = me.secret.slice()
  clamped[0] &= 248
  clamped[31] = (clamped[31] & 127) | 64
  const a = number(clamped)
  const when = timeWrite(time)
  const statement = statementOf(broker, key, when, name)
  const base = value => sodium.crypto_scalarmult_ed25519_base_noclamp(scalar(value % ORDER))
  const prefix = new Uint8Array(32).fill(255)
  prefix[0] = 254
  const point = base(a)
  const r = number(sodium.crypto_hash_sha512(join(prefix, clamped, statement, fresh))) % ORDER
  const bigR = base(r)
  const h = number(sodium.crypto_hash_sha512(join(bigR, point, statement))) % ORDER
  return base64(join(point, when, bigR, scalar((r + h * a) % ORDER)))
}

/** {by: the public key that vouches, time}; CannotOpen where it is no vouch for `key`. */
export function vouchRead(sodium, text, broker, key, name) {
  const made = unbase64ed(text)
  if (made.length !== 104) throw new CannotOpen('a vouch has 104 bytes')
  const point = made.slice(0, 32)
  const when = made.slice(32, 40)
  try {
    //   libsodium refuses points of small order here, and those that are not on the curve.
    if (!sodium.crypto_sign_verify_detached(made.slice(40), statementOf(broker, key, when, name), point))
      throw new CannotOpen('its signature is wrong')
    const time = Number(new DataView(when.buffer).getBigUint64(0))
    if (!whole(time)) throw new CannotOpen('its time is none')
    return { by: sodium.crypto_sign_ed25519_pk_to_curve25519(point), time }
  } catch (error) {
    if (error instanceof CannotOpen) throw error
    throw new CannotOpen('its signature is wrong', { cause: error })
  }
}
