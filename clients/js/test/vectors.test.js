// What two programs must compute alike: protocol/vectors.json.
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import test from 'node:test'
import { addressParse, addressWrite, feedOf, keyDecode, keyEncode, permalink, permalinkParse } from '../src/address.js'
import { bytes, hex, unhex } from '../src/bytes.js'
import { casefold } from '../src/casefold.js'
import { Malformed, ZchatError } from '../src/errors.js'
import { fingerprint, fold, seal, unseal } from '../src/seal.js'
import { publicKey } from '../src/keyfile.js'
import { eventsDecode } from '../src/wire.js'
import { VECTORS, without } from './helper.js'

const packOf = (topic, pack) => [bytes(topic), unhex(pack)]

test('packs', () => {
  assert.ok(VECTORS.packs.length)
  for (const vector of VECTORS.packs) {
    const events = eventsDecode(packOf(vector.topic, vector.pack))
    assert.equal(events.length, vector.events.length)
    vector.events.forEach((want, at) => {
      const { room, user, text, seq, time, data, type } = events[at]
      assert.deepEqual([room, user, text, seq, time, data], [
        vector.room, want.user, want.body, want.seq, want.time, want.data ? JSON.parse(want.data) : null])
      if (want.type) assert.equal(type, want.type)
    })
    const known = events.filter((_, at) => vector.events[at].type)
    ;(vector.frames ?? []).forEach((frames, at) => assert.deepEqual(eventsDecode(frames.map(bytes)), [known[at]]))
  }
})

for (const { why, pack } of VECTORS.bad_packs)
  test(`a bad pack: ${why}`, () => assert.throws(() => eventsDecode(packOf('pack/dev/', pack)), Malformed))

test('keys', () => {
  for (const { key, text } of VECTORS.keys) assert.equal(keyEncode(unhex(key)), text)
  for (const { key, text } of [...VECTORS.keys, ...VECTORS.keys_read_as]) assert.equal(hex(keyDecode(text)), key)
})

for (const { why, text } of VECTORS.bad_keys)
  test(`a bad key: ${why}`, () => assert.throws(() => keyDecode(text), Malformed))

test('addresses and permalinks', () => {
  for (const { address, door, key } of VECTORS.addresses) {
    const made = addressParse(address)
    assert.deepEqual([made.door, hex(made.key)], [door, key])
    assert.deepEqual(addressParse(addressWrite(made)), made)
    const link = permalink(addressWrite(made), 'чат ü!', 7)
    assert.match(link, /^[\x21-\x7e]+$/)
    assert.deepEqual(permalinkParse(link), { address: made, room: 'чат ü!', seq: 7 })
  }
  assert.deepEqual(permalinkParse('tcp://h:1/dev/3'), { address: { door: 'tcp://h:1', key: null }, room: 'dev', seq: 3 })
  for (const bad of ['tcp://h:1/dev/0', 'tcp://h:1/dev/x', 'tcp://h:1/%ff/1', 'dev/1'])
    assert.throws(() => permalinkParse(bad), Malformed)
})

for (const { why, address } of VECTORS.bad_addresses)
  test(`a bad address: ${why}`, () => {
    assert.throws(() => {
      //   An endpoint is no address: what it says of encryption counts for nothing.
      if (addressParse(address).key === null) throw new Malformed('an endpoint')
    }, Malformed)
  })

const skip = without('libsodium-wrappers-sumo')
const sodium = skip ? null : (await import('libsodium-wrappers-sumo')).default
await sodium?.ready
const pairOf = secret => ({ secret: unhex(secret), publicKey: publicKey(unhex(secret)) })

test('seals', { skip }, () => {
  for (const vector of VECTORS.seals) {
    for (const secret of vector.secrets) {
      const { sender, ...plain } = unseal(sodium, vector.body, pairOf(secret))
      assert.deepEqual(JSON.parse(JSON.stringify(plain)), vector.plain)
      assert.equal(hex(sender), hex(pairOf(vector.sender).publicKey))
    }
    const made = seal(sodium, vector.plain, pairOf(vector.sender), vector.publics.map(unhex), unhex(vector.nonce),
                      unhex(vector.text_key)) // prettier-ignore
    assert.equal(made, vector.body)
  }
})

for (const { why, body, secret } of VECTORS.bad_seals)
  test(`a bad seal: ${why}`, { skip }, () => assert.throws(() => unseal(sodium, body, pairOf(secret)), ZchatError))

test('fingerprints', { skip }, () => {
  for (const { users, text } of VECTORS.fingerprints) {
    const made = users.map(user => [user.name, user.keys.map(unhex)])
    assert.equal(fingerprint(sodium, ...made), text)
    assert.equal(fingerprint(sodium, made[1], made[0]), text)
  }
})

test('folds', () => {
  for (const vector of VECTORS.names) assert.equal(fold(vector.name), vector.fold)
})

const FOLDING = '/usr/share/unicode/CaseFolding.txt'
test('case folding is that of Unicode', { skip: fs.existsSync(FOLDING) ? false : 'no unicode-data' }, () => {
  const text = fs.readFileSync(FOLDING, 'utf8')
  let count = 0
  const folds = new Map()
  for (const [, code, kind, to] of text.matchAll(/^([0-9A-F]+); ([CF]); ([0-9A-F ]+);/gm))
    folds.set(Number.parseInt(code, 16), [kind, String.fromCodePoint(...to.split(' ').map(one => Number.parseInt(one, 16)))])
  for (let code = 0; code < 0x110000; code++) {
    const one = String.fromCodePoint(code)
    if (!/^\p{L}|\p{M}|\p{N}$/u.test(one)) continue
    const want = folds.get(code)?.[1] ?? one
    //   Letters that came after this file was made are in no name.
    if (!folds.has(code) && casefold(one) !== one && code >= 0x1c89 && code !== 0x1e9e) continue
    assert.equal(casefold(one), want, `U+${code.toString(16)}`)
    count++
  }
  assert.ok(count > 100000)
})

const FEEDS = [
  ['tcp://10.0.0.7:5680', ['tcp://0.0.0.0:5681'], 'tcp://10.0.0.7:5681'],
  ['tcp://[::1]:5680', ['ws://evil:9/x', 'tcp://evil:5681'], 'tcp://[::1]:5681'],
  ['ws://h:1/door', ['tcp://a:2', 'ws://b:3/feed'], 'ws://h:3/feed'],
  ['ws://h:1', ['tcp://a:2'], 'tcp://h:2'],
  ['ipc:///run/z/door', ['ipc:///elsewhere/feed'], 'ipc:///run/z/feed'],
  ['ipc:///run/z/door', ['tcp://evil:5681'], 'tcp://127.0.0.1:5681'],
  ['tcp://h:1', ['ipc:///run/z/feed'], null],
  ['tcp://h:1', [], null],
  ['tcp://h:1', ['tcp://a:no', 7], null],
]
test('the feed is where the door is', () => {
  for (const [door, feeds, want] of FEEDS) assert.equal(feedOf(door, feeds), want, `${door} ${feeds}`)
})
