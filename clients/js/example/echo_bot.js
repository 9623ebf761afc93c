import { Client } from 'zchat'

const me = new Client('tcp://127.0.0.1:5680', 'echo')
await me.join('lobby')
for await (const message of me.messages()) {
  if (message.text === 'stop') break
  if (message.user !== me.user) await me.say(message.room, message.text)
}
await me.close()
