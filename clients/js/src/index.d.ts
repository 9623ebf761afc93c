// Types of the package zchat; see README.md, and PROTOCOL.md for what each verb does.

/** Something that happened in a room (of the mailbox: room "@"); types as in the page's table. */
export interface ChatEvent {
  readonly type: 'say' | 'action' | 'topic' | 'mode' | 'remove' | 'tell' | 'told' | 'invite' | 'gone' | 'edit'
    | 'react' | 'unreact' | 'mention' | 'join' | 'leave' | 'presence' | 'read' | 'marks'
  readonly room: string
  readonly user: string
  readonly text: string
  /** 0 where it is not stored. */
  readonly seq: number
  /** Unix time in ms. */
  readonly time: number
  /** The program's own, or the type's. */
  readonly data: Readonly<Record<string, unknown>> | null
  /** '': not sealed; 'opened': it was, and this is what was in it; 'shut': it does not open. */
  readonly seal: '' | 'opened' | 'shut'
  /** When its sender says it was sealed (ms); worth showing where it is far from `time`. */
  readonly sealedTime: number
  /** What is answered: a seq of the room, or of a direct message its time. */
  readonly re: number | null
  readonly mentions: readonly string[]
}

/** What a client tells of itself. */
export type Notice =
  | { readonly type: 'connected'; readonly user: string; readonly log: string; readonly resumed: boolean
      readonly proven: boolean; readonly server: string }
  /** Another attempt follows after `againIn` ms. */
  | { readonly type: 'disconnected'; readonly reason: string; readonly againIn: number }
  /** There will be nothing more; error: null where the program closed the client. */
  | { readonly type: 'ended'; readonly error: Error | null }
  /** The broker has another log than before: all that was known of seqs counts no more. */
  | { readonly type: 'log-replaced'; readonly old: string; readonly new: string }
  /** Messages first..last of the room are gone: retention has taken them, or the room ended. */
  | { readonly type: 'missed'; readonly room: string; readonly first: number; readonly last: number }
  /** The room ends at `head`, before `known`, what was known: its log was restored from an older copy. */
  | { readonly type: 'went-back'; readonly room: string; readonly known: number; readonly head: number }
  /** The room cannot be followed any longer. */
  | { readonly type: 'room-lost'; readonly room: string; readonly code: string; readonly text: string }
  /** The feed cannot be reached; messages come over the door, joins and leaves do not. */
  | { readonly type: 'feed-silent'; readonly endpoint: string }
  | { readonly type: 'feed-back'; readonly endpoint: string }
  /** A message that was kept from an earlier run may be stored or not; or, with `code`, it was refused. */
  | { readonly type: 'unsure'; readonly verb: string; readonly to: string; readonly text: string; readonly code: string }

export type AnyEvent = ChatEvent | Notice

/** It is on the broker's disk. A duplicate may have no seq (0): it was there already. */
export interface Stored { seq: number; time: number; duplicate: boolean }
export interface RoomInfo {
  room: string; head: number; first: number; members: number; topic: string; private: boolean
  topic_by?: string; topic_time?: number; role?: '' | 'member' | 'operator'; read?: number
}
export interface History { room: string; events: ChatEvent[]; more: boolean; first: number; head: number }
export interface Marker { room: string; read: number; head: number; first?: number; mentions?: number }
export interface Keys { user: string; proven: boolean; keys: string[]; vouches?: Record<string, string> }
export interface Hit {
  room: string; seq: number; time: number; type: string; user: string; text: string
  /** [begin, length] of each place in `text`, in bytes of its UTF-8. */
  found: [number, number][]
}
export interface Found { hits: Hit[]; next?: string; behind?: number; partial?: boolean }
export type Reply = Record<string, unknown>

export interface ClientOptions {
  /** Node: a secret key (32 bytes) or the path of a key file, which is made where there is none. */
  key?: Uint8Array | string
  /** Whether the name is claimed for the key; true where there is a key. */
  claim?: boolean
  token?: string
  /** Instead of the feed that the broker names. */
  feed?: string
  /** Node: a file that keeps what is not acknowledged over a crash of this program. */
  outbox?: string
  /** Node: a file that remembers whose keys are known, for sealed messages. */
  people?: string
  agent?: string
  /** The id of the log that an `after` of `join` is of (`client.log` of an earlier run). */
  log?: string
  /** Wait, where somebody else holds the name for the moment. */
  waitForName?: boolean
  /** Browser: another WebSocket than the global one. */
  WebSocket?: unknown
}

/** A connection to a broker, made again whenever it is lost. */
export class Client {
  /** address: `zchat://host/key`, or `tcp://`, `ipc://`, `ws://` of a broker that does not encrypt (in a browser
   * `ws://` alone). user: the name, '' for a guest, who only reads. */
  constructor(address: string, user?: string, options?: ClientOptions)

  /** The name as the broker spells it. */
  readonly user: string
  /** The id of the broker's log; null before the first connection. */
  readonly log: string | null
  /** One's own public key as text; null where there is none. */
  readonly publicKey: string | null

  /** Everything, in order, until the client ends. */
  events(): AsyncGenerator<AnyEvent, void, void>
  /** What people say: say, action, tell. Throws what ended the client. */
  messages(): AsyncGenerator<ChatEvent, void, void>
  /** The next event; null once the client has ended and all were given. */
  next(): Promise<AnyEvent | null>

  join(room: string, options?: { private?: boolean; after?: number | null; last?: number }): Promise<RoomInfo>
  watch(room: string, options?: { after?: number | null; last?: number }): Promise<RoomInfo>
  part(room: string): Promise<Reply>

  say(room: string, text: string,
      options?: { action?: boolean; data?: object; re?: number; private?: boolean }): Promise<Stored>
  edit(room: string, seq: number, text: string): Promise<Stored>
  tell(name: string, text: string, options?: { sealed?: boolean | null; data?: object; re?: number }): Promise<Stored>

  react(room: string, seq: number, text: string): Promise<Stored>
  unreact(room: string, seq: number, text: string): Promise<Stored>
  remove(room: string, seq: number, reason?: string): Promise<Stored>
  who(room: string): Promise<{ room: string; members: number; users: string[]; away?: Record<string, string> }>
  rooms(options?: { after?: string }): Promise<{ rooms: RoomInfo[]; more: boolean }>
  topic(room: string): Promise<{ room: string; topic: string; by: string; time: number }>
  setTopic(room: string, text: string): Promise<Stored>
  history(room: string, options?: { after?: number; before?: number; limit?: number }): Promise<History>
  away(text?: string): Promise<Reply>
  read(room: string, seq?: number): Promise<Marker>
  unread(): Promise<Marker[]>
  search(query: string, options?: { limit?: number; before?: string }): Promise<Found>
  invite(room: string, name: string, reason?: string): Promise<Stored>
  kick(room: string, name: string, reason?: string): Promise<Stored>
  modes(room: string): Promise<Reply>
  mode(room: string, what: string, user?: string, options?: { reason?: string; forMs?: number }): Promise<Stored>
  keys(name?: string): Promise<Keys>
  changeKeys(change: { add: string; vouch?: string } | { remove: string } | { free: true; user?: string }): Promise<Keys>
  purge(what: object): Promise<Reply>
  ping(): Promise<{ time: number; heads: Record<string, number> }>

  open(event: ChatEvent): Promise<ChatEvent>
  fingerprint(name: string): Promise<string>
  trust(name: string): Promise<void>
  addKey(key: string): Promise<Keys>

  /** Leave. What was not acknowledged and is in no outbox file is not sent. */
  close(): Promise<void>
}

export class ZchatError extends Error {}
/** The broker answered ERR. */
export class Refused extends ZchatError {
  readonly code: string
  readonly text: string
  readonly error: Reply
}
export class Uncertain extends ZchatError {}
export class Closed extends ZchatError {}
export class Full extends ZchatError {}
export class Malformed extends ZchatError {}
export class CannotOpen extends ZchatError {}
export class KeysChanged extends ZchatError {}

/** `key` is null where the broker does not encrypt. */
export interface Address { door: string; key: Uint8Array | null }
export function addressParse(text: string): Address
export function addressWrite(address: Address): string
export function keyEncode(key: Uint8Array): string
export function keyDecode(text: string): Uint8Array
export function permalink(address: string, room: string, seq: number): string
export function permalinkParse(text: string): { address: Address; room: string; seq: number }
export function isSealed(event: ChatEvent): boolean
/** Node: the secret key of a key file, which `keyMake` makes where there is none. */
export function keyMake(path: string): Uint8Array
export function keyRead(path: string): Uint8Array
export function publicKey(secret: Uint8Array): Uint8Array
