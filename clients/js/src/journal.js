// The outbox on disk (Node): what was handed over and is not acknowledged yet survives a crash of the program, and
// is sent, once, by its next run. Lines of JSON, each a change; the last one may be cut off by a crash, and then
// never counted. One program at a time: the file is locked with flock (1), for Node has no such call.
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { ZchatError } from './errors.js'
import { Item } from './outbox.js'

const COMPACT_BYTES = 1 << 20

export class Journal {
  #records = new Map() // key: its last "put", with what "sent" added
  #size = 0
  #file = null
  #lock

  constructor(file) {
    this.path = file
    this.producer = ''
    this.n = 0
    fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true })
    this.#lock = fs.openSync(`${file}.lock`, 'a', 0o600)
    const locked = spawnSync('flock', ['-n', '3'], { stdio: ['ignore', 'ignore', 'ignore', this.#lock] })
    if (locked.status !== 0) {
      fs.closeSync(this.#lock)
      throw new ZchatError(locked.error ? `flock (util-linux) is wanted for an outbox file: ${locked.error.message}`
        : `${file}: another program sends from this outbox`) // prettier-ignore
    }
    this.#load()
    this.#compact()
  }

  #load() {
    if (!fs.existsSync(this.path)) return
    for (const line of fs.readFileSync(this.path, 'utf8').split('\n').slice(0, -1)) {
      try {
        this.#apply(JSON.parse(line))
      } catch {
        throw new ZchatError(`${this.path}: damaged; what it holds may have been sent`)
      }
    }
  }

  #apply(record) {
    const old = this.#records.get(record.key)
    if (record.what === 'next' || record.what === 'put') {
      this.producer = record.producer
      this.n = record.n
    }
    if (record.what === 'put') {
      const same = old && old.producer === record.producer && old.n === record.n && 'forgotten' in old
      this.#records.set(record.key, { ...record, ...(same ? { forgotten: old.forgotten } : {}) })
    } else if (record.what === 'sent' && old) old.forgotten = record.forgotten
    else if (record.what === 'done') this.#records.delete(record.key)
  }

  /** A new file with what still counts, in the place of the old one. */
  #compact() {
    const fresh = `${this.path}.new`
    const made = fs.openSync(fresh, 'w', 0o600)
    const lines = []
    for (const { forgotten, ...put } of this.#records.values()) {
      lines.push(put)
      if (forgotten !== undefined) lines.push({ what: 'sent', key: put.key, forgotten })
    }
    lines.push({ what: 'next', producer: this.producer, n: this.n })
    writeAll(made, lines)
    fs.fsyncSync(made)
    fs.closeSync(made)
    fs.renameSync(fresh, this.path)
    const folder = fs.openSync(path.dirname(path.resolve(this.path)), 'r')
    fs.fsyncSync(folder)
    fs.closeSync(folder)
    if (this.#file !== null) fs.closeSync(this.#file)
    this.#file = fs.openSync(this.path, 'a')
    this.#size = 0
  }

  /** What an earlier run left. Whether the last of it was sent, is not known. */
  get items() {
    return [...this.#records.values()].map(record => {
      const item = new Item(0, record.verb, record.args, record.options)
      const sent = record.n > 1 || 'forgotten' in record
      const { producer, n, key, forgotten = null } = record
      return Object.assign(item, { producer, n, key, forgotten, first: sent ? -1 : 0, kept: true })
    })
  }

  write(records, sync) {
    for (const record of records) this.#apply(record)
    this.#size += writeAll(this.#file, records)
    if (sync) fs.fdatasyncSync(this.#file)
    if (this.#size > COMPACT_BYTES) this.#compact()
  }

  close() {
    fs.closeSync(this.#file)
    fs.closeSync(this.#lock)
  }
}

function writeAll(file, records) {
  const text = Buffer.from(records.map(record => `${JSON.stringify(record)}\n`).join(''))
  for (let at = 0; at < text.length; ) at += fs.writeSync(file, text, at)
  return text.length
}
