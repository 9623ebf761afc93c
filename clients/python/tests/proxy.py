"""Between a client and a broker: frames are looked at, and dropped, doubled or held back as a test says."""

import threading

import zmq


class FeedProxy:
    """PUB's messages go through `rule (index, frames)`, which returns those to pass on, or None: as it came."""

    def __init__(self, feed: str, rule=None):
        self.rule = rule or (lambda index, frames: None)
        self.context = zmq.Context()
        self.back = self.context.socket(zmq.XSUB)
        self.back.connect(feed)
        self.front = self.context.socket(zmq.XPUB)
        self.front.setsockopt(zmq.XPUB_VERBOSER, 1)
        port = self.front.bind_to_random_port("tcp://127.0.0.1")
        self.endpoint = f"tcp://127.0.0.1:{port}"
        self.dropped = self.count = 0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        poller = zmq.Poller()
        poller.register(self.back, zmq.POLLIN)
        poller.register(self.front, zmq.POLLIN)
        while not self.stop.is_set():
            ready = dict(poller.poll(50))
            if self.front in ready:
                self.back.send(self.front.recv())
            if self.back in ready:
                frames = self.back.recv_multipart()
                if frames[0].startswith(b"sync/"):
                    self.front.send_multipart(frames)
                    continue
                passed = self.rule(self.count, frames)
                self.count += 1
                passed = [frames] if passed is None else passed
                self.dropped += not passed
                for one in passed:
                    self.front.send_multipart(one)

    def close(self) -> None:
        self.stop.set()
        self.thread.join()
        self.context.destroy(0)
