// ZMTP over WebSocket (ZWS 2.0, RFC 45), without a mechanism: one DEALER or SUB socket, over the WebSocket that
// browsers have. Each WebSocket message is a frame: a byte of flags (1: more follow; 2: a command), then its bytes. The
// first message of each side is its routing id, which is empty. No browser can ask for CURVE: libzmq calls that
// "ZWS2.0/CURVE", and a browser takes no name of a subprotocol with a slash in it.
import { bytes, join } from './bytes.js'

const MORE = 1
const COMMAND = 2
const FRAME_MAX = 2 << 20
const FRAMES_MAX = 8

export class ZwsSocket {
  #socket
  #frames = []
  #greeted = false
  #waits = [] // what is to be sent once the connection stands

  /** handlers: {message (frames), lost (reason)}; `lost` is called once, and not after `close`. */
  constructor(endpoint, handlers, WebSocketClass = globalThis.WebSocket) {
    this.handlers = handlers
    try {
      this.#socket = new WebSocketClass(endpoint, ['ZWS2.0'])
    } catch (error) {
      queueMicrotask(() => this.#lost(error.message)) // an endpoint that is none is as good as one where nobody answers
      return
    }
    this.#socket.binaryType = 'arraybuffer'
    this.#socket.onopen = () => {
      this.#socket.send(Uint8Array.of(0))
      for (const frame of this.#waits.splice(0)) this.#socket.send(frame)
    }
    this.#socket.onmessage = event => this.#frame(event.data)
    this.#socket.onclose = () => this.#lost('the connection ended')
    this.#socket.onerror = () => this.#lost('the connection failed')
  }

  #lost(reason) {
    const handlers = this.handlers
    this.close()
    handlers?.lost(reason)
  }

  #frame(data) {
    if (!this.handlers) return
    if (!(data instanceof ArrayBuffer) || data.byteLength < 1 || data.byteLength > FRAME_MAX) {
      this.#lost('the other side speaks something else')
      return
    }
    const frame = new Uint8Array(data)
    if (frame[0] & COMMAND) return // a ping of libzmq, say
    this.#frames.push(frame.subarray(1))
    if (this.#frames.length > FRAMES_MAX) this.#lost('a message of too many frames')
    else if (!(frame[0] & MORE)) {
      const frames = this.#frames.splice(0)
      if (this.#greeted) this.handlers.message(frames)
      this.#greeted = true
    }
  }

  #raw(frame) {
    if (this.#socket?.readyState === 1) this.#socket.send(frame)
    else if (this.#socket?.readyState === 0) this.#waits.push(frame)
  }

  send(frames) {
    frames.forEach((frame, at) => this.#raw(join(Uint8Array.of(at < frames.length - 1 ? MORE : 0), frame)))
  }

  /** Of a SUB. */
  subscribe(topic, on = true) {
    this.#raw(join(Uint8Array.of(0, on ? 1 : 0), bytes(topic)))
  }

  close() {
    this.handlers = null
    if (!this.#socket) return
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = this.#socket.onerror = null
    this.#socket.close()
    this.#socket = null
  }
}

/** The transport of a client: a door and a feed. */
export class ZwsTransport {
  constructor(handlers, WebSocketClass) {
    this.handlers = handlers
    this.WebSocketClass = WebSocketClass
    this.door = null
    this.feed = null
  }

  do(effect) {
    switch (effect.do) {
      case 'open-door':
        this.door?.close()
        this.door = this.#open(effect.endpoint, this.handlers.door, 'the connection ended')
        break
      case 'open-feed':
        this.feed?.close()
        this.feed = this.#open(effect.endpoint, this.handlers.feed, 'the feed ended')
        break
      case 'close-door':
        this.door?.close()
        this.door = null
        break
      case 'close-feed':
        this.feed?.close()
        this.feed = null
        break
      case 'send':
        this.door?.send(effect.frames)
        break
      default:
        this.feed?.subscribe(effect.topic, effect.do === 'subscribe')
    }
  }

  #open(endpoint, message) {
    return new ZwsSocket(endpoint, { message, lost: reason => this.handlers.lost(reason) }, this.WebSocketClass)
  }

  close() {
    this.door?.close()
    this.feed?.close()
  }
}
