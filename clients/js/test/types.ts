// Compiled by package.test.js, never run: what a program in TypeScript writes has the types that it expects.
import { Client, Refused, permalink, type AnyEvent, type ChatEvent, type Stored } from 'zchat'

const me = new Client('tcp://127.0.0.1:5680', 'echo', { outbox: 'file', waitForName: true })
const info = await me.join('lobby', { last: 5 })
const head: number = info.head
const stored: Stored = await me.say('lobby', 'hello', { action: true, data: { x: 1 }, re: head })
for await (const message of me.messages()) {
  const one: ChatEvent = message
  await me.tell(one.user, `${one.text} ${permalink('tcp://h:1', one.room, one.seq)}`, { sealed: false })
}
function told(event: AnyEvent): string {
  switch (event.type) {
    case 'missed':
      return `${event.last - event.first + 1} of ${event.room}`
    case 'disconnected':
      return event.reason.toUpperCase()
    case 'edit':
      return event.mentions.join(event.text)
    default:
      return event.type
  }
}
try {
  await me.edit('lobby', stored.seq, told({ type: 'feed-back', endpoint: 'x' }))
} catch (error) {
  if (error instanceof Refused) error.code.at(0)
}
// @ts-expect-error a seq is a number
await me.react('lobby', '7', '+1')
// @ts-expect-error there is no such option
new Client('tcp://h:1', 'x', { nick: 'y' })
