// The client in Node, over the npm package zeromq.
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import * as path from 'node:path'
import zmq from 'zeromq'
import { addressParse } from './address.js'
import { BaseClient } from './client.js'
import { Malformed } from './errors.js'
import { Journal } from './journal.js'
import { keyMake, keyPair, publicKey, z85 } from './keyfile.js'
import { People } from './people.js'

export { addressParse, addressWrite, keyDecode, keyEncode, permalink, permalinkParse } from './address.js'
export * from './errors.js'
export { isSealed } from './wire.js'
export { keyMake, keyRead, publicKey } from './keyfile.js'

const TURN_MAX = 500 // messages of one socket before the others have their turn
const FRAME_MAX = 2 << 20
const ENDS = {
  disconnect: 'the connection ended',
  close: 'nobody listens there',
  'handshake:error:auth': 'this key is refused',
  'handshake:error:protocol': 'the other side speaks something else',
  'handshake:error:other': 'the handshake failed',
}

const entropy = size => new Uint8Array(randomBytes(size))

/** One zmq socket. A connection that ended is not taken up again by zmq: it may lead to another broker, or one with
 * another log, whose seqs would be taken for those of the old one. */
class ZmqSocket {
  #socket
  #open = true
  #waits = []

  constructor(Kind, endpoint, keys, { message, lost, ends }) {
    this.#socket = new Kind({
      linger: 0, receiveHighWaterMark: 10000, maxMessageSize: FRAME_MAX, ipv6: true, reconnectInterval: -1, ...keys,
    })
    if (Kind === zmq.Dealer) this.#socket.sendHighWaterMark = 0 // the core bounds what is under way
    for (const name of ends)
      this.#socket.events.on(name, () => {
        //   Behind what came before the end of the connection: that counts.
        setImmediate(() => this.#open && lost(ENDS[name]))
      })
    try {
      this.#socket.connect(endpoint)
    } catch (error) {
      setImmediate(() => this.#open && lost(error.message)) // as good as one where nobody answers
    }
    this.#read(message)
  }

  async #read(message) {
    let count = 0
    try {
      for await (const frames of this.#socket) {
        if (!this.#open) return
        message(frames)
        if (++count % TURN_MAX === 0) await new Promise(setImmediate)
      }
    } catch (error) {
      if (this.#open) throw error
    }
  }

  /** In order; zeromq takes one at a time, and rests after some hundreds. */
  send(frames) {
    this.#waits.push(frames)
    if (this.#waits.length === 1) this.#sendAll()
  }

  async #sendAll() {
    try {
      for (; this.#open && this.#waits.length; this.#waits.shift()) await this.#socket.send(this.#waits[0])
    } catch {
      this.#waits = [] // the connection just ended: the core hears of it, and sends again
    }
  }

  subscribe(topic, on) {
    if (on) this.#socket.subscribe(topic)
    else this.#socket.unsubscribe(topic)
  }

  close() {
    if (!this.#open) return
    this.#open = false
    this.#socket.close()
  }
}

class ZmqTransport {
  #handlers
  #keys
  #door = null
  #feed = null

  constructor(handlers, keys) {
    this.#handlers = handlers
    this.#keys = keys
  }

  do(effect) {
    const { door, feed, lost } = this.#handlers
    switch (effect.do) {
      case 'open-door':
        this.#door?.close()
        this.#door = new ZmqSocket(zmq.Dealer, effect.endpoint, this.#keys, { message: door, lost, ends: Object.keys(ENDS) })
        break
      case 'open-feed':
        this.#feed?.close()
        this.#feed = new ZmqSocket(zmq.Subscriber, effect.endpoint, this.#keys,
          { message: feed, lost: () => lost('the feed ended'), ends: ['disconnect'] }) // prettier-ignore
        break
      case 'close-door':
        this.#door?.close()
        this.#door = null
        break
      case 'close-feed':
        this.#feed?.close()
        this.#feed = null
        break
      case 'send':
        this.#door?.send(effect.frames)
        break
      default:
        this.#feed?.subscribe(effect.topic, effect.do === 'subscribe')
    }
  }

  close() {
    this.#door?.close()
    this.#feed?.close()
  }
}

/** A JSON file that is written anew as a whole, with mode 0600. */
function fileStore(file) {
  return {
    load() {
      if (!fs.existsSync(file)) return {}
      try {
        return JSON.parse(fs.readFileSync(file, 'utf8'))
      } catch {
        throw new Malformed(`${file}: damaged; it tells whose keys are known`)
      }
    },
    save(all) {
      fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true })
      const made = fs.openSync(`${file}.new`, 'w', 0o600)
      fs.writeFileSync(made, JSON.stringify(all, null, 1))
      fs.fsyncSync(made)
      fs.closeSync(made)
      fs.renameSync(`${file}.new`, file)
    },
  }
}

/** libsodium, where it is installed; null: nothing is sealed. */
async function loadSodium() {
  try {
    const { default: sodium } = await import('libsodium-wrappers-sumo')
    await sodium.ready
    return sodium
  } catch (error) {
    if (error.code === 'ERR_MODULE_NOT_FOUND') return null
    throw error
  }
}

/** address: `zchat://host/key`, or `tcp://`, `ipc://`, `ws://` of a broker that does not encrypt. user: the name, ''
 * for a guest, who only reads. key: a secret key (32 bytes) or the path of a key file, which is made where there is
 * none; with it the name is claimed, unless claim is false. outbox: a file that keeps what is not acknowledged over a
 * crash of this program. people: a file that remembers whose keys are known, for sealed messages. log: the id of the
 * log that an `after` of `join` is of. */
export class Client extends BaseClient {
  constructor(address, user = '', options = {}) {
    const { key, claim, token, feed, outbox, people, agent, log, waitForName } = options
    const at = addressParse(address)
    const secret = at.key === null || key === undefined ? null : typeof key === 'string' ? keyMake(key) : key
    const pair = at.key === null ? null : secret ? { secret, publicKey: publicKey(secret) } : keyPair()
    const keys = pair && {
      curveServerKey: z85(at.key), curvePublicKey: z85(pair.publicKey), curveSecretKey: z85(pair.secret),
    }
    const settings = {
      door: at.door, user, token: token ?? null, feed: feed ?? null, log: log ?? null,
      waitForName: waitForName === true, claim: claim ?? secret !== null, // a key that is not kept would lose the name
      ...(agent ? { agent } : {}),
    }
    const sealing = secret && {
      ...pair, people: new People(at.key, people ? fileStore(people) : null), sodium: loadSodium(),
    }
    super({
      settings, entropy, sealing, journal: outbox ? new Journal(outbox) : null,
      transport: handlers => new ZmqTransport(handlers, keys ?? {}),
    })
  }
}
