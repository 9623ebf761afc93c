// Direct messages that the broker cannot read: what is asked, and whose keys are believed.
import { keyDecode, keyEncode } from './address.js'
import { CannotOpen, Closed, Malformed, ZchatError } from './errors.js'
import { fingerprint, fold, seal, unseal, vouch } from './seal.js'

export class Sealing {
  #client
  #entropy
  #given

  /** given: {secret, publicKey, people, sodium (a promise of libsodium, or of null)}, or null: nothing is sealed. */
  constructor(client, entropy, given) {
    this.#client = client
    this.#entropy = entropy
    this.#given = given
  }

  get publicKey() {
    return this.#given ? keyEncode(this.#given.publicKey) : null
  }

  async #ready() {
    const sodium = this.#given && (await this.#given.sodium)
    return sodium ? { ...this.#given, sodium } : null
  }

  /** {user: the name as KEYS spells it, keys: those to seal for; none where the name is not proven}. KeysChanged as
   * `trust` has it. A broker that tells of another name, or of one that only looks like this one, is not followed. */
  async #keysOf(name, { people, sodium }) {
    const { user, proven, keys, vouches = {} } = await this.#client.keys(name)
    if (proven !== true || typeof user !== 'string' || !Array.isArray(keys)) return { user: name, keys: [] }
    if (fold(user) !== fold(name)) throw new Malformed(`the broker spells this name ${user}: ask for that one`)
    return { user, keys: people.learn(sodium, user, keys, vouches, Date.now()) }
  }

  /** The body of a sealed message, or null where it is not to be sealed. */
  async seal(name, text, data, must) {
    const mine = await this.#ready()
    const theirs = mine ? await this.#keysOf(name, mine) : { keys: [] }
    if (theirs.keys.length) {
      const own = await this.#keysOf(this.#client.user, mine)
      const plain = { from: this.#client.user, to: theirs.user, time: Date.now(), body: text, ...(data ? { data } : {}) }
      const keys = [...theirs.keys, ...own.keys, mine.publicKey]
      return seal(mine.sodium, plain, mine, keys, this.#entropy(24), this.#entropy(32))
    }
    if (must) throw new ZchatError(`it cannot be sealed: ${name} has no keys, or this client has none`)
    return null
  }

  /** The event with what was in it, or with seal "shut" where it does not open, or was sealed by somebody else. */
  async open(event) {
    const mine = await this.#ready()
    if (!mine) return event
    const me = this.#client.user
    const [sender, addressee] = event.type === 'told' ? [me, event.user] : [event.user, me]
    try {
      const plain = unseal(mine.sodium, event.text, mine)
      if (!mine.people.knownOnce(sender, plain.sender)) await this.#keysOf(sender, mine)
      if (!mine.people.knownOnce(sender, plain.sender)) throw new CannotOpen('sealed by a key that is not theirs')
      if (fold(plain.from) !== fold(sender) || fold(plain.to) !== fold(addressee))
        throw new CannotOpen('it was meant for another conversation')
      return { ...event, text: plain.body, data: plain.data ?? null, sealedTime: plain.time, seal: 'opened' }
    } catch (error) {
      if (!(error instanceof ZchatError)) throw error
      if (error instanceof Closed) return event // nobody could be asked any more
      return { ...event, text: '', data: null, seal: 'shut' }
    }
  }

  async fingerprint(name) {
    const mine = await this.#want()
    const of = async one => [one, (await this.#client.keys(one)).keys.map(keyDecode)]
    return fingerprint(mine.sodium, await of(this.#client.user), await of(name))
  }

  async trust(name) {
    const { people } = await this.#want()
    people.trust(name, (await this.#client.keys(name)).keys)
  }

  async addKey(key) {
    const mine = await this.#want()
    const text = vouch(mine.sodium, mine, mine.people.broker, keyDecode(key), Date.now(), this.#client.user, this.#entropy(64))
    return this.#client.changeKeys({ add: key, vouch: text })
  }

  async #want() {
    const mine = await this.#ready()
    if (!mine) throw new ZchatError('a key, an encrypted broker and libsodium-wrappers-sumo are wanted')
    return mine
  }
}

