// What goes wrong: one class for what the broker refused, and a few of our own.

/** Base of everything this package throws by itself. */
export class ZchatError extends Error {
  constructor(text, options) {
    super(text, options)
    this.name = new.target.name
  }
}

/** The broker answered ERR. `code` is stable (the page's table of errors), `text` is for people. */
export class Refused extends ZchatError {
  constructor(error) {
    super(`${error.code}: ${error.text}`)
    this.error = error
    this.code = String(error.code ?? '')
    this.text = String(error.text ?? '')
  }
}

/** The broker has forgotten this program's producer, or has another log: whether the message was stored,
 * nobody can tell. It is not sent again. */
export class Uncertain extends ZchatError {}

/** The client has ended; `cause` says why where it did not end by itself. */
export class Closed extends ZchatError {}

/** Too much waits to be sent; wait until some of it is acknowledged. */
export class Full extends ZchatError {}

/** Something does not have the form that the page gives it. */
export class Malformed extends ZchatError {}

/** A sealed message does not open, or was sealed by a key that is not known as the sender's. */
export class CannotOpen extends ZchatError {}

/** Somebody has keys that nobody vouched for; nothing is sealed for them until `trust`. */
export class KeysChanged extends ZchatError {}
