"""NetGear's receiving end (which NetGear calls the client)."""
import hashlib
import json
import os
import secrets
import string
import time
from base64 import b64decode

import zmq

import messages
from formula import is_formula_picture, picture_from


class Receiver:
    def __init__(self, config, console, link):
        self._config = config
        self._console = console
        self._link = link
        self._device = "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(8))
        self._count = 0
        self._open_ports = []
        self._ended = False
        self._retries_left = config.maxRetries
        self._heard_at = time.monotonic()
        self._returned = None
        self._answering = {"with": "netgear"}
        self._withheld = None
        self._store_directory = None
        self.commands = {
            "setReturn": self._set_return,
            "setAnswering": self._set_answering,
            "store": self._store,
        }

    def step(self):
        """Take and answer one message, or notice that none came for as long as NetGear waits."""
        deaf = self._ended or self._withheld is not None
        deadline = float("inf") if deaf else self._silence_deadline()
        if self._link.wait(deadline, 0 if deaf else zmq.POLLIN, until_command=True):
            self._take(self._link.socket.recv_multipart(zmq.DONTWAIT))
        elif time.monotonic() >= deadline:
            self._after_silence()

    def reconnect(self, in_clear):
        self._link.reopen(in_clear)
        self._withheld = None

    def _silence_deadline(self):
        if not (self._config.reconnectInClear and self._config.lock_step):
            return float("inf")
        return self._heard_at + 3 * self._config.requestTimeout

    def _after_silence(self):
        self._heard_at = time.monotonic()
        self._retries_left -= 1
        if self._retries_left == 0:
            self._ended = True
            self._console.emit(event="gaveUp")
        else:
            self.reconnect(in_clear=True)
            self._console.emit(event="reconnectedInClear")

    def _take(self, parts):
        self._heard_at = time.monotonic()
        arrived = time.time() * 1000
        header = messages.decode(parts[0])
        if header and header.get("terminate_flag"):
            self._take_termination(header, arrived)
        else:
            self._take_data(parts, header, arrived)

    def _take_termination(self, header, arrived):
        port = header.get("port")
        text = messages.TERMINATION_ANSWER
        known = True
        if self._config.multiServer:
            text = messages.TERMINATION_ANSWER_MULTI_SERVER
            known = port in self._open_ports
            if known:
                self._open_ports.remove(port)
        if self._config.pattern == 1:
            self._answer([text.encode()] if known else None)
        all_ended = not (self._config.multiServer and self._open_ports)
        self._ended = all_ended and self._config.endsOnTermination
        self._console.emit(event="termination", header=header, time=arrived, known=known, allEnded=all_ended)

    def _take_data(self, parts, header, arrived):
        if self._config.multiServer and header and "port" in header:
            if header["port"] not in self._open_ports:
                self._open_ports.append(header["port"])
        if self._config.lock_step:
            self._link.idle(self._answering.get("delay", 0))
            self._answer(self._data_answer())
        body = parts[1] if len(parts) > 1 else b""
        self._console.emit(
            event="message",
            index=self._count,
            time=arrived,
            partLengths=[len(part) for part in parts],
            headerText=parts[0].decode(errors="replace"),
            header=header,
            complaint=messages.data_complaint(self._config, parts, header),
            sha256=hashlib.sha256(body).hexdigest(),
            pixelsMatch=_pixels_match(header, body),
            storedAt=self._stored(body),
        )
        self._count += 1

    def _data_answer(self):
        if self._answering["with"] == "parts":
            return [b64decode(part) for part in self._answering["parts"]]
        if not (self._config.bidirectional or self._config.multiClient):
            return [f"Data received on device: {self._device} !".encode()]
        port_field = {"port": self._port} if self._config.multiClient else {}
        if isinstance(self._returned, tuple):
            return messages.picture_answer(port_field, self._returned)
        return messages.value_answer(port_field, self._returned)

    @property
    def _port(self):
        return int(self._link.ports[0]) if str(self._config.port) == "0" else self._config.port

    def _answer(self, parts):
        """`None`, or answering with nothing, leaves the peer waiting: for good, or until `setAnswering`."""
        if parts is None or self._answering["with"] == "nothing":
            # A REP that owes an answer cannot receive.
            self._withheld = (parts or [b""]) if self._config.pattern == 1 else None
            return
        try:
            self._link.send(parts, time.monotonic() + self._config.requestTimeout)
        except TimeoutError as failure:
            self._console.emit(error=f"no answer given: {failure}")

    def _set_return(self, arguments):
        if "picture" in arguments:
            self._returned = picture_from(arguments["picture"])
        elif "valueJson" in arguments:
            self._returned = json.loads(arguments["valueJson"])
        else:
            self._returned = arguments["value"]

    def _set_answering(self, arguments):
        """{"with": "netgear" | "nothing" | "parts", "parts"?: [base64], "delay"?: seconds}"""
        self._answering = arguments
        if arguments["with"] != "nothing" and self._withheld is not None:
            late, self._withheld = self._withheld, None
            self._answer(late)

    def _store(self, arguments):
        self._store_directory = arguments["directory"]

    def _stored(self, body):
        if self._store_directory is None:
            return None
        path = os.path.join(self._store_directory, f"{self._count}.body")
        with open(path, "wb") as file:
            file.write(body)
        return path


def _pixels_match(header, body):
    """Whether raw pixels are those of the formula for header.message.seed; None where that cannot be asked."""
    message = header.get("message") if header else None
    seed = message.get("seed") if isinstance(message, dict) else None
    if not isinstance(seed, int) or header.get("compression") or not isinstance(header.get("shape"), list):
        return None
    return is_formula_picture(seed, header["shape"], header.get("dtype"), body)
