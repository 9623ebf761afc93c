/*  api.js - requests to zchat-web (docs/HTTP.md)  */

const REQUEST_MS = 30000; // zchat-web itself gives up after 15 s

/*  What was refused: status 0 where no answer came.  */
export class Refusal extends Error {
  constructor(status, body) {
    super(body.text ?? body.code);
    this.status = status;
    this.code = body.code ?? "network";
    this.text = body.text ?? "";
    this.room = body.room ?? null;
    this.waitMs = body.wait_ms ?? 0;
  }

  /*  True where the same request may go well later: nobody knows, or is able, now.  */
  get passes() {
    return this.status === 0 || this.status === 429 || this.status >= 502 || this.code === "hello";
  }
}

export const encode = encodeURIComponent;
export const roomPath = (room, ...more) => `/rooms/${[room, ...more].map(encode).join("/")}`;
export const directPath = (user) => `/direct/${encode(user)}`;

/*  The header that says who one is; who: {name, token}, or null for a guest.  */
export function headersOf(who, more = {}) {
  return who ? { ...more, Authorization: `Bearer ${encode(who.name)}:${who.token}` } : more;
}

function query(params) {
  const given = Object.entries(params).filter(([, value]) => value !== undefined && value !== null);
  return given.length ? "?" + given.map(([key, value]) => `${key}=${encode(value)}`).join("&") : "";
}

/*  What an answer that is no success says.  */
export async function refusalOf(answer) {
  let body = {};
  try {
    body = await answer.json();
  } catch {
    // a proxy between may answer with a page of its own
  }
  return new Refusal(answer.status, typeof body === "object" && body ? body : {});
}

/*  Ask for something as who; gives the JSON of the answer, or throws a Refusal.
    options: method, body (an object), key (Idempotency-Key), params (behind the ?), keepalive.  */
export async function ask(who, path, { method = "GET", body, key, params = {}, keepalive = false } = {}) {
  const headers = headersOf(who);
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  let answer;
  try {
    answer = await fetch(path + query(params), {
      method, headers, keepalive, body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(REQUEST_MS),
    });
  } catch {
    throw new Refusal(0, {});
  }
  if (!answer.ok) throw await refusalOf(answer);
  try {
    return await answer.json();
  } catch {
    throw new Refusal(0, {});
  }
}
