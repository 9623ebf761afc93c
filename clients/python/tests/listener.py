"""Who listens to a room in a thread."""

import threading

import zchat


class Listener(threading.Thread):
    """Keeps what comes until all of it came."""

    def __init__(self, client, count, of="say"):
        super().__init__(daemon=True)
        self.client, self.count, self.of = client, count, of
        self.got: list = []
        self.notices: list = []
        self.start()

    def run(self):
        for event in self.client.events(60):
            if event.type == self.of:
                self.got.append(event)
            elif not isinstance(event, zchat.Event):
                self.notices.append(event)
            if len(self.got) >= self.count or event.type == "ended":
                return

    def texts(self):
        self.join(60)
        return [event.text for event in self.got]
