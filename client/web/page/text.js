/*  text.js - what others wrote becomes fit to be shown

    The same rules as protocol/text.h: what controls, reorders or hides is written out (<U+202E>, ^[), what
    shows nothing passes only where it has something to do, and marks do not pile up. Where the two differ, this
    one is the stricter (a joiner at the end of a word is left out, and so are rare variation selectors).
    tests/integration/test_web_text.py compares both. Pure: no document in here.  */

const MARKS_MAX = 4;
const ZWNJ = 0x200c, ZWJ = 0x200d, FLAG = 0x1f3f4;

/*  Ascending pairs, as in protocol/text.c.  */
const HIDDEN = [
  0x115f, 0x1160, 0x2028, 0x202e, 0x2065, 0x206f, 0x3164, 0x3164, 0xffa0, 0xffa0, 0xfff0, 0xfffb,
  0x13430, 0x1343f, 0x1bca0, 0x1bca3, 0x1d173, 0x1d17a, 0xe0000, 0xe00ff, 0xe01f0, 0xe0fff,
];
const IDLE = [
  0xad, 0xad, 0x34f, 0x34f, 0x61c, 0x61c, 0x17b4, 0x17b5, 0x180b, 0x180f, 0x200b, 0x200f,
  0x2060, 0x2064, 0xfe00, 0xfe0f, 0xfeff, 0xfeff, 0xe0100, 0xe01ef,
];
const JOINING_SCRIPTS =
  "Adlm Ahom Arab Bali Batk Beng Bhks Brah Cakm Chrs Deva Diak Dogr Gong Gonm Gran Gujr Guru Hano Java Kawi Khar " +
  "Khmr Khoj Knda Kthi Lana Laoo Mand Mani Mlym Modi Mong Mtei Mymr Nand Newa Nkoo Orya Ougr Phag Phlp Rjng Rohg " +
  "Saur Shrd Sidd Sind Sinh Sogd Soyo Sund Sylo Syrc Takr Taml Telu Tfng Tglg Thai Tibt Tirh Zanb";
const RIGHT_SCRIPTS = "Adlm Arab Hebr Mand Mani Nkoo Rohg Samr Sogd Syrc Thaa";

/*  A browser that does not know a script yet would refuse the whole expression.  */
function scripts(names) {
  const known = names.split(" ").filter((name) => {
    try {
      return new RegExp(`\\p{Script=${name}}`, "u");
    } catch {
      return false;
    }
  });
  return new RegExp(`[${known.map((name) => `\\p{Script=${name}}`).join("")}]`, "u");
}

const JOINING = scripts(JOINING_SCRIPTS), RIGHTWARD = scripts(RIGHT_SCRIPTS);
const WORDLY = /[\p{L}\p{M}\p{Nd}]/u, LETTER = /\p{L}/u, MARK = /\p{M}/u, SPACING = /\p{Mc}/u;
const PILING = /[\p{Mn}\p{Me}]/u, SIGN = /(?!\p{Emoji_Presentation})\p{Emoji}/u, IDEOGRAPH = /\p{Unified_Ideograph}/u;

function within(pairs, c) {
  for (let i = 0; i < pairs.length && c >= pairs[i]; i += 2) if (c <= pairs[i + 1]) return true;
  return false;
}

function isWrittenOut(c) {
  return (c >= 0x80 && c <= 0x9f) || within(HIDDEN, c) || (c >= 0xe000 && c <= 0xf8ff) || c >= 0xf0000 ||
    (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) === 0xfffe;
}

const isDirection = (c) => c === 0x200e || c === 0x200f || c === 0x61c;
const isJoined = (s) => JOINING.test(s) && WORDLY.test(s);

/*  True where a joiner stands between two that it can join or keep apart.  */
function joins(joiner, last, next) {
  if (!last || !next || last.codePointAt(0) < 0x80 || next.codePointAt(0) < 0x80) return false;
  const one = isJoined(last), other = isJoined(next);
  if ((one || MARK.test(last)) && (other || MARK.test(next))) return one || other;
  const picture = (s) => !LETTER.test(s) && !MARK.test(s);
  return joiner === ZWJ && picture(last) && picture(next);
}

function varies(last, selector) {
  if (selector === 0xfe0e || selector === 0xfe0f) return SIGN.test(last);
  return selector >= 0xe0100 && selector <= 0xe01ef && IDEOGRAPH.test(last);
}

/*  The tags of a flag of a subdivision: so many characters from at on pass behind U+1F3F4.  */
function flagTags(all, at) {
  for (let count = 0; at + count < all.length && count <= 7; count++) {
    const c = all[at + count].codePointAt(0);
    if (c === 0xe007f) return count >= 3 ? count + 1 : 0;
    if (!(c >= 0xe0030 && c <= 0xe0039) && !(c >= 0xe0061 && c <= 0xe007a)) return 0;
  }
  return 0;
}

class Shown {
  constructor(block) {
    this.block = block;
    this.text = "";
    this.last = ""; // the last character, where it passed
    this.joiner = 0; // waits for what it joins
    this.marks = 0;
    this.rightward = false; // a letter of a script from right to left stands in the line
  }

  pass(s) {
    this.text += s;
    this.last = s;
  }

  settle(next) {
    if (this.joiner && joins(this.joiner, this.last, next)) this.pass(String.fromCodePoint(this.joiner));
    this.joiner = 0;
  }

  ascii(s, c) {
    this.settle("");
    this.marks = 0;
    if (c === 0x0a) this.rightward = false;
    const passes = (c >= 0x20 && c !== 0x7f) || (this.block && (c === 0x0a || c === 0x09));
    this.text += passes ? s : "^" + String.fromCodePoint(c ^ 0x40);
    this.last = s;
  }

  idle(s, c) {
    if (c === ZWJ || c === ZWNJ) {
      if (!this.joiner && this.last) this.joiner = c;
    } else if (!this.joiner && (varies(this.last, c) ||
               (isDirection(c) && this.rightward && !isDirection(this.last.codePointAt(0) ?? 0)))) this.pass(s);
  }

  add(s, c) {
    if (c < 0x80) this.ascii(s, c);
    else if (c >= 0xd800 && c <= 0xdfff) {
      this.settle("");
      this.text += "\ufffd";
      this.last = "";
    } else if (within(IDLE, c)) this.idle(s, c);
    else if (isWrittenOut(c)) {
      this.settle("");
      this.text += `<U+${c.toString(16).toUpperCase().padStart(4, "0")}>`;
      this.last = "";
      this.marks = 0;
    } else if (c >= 0x300 && PILING.test(s)) {
      if (this.marks++ >= MARKS_MAX) return;
      this.settle(s);
      this.pass(s);
    } else {
      this.settle(s);
      this.pass(s);
      this.rightward ||= RIGHTWARD.test(s);
      if (!SPACING.test(s)) this.marks = 0;
    }
  }
}

/*  The text fit to be shown. block: newlines and tabs pass; else they are made visible (^J, ^I).  */
export function display(text, block = false) {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  const shown = new Shown(block), all = [...text];
  for (let i = 0; i < all.length; i++) {
    const c = all[i].codePointAt(0);
    shown.add(all[i], c);
    if (c === FLAG)
      for (let tags = flagTags(all, i + 1); tags > 0; tags--) shown.pass(all[++i]);
  }
  shown.settle("");
  return shown.text;
}

/*  --- links and mentions  */

const LINK = /https?:\/\/[^\s<>"'`|\\^{}]+/gi;

/*  A link ends before what closes the sentence around it, and before a bracket it did not open.  */
function trimLink(text) {
  for (;;) {
    const end = text.at(-1);
    const open = { ")": "(", "]": "[" }[end];
    if (/[.,;:!?*_~\u2026\u00bb\u201d\u3002\uff0c]/u.test(end)) text = text.slice(0, -1);
    else if (open && text.split(end).length > text.split(open).length) text = text.slice(0, -1);
    else return text;
  }
}

/*  The address a link leads to, or null. Only http and https, and nothing that pretends to be
    another host by a user name before an @.  */
export function linkTarget(text) {
  try {
    const url = new URL(text);
    const good = (url.protocol === "http:" || url.protocol === "https:") && !url.username && !url.password;
    return good && url.hostname ? url : null;
  } catch {
    return null;
  }
}

function splitLinks(text, parts) {
  let at = 0;
  for (const match of text.matchAll(LINK)) {
    const written = trimLink(match[0]), url = linkTarget(written);
    if (!url) continue;
    if (match.index > at) parts.push({ kind: "text", text: text.slice(at, match.index) });
    // a host in other letters is shown as it is looked up: it may look like another
    const honest = url.hostname.includes("xn--") ? url.href : written;
    parts.push({ kind: "link", text: honest, href: url.href });
    at = match.index + written.length;
  }
  if (at < text.length) parts.push({ kind: "text", text: text.slice(at) });
}

/*  Cut text, which display has made, at the mentions of these names. */
function splitMentions(part, names, me, parts) {
  if (part.kind !== "text" || names.length === 0) return void parts.push(part);
  const wanted = new Set(names.map((name) => name.normalize("NFKC").toLowerCase()));
  let at = 0;
  for (const match of part.text.matchAll(/(?<![\p{L}\p{M}\p{N}._@-])@([\p{L}\p{M}\p{N}._-]+)/gu)) {
    let name = match[1];
    const known = () => wanted.has(name.normalize("NFKC").toLowerCase());
    while (name && !known() && /[._-]$/.test(name)) name = name.slice(0, -1);
    if (!name || !known()) continue;
    if (match.index > at) parts.push({ kind: "text", text: part.text.slice(at, match.index) });
    at = match.index + 1 + name.length;
    parts.push({ kind: "mention", text: "@" + name, me: sameName(name, me) });
  }
  if (at < part.text.length) parts.push({ kind: "text", text: part.text.slice(at) });
}

/*  How names are compared here: near the fold of the protocol, for what is shown alone; what counts is
    decided by the broker.  */
export function sameName(one, other) {
  const fold = (name) => (name ?? "").normalize("NFKC").toLowerCase();
  return fold(one) === fold(other);
}

/*  What was said, in parts {kind: "text" | "link" | "mention", text, href, me}, fit to be shown.  */
export function parts(text, { mentions = [], me = "" } = {}) {
  const first = [], all = [];
  splitLinks(display(text, true), first);
  for (const part of first) splitMentions(part, mentions, me, all);
  return all;
}

/*  Where a search found its words, in bytes of text: the text in parts {text, found}, fit to be shown.  */
export function foundParts(text, found = []) {
  const bytes = new TextEncoder().encode(text), decoder = new TextDecoder();
  const all = [];
  let at = 0;
  const take = (end, isFound) => {
    if (end > at) all.push({ text: display(decoder.decode(bytes.slice(at, end)), true), found: isFound });
    at = Math.max(at, end);
  };
  for (const [begin, length] of found) {
    take(Math.min(begin, bytes.length), false);
    take(Math.min(begin + length, bytes.length), true);
  }
  take(bytes.length, false);
  return all;
}
