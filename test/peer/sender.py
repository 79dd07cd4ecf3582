"""NetGear's sending end (which NetGear calls the server)."""
import json
import time
from base64 import b64decode, b64encode

import zmq

import messages
from formula import picture_from


class Sender:
    def __init__(self, config, console, link):
        self._config = config
        self._console = console
        self._link = link
        self._retries_left = config.maxRetries
        self._gave_up = False
        self._receiver_ports = []
        self.commands = {
            "send": self._send_frame,
            "burst": self._burst,
            "sendGarbage": self._send_garbage,
            "terminate": self._terminate,
        }

    def step(self):
        """Nothing happens between commands."""
        self._link.wait(float("inf"), wanted=0, until_command=True)

    def reconnect(self, in_clear):
        self._link.reopen(in_clear)

    def _send_frame(self, arguments):
        message = arguments.get("message")
        if "messageJson" in arguments:
            message = json.loads(arguments["messageJson"])
        picture = picture_from(arguments["picture"])
        return self._exchange(messages.data_header(self._config, message, picture), picture)

    def _burst(self, arguments):
        """Frames with seeds that count up, the seed and an index added to the message that travels with each."""
        spec, count, fps = arguments["picture"], arguments["count"], arguments.get("fps", 0)
        started = time.monotonic()
        summary = {"sent": 0, "answered": 0, "complaints": []}
        for index in range(count):
            self._link.idle(started + index / fps - time.monotonic() if fps else 0, until_stop=True)
            if self._console.stop_requested or self._gave_up:
                break
            message = {**arguments.get("message", {}), "index": index}
            if "seed" in spec:
                spec = {**arguments["picture"], "seed": arguments["picture"]["seed"] + index}
                message["seed"] = spec["seed"]
            picture = picture_from(spec)
            result = self._exchange(messages.data_header(self._config, message, picture), picture)
            summary["sent"] += result["sent"]
            if result["answer"]:
                summary["answered"] += 1
                complaint = result["answer"]["complaint"]
                if complaint and complaint not in summary["complaints"]:
                    summary["complaints"].append(complaint)
        return {**summary, "seconds": time.monotonic() - started}

    def _send_garbage(self, arguments):
        self._link.send([b64decode(part) for part in arguments["parts"]], self._deadline())
        wait_for = arguments.get("awaitAnswerFor", 0)
        return {"answer": self._answer(wait_for) if self._config.lock_step and wait_for else None}

    def _terminate(self, _arguments):
        """One message; in multi-client mode one for each receiver that ever answered, as NetGear has it."""
        copies = len(self._receiver_ports) if self._config.multiClient else 1
        answers = []
        for _ in range(copies):
            self._link.send([messages.encode(messages.termination(self._config))], self._deadline())
            if self._config.lock_step:
                answers.append(self._answer(self._config.requestTimeout / 5))
        return {"sent": copies, "answers": answers}

    def _exchange(self, header, picture):
        if self._gave_up:
            raise RuntimeError("this sender has given up after maxRetries time-outs")
        header_part = messages.encode(header)
        result = {"sent": True, "headerText": header_part.decode(), "answer": None}
        try:
            self._link.send([header_part, picture.body], self._deadline())
        except TimeoutError:
            result["sent"] = False
        if result["sent"] and self._config.lock_step:
            result["answer"] = self._answer(self._config.requestTimeout)
        if self._config.lock_step and result["answer"] is None and self._config.reconnectInClear:
            self._after_time_out()
        return result

    def _answer(self, seconds):
        started = time.monotonic()
        if not self._link.wait(started + seconds):
            return None
        parts = self._link.socket.recv_multipart(zmq.DONTWAIT)
        header = messages.decode(parts[0])
        if self._config.multiClient and header:
            port = header.get("port")
            if port is not None and port not in self._receiver_ports:
                self._receiver_ports.append(port)
        return {
            "parts": [b64encode(part).decode() for part in parts],
            "header": header,
            "complaint": messages.answer_complaint(self._config, parts, header),
            "milliseconds": (time.monotonic() - started) * 1000,
        }

    def _after_time_out(self):
        self._retries_left -= 1
        self._gave_up = self._retries_left == 0
        if self._gave_up:
            self._console.emit(event="gaveUp")
        else:
            self.reconnect(in_clear=True)
            self._console.emit(event="reconnectedInClear")

    def _deadline(self):
        return time.monotonic() + self._config.requestTimeout
