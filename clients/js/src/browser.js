// The client in a browser: over ws:// endpoints of the broker (zchatd --ws), which do not encrypt.
import { addressParse } from './address.js'
import { BaseClient } from './client.js'
import { Malformed } from './errors.js'
import { ZwsTransport } from './zws.js'

export { addressParse, addressWrite, keyDecode, keyEncode, permalink, permalinkParse } from './address.js'
export * from './errors.js'
export { isSealed } from './wire.js'

const entropy = size => crypto.getRandomValues(new Uint8Array(size))

/** address: `ws://host:port/`; user: the name, '' for a guest, who only reads. */
export class Client extends BaseClient {
  constructor(address, user = '', { token, feed, agent, log, waitForName, WebSocket = globalThis.WebSocket } = {}) {
    const { door, key } = addressParse(address)
    if (key !== null || !door.startsWith('ws://')) throw new Malformed('a browser reaches ws:// endpoints alone')
    const settings = { door, user, token: token ?? null, feed: feed ?? null, log: log ?? null,
                       waitForName: waitForName === true, ...(agent ? { agent } : {}) } // prettier-ignore
    super({ settings, entropy, transport: handlers => new ZwsTransport(handlers, WebSocket) })
  }
}
