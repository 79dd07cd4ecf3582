"""Who may connect: the answering end of ZAP (https://rfc.zeromq.org/spec/27/), on a thread of its own."""
import threading

import zmq
from zmq.utils import z85

STOP = b"stop"


class Authenticator:
    """Lets in any CURVE key, or (`allowed_keys` given) only those. Reports every decision as an event "zap"."""

    def __init__(self, context, console, allowed_keys=None):
        self._console = console
        self._allowed = None if allowed_keys is None else {key.encode() for key in allowed_keys}
        self._requests = context.socket(zmq.REP)
        self._requests.linger = 0
        self._requests.bind("inproc://zeromq.zap.01")
        self._stopping = context.socket(zmq.PAIR)
        self._stopping.bind("inproc://stop-authenticator")
        self._stopper = context.socket(zmq.PAIR)
        self._stopper.connect("inproc://stop-authenticator")
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self):
        self._stopper.send(STOP)
        self._thread.join()
        self._stopper.close(linger=0)

    def _run(self):
        poller = zmq.Poller()
        poller.register(self._requests, zmq.POLLIN)
        poller.register(self._stopping, zmq.POLLIN)
        while self._stopping not in dict(poller.poll()):
            self._answer(*self._requests.recv_multipart())
        self._requests.close(linger=0)
        self._stopping.close(linger=0)

    def _answer(self, version, request_id, _domain, address, _identity, mechanism, *credentials):
        key = z85.encode(credentials[0]) if mechanism == b"CURVE" else b""
        accepted = mechanism == b"CURVE" and (self._allowed is None or key in self._allowed)
        status = [b"200", b"OK"] if accepted else [b"400", b"Unknown key"]
        # The user id stays empty: any other one takes the only place in the pipe of a SUB with high-water mark 1.
        self._requests.send_multipart([version, request_id, *status, b"", b""])
        self._console.emit(event="zap", address=address.decode(), key=key.decode(), accepted=accepted)
