// Cores against a small broker and a network in which everything fails, in virtual time.
import assert from 'node:assert/strict'
import test from 'node:test'
import { bytes } from '../src/bytes.js'
import { Core } from '../src/core.js'
import { eventMake } from '../src/wire.js'
import { bytesOf, decoder, dice, HELLO, pack, texts } from './coreplay.js'

/** A broker, as small as can be, with a network that loses; and cores in one virtual time. */
class World {
  constructor(seed) {
    this.random = dice(seed)
    this.now = 0
    this.log = []
    this.producers = new Map()
    this.queue = [] // [time, order, function]
    this.order = 0
    this.states = []
    this.calm = false
  }

  between(low, high) {
    return low + (high - low) * this.random()
  }

  chance(oneIn) {
    return !this.calm && this.random() < 1 / oneIn
  }

  add(user) {
    const core = new Core({ door: 'tcp://h:1', user }, bytesOf(this.random))
    const mine = { core, door: 0, feed: 0, topics: new Set(), hello: false, got: [], at: 0, back: 0 }
    this.states.push(mine)
    core.start(this.now)
    return mine
  }

  at(time, what) {
    this.queue.push([time, this.order++, what])
  }

  run(until) {
    while (this.now < until) {
      this.flush()
      const next = Math.min(...this.queue.map(([time]) => time), ...this.states.map(({ core }) => core.deadline()))
      this.now = Math.min(Math.max(this.now, next), until)
      const due = this.queue.filter(([time]) => time <= this.now).sort((a, b) => a[0] - b[0] || a[1] - b[1])
      this.queue = this.queue.filter(([time]) => time > this.now)
      for (const [, , what] of due) {
        what()
        this.flush()
      }
      for (const { core } of this.states) core.tick(this.now)
    }
  }

  flush() {
    for (const mine of this.states) {
      for (const effect of mine.core.take('effects')) {
        if (effect.do === 'open-door' || effect.do === 'close-door') {
          mine.door++
          mine.hello = false
        } else if (effect.do === 'open-feed') {
          mine.feed++
          mine.topics = new Set()
        } else if (effect.do === 'subscribe') {
          const { topics } = mine
          this.at(this.now + this.between(0, 300), () => topics.add(effect.topic))
        } else if (effect.do === 'send') this.deliver(mine, texts(effect.frames))
      }
      mine.got.push(...mine.core.take('events').filter(event => event.type === 'say'))
    }
  }

  /** Over TCP: in order, but the connection may break, with what is under way. */
  deliver(mine, frames) {
    const { door } = mine
    if (this.chance(150)) this.at(this.now + 10, () => mine.door === door && mine.core.lost(this.now, 'broken'))
    mine.at = Math.max(mine.at + 0.001, this.now + this.between(1, 10))
    this.at(mine.at, () => mine.door === door && this.serve(mine, frames))
  }

  reply(mine, ...messages) {
    const { door } = mine
    for (const message of messages) {
      mine.back = Math.max(mine.back + 0.001, this.now + this.between(1, 10))
      this.at(mine.back, () => mine.door === door && mine.core.door(message, this.now))
    }
  }

  serve(mine, [verb, tag, user, ...args]) {
    const ok = reply => this.reply(mine, ['OK', tag, JSON.stringify(reply)].map(bytes))
    const err = reply => this.reply(mine, ['ERR', tag, JSON.stringify({ text: 'no', ...reply })].map(bytes))
    const head = this.log.length
    if (verb === 'HELLO') {
      mine.hello = true
      ok({ ...HELLO, user })
    } else if (!mine.hello && verb !== 'SAY') err({ code: 'hello' })
    else if (this.chance(30)) err({ code: 'slow', wait_ms: Math.floor(this.between(1, 800)) })
    else if (verb === 'JOIN') ok({ room: 'dev', head, first: 1, private: false })
    else if (verb === 'PING') ok({ time: 1, heads: { dev: head } })
    else if (verb === 'SYNC') {
      this.publish(['', '', '{}'].reduce((frames, text) => [...frames, bytes(text)], [bytes(`sync/${args[0]}/`)]))
      ok({})
    } else if (verb === 'HISTORY') {
      const { after } = JSON.parse(args[1])
      const page = this.log.slice(after, after + Math.floor(this.between(1, 40)))
      if (page.length) this.reply(mine, [bytes('EVENT'), bytes(tag), bytes('pack/dev/'), pack(page)])
      ok({ room: 'dev', more: (page.at(-1)?.seq ?? after) < head, first: 1, head })
    } else if (verb === 'SAY') this.say(user, args, ok, err)
  }

  say(user, [, text, json], ok, err) {
    const { producer, n } = JSON.parse(json)
    const last = this.producers.get(producer) ?? 0
    if (n <= last) ok({ duplicate: true })
    else if (n > last + 1) err({ code: 'gap', expected: last + 1 })
    else if (this.chance(25)) err({ code: 'storage' })
    else if (text.startsWith('bad')) err({ code: 'limit', limit: 1 })
    else {
      this.producers.set(producer, n)
      const event = eventMake('dev', 'say', user, text, this.log.length + 1, 1, null)
      this.log.push(event)
      ok({ seq: event.seq, time: 1 })
      this.publish([bytes('pack/dev/'), pack([event])])
    }
  }

  publish(frames) {
    const topic = decoder.decode(frames[0])
    for (const mine of this.states) {
      const sure = this.calm || topic.startsWith('sync/')
      const copies = sure ? 1 : [0, 1, 1, 1, 1, 2][Math.floor(this.random() * 6)]
      for (let count = 0; count < copies; count++)
        this.at(this.now + this.between(0, 50), () => mine.topics.has(topic) && mine.core.feed(frames, this.now))
    }
  }
}

for (let seed = 1; seed <= 30; seed++)
  test(`a world in which everything fails, seed ${seed}`, () => {
    const world = new World(seed)
    const all = ['anna', 'bob'].map(name => ({ name, mine: world.add(name), wanted: [] }))
    for (const { mine } of all) mine.core.follow(0, 'dev')
    world.run(20000)
    for (let number = 0; number < 200; number++) {
      for (const { name, mine, wanted } of all) {
        const text = world.random() < 0.05 ? `bad ${number}` : `${name} ${number}`
        mine.core.send(world.now, 'SAY', ['dev', text], {})
        if (!text.startsWith('bad')) wanted.push(text)
      }
      world.run(world.now + world.between(0, 200))
    }
    world.run(world.now + 200000)
    world.calm = true
    world.run(world.now + 100000)
    for (const { name, mine, wanted } of all) {
      assert.deepEqual(world.log.filter(event => event.user === name).map(event => event.text), wanted, 'once each, in order')
      assert.deepEqual(mine.got, world.log, 'all of it was seen, in order')
      assert.equal(mine.core.outbox.items.length, 0)
      assert.equal(mine.core.rooms.get('dev').ahead.size, 0)
    }
  })
