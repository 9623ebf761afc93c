// The client in Node against the real broker.
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Broker, Listener, temporary, until, without } from './helper.js'

const skip = without('zeromq')
const { Client, Closed, Refused, addressParse, addressWrite } = skip ? {} : await import('../src/node.js')

/** client (address, ...) and broker ({...}), which all end with the test. */
function scene(t) {
  const made = []
  t.after(async () => {
    for (const one of made.reverse()) await one.close()
  })
  const keep = one => (made.push(one), one)
  return {
    client: (...given) => keep(new Client(...given)),
    broker: options => keep(new Broker(options)).start(),
    folder: temporary(),
  }
}

const code = wanted => error => error instanceof Refused && error.code === wanted

test('two talk', { skip }, async t => {
  const { client, broker } = scene(t)
  const { door } = await broker()
  const [anna, bob] = [client(door, 'anna'), client(door, 'боб')]
  const info = await anna.join('dev')
  assert.deepEqual([info.room, info.head, info.members], ['dev', 0, 1])
  const listener = new Listener(anna)
  await bob.join('DEV')
  const stored = await bob.say('dev', 'hello, привет', { data: { x: [1, null, 'é'] } })
  assert.deepEqual([stored.seq, stored.duplicate], [1, false])
  await listener.texts(1)
  const [{ room, user, text, seq, time, data }] = listener.got
  assert.deepEqual([room, user, text, seq, time, data], ['dev', 'боб', 'hello, привет', 1, stored.time, { x: [1, null, 'é'] }])
  assert.deepEqual((await anna.who('dev')).users.sort(), ['anna', 'боб'])
  await anna.setTopic('dev', 'work')
  assert.equal((await bob.topic('dev')).topic, 'work')
  assert.deepEqual((await bob.rooms()).rooms.map(one => one.room), ['dev'])
  assert.deepEqual((await bob.history('dev', { limit: 1 })).events.map(event => event.text), ['work'])
  await bob.part('dev')
  assert.equal((await listener.find('leave')).user, 'боб')
})

test('a bot of ten lines', { skip }, async t => {
  const { client, broker } = scene(t)
  const { door } = await broker()
  const bot = (async () => {
    const me = client(door, 'echo')
    await me.join('lobby')
    for await (const message of me.messages()) {
      if (message.text === 'stop') break
      if (message.user !== me.user) await me.say(message.room, message.text)
    }
    await me.close()
  })()
  const anna = client(door, 'anna')
  await anna.join('lobby')
  const listener = new Listener(anna)
  await until(async () => (await anna.who('lobby')).users.includes('echo'))
  await anna.say('lobby', 'are you there?')
  await listener.texts(2)
  assert.deepEqual(listener.got.map(({ user, text }) => [user, text]), [['anna', 'are you there?'], ['echo', 'are you there?']])
  await anna.say('lobby', 'stop')
  await bot
})

test('a guest reads, from where it wants', { skip }, async t => {
  const { client, broker } = scene(t)
  const { door } = await broker()
  const [anna, guest, later] = [client(door, 'anna'), client(door), client(door)]
  for (const text of ['one', 'two', 'three']) await anna.say('dev', text)
  await guest.join('DEV', { last: 1 })
  await later.join('dev', { after: 1 })
  await anna.say('dev', 'four')
  assert.deepEqual(await new Listener(guest).texts(2), ['three', 'four'])
  assert.deepEqual(await new Listener(later).texts(3), ['two', 'three', 'four'])
  await assert.rejects(guest.say('dev', 'me too'), code('guest'))
})

test('what is refused holds nobody up', { skip }, async t => {
  const { client, broker } = scene(t)
  const bob = client((await broker()).door, 'bob')
  const texts = ['one', 'x'.repeat(70000), 'two', 'y'.repeat(70000), 'three']
  const done = await Promise.allSettled(texts.map(text => bob.say('dev', text)))
  assert.deepEqual(done.map(one => one.reason?.code), [undefined, 'limit', undefined, 'limit', undefined])
  assert.deepEqual((await bob.history('dev')).events.map(event => event.text), ['one', 'two', 'three'])
})

test('a name that is taken ends the client', { skip }, async t => {
  const { client, broker } = scene(t)
  const { door } = await broker()
  await client(door, 'bob').join('dev')
  const other = client(door, 'BOB')
  await assert.rejects(other.join('dev'), code('taken'))
  await assert.rejects(other.who('dev'), Closed)
  await other.close()
  await other.close()
})

test('slow is waited for', { skip }, async t => {
  const { client, broker } = scene(t)
  const bob = client((await broker({ args: ['--quota', 'messages=5/20'] })).door, 'bob')
  const wanted = Array.from({ length: 40 }, (_, number) => `m${number}`)
  const stored = await Promise.all(wanted.map(text => bob.say('dev', text)))
  assert.deepEqual(stored.map(one => one.seq), wanted.map((_, at) => at + 1))
  assert.deepEqual((await bob.history('dev')).events.map(event => event.text), wanted)
})

test('a silent feed is told, and the door brings everything', { skip }, async t => {
  const { client, broker } = scene(t)
  const { door } = await broker()
  const anna = client(door, 'anna', { feed: 'tcp://127.0.0.1:9' })
  await anna.join('dev')
  const listener = new Listener(anna)
  await client(door, 'bob').say('dev', 'one')
  assert.deepEqual(await listener.texts(1), ['one'])
  await listener.find('feed-silent')
})

test('a program that looks at messages alone is told what is missing', { skip }, async t => {
  const { client, broker } = scene(t)
  const { door } = await broker()
  const [anna, bob] = [client(door, 'anna'), client(door, 'bob')]
  await anna.say('dev', 'old')
  const warned = t.mock.method(console, 'warn', () => {})
  await bob.join('dev', { after: 100 })
  await anna.say('dev', 'new')
  assert.equal((await bob.messages().next()).value.text, 'new')
  assert.match(warned.mock.calls[0].arguments[1], /"went-back".*"known":100,"head":1/)
})

for (const transport of ['ipc', 'ws'])
  test(`over ${transport}`, { skip }, async t => {
    const { client, broker, folder } = scene(t)
    const made = new Broker({ ws: transport === 'ws' })
    if (transport === 'ipc') Object.assign(made, { door: `ipc://${folder}/door`, feed: `ipc://${folder}/feed` })
    t.after(() => made.close())
    await made.start()
    assert.ok(broker)
    const [anna, bob] = [client(made.door, 'anna'), client(made.door, 'bob')]
    await anna.join('dev')
    await bob.say('dev', `over ${transport}`)
    assert.deepEqual(await new Listener(anna).texts(1), [`over ${transport}`])
  })

describe('encrypted', { skip }, () => {
  const safe = new Broker({ args: ['--curve', '--quota', 'strangers=0'] })
  const folder = temporary()
  before(() => safe.start())
  after(() => safe.close())

  const key = name => path.join(folder, `${name}.key`)
  async function two(t, ...names) {
    const clients = names.map(name => new Client(safe.address, name, { key: key(name) }))
    t.after(() => Promise.all(clients.map(one => one.close())))
    for (const one of clients) await one.join('@')
    return clients
  }

  test('a private room', async t => {
    const [anna, bob] = await two(t, 'anna', 'bob')
    await anna.join('den', { private: true })
    await assert.rejects(bob.join('den'), code('private'))
    const listener = new Listener(bob)
    await anna.invite('den', 'bob', 'come')
    const invite = await listener.find('invite')
    assert.deepEqual([invite.room, invite.user, invite.data.room], ['@', 'anna', 'den'])
    assert.equal((await bob.join('den')).private, true)
    await anna.say('den', 'psst')
    assert.deepEqual(await listener.texts(1), ['psst'])
    assert.deepEqual((await anna.modes('den')).members, ['anna', 'bob'])
    assert.equal(fs.statSync(key('anna')).mode & 0o777, 0o600)
  })

  test('edits, reactions and marks', async t => {
    const [carl, dora] = await two(t, 'carl', 'dora')
    await dora.join('said')
    const listener = new Listener(dora)
    const { seq } = await carl.say('said', 'helo')
    const edited = await carl.edit('said', seq, 'hello')
    const edit = await listener.find('edit')
    assert.deepEqual([edit.user, edit.text, edit.data.seq, edit.seq], ['carl', 'hello', seq, edited.seq])
    await dora.react('said', seq, '+1')
    assert.equal((await dora.react('said', seq, '+1')).duplicate, true)
    const { events } = await dora.history('said', { limit: 10 })
    assert.deepEqual(events.slice(0, 2).map(({ type, text }) => [type, text]), [['say', 'hello'], ['marks', '']])
    assert.deepEqual([events[1].data.seq, events[1].data.reactions['+1'].mine], [seq, true])
    await dora.unreact('said', seq, '+1')
    assert.equal((await listener.find('unreact')).data.seq, seq)
    await assert.rejects(dora.edit('said', seq, 'mine'), code('operator'))
    await carl.remove('said', seq)
    assert.equal((await listener.find('remove')).data.seq, seq)
  })

  test('replies, mentions, read markers, being away, search', async t => {
    const [emil, fred] = await two(t, 'emil', 'fred')
    await Promise.all([emil.join('dev'), fred.join('dev')])
    const listener = new Listener(emil)
    const { seq } = await emil.say('dev', 'who comes?')
    const reply = await fred.say('dev', 'I do, @emil', { re: seq })
    const mention = await listener.find('mention')
    assert.deepEqual([mention.room, mention.user, mention.data], ['@', 'fred', { room: 'dev', seq: reply.seq }])
    await listener.texts(2)
    assert.deepEqual([listener.got[1].re, listener.got[1].mentions], [seq, ['emil']])
    await until(async () => (await emil.unread()).some(one => one.room === 'dev' && one.mentions === 1))
    assert.equal((await emil.read('dev', reply.seq)).read, reply.seq)
    const marker = await emil.read('dev')
    assert.deepEqual([marker.read, marker.mentions], [reply.seq, 0])
    await fred.away('lunch')
    assert.deepEqual((await emil.who('dev')).away, { fred: 'lunch' })
    const hits = await until(async () => {
      const found = (await emil.search('comes from:emil')).hits
      return found.length && found
    })
    assert.deepEqual(hits.map(hit => [hit.room, hit.seq, hit.user]), [['dev', seq, 'emil']])
    await assert.rejects(emil.search(''), code('malformed'))
  })

  test('a broker with another key is no broker, and a key that is refused is told so', async t => {
    const wrong = addressWrite({ ...addressParse(safe.address), key: Uint8Array.from({ length: 32 }, (_, at) => at) })
    const bob = new Client(wrong, 'bob')
    t.after(() => bob.close())
    await new Listener(bob).find('disconnected')
    const { client, broker } = scene(t)
    const closed = await broker({ args: ['--curve', '--admission', 'members'] })
    const listener = new Listener(client(closed.address, 'bob'))
    assert.equal((await listener.find('disconnected')).reason, 'this key is refused')
  })

  const sodium = skip || without('libsodium-wrappers-sumo')
  test('direct messages are sealed', { skip: sodium }, async t => {
    const [gina, hans] = await two(t, 'gina', 'hans')
    const listeners = [new Listener(hans, 'tell'), new Listener(gina, 'told')]
    const stored = await gina.tell('hans', 'secret', { data: { n: 1 } })
    assert.equal(stored.seq, 1)
    for (const [listener, user] of [[listeners[0], 'gina'], [listeners[1], 'hans']]) {
      await listener.texts(1)
      const [{ user: who, text, data, seal }] = listener.got
      assert.deepEqual([who, text, data, seal], [user, 'secret', { n: 1 }, 'opened'])
    }
    const [raw] = (await hans.history('@')).events
    assert.ok(!raw.text.includes('secret'))
    assert.equal((await hans.open(raw)).text, 'secret')
    assert.equal(await gina.fingerprint('hans'), await hans.fingerprint('gina'))
    await gina.tell('hans', 'open', { sealed: false })
    await listeners[0].texts(2)
    assert.deepEqual([listeners[0].got[1].text, listeners[0].got[1].seal], ['open', ''])
  })
})
