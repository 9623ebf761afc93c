// Key files, and keys as libzmq wants them (Node).
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { keyDecode, keyEncode } from './address.js'
import { Malformed } from './errors.js'

//   What stands before the 32 bytes of an X25519 key in PKCS 8 (RFC 8410).
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex')
const Z85 = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#'

export function z85(key) {
  const view = Buffer.from(key)
  let text = ''
  for (let at = 0; at < view.length; at += 4) {
    const value = view.readUInt32BE(at)
    for (const power of [85 ** 4, 85 ** 3, 85 ** 2, 85, 1]) text += Z85[Math.floor(value / power) % 85]
  }
  return text
}

export function publicKey(secret) {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, secret]), format: 'der', type: 'pkcs8' })
  return new Uint8Array(Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x, 'base64url'))
}

export function keyPair() {
  const secret = new Uint8Array(Buffer.from(generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' }).d, 'base64url'))
  return { secret, publicKey: publicKey(secret) }
}

/** The secret key of a key file, which is made, with mode 0600, where there is none. */
export function keyMake(file) {
  try {
    fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true })
    const made = fs.openSync(file, 'wx', 0o600)
    fs.writeSync(made, `# secret key of zchat: whoever has it is you\n${keyEncode(keyPair().secret)}\n`)
    fs.fsyncSync(made)
    fs.closeSync(made)
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  return keyRead(file)
}

/** The secret key of a key file. */
export function keyRead(file) {
  const lines = fs.readFileSync(file, 'utf8').split('\n').map(line => line.trim())
  const found = lines.filter(line => line && !line.startsWith('#'))
  if (found.length !== 1) throw new Malformed(`${file}: one line with a key is wanted`)
  return keyDecode(found[0])
}
