/*  sse.js - server-sent events out of the text of a stream

    The browser's own EventSource cannot send an Authorization header, so the page reads the stream with fetch.
    Pure: text goes in as it comes, in whatever pieces; events come out.  */

const BUFFER_MAX = 4 << 20; // characters of one event; the API's events are far smaller

/*  A parser: parser (text) gives the events that are complete, [{id, type, data}], after the HTML standard.  */
export function sseParser() {
  let rest = "", data = [], type = "", id = "", size = 0;

  function line(text, out) {
    if (text === "") {
      if (data.length > 0) out.push({ id, type: type || "message", data: data.join("\n") });
      data = [];
      type = "";
      size = 0;
      return;
    }
    if (text.startsWith(":")) return;
    const colon = text.indexOf(":");
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(text[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") {
      size += value.length;
      if (size > BUFFER_MAX) throw new RangeError("an event of the stream is too large");
      data.push(value);
    } else if (field === "event") type = value;
    else if (field === "id" && !value.includes("\0")) id = value;
  }

  return (text) => {
    const out = [];
    rest += text;
    // a carriage return at the end may be half of a line's end
    const end = rest.endsWith("\r") ? rest.length - 1 : rest.length;
    const lines = rest.slice(0, end).split(/\r\n|\r|\n/);
    rest = lines.pop() + rest.slice(end);
    if (rest.length > BUFFER_MAX) throw new RangeError("a line of the stream is too long");
    for (const text of lines) line(text, out);
    return out;
  };
}
