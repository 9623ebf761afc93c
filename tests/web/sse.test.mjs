/*  sse.test.mjs - the stream is understood in whatever pieces it comes  */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sseParser } from "../../client/web/page/sse.js";

const stream = ": hello\n\nid: 7\nevent: say\ndata: {\"a\":\ndata: 1}\n\r\ndata:no space\rid\r\revent: x\n\ndata: ё🙂\nretry: 10\n\n";
const expected = [
  { id: "7", type: "say", data: '{"a":\n1}' },
  { id: "", type: "message", data: "no space" },
  { id: "", type: "message", data: "ё🙂" },
];

test("in one piece", () => assert.deepEqual(sseParser()(stream), expected));

test("in pieces of every size", () => {
  for (let size = 1; size < stream.length; size++) {
    const parse = sseParser(), found = [];
    for (let at = 0; at < stream.length; at += size) found.push(...parse(stream.slice(at, at + size)));
    assert.deepEqual(found, expected, `pieces of ${size}`);
  }
});

test("what never ends is given up", () => {
  const parse = sseParser();
  assert.throws(() => {
    for (let i = 0; i < 100; i++) parse("x".repeat(1 << 16));
  }, RangeError);
  const again = sseParser();
  assert.throws(() => {
    for (let i = 0; i < 100; i++) again(`data: ${"x".repeat(1 << 16)}\n`);
  }, RangeError);
});
