"""One NetGear socket: its options, its CURVE, its endpoints, and waiting for it without losing sight of stdin."""
import time

import zmq
from zmq.utils.monitor import recv_monitor_message

from authenticator import Authenticator

SOCKET_TYPES = {
    "sender": (zmq.PAIR, zmq.REQ, zmq.PUB),
    "receiver": (zmq.PAIR, zmq.REP, zmq.SUB),
}
REPORTED = {
    zmq.EVENT_HANDSHAKE_SUCCEEDED: "handshake",
    zmq.EVENT_HANDSHAKE_FAILED_AUTH: "refused",
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL: "refused",
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL: "refused",
    zmq.EVENT_DISCONNECTED: "disconnected",
}
BIND_PATIENCE_S = 3


class Link:
    def __init__(self, config, console):
        self._config = config
        self._console = console
        self._context = zmq.Context()
        self._authenticator = None
        if config.secure and config.binds:
            allowed = config.allowedKeys if config.secure == 2 else None
            self._authenticator = Authenticator(self._context, console, allowed)
        self.endpoints = config.endpoints
        self._open(in_clear=False)

    @property
    def ports(self):
        """The ports as the operating system has them, which tells what a port 0 became."""
        return [endpoint.rpartition(":")[2] for endpoint in self.endpoints]

    def reopen(self, in_clear):
        """Replace the socket. `in_clear` does it as NetGear does after a time-out: with none of the options set."""
        if in_clear and not self._config.lock_step:
            raise ValueError("NetGear never reconnects in pattern 2")
        self._close_socket(linger=0)
        self._open(in_clear)

    def close(self):
        # What was sent last still gets its chance to leave.
        self._close_socket(linger=500)
        if self._authenticator:
            self._authenticator.close()
        self._context.term()

    def send(self, parts, deadline):
        """Raises TimeoutError where a NetGear would hang: nobody is connected, or the peer takes nothing."""
        while self.wait(deadline, zmq.POLLOUT):
            try:
                # A refusal may take away the peer that poll has just seen: a blocking send would then never return.
                return self.socket.send_multipart(parts, flags=zmq.DONTWAIT, copy=False)
            except zmq.Again:
                continue
        raise TimeoutError("nothing could be sent: nobody is connected, or the peer takes nothing")

    def wait(self, deadline, wanted=zmq.POLLIN, until_command=False):
        """True once the socket is ready, False at the deadline (time.monotonic) or, if asked for, at a command."""
        poller = zmq.Poller()
        poller.register(self._console.fileno(), zmq.POLLIN)
        poller.register(self._monitor, zmq.POLLIN)
        if wanted:
            poller.register(self.socket, wanted)
        while True:
            rest = max(0, deadline - time.monotonic())
            ready = dict(poller.poll(min(rest, 3600) * 1000))
            if self._console.fileno() in ready:
                self._console.read()
            if self._monitor in ready:
                self._report_transport()
            if self.socket in ready:
                return True
            if rest == 0 or (until_command and self._console.commands):
                return False

    def idle(self, seconds, until_stop=False):
        """Neither send nor receive for so long, or (if asked for) until the command "stop"."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not (until_stop and self._console.stop_requested):
            self.wait(min(deadline, time.monotonic() + 0.1), wanted=0)

    def _open(self, in_clear):
        config = self._config
        self.socket = self._context.socket(SOCKET_TYPES[config.role][config.pattern])
        self._monitor = self.socket.get_monitor_socket(sum(REPORTED))
        if not in_clear:
            self._set_options()
        if config.secure and not in_clear:
            self._set_curve()
        try:
            self.endpoints = [self._attach(endpoint) for endpoint in self.endpoints]
        except zmq.ZMQError as failure:
            raise OSError(f"cannot {config.mode} {', '.join(self.endpoints)}: {failure}") from failure

    def _set_options(self):
        if self._config.pattern == 1 and self._config.role == "sender":
            self.socket.setsockopt(zmq.REQ_RELAXED, 1)
            self.socket.setsockopt(zmq.REQ_CORRELATE, 1)
        if self._config.pattern == 2:
            self.socket.set_hwm(1)
            if self._config.role == "receiver":
                self.socket.setsockopt(zmq.SUBSCRIBE, b"")

    def _set_curve(self):
        self.socket.curve_secretkey = self._config.secretKey.encode()
        self.socket.curve_publickey = self._config.publicKey.encode()
        if self._config.binds:
            self.socket.curve_server = True
        else:
            self.socket.curve_serverkey = self._config.serverKey.encode()

    def _attach(self, endpoint):
        if not self._config.binds:
            self.socket.connect(endpoint)
            return endpoint
        if self._config.protocol == "tcp" and endpoint.endswith(":0"):
            self.socket.bind(endpoint[:-1] + "*")
            return self.socket.getsockopt_string(zmq.LAST_ENDPOINT)
        self._bind_patiently(endpoint)
        return endpoint

    def _bind_patiently(self, endpoint):
        """libzmq frees the port of a closed socket a little later than close() returns."""
        deadline = time.monotonic() + BIND_PATIENCE_S
        while True:
            try:
                return self.socket.bind(endpoint)
            except zmq.ZMQError as failure:
                if failure.errno != zmq.EADDRINUSE or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def _close_socket(self, linger):
        self.socket.disable_monitor()
        self._monitor.close(linger=0)
        self.socket.close(linger=linger)

    def _report_transport(self):
        while self._monitor.poll(0):
            message = recv_monitor_message(self._monitor)
            self._console.emit(
                event=REPORTED[message["event"]],
                cause=zmq.Event(message["event"]).name,
                code=int(message["value"]),
                endpoint=message["endpoint"].decode(),
            )
