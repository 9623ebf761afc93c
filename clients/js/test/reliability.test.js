// Nothing lost, nothing twice, nothing out of order: brokers and senders that are killed, connections that are cut.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import * as net from 'node:net'
import * as path from 'node:path'
import test from 'node:test'
import { Broker, HERE, Listener, temporary, until, without } from './helper.js'

const skip = without('zeromq')
const { Client, Full, ZchatError } = skip ? {} : await import('../src/node.js')
const numbered = (begin, end) => Array.from({ length: end - begin }, (_, at) => `m${begin + at}`)

async function scene(t) {
  const broker = await new Broker().start()
  const made = [broker]
  t.after(async () => {
    for (const one of made.reverse()) await one.close()
  })
  return { broker, client: (...given) => (made.push(new Client(...given)), made.at(-1)) }
}

test('a broker that is killed during a stream', { skip, timeout: 120000 }, async t => {
  const { broker, client } = await scene(t)
  const [sender, reader] = [client(broker.door, 'sender'), client(broker.door, 'reader')]
  await Promise.all([reader.join('dev'), sender.join('dev')])
  const listener = new Listener(reader)
  const wanted = numbered(0, 10000)
  const sent = []
  for (const [number, text] of wanted.entries()) {
    sent.push(sender.say('dev', text))
    if (![2000, 5000, 8000].includes(number)) continue
    await until(() => listener.got.length > number - 1500, `${number}`)
    await broker.crash()
  }
  const seqs = (await Promise.all(sent)).map(stored => stored.seq).filter(seq => seq)
  assert.deepEqual(await listener.texts(10000), wanted)
  const got = listener.got.map(event => event.seq)
  assert.ok(got.every((seq, at) => at === 0 || seq > got[at - 1]))
  assert.ok(seqs.every((seq, at) => at === 0 || seq > seqs[at - 1]), 'an OK names the seq of its message')
  const types = new Set(listener.notices.map(notice => notice.type))
  assert.ok(types.has('disconnected'))
  for (const bad of ['missed', 'went-back', 'log-replaced']) assert.ok(!types.has(bad), bad)
})

test('a reader that does not read loses nothing', { skip }, async t => {
  const { broker, client } = await scene(t)
  const [reader, sender] = [client(broker.door, 'reader'), client(broker.door, 'sender')]
  await reader.join('dev')
  const sent = numbered(0, 20000).map(text => [text, sender.say('dev', text).catch(error => error)])
  const stored = []
  for (const [text, done] of sent) if (!((await done) instanceof Full)) stored.push(text)
  assert.equal(stored.length, 10000, 'no more wait than may')
  await Promise.all(numbered(10000, 20000).map(text => sender.say('dev', text)))
  assert.deepEqual(await new Listener(reader).texts(20000), [...stored, ...numbered(10000, 20000)])
})

test('another log', { skip }, async t => {
  const { broker, client } = await scene(t)
  const [anna, bob] = [client(broker.door, 'anna'), client(broker.door, 'bob')]
  await anna.join('dev')
  const listener = new Listener(anna)
  for (let number = 0; number < 3; number++) await bob.say('dev', `old ${number}`)
  await broker.stop()
  broker.data = path.join(broker.folder, 'another')
  await broker.start()
  for (let number = 0; number < 5; number++) await bob.say('dev', `new ${number}`)
  await listener.texts(8)
  const got = listener.events.flatMap(({ type, text }) => (type === 'say' ? [text] : type === 'log-replaced' ? [type] : []))
  assert.deepEqual(got, ['old 0', 'old 1', 'old 2', 'log-replaced', ...[0, 1, 2, 3, 4].map(number => `new ${number}`)])
  assert.equal(anna.log, bob.log)
})

/** A TCP port that leads to the door, and can be cut. */
class Relay {
  constructor(to) {
    this.sockets = new Set()
    this.server = net.createServer(here => {
      const there = net.connect(Number(to.split(':').at(-1)), '127.0.0.1')
      for (const [from, other] of [[here, there], [there, here]]) {
        this.sockets.add(from)
        from.on('data', data => other.write(data)).on('error', () => {})
        from.on('close', () => (this.sockets.delete(from), other.destroy()))
      }
    })
  }

  async start() {
    this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    this.endpoint = `tcp://127.0.0.1:${this.server.address().port}`
    return this
  }

  cut() {
    for (const socket of this.sockets) socket.destroy()
  }

  close() {
    this.server.close()
    this.cut()
  }
}

test('a connection that is cut is resumed', { skip }, async t => {
  const { broker, client } = await scene(t)
  const relay = await new Relay(broker.door).start()
  t.after(() => relay.close())
  const [anna, bob] = [client(relay.endpoint, 'anna', { feed: broker.feed }), client(broker.door, 'bob')]
  await anna.join('dev')
  const listener = new Listener(anna)
  const sent = []
  for (const [number, text] of numbered(0, 900).entries()) {
    sent.push((number % 3 === 0 ? anna : bob).say('dev', text))
    if (![200, 500].includes(number)) continue
    await sent[100]
    relay.cut()
  }
  await Promise.all(sent)
  const got = (await listener.texts(900)).map(text => Number(text.slice(1)))
  assert.deepEqual([...got].sort((a, b) => a - b), Array.from({ length: 900 }, (_, at) => at))
  for (const mine of [true, false]) {
    const own = got.filter(number => (number % 3 === 0) === mine)
    assert.deepEqual(own, [...own].sort((a, b) => a - b))
  }
  const resumed = listener.notices.filter(notice => notice.type === 'connected').map(notice => notice.resumed)
  assert.ok(resumed.length >= 2 && !resumed[0] && resumed.slice(1).every(one => one), resumed)
})

const SENDER = `
import { Client } from '${HERE}/src/node.js'
const [door, outbox, first, last] = process.argv.slice(1)
const client = new Client(door, 'sender', { outbox, waitForName: true })
const sent = []
for (let n = Number(first); n < Number(last); n++) sent.push(client.say('dev', 'm' + n))
queueMicrotask(() => console.log('handed over'))
await Promise.all(sent)
await client.close()
`
const run = (...given) =>
  spawn(process.execPath, ['--input-type=module', '-e', SENDER, ...given.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] })

test('a sender that is killed goes on where it was', { skip, timeout: 120000 }, async t => {
  const { broker, client } = await scene(t)
  const guest = client(broker.door)
  await guest.join('dev')
  const listener = new Listener(guest)
  const outbox = path.join(temporary(), 'outbox')
  await broker.stop()
  const first = run(broker.door, outbox, 0, 1000)
  await until(() => fs.existsSync(outbox) && fs.readFileSync(outbox, 'utf8').includes('"m999"'), 'the outbox')
  first.kill('SIGKILL')
  await once(first, 'exit')
  await broker.start()
  const second = run(broker.door, outbox, 1000, 1500)
  await until(() => listener.got.length > 300, 'the first 300')
  second.kill('SIGKILL')
  await once(second, 'exit')
  const third = run(broker.door, outbox, 1500, 2000)
  assert.deepEqual(await once(third, 'exit'), [0, null])
  const { head } = await guest.history('dev', { limit: 1 })
  const numbers = (await listener.texts(head)).map(text => Number(text.slice(1)))
  assert.equal(numbers.length, head)
  assert.ok(numbers.every((number, at) => at === 0 || number > numbers[at - 1]), 'once each, in order')
  assert.deepEqual(numbers.slice(0, 1000), Array.from({ length: 1000 }, (_, at) => at))
  assert.equal(numbers.at(-1), 1999)
})

test('one outbox is of one program, and a damaged one is not believed', { skip }, async t => {
  const { broker, client } = await scene(t)
  const outbox = path.join(temporary(), 'outbox')
  const anna = client(broker.door, 'anna', { outbox })
  assert.throws(() => new Client(broker.door, 'bob', { outbox }), error => error instanceof ZchatError && /another program/.test(error.message))
  await anna.close()
  fs.writeFileSync(outbox, 'garbage\n')
  assert.throws(() => new Client(broker.door, 'bob', { outbox }), /damaged/)
})
