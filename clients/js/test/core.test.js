// The core without sockets and without a clock: what it decides.
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import * as path from 'node:path'
import test from 'node:test'
import { bytes } from '../src/bytes.js'
import { Core } from '../src/core.js'
import { Full, Refused, Uncertain } from '../src/errors.js'
import { bytesOf, dice, HELLO, pack, say, texts } from './coreplay.js'
import { HERE } from './helper.js'

/** Plays the broker for one core, by hand. */
class Door {
  constructor(settings = {}, journal = null) {
    this.core = new Core({ door: 'tcp://h:1', user: 'bob', ...settings }, bytesOf(dice(1)), journal)
    this.now = 0
    this.sent = []
    this.opened = 0
    this.kept = []
    this.core.start(0)
    this.look()
  }

  look() {
    for (const effect of this.core.take('effects')) {
      if (effect.do === 'send') this.sent.push(texts(effect.frames))
      else if (effect.do === 'open-door') this.opened++
      else if (effect.do === 'close-door') this.sent = []
      else if (effect.do === 'keep') this.kept.push(effect.record)
    }
    return this
  }

  all(verb) {
    this.look()
    return this.sent.filter(frames => frames[0] === verb)
  }

  pop(verb) {
    const [found] = this.all(verb)
    assert.ok(found, `no ${verb}`)
    this.sent.splice(this.sent.indexOf(found), 1)
    return found
  }

  /** [text, n, again] of the SAYs that wait for an answer. */
  said() {
    return this.all('SAY').map(frames => [frames[4], JSON.parse(frames[5]).n, JSON.parse(frames[5]).again])
  }

  producers() {
    return new Set(this.all('SAY').map(frames => JSON.parse(frames[5]).producer))
  }

  answer(frames, reply = {}, ok = true) {
    this.core.door([ok ? 'OK' : 'ERR', frames[1], JSON.stringify(reply)].map(bytes), this.now)
    return this.look()
  }

  refuse(frames, code, more = {}) {
    return this.answer(frames, { code, text: 'no', ...more }, false)
  }

  greet(more = {}) {
    this.answer(this.pop('HELLO'), { ...HELLO, ...more })
    return this.answer(this.pop('PING'), { heads: {}, time: 1 })
  }

  /** Let the time go on, from one deadline to the next. */
  tick(to) {
    for (let turns = 0; this.core.deadline() <= to; turns++) {
      assert.ok(turns < 10000, 'it spins')
      this.now = Math.max(this.now, this.core.deadline())
      this.core.tick(this.now)
      this.look()
    }
    this.now = to
    return this
  }

  lost() {
    this.core.lost(this.now, 'gone')
    return this.tick(this.now + 5000)
  }

  say(...all) {
    return all.map(text => this.core.send(this.now, 'SAY', ['dev', text], {}))
  }

  finished() {
    return new Map(this.core.take('finished').map(done => [done.ticket, done]))
  }

  mail(...events) {
    this.core.door([bytes('EVENT'), bytes(''), bytes('pack/dev/'), pack(events)], this.now)
    return this.look()
  }

  told() {
    return this.core.take('events')
  }
}

test('what was not answered is sent again in order', () => {
  const door = new Door().greet()
  door.say('one', 'two', 'three')
  assert.deepEqual(door.said(), [['one', 1, undefined], ['two', 2, undefined], ['three', 3, undefined]])
  const before = door.producers()
  door.answer(door.pop('SAY'), { seq: 1, time: 1 })
  door.lost().greet({ forgotten: 4 })
  assert.deepEqual(door.said(), [['two', 2, undefined], ['three', 3, undefined]])
  assert.deepEqual(door.producers(), before)
})

test('a first message says again, with the value of the connection it was first sent over', () => {
  const door = new Door().greet({ forgotten: 3 })
  door.say('one')
  for (const forgotten of [4, 5]) {
    door.lost().greet({ forgotten })
    assert.deepEqual(door.said(), [['one', 1, 3]])
  }
})

test('slow sends again from the first that was refused', () => {
  const door = new Door().greet()
  door.say('one', 'two', 'three')
  const [one, two, three] = ['SAY', 'SAY', 'SAY'].map(verb => door.pop(verb))
  door.refuse(two, 'slow', { wait_ms: 500 })
  door.answer(one, { seq: 1, time: 1 })
  assert.deepEqual(door.said(), [])
  door.refuse(three, 'gap', { expected: 2 })
  assert.deepEqual(door.said(), [], 'the time is not over')
  door.tick(door.now + 501)
  assert.deepEqual(door.said().map(one => one.slice(0, 2)), [['two', 2], ['three', 3]])
})

test('the number of a refused message goes to the next', () => {
  const door = new Door().greet()
  const [ticket] = door.say('bad')
  door.refuse(door.pop('SAY'), 'limit', { limit: 1 })
  assert.ok(door.finished().get(ticket).error instanceof Refused)
  door.say('good')
  assert.equal(door.said()[0][1], 1)
})

test('what was sent behind a refused message goes under a new producer', () => {
  const door = new Door().greet()
  const tickets = door.say('one', 'bad', 'two', 'three')
  const [old] = door.producers()
  const [one, bad, two, three] = Array.from({ length: 4 }, () => door.pop('SAY'))
  door.answer(one, { seq: 1, time: 1 })
  door.refuse(bad, 'limit', { limit: 1 })
  assert.deepEqual(door.said().map(one => one.slice(0, 2)), [['two', 1], ['three', 2]])
  assert.ok(!door.producers().has(old))
  door.refuse(two, 'gap', { expected: 2 })
  door.refuse(three, 'gap', { expected: 2 })
  assert.equal(door.said().length, 2, 'answers to what counts no more')
  for (let at = 0; at < 2; at++) door.answer(door.pop('SAY'), { seq: 2, time: 1 })
  const finished = door.finished()
  assert.deepEqual(tickets.map(ticket => finished.get(ticket).error === null), [true, false, true, true])
})

test('a forgotten producer is told', () => {
  const door = new Door().greet()
  door.say('one')
  door.answer(door.pop('SAY'), { seq: 1, time: 1 })
  const [two, three] = door.say('two', 'three')
  door.lost().greet({ forgotten: 9 })
  const [four] = door.say('four')
  for (let at = 0; at < 3; at++) door.refuse(door.pop('SAY'), 'gap', { expected: 1 })
  const finished = door.finished()
  for (const ticket of [two, three]) assert.ok(finished.get(ticket).error instanceof Uncertain)
  assert.ok(!finished.has(four))
  assert.deepEqual(door.said(), [['four', 1, undefined]])
})

test('no answer for ten seconds is a dead connection, and attempts grow apart', () => {
  const door = new Door().greet()
  door.say('one')
  door.tick(9900)
  for (const frames of door.all('PING')) door.answer(frames, { heads: {}, time: 1 })
  assert.equal(door.opened, 1)
  door.tick(10200)
  assert.equal(door.opened, 2)
  const at = []
  for (let count = 0; count < 9; count++) {
    const before = door.opened
    while (door.opened === before) door.tick(door.core.deadline())
    at.push(door.now)
  }
  const gaps = at.slice(1).map((time, index) => time - at[index])
  assert.ok(gaps.every(gap => gap > 5000 && gap <= 10000) && gaps.at(-1) > 7500, gaps)
})

test('a name that will be free is waited for, one that is owned is not', () => {
  const door = new Door()
  door.refuse(door.pop('HELLO'), 'taken', { wait_ms: 250 })
  assert.deepEqual(door.sent, [])
  door.tick(260)
  door.refuse(door.pop('HELLO'), 'taken', { owned: true, wait_ms: 9 })
  assert.ok(door.core.ended)
})

test('a session is taken up again, and HELLO that is none is a lost connection', () => {
  const door = new Door().greet()
  door.lost()
  assert.equal(JSON.parse(door.pop('HELLO')[3]).session, HELLO.session)
  const wrong = new Door()
  wrong.answer(wrong.pop('HELLO'), { ...HELLO, feeds: 'none' })
  assert.equal(wrong.core.state, 'waiting')
})

test('BYE ends the producer where all is acknowledged', () => {
  const door = new Door().greet()
  door.say('one')
  const [producer] = door.producers()
  door.answer(door.pop('SAY'), { seq: 1, time: 1 })
  door.core.close(door.now)
  const bye = door.pop('BYE')
  assert.deepEqual(JSON.parse(bye[3]), { producer })
  door.answer(bye)
  assert.ok(door.core.ended)
  const old = new Door().greet({ forgotten: undefined })
  old.say('one')
  old.answer(old.pop('SAY'), { seq: 1, time: 1 })
  old.core.close(old.now)
  assert.equal(old.pop('BYE').length, 3, 'this broker knows no json of BYE')
})

test('bounds: messages that wait, requests under way', () => {
  const door = new Door().greet()
  for (let at = 0; at < 10000; at++) door.say(String(at))
  assert.ok(door.said().length <= 1024)
  const [ticket] = door.say('one more')
  assert.ok(door.finished().get(ticket).error instanceof Full)
  for (let at = 0; at < 64; at++) door.core.request(door.now, 'WHO', ['dev'])
  const asked = door.core.request(door.now, 'WHO', ['dev'])
  assert.ok(door.finished().get(asked).error instanceof Full)
})

test('a journal hears of a message before it is sent', () => {
  const door = new Door({}, { items: [], producer: '', n: 0 }).greet()
  door.core.send(0, 'SAY', ['dev', 'one'], {})
  const order = door.core.effects.map(effect => effect.record?.what ?? effect.do)
  assert.deepEqual(order, ['put', 'sent', 'send'])
  assert.ok(door.core.effects.slice(0, 2).every(effect => effect.sync))
})

test('garbage is no reason to fall', () => {
  const random = dice(3)
  const door = new Door().greet()
  door.core.follow(0, 'dev')
  door.look()
  door.answer(door.pop('JOIN'), { room: 'dev', head: 0, first: 1, private: false })
  const words = ['', 'OK', 'ERR', 'EVENT', 'NOOP', '2', '3', '4', 'room/dev/', 'pack/dev/', 'sync/x/', '{}', '[]', 'nan',
    '{"type":"say","seq":-1}', '{"type":7}', '\0', '{'.repeat(100000), '['.repeat(5000), '{"head":"x"}', '{"a":NaN}',
    '{"code":7,"wait_ms":"x"}', '{"heads":{"dev":1e99}}', '{"__proto__":{"dev":1}}'].map(bytes) // prettier-ignore
  words.push(Uint8Array.of(255), Uint8Array.of(0, 0, 0, 200, 1))
  for (let at = 0; at < 20000; at++) {
    const frames = Array.from({ length: Math.floor(random() * 7) }, () => words[Math.floor(random() * words.length)])
    door.core.door(frames, door.now)
    door.core.feed(frames, door.now)
  }
  assert.ok(['ready', 'waiting'].includes(door.core.state))
})

function arriving(joined = {}) {
  const door = new Door().greet()
  door.core.follow(0, 'dev')
  door.look()
  return door.answer(door.pop('JOIN'), { room: 'dev', head: 7, first: 1, private: false, ...joined })
}

/** In a private room, with nothing missing. */
function live() {
  const door = arriving({ private: true })
  door.answer(door.pop('HISTORY'), { room: 'dev', more: false, first: 1, head: 7 })
  door.told()
  return door
}

test('history is asked once the barrier is back', () => {
  const door = arriving()
  const nonce = door.pop('SYNC')[3]
  door.tick(250)
  assert.equal(door.pop('SYNC')[3], nonce, 'again every 200 ms')
  assert.deepEqual(door.all('HISTORY'), [])
  door.core.feed([`sync/${nonce}/`, '', '', '{}'].map(bytes), door.now)
  const history = door.pop('HISTORY')
  assert.equal(JSON.parse(history[4]).after, 7)
  door.core.feed([bytes('pack/dev/'), pack([say(9, 'nine')])], door.now)
  door.core.door([bytes('EVENT'), bytes(history[1]), bytes('pack/dev/'), pack([say(8, 'eight')])], door.now)
  door.answer(history, { room: 'dev', more: false, first: 1, head: 8 })
  assert.deepEqual(door.told().filter(event => event.type === 'say').map(event => event.text), ['eight', 'nine'])
  assert.equal(door.core.rooms.get('dev').ahead.size, 0)
})

test('what is private never comes over the feed', () => {
  const door = live()
  door.core.feed([bytes('pack/dev/'), pack([say(8, 'forged')])], door.now)
  assert.deepEqual(door.told(), [])
  door.mail(say(8, 'eight'))
  assert.deepEqual(door.told().map(event => event.text), ['eight'])
})

test('what is gone is told, and a log that went back', () => {
  const door = arriving({ private: true })
  door.answer(door.pop('HISTORY'), { room: 'dev', more: false, first: 11, head: 12 })
  assert.deepEqual(door.told().at(-1), { type: 'missed', room: 'dev', first: 8, last: 10 })
  door.tick(1500)
  door.answer(door.pop('HISTORY'), { room: 'dev', more: false, first: 1, head: 4 })
  assert.deepEqual(door.told().at(-1), { type: 'went-back', room: 'dev', known: 10, head: 4 })
  assert.equal(door.core.rooms.get('dev').next, 5)
})

test('presence keeps its place behind a gap, and marks stand behind what they are of', () => {
  const door = live()
  door.mail(say(9, 'nine'), say(0, '', { type: 'leave', data: { members: 1 } }))
  assert.deepEqual(door.told(), [])
  door.tick(200)
  const history = door.pop('HISTORY')
  const marks = seq => say(0, '', { type: 'marks', data: { seq } })
  door.core.door([bytes('EVENT'), bytes(history[1]), bytes('pack/dev/'),
                  pack([say(8, 'eight'), marks(8), say(9, 'nine'), marks(9)])], door.now) // prettier-ignore
  door.answer(history, { room: 'dev', more: false, first: 1, head: 9 })
  assert.deepEqual(door.told().map(event => `${event.type} ${event.text}`), ['say eight', 'marks ', 'say nine', 'leave '])
})

test('types of tomorrow are counted', () => {
  const door = live()
  for (const [seq, type] of [[8, 'poke'], [9, 'say']])
    door.core.door(['EVENT', '', 'room/dev/', 'a', 'x', JSON.stringify({ type, seq, time: 1 })].map(bytes), door.now)
  assert.deepEqual(door.told().map(event => event.seq), [9])
})

test('a program that does not read is waited for', () => {
  const door = live()
  door.core.eventsMax = 2
  for (const seq of [8, 9, 10, 11]) door.mail(say(seq, String(seq)))
  assert.deepEqual(door.told().map(event => event.text), ['8', '9'])
  door.core.readUpTo(2, door.now)
  door.tick(4000)
  assert.deepEqual(door.all('HISTORY'), [])
  assert.ok(door.core.deadline() > door.now, 'it does not spin')
  door.core.readUpTo(0, door.now)
  door.tick(4100)
  assert.equal(JSON.parse(door.pop('HISTORY')[4]).after, 9)
})

test('what decides does nothing itself', () => {
  for (const name of ['core', 'follow', 'outbox', 'room', 'wire', 'address', 'seal', 'sealing', 'people', 'bytes', 'casefold']) {
    const text = fs.readFileSync(path.join(HERE, 'src', `${name}.js`), 'utf8')
    for (const word of ['node:', 'performance', 'setTimeout', 'Math.random', 'getRandomValues', 'Buffer', 'process.', 'zeromq'])
      assert.ok(!text.includes(word), `${name}: ${word}`)
    if (name !== 'sealing') assert.ok(!text.includes('Date.now'), name)
  }
})
