#!/usr/bin/env node
// zchat-js listen|send -r ROOM [-e ENDPOINT] [--nick NAME] [--since SEQ] [--last N] [--outbox FILE] [--key FILE]
// What is said, a JSON object a line; each line of standard input, a message. For pipes, and for trying the package.
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { Client, Refused } from '../src/node.js'

const AHEAD = 1000

async function listen(client, { room, since, last }) {
  await client.join(room, { after: since === undefined ? null : Number(since), last: Number(last) })
  console.error('ready')
  const print = line => process.stdout.write(`${JSON.stringify(line)}\n`)
  for await (const event of client.events()) {
    if (event.seq) {
      const { room, seq, time, type, user, text, data } = event
      print({ room, seq, time, type, user, log: client.log, text, ...(data ? { data } : {}) })
    } else if (event.type === 'missed')
      print({ type: 'lost', room: event.room, count: event.last - event.first + 1, before: event.last + 1 })
    else if (event.type === 'log-replaced') print({ type: 'log_replaced', log: event.new })
    else if (event.type === 'ended' && event.error) throw event.error
    else if (!('seq' in event)) console.error(JSON.stringify(event))
  }
}

async function send(client, { room }) {
  const waiting = []
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    if (line) {
      waiting.push(client.say(room, line))
      waiting.at(-1).catch(() => {}) // it is looked at below
    }
    while (waiting.length >= AHEAD) await waiting.shift()
  }
  await Promise.all(waiting)
}

const text = { type: 'string' }
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    endpoint: { ...text, short: 'e', default: 'tcp://127.0.0.1:5680' }, room: { ...text, short: 'r' },
    nick: { ...text, default: '' }, since: text, last: { ...text, default: '0' }, outbox: text, key: text, people: text,
  },
})
const run = { listen, send }[positionals[0]]
if (!run || !values.room) {
  console.error('usage: zchat-js listen|send -r ROOM [-e ENDPOINT] [--nick NAME]')
  process.exit(64)
}
const client = new Client(values.endpoint, values.nick, { outbox: values.outbox, key: values.key, people: values.people })
try {
  await run(client, values)
} catch (error) {
  console.error(`${error.name}: ${error.message}`)
  process.exitCode = error instanceof Refused ? 77 : 69
}
await client.close()
