// Bytes and texts, the same in Node and in a browser.
import { Malformed } from './errors.js'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const bytes = text => encoder.encode(text)

/** UTF-8 without NUL, else Malformed. */
export function textOf(frame) {
  let text
  try {
    text = decoder.decode(frame)
  } catch {
    throw new Malformed('no UTF-8')
  }
  if (text.includes('\0')) throw new Malformed('a NUL in a text')
  return text
}

export function join(...parts) {
  const made = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    made.set(part, at)
    at += part.length
  }
  return made
}

export function same(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at])
}

export const hex = data => Array.from(data, byte => byte.toString(16).padStart(2, '0')).join('')

export function unhex(text) {
  if (!/^(?:[0-9a-f]{2})*$/i.test(text)) throw new Malformed('no hex')
  return Uint8Array.from(text.match(/../g) ?? [], two => parseInt(two, 16))
}

export function base64(data) {
  let text = ''
  for (const byte of data) text += String.fromCharCode(byte)
  return btoa(text)
}

/** The bytes of a base64 as RFC 4648 writes it, with padding; of no other spelling: null. */
export function unbase64(text) {
  let made
  try {
    made = Uint8Array.from(atob(text), character => character.charCodeAt(0))
  } catch {
    return null
  }
  return base64(made) === text ? made : null
}
