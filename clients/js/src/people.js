// Whose keys are known: a key is believed the first time it is seen, and another one only where a known one
// vouches for it, or a person says so (`trust`).
import { keyDecode, keyEncode } from './address.js'
import { same } from './bytes.js'
import { CannotOpen, KeysChanged, Malformed } from './errors.js'
import { fold, vouchRead } from './seal.js'

const KEYS_MAX = 16 // of a person, former ones included
const VOUCH_AGE_MS = 30 * 24 * 3600 * 1000
const VOUCH_EARLY_MS = 24 * 3600 * 1000

/** Of one broker. store: {load () -> object, save (object)} keeps it over a restart. */
export class People {
  constructor(broker, store = null) {
    this.broker = broker
    this.store = store
    this.all = store?.load() ?? {}
    this.persons = this.all[keyEncode(broker)] ??= {}
  }

  #person(name) {
    return Object.hasOwn(this.persons, fold(name)) ? this.persons[fold(name)] : null
  }

  #save() {
    this.store?.save(this.all)
  }

  /** A key that is or was theirs: what was sealed by it before is theirs. */
  knownOnce(name, key) {
    const person = this.#person(name)
    return person !== null && [...person.keys, ...person.former].includes(keyEncode(key))
  }

  /** What KEYS told of somebody. Returns the keys to seal for; KeysChanged where one is not to be believed. */
  learn(sodium, name, keys, vouches, nowMs) {
    const told = keys.map(key => keyEncode(keyDecode(key)))
    const person = this.#person(name)
    if (!person) {
      this.persons[fold(name)] = { keys: told, former: [], alarms: [] }
      this.#save()
      return told.map(keyDecode)
    }
    const before = JSON.stringify(person)
    for (const key of told)
      if (!person.keys.includes(key) && !person.alarms.includes(key)) {
        const believed = !person.former.includes(key) && this.#vouched(sodium, name, person, key, told, vouches, nowMs)
        person[believed ? 'keys' : 'alarms'].push(key)
      }
    const accepted = told.filter(key => person.keys.includes(key))
    if (accepted.length === told.length) {
      const gone = person.keys.filter(key => !told.includes(key))
      person.former = [...gone, ...person.former].slice(0, KEYS_MAX)
      person.keys = accepted
    }
    if (JSON.stringify(person) !== before) this.#save()
    if (accepted.length < told.length)
      throw new KeysChanged(`the keys of ${name} have changed, and nobody vouched for the new ones`)
    return accepted.map(keyDecode)
  }

  /** Whether a chain of vouches in this reply of KEYS leads from a known key to this one. */
  #vouched(sodium, name, person, key, told, vouches, nowMs) {
    for (const seen = new Set(); !seen.has(key); ) {
      seen.add(key)
      if (!Object.hasOwn(vouches, key)) return false
      let read
      try {
        read = vouchRead(sodium, vouches[key], this.broker, keyDecode(key), name)
      } catch (error) {
        if (error instanceof CannotOpen || error instanceof Malformed) return false
        throw error
      }
      if (read.time < nowMs - VOUCH_AGE_MS || read.time > nowMs + VOUCH_EARLY_MS) return false
      const by = told.find(one => same(keyDecode(one), read.by))
      if (!by) return false
      if (person.keys.includes(by)) return true
      key = by
    }
    return false
  }

  /** A person has compared fingerprints, and says that these are the keys. */
  trust(name, keys) {
    const told = keys.map(key => keyEncode(keyDecode(key)))
    const old = this.#person(name) ?? { keys: [], former: [] }
    const former = [...old.keys, ...old.former].filter(key => !told.includes(key)).slice(0, KEYS_MAX)
    this.persons[fold(name)] = { keys: told, former, alarms: [] }
    this.#save()
  }
}
