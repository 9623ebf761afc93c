// What the tests share: zchatd as a process, waiting for a predicate, and what may not be installed.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import * as net from 'node:net'
import * as os from 'node:os'
import * as path from 'node:path'
import { fileURLToPath } from 'node:url'

export const HERE = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
export const ROOT = path.dirname(path.dirname(HERE))
const BUILD = path.resolve(ROOT, process.env.ZCHAT_BUILD ?? 'build/release')
const DEADLINE_MS = 30000

export const program = name => path.join(BUILD, name)

/** False, or why a test that wants this package is skipped. */
export function without(name) {
  return fs.existsSync(path.join(HERE, 'node_modules', name)) ? false
    : `${name} is not installed: npm ci --ignore-scripts in clients/js (scripts/setup test)` // prettier-ignore
}

export const VECTORS = JSON.parse(fs.readFileSync(path.join(ROOT, 'protocol/vectors.json'), 'utf8'))

/** Wait until it is so; what it gives is returned. */
export async function until(predicate, what = predicate.toString(), ms = DEADLINE_MS) {
  for (const end = performance.now() + ms; ; ) {
    const made = await predicate()
    if (made) return made
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

/** A port nobody listens on, below those that outgoing connections are given. */
async function freePort() {
  const [low] = fs.readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split('\t')
  const top = Number(low) > 12000 ? Number(low) : 32000
  for (;;) {
    const port = 10000 + Math.floor(Math.random() * (top - 10000))
    const probe = net.createServer()
    try {
      probe.listen(port, '127.0.0.1')
      await once(probe, 'listening')
      probe.close()
      await once(probe, 'close')
      return port
    } catch {
      // somebody has it
    }
  }
}

export function temporary() {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'zchat-js-'))
}

/** zchatd on a folder of its own. The same doors and feeds after every start. */
export class Broker {
  constructor({ args = [], ws = false } = {}) {
    this.args = ws ? [...args, '--ws'] : args
    this.ws = ws
    this.folder = temporary()
    this.data = path.join(this.folder, 'data')
    this.process = null
  }

  async start() {
    if (!this.door) {
      const scheme = this.ws ? 'ws' : 'tcp'
      this.door = `${scheme}://127.0.0.1:${await freePort()}`
      this.feed = `${scheme}://127.0.0.1:${await freePort()}`
    }
    const flags = ['--data', this.data, '--door', this.door, '--feed', this.feed, '--ready-fd', '3', ...this.args]
    this.log = ''
    this.process = spawn(program('zchatd'), flags, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
    this.process.stderr.on('data', chunk => (this.log += chunk))
    let line = ''
    this.process.stdio[3].on('data', chunk => (line += chunk))
    await until(() => line.endsWith('\n') || this.process.exitCode !== null, 'ready')
    if (!line.startsWith('ready')) throw new Error(`the broker ended: ${this.log}`)
    this.address = /address=(\S+)/.exec(line)?.[1] ?? null
    return this
  }

  async end(signal) {
    const ended = once(this.process, 'exit')
    this.process.kill(signal)
    await ended
    this.process = null
  }

  stop() {
    return this.end('SIGTERM')
  }

  /** kill -9: nothing is flushed, nobody is told; and up again. */
  async crash() {
    await this.end('SIGKILL')
    return this.start()
  }

  async close() {
    if (this.process) await this.stop()
    fs.rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Keeps what comes, until `close` of the client. */
export class Listener {
  constructor(client, type = 'say') {
    this.events = []
    this.got = []
    this.notices = []
    this.run = this.#run(client, type)
  }

  async #run(client, type) {
    for await (const event of client.events()) {
      this.events.push(event)
      if (event.type === type) this.got.push(event)
      else if (!('seq' in event)) this.notices.push(event)
    }
  }

  async texts(count) {
    await until(() => this.got.length >= count, `${count} events`, 60000).catch(error => {
      throw new Error(`${error.message}, but ${this.got.length}; ${JSON.stringify(this.notices)}`)
    })
    return this.got.map(event => event.text)
  }

  find(type) {
    return until(() => this.events.find(event => event.type === type), type)
  }
}
