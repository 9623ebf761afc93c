/*  text.test.mjs - nothing that others wrote comes to the page as it was written  */
import assert from "node:assert/strict";
import { test } from "node:test";
import { display, foundParts, linkTarget, parts, sameName } from "../../client/web/page/text.js";

const links = (text) => parts(text).filter((part) => part.kind === "link").map((part) => part.href);

test("plain text and markup pass as the characters they are", () => {
  for (const text of ["Hello, world! ~", "<script>alert(1)</script>", "привет", "日本語", "naïve", "👩‍💻", "❤️", ""])
    assert.equal(display(text), text);
});

test("controls become visible", () => {
  assert.equal(display("\x1b[31mred"), "^[[31mred");
  assert.equal(display("a\0b\x7f"), "a^@b^?");
  assert.equal(display("a\nb\tc"), "a^Jb^Ic");
  assert.equal(display("a\r\nb\tc", true), "a^M\nb\tc");
  assert.equal(display("\u009b31m"), "<U+009B>31m");
});

test("what reorders or hides is written out", () => {
  assert.equal(display("user\u202etxt.exe"), "user<U+202E>txt.exe");
  assert.equal(display("\u2066a\u2069"), "<U+2066>a<U+2069>");
  assert.equal(display("a\u2028b\u2029"), "a<U+2028>b<U+2029>");
  assert.equal(display("\u3164\uffa0"), "<U+3164><U+FFA0>");
  assert.equal(display("\ue000"), "<U+E000>");
  assert.equal(display("a\u{e0041}"), "a<U+E0041>");
  assert.equal(display("\ud800x"), "\ufffdx");
});

test("what shows nothing passes where it does something alone", () => {
  assert.equal(display("a\u200bb\u00adc\ufeff"), "abc");
  assert.equal(display("a\u200db"), "ab");
  assert.equal(display("می\u200cخواهم"), "می\u200cخواهم");
  assert.equal(display("می\u200c\u200cخواهم"), "می\u200cخواهم");
  assert.equal(display("क्\u200dष"), "क्\u200dष");
  assert.equal(display("a\u200eb"), "ab");
  assert.equal(display("אב\u200e!"), "אב\u200e!");
  assert.equal(display("a\ufe0f"), "a");
  const wales = "\u{1f3f4}\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}";
  assert.equal(display(wales), wales);
  assert.equal(display("x" + wales.slice(2, 4)), "x<U+E0067>");
});

test("marks do not pile up", () => {
  assert.equal(display("a" + "\u0301".repeat(40)), "a" + "\u0301".repeat(4));
});

test("links lead to http and https alone", () => {
  assert.deepEqual(links("see https://example.org/a?b=c#d."), ["https://example.org/a?b=c#d"]);
  assert.deepEqual(links("(http://example.org/x_(y))"), ["http://example.org/x_(y)"]);
  assert.deepEqual(links("javascript:alert(1) data:text/html,x vbscript:x file:///etc/passwd ftp://x"), []);
  assert.deepEqual(links("JaVaScRiPt:alert('https://x')").filter((href) => !/^https:\/\//.test(href)), []);
  assert.deepEqual(links("https://"), []);
  assert.deepEqual(links("https://bank.example@evil.example/"), []);
  assert.equal(linkTarget("javascript:alert(1)"), null);
});

test("a link shows where it leads", () => {
  const [link] = parts("https://аррlе.example/x");
  assert.match(link.text, /^https:\/\/xn--/);
  assert.equal(link.text, link.href);
  assert.deepEqual(links("https://example.org/\u202efdp.exe"), ["https://example.org/"]);
  assert.equal(parts('x https://e.org/"><img src=x onerror=alert(1)>')[1].href, "https://e.org/");
});

test("parts put together are the text", () => {
  const text = "hi @bob, @ann. see https://example.org/, mail a@bob\nbye";
  assert.equal(parts(text, { mentions: ["Bob", "ann"], me: "ann" }).map((part) => part.text).join(""), text);
  const named = parts(text, { mentions: ["Bob", "ann"], me: "ann" }).filter((part) => part.kind === "mention");
  assert.deepEqual(named.map((part) => [part.text, part.me]), [["@bob", false], ["@ann", true]]);
});

test("what a search found is told in bytes", () => {
  assert.deepEqual(foundParts("про кота", [[7, 8]]), [
    { text: "про ", found: false }, { text: "кота", found: true },
  ]);
  assert.deepEqual(foundParts("abc", [[0, 99]]), [{ text: "abc", found: true }]);
  assert.deepEqual(foundParts("a<b>\u202e", []), [{ text: "a<b><U+202E>", found: false }]);
});

test("names are the same whatever their case", () => {
  assert.ok(sameName("Bob", "bob"));
  assert.ok(!sameName("bob", "rob"));
});
