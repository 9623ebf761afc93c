// Sealed messages with the other implementation, and whose keys are believed.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import * as path from 'node:path'
import test from 'node:test'
import { keyDecode, keyEncode } from '../src/address.js'
import { KeysChanged, Malformed } from '../src/errors.js'
import { publicKey } from '../src/keyfile.js'
import { People } from '../src/people.js'
import { vouch, vouchRead } from '../src/seal.js'
import { Sealing } from '../src/sealing.js'
import { eventMake } from '../src/wire.js'
import { Broker, Listener, program, temporary, without } from './helper.js'

const skip = without('zeromq') || without('libsodium-wrappers-sumo')
const { Client, keyMake } = skip ? {} : await import('../src/node.js')
const sodium = skip ? null : (await import('libsodium-wrappers-sumo')).default
await sodium?.ready

test('sealed and vouched for, both ways, with the C program', { skip, timeout: 60000 }, async t => {
  const broker = await new Broker({ args: ['--curve', '--quota', 'strangers=0'] }).start()
  const folder = temporary()
  const anna = new Client(broker.address, 'anna', { key: path.join(folder, 'anna.key'), people: path.join(folder, 'people') })
  t.after(async () => {
    await anna.close()
    await broker.close()
  })
  await anna.join('@')
  const listener = new Listener(anna, 'tell')
  /** The C program zchat, with a home and a name of its own. */
  const zchat = (who, args, nick = who) =>
    new Promise((resolve, reject) => {
      const home = path.join(folder, who)
      fs.mkdirSync(home, { recursive: true })
      const all = args[0] === 'key' && args.length === 1 ? args : [...args, '-e', broker.address, '--nick', nick]
      const child = spawn(program('zchat'), all, { env: { ...process.env, HOME: home, XDG_CONFIG_HOME: '', XDG_STATE_HOME: '', XDG_DATA_HOME: '' }, stdio: ['ignore', 'pipe', 'pipe'] })
      let [out, err] = ['', '']
      child.stdout.on('data', chunk => (out += chunk))
      child.stderr.on('data', chunk => (err += chunk))
      child.on('close', status => (status === 0 ? resolve({ out, err }) : reject(new Error(`${args}: ${status} ${err}`))))
    })
  const mail = async (who, nick) =>
    (await zchat(who, ['history', '--mail', '--all', '--json'], nick)).out.trim().split('\n').map(line => JSON.parse(line))

  await zchat('bob', ['send', '--to', 'anna', 'from C, привет'])
  await listener.texts(1)
  assert.deepEqual([listener.got[0].user, listener.got[0].text, listener.got[0].seal], ['bob', 'from C, привет', 'opened'])
  await anna.tell('bob', 'from JavaScript, ü', { data: { n: 1 } })
  const last = (await mail('bob')).at(-1)
  assert.deepEqual([last.text, last.seal, last.user], ['from JavaScript, ü', 'sealed', 'anna'])

  await anna.addKey(keyEncode(publicKey(keyMake(path.join(folder, 'phone.key')))))
  assert.match((await zchat('bob', ['send', '--to', 'anna', 'two'])).err, /anna has another device/)

  const phone = (await zchat('phone', ['key'])).out.trim()
  await zchat('bob', ['key', 'add', phone])
  const told = await anna.keys('bob')
  const { by } = vouchRead(sodium, told.vouches[phone], keyDecode(broker.address.split('/').at(-1)), keyDecode(phone), 'bob')
  assert.ok(told.keys.includes(keyEncode(by)))
  await anna.tell('bob', 'to both')
  assert.ok((await mail('phone', 'bob')).some(one => one.text === 'to both'))
  assert.equal(fs.statSync(path.join(folder, 'people')).mode & 0o777, 0o600)
})

const keys = (...numbers) => numbers.map(number => keyEncode(new Uint8Array(32).fill(number)))
const NOW = 1_700_000_000_000
const DAY = 24 * 3600 * 1000

test('keys are believed once, and strange ones are an alarm', { skip }, () => {
  let kept = {}
  const store = { load: () => JSON.parse(JSON.stringify(kept)), save: all => (kept = JSON.parse(JSON.stringify(all))) }
  const broker = new Uint8Array(32)
  const people = new People(broker, store)
  assert.equal(people.learn(sodium, 'Bob', keys(1), {}, NOW).length, 1)
  for (let count = 0; count < 2; count++) assert.throws(() => people.learn(sodium, 'bob', keys(1, 2), {}, NOW), KeysChanged)
  const again = new People(broker, store)
  assert.throws(() => again.learn(sodium, 'BOB', keys(2), {}, NOW), KeysChanged)
  again.trust('bob', keys(2))
  assert.equal(again.learn(sodium, 'bob', keys(2), {}, NOW).length, 1)
  assert.ok(again.knownOnce('bob', new Uint8Array(32).fill(1)), 'what was sealed by it before is theirs')
  assert.throws(() => again.learn(sodium, 'bob', keys(1, 2), {}, NOW), KeysChanged, 'a former key does not come back')
  assert.deepEqual(new People(new Uint8Array(32).fill(9), store).persons, {}, 'of another broker nothing is known')
})

test('a vouch counts for thirty days, and from a known key of the same answer alone', { skip }, () => {
  const broker = new Uint8Array(32).fill(7)
  const secret = Uint8Array.from({ length: 32 }, (_, at) => at)
  const me = { secret, publicKey: publicKey(secret) }
  const mine = keyEncode(me.publicKey)
  const [added] = keys(5)
  const vouches = time => ({ [added]: vouch(sodium, me, broker, keyDecode(added), time, 'bob', new Uint8Array(64)) })
  const know = known => {
    const people = new People(broker)
    people.learn(sodium, 'bob', known, {}, NOW)
    return people
  }
  for (const [time, counts] of [[NOW, true], [NOW - 29 * DAY, true], [NOW - 31 * DAY, false], [NOW + 2 * DAY, false]]) {
    const learn = () => know([mine]).learn(sodium, 'bob', [mine, added], vouches(time), NOW)
    if (counts) assert.equal(learn().length, 2)
    else assert.throws(learn, KeysChanged)
  }
  assert.throws(() => know(keys(9)).learn(sodium, 'bob', [...keys(9), added], vouches(NOW), NOW), KeysChanged)
  assert.throws(() => know([mine]).learn(sodium, 'bob', [added], vouches(NOW), NOW), KeysChanged)
  assert.throws(() => know([mine]).learn(sodium, 'bob', [mine, added], { [added]: 'AAAA' }, NOW), KeysChanged)
})

test('who is the other is told by the fold, and keys of another name are not sealed for', { skip }, async () => {
  const secret = Uint8Array.from({ length: 32 }, (_, at) => at)
  const me = { secret, publicKey: publicKey(secret) }
  const told = { user: 'Bob', proven: true, keys: [keyEncode(me.publicKey)] }
  const client = { user: 'Anna', keys: async name => (name === 'Anna' ? { ...told, user: 'Anna' } : told) }
  const people = new People(new Uint8Array(32))
  const sealing = new Sealing(client, size => new Uint8Array(size), { ...me, people, sodium })
  const text = await sealing.seal('BOB', 'hi', null, true)
  const event = eventMake('@', 'tell', 'anna', text, 1, 1, { sealed: 1 })
  client.user = 'bob'
  assert.deepEqual([(await sealing.open(event)).seal, (await sealing.open({ ...event, user: 'eve' })).seal], ['opened', 'shut'])
  await assert.rejects(sealing.seal('carl', 'hi', null, true), Malformed)
})
