"""libzchat by ctypes: ctypes_say.py ROOM TEXT [ENDPOINT]; ends once the text is on the broker's disk.
Bindings call what ends in _sized, with structs of the size that they know."""

import ctypes
import sys
from ctypes import byref, c_char_p, c_int, c_size_t, c_uint64, c_void_p, sizeof


class Options(ctypes.Structure):  # zchat_options_t
    _fields_ = [("endpoint", c_char_p), ("feed", c_char_p), ("user", c_char_p), ("agent", c_char_p), ("retry_max", c_int),
                ("server_key", c_void_p), ("secret_key", c_void_p), ("token", c_char_p)]  # fmt: skip


class Event(ctypes.Structure):  # zchat_event_t, as far as it is used
    _fields_ = [("kind", c_int), ("status", c_int), ("id", c_uint64), ("room", c_char_p), ("user", c_char_p),
                ("type", c_int), ("body", c_char_p), ("body_size", c_size_t), ("data", c_char_p), ("text", c_char_p),
                ("json", c_char_p), ("seq", c_uint64)]  # fmt: skip


OK, REFUSED, SENT, FAILED, SAY = 0, 2, 8, 9, 1
zchat = ctypes.CDLL("libzchat.so.1")
room, text, endpoint = (word.encode() for word in (*sys.argv[1:], "tcp://127.0.0.1:5680")[:3])
options, event, client, why = Options(endpoint=endpoint, user=b"ctypes"), Event(), c_void_p(), c_char_p()
if zchat.zchat_client_new_sized(byref(options), c_size_t(sizeof(options)), byref(client), byref(why)) != OK:
    sys.exit(why.value.decode())
if zchat.zchat_client_say(client, room, SAY, text, c_size_t(len(text)), None, None) != OK:
    sys.exit("it cannot be said")
while event.kind not in (REFUSED, SENT, FAILED):
    zchat.zchat_client_wait_sized(client, -1, byref(event), c_size_t(sizeof(event)))
print(f"sent {event.seq}" if event.kind == SENT else (event.text or b"refused").decode())
zchat.zchat_client_close(client, 1000)
zchat.zchat_client_destroy(byref(client))
sys.exit(event.kind != SENT)
