"""The log and the transcripts, compared.

What is counted, and must be 0:
    lost        an acknowledged message that is not in the log; a message of the log that a
                client did not hear between the first and the last it heard, or at the end
    duplicated  a message twice in the log, or heard twice
    reordered   a sender's messages in the log in another order than said; a message heard
                out of order, or heard otherwise than the log has it
    invented    in the log, but never said, or refused and in the log all the same
"""

import sqlite3
from collections import Counter
from pathlib import Path

from stage import Failed


def log_of_disk(data: Path, only=None) -> dict:
    """The log of a stopped broker: {room: [b"user body", ...]} from seq 1 on. only: of these rooms,
    where others may have ended and begun again."""
    db = sqlite3.connect(f"file:{data / 'zchat.db'}?mode=ro", uri=True)
    try:
        check = db.execute("PRAGMA integrity_check").fetchall()
        if check != [("ok",)]:
            raise Failed(f"the log is damaged: {check[:5]}")
        rooms = {}
        for number, name, head in db.execute("SELECT id, name, head FROM rooms").fetchall():
            if only is not None and name not in only:
                continue
            rows = db.execute(
                "SELECT id & 0xFFFFFFFFFF, user, body FROM messages"
                " WHERE id BETWEEN ?1 << 40 AND (?1 << 40) | 0xFFFFFFFFFF ORDER BY id",
                (number,),
            ).fetchall()
            if [row[0] for row in rows] != list(range(1, head + 1)):
                raise Failed(f"the log of {name} has holes")
            rooms[name] = [user.encode() + b" " + bytes(body) for _, user, body in rows]
        return rooms
    finally:
        db.close()


class Verdict:
    def __init__(self):
        self.counts = Counter()
        self.examples = []

    def wrong(self, kind: str, what: str, count: int = 1) -> None:
        self.counts[kind] += count
        if len(self.examples) < 50:
            self.examples.append(f"{kind}: {what}")

    # --- the log by itself

    def log(self, rooms: dict) -> None:
        """Each message once, each sender's in order."""
        self.rooms = rooms
        self.place = {}  # (user, incarnation, n): (room, seq)
        for room, messages in rooms.items():
            last = {}
            for seq, message in enumerate(messages, 1):
                user, incarnation, n, _ = message.split(b" ", 3)
                sender, n = (user, int(incarnation)), int(n)
                if (*sender, n) in self.place:
                    self.wrong("duplicated", f"{room} {seq}: {message[:60]} stands twice")
                elif n < last.get(sender, 0):
                    self.wrong("reordered", f"{room} {seq}: {message[:60]} after {last[sender]}")
                self.place[(*sender, n)] = (room, seq)
                last[sender] = n
        self.counts["stored"] = sum(map(len, rooms.values()))

    # --- what the clients wrote down

    def transcript(self, path: Path, incarnation: int, alive: bool, whole_each: int) -> None:
        """alive: the process was not killed, so all of its messages and rooms are complete."""
        names, said, heard, closed = {}, {}, {}, Counter()
        with open(path, "rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break  # cut off by a kill
                kind = line[:1]
                if kind == b"M":
                    self._heard(line, heard)
                elif kind == b"S":
                    _, member, n, room = line.split()
                    said.setdefault(member, {})[int(n)] = room.decode()
                elif kind == b"A":
                    _, member, n, seq = line.split()
                    closed[member] += 1
                    self._acknowledged(names[member], incarnation, int(n), int(seq), said[member])
                elif kind == b"N":
                    _, member, user, _ = line.split()
                    names[member] = user
                elif kind == b"F":
                    self._refused(line, names, incarnation, closed)
                else:
                    self._unusual(line)
        self._invented(names, incarnation, said, alive)
        if alive:
            self._complete(path, heard, whole_each)
            left = sum(max(n, default=0) for n in said.values()) - sum(closed.values())
            if left:
                self.wrong("lost", f"{path.name}: {left} messages neither acknowledged nor refused")

    def _heard(self, line: bytes, heard: dict) -> None:
        _, member, room, seq, message = line.split(b" ", 4)
        seq = int(seq)
        key = (member, room)
        first, last = heard.get(key, (seq, seq - 1))
        log = self.rooms.get(room.decode(), ())
        self.counts["heard"] += 1
        if seq > last + 1:
            self.wrong("lost", f"{member} {room}: {seq} came after {last}", seq - last - 1)
        elif seq <= last:
            self.wrong("duplicated", f"{member} {room}: {seq} came after {last}")
        if not 0 < seq <= len(log) or log[seq - 1] != message[:-1]:
            self.wrong("reordered", f"{member} {room} {seq}: heard {message[:60]}")
        heard[key] = (first, max(seq, last))

    def _acknowledged(self, user, incarnation, n, seq, said) -> None:
        self.counts["acknowledged"] += 1
        place = self.place.get((user, incarnation, n))
        if place is None:
            self.wrong("lost", f"{user} {incarnation} {n}: acknowledged, but not in the log")
        elif said.get(n) != place[0] or (seq and seq != place[1]):
            self.wrong("reordered", f"{user} {incarnation} {n}: acknowledged as {seq}, at {place}")

    def _refused(self, line, names, incarnation, closed) -> None:
        _, member, n, why = line.split(b" ", 3)
        closed[member] += 1
        self.counts["refused messages"] += 1
        if (names[member], incarnation, int(n)) in self.place:
            self.wrong("invented", f"{names[member]} {n}: refused ({why}), but in the log")

    def _unusual(self, line: bytes) -> None:
        kinds = {b"C": "connections", b"D": "connections lost", b"X": "names refused",
                 b"P": "rooms refused", b"W": "warnings", b"J": "rooms live"}  # fmt: skip
        kind = line[:1]
        if kind in kinds:
            self.counts[kinds[kind]] += 1
            if kind in b"XPW":
                self.counts[b" ".join(line.split()[2:]).decode(errors="replace")[-80:]] += 1
        elif kind == b"L":
            self.wrong("lost", f"said to be gone: {line}", int(line.split()[3]))
        elif kind in (b"R", b"U"):
            self.wrong("unknown", f"{line}")

    def _invented(self, names, incarnation, said, alive) -> None:
        """Everything in the log was said by somebody: counted here, compared at the end."""
        for member, messages in said.items():
            self.counts["said"] += max(messages, default=0)
            for n in messages:
                self.counts["accounted"] += (names[member], incarnation, n) in self.place

    def _complete(self, path: Path, heard: dict, whole_each: int) -> None:
        for (member, room), (first, last) in heard.items():
            head = len(self.rooms.get(room.decode(), ()))
            if last != head:
                self.wrong("lost", f"{path.name} {member} {room}: ends at {last} of {head}",
                           head - last)  # fmt: skip
            if first != 1 and int(member) % whole_each == 0:
                self.wrong("lost", f"{path.name} {member} {room}: begins at {first}", first - 1)

    def end(self) -> bool:
        stranger = len(self.place) - self.counts["accounted"]
        if stranger:
            self.wrong("invented", f"{stranger} messages of the log that nobody said", stranger)
        return not any(self.counts[k] for k in self.WRONG)

    WRONG = ("lost", "duplicated", "reordered", "invented", "unknown")
