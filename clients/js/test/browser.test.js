// The client of browsers: ZMTP over WebSocket against the real broker, in Chromium and over Node's own WebSocket.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import * as http from 'node:http'
import * as path from 'node:path'
import test from 'node:test'
import { Client } from '../src/browser.js'
import { Malformed } from '../src/errors.js'
import { ZwsSocket } from '../src/zws.js'
import { Broker, HERE, temporary, until } from './helper.js'

/** Talks, is answered by nobody, and hears itself: run in a page, or in a process of its own. */
const DAY = `
const me = new Client(door, 'page')
await me.join('dev')
const got = []
const types = []
const reading = (async () => {
  for await (const event of me.events()) {
    types.push(event.type)
    if (event.type === 'say') got.push(event.text)
    if (event.type === 'say' && got.length === 1000) report({ first: got.length })
    if (got.length === 2000) break
  }
})()
const sent = Array.from({ length: 2000 }, (_, number) => me.say('dev', 'm' + number))
const stored = await Promise.all(sent)
await reading
await me.close()
report({ got, types, seqs: stored.map(one => one.seq) })
`

/** What reports, and what was reported; the broker is killed after the first half. */
async function day(t, play) {
  const broker = await new Broker({ ws: true }).start()
  t.after(() => broker.close())
  const reports = []
  await play(broker, report => reports.push(report))
  await until(() => reports.length === 1, 'half of it', 60000)
  await broker.crash()
  await until(() => reports.length === 2, 'all of it', 60000)
  const { got, types, seqs } = reports[1]
  assert.deepEqual(got, Array.from({ length: 2000 }, (_, number) => `m${number}`))
  const known = seqs.filter(seq => seq)
  assert.ok(known.every((seq, at) => at === 0 || seq > known[at - 1]))
  for (const bad of ['missed', 'went-back', 'log-replaced']) assert.ok(!types.includes(bad), bad)
}

const flag = '--experimental-websocket'
const sockets = spawnSync(process.execPath, [flag, '-e', 'process.exit(typeof WebSocket === "function" ? 0 : 1)']).status === 0

test('over the WebSocket of Node, a broker that is killed', { skip: sockets ? false : 'this Node has no WebSocket', timeout: 120000 }, async t => {
  await day(t, async (broker, report) => {
    const code = `import { Client } from '${HERE}/src/browser.js'
      const door = '${broker.door}', report = value => console.log(JSON.stringify(value))\n${DAY}`
    const child = spawn(process.execPath, [flag, '--no-warnings', '--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', chunk => {
      text += chunk
      for (const lines = text.split('\n'); lines.length > 1; text = lines.join('\n')) report(JSON.parse(lines.shift()))
    })
    t.after(() => child.kill())
  })
})

const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(one => fs.existsSync(one))
test('in Chromium, a broker that is killed', { skip: chromium ? false : 'no chromium (apt install chromium)', timeout: 120000 }, async t => {
  await day(t, async (broker, report) => {
    const server = http.createServer(async (request, response) => {
      if (request.method === 'POST') {
        let body = ''
        for await (const chunk of request) body += chunk
        report(JSON.parse(body))
        response.end()
      } else if (request.url === '/') {
        const code = `import { Client } from '/src/browser.js'
          const door = '${broker.door}', report = value => fetch('/', { method: 'POST', body: JSON.stringify(value) })\n${DAY}`
        response.setHeader('content-type', 'text/html').end(`<script type="module">${code}</script>`)
      } else if (/^\/src\/\w+\.js$/.test(request.url)) {
        response.setHeader('content-type', 'text/javascript').end(fs.readFileSync(path.join(HERE, request.url)))
      } else response.writeHead(404).end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const profile = temporary()
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', `--user-data-dir=${profile}`]
    const child = spawn(chromium, [...flags, `http://127.0.0.1:${server.address().port}/`], { stdio: 'ignore', detached: true })
    t.after(async () => {
      process.kill(-child.pid, 'SIGKILL')
      server.closeAllConnections()
      server.close()
    })
  })
})

test('what a browser cannot reach is said at once', () => {
  for (const address of ['tcp://127.0.0.1:5680', 'ipc:///x', 'http://x'])
    assert.throws(() => new Client(address, 'x'), Malformed)
})

test('no browser can ask for CURVE: the name of a subprotocol has no slash', { skip: sockets ? false : 'this Node has no WebSocket' }, () => {
  const code = `try { new WebSocket('ws://127.0.0.1:9', ['ZWS2.0/CURVE']) } catch { process.exit(7) }`
  assert.equal(spawnSync(process.execPath, [flag, '--no-warnings', '-e', code]).status, 7)
})

/** A WebSocket that does what the test says. */
class Fake {
  readyState = 0
  sent = []
  constructor(url, protocols) {
    Object.assign(this, { url, protocols })
    Fake.last = this
  }

  send(data) {
    this.sent.push([...data])
  }

  close() {
    this.closed = true
  }

  open() {
    this.readyState = 1
    this.onopen()
  }

  give(...data) {
    this.onmessage?.({ data: Uint8Array.from(data).buffer })
  }
}

function opened() {
  const got = []
  const socket = new ZwsSocket('ws://h:1', { message: frames => got.push(frames.map(frame => [...frame])), lost: reason => got.push(reason) }, Fake)
  return { got, socket, fake: Fake.last }
}

test('frames of ZWS', () => {
  const { got, socket, fake } = opened()
  assert.deepEqual(fake.protocols, ['ZWS2.0'])
  socket.send([Uint8Array.of(7), Uint8Array.of()])
  socket.subscribe('a')
  socket.subscribe('a', false)
  assert.deepEqual(fake.sent, [], 'not before the connection stands')
  fake.open()
  assert.deepEqual(fake.sent, [[0], [1, 7], [0], [0, 1, 97], [0, 0, 97]])
  fake.give(0) // the routing id of the other side
  fake.give(1, 5)
  fake.give(2, 9) // a command, say a ping: no frame of the message
  assert.deepEqual(got, [])
  fake.give(0, 6, 6)
  assert.deepEqual(got, [[[5], [6, 6]]])
  socket.close()
  assert.ok(fake.closed)
  fake.give(0, 1)
  assert.equal(got.length, 1)
})

test('what is no ZWS ends the connection, once', () => {
  for (const wrong of [fake => fake.onmessage({ data: 'text' }), fake => fake.give(), fake => fake.onclose(),
                       fake => { for (let count = 0; count < 20; count++) fake.give(1, 1) }]) { // prettier-ignore
    const { got, fake } = opened()
    fake.open()
    wrong(fake)
    fake.onclose?.()
    assert.equal(got.length, 1)
    assert.equal(typeof got[0], 'string')
  }
})
