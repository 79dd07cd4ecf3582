"""One end of a NetGear link as vidgear's NetGear makes it, for the bench: JPEG 4:2:2 of quality 90 or raw pixels, a receiver whose
thread decodes into a queue of 96 frames, an application that polls that queue every 10 microseconds. It admits every key: who may
come in is asked once per connection and costs no frame anything.

The first argument holds the settings as JSON. Commands come as JSON lines on stdin, their answers leave on stdout.
"""
import json
import math
import os
import sys
import threading
import time
from collections import deque

import numpy as np
import zmq

from turbojpeg import Decoder, Encoder

QUALITY = 90
QUEUE_FRAMES = 96
POLL_S = 1e-5
ANSWER = "Data received on device: BENCH123 !"
SOCKETS = {"pair": (zmq.PAIR, zmq.PAIR), "reqrep": (zmq.REQ, zmq.REP), "pubsub": (zmq.PUB, zmq.SUB)}
NUMBER = {"pair": "0", "reqrep": "1", "pubsub": "2"}


def monotonic_ms():
    return time.monotonic() * 1000


def open_socket(settings):
    sends = settings["role"] == "sender"
    context = zmq.Context.instance()
    socket = context.socket(SOCKETS[settings["pattern"]][0 if sends else 1])
    socket.linger = 0
    if settings["pattern"] == "pubsub":
        socket.set_hwm(1)
        if not sends:
            socket.setsockopt(zmq.SUBSCRIBE, b"")
    for option, key in settings["curve"].items():
        setattr(socket, option, key.encode() if isinstance(key, str) else key)
    address = f"tcp://127.0.0.1:{settings['port']}"
    socket.connect(address) if sends else socket.bind(address)
    return socket


class Sender:
    def __init__(self, settings):
        self._settings = settings
        self._socket = open_socket(settings)
        shape = (settings["height"], settings["width"], 3)
        folder = settings["folder"]
        self._frames = [np.fromfile(os.path.join(folder, name), np.uint8).reshape(shape) for name in sorted(os.listdir(folder))]
        self._encoder = Encoder()
        self._run = None
        self._offered = 0

    def start(self, fps):
        self._offered = 0
        self._run = threading.Event()
        threading.Thread(target=self._send_until, args=(self._run, fps), daemon=True).start()
        return {}

    def stop(self):
        self._run.set()
        return self.offered()

    def offered(self):
        return {"offered": [self._offered]}

    def _send_until(self, stopped, fps):
        begun = time.monotonic()
        while not stopped.is_set():
            if fps:
                time.sleep(max(0, begun + self._offered / fps - time.monotonic()))
            self._send(self._frames[self._offered % len(self._frames)])
            self._offered += 1

    def _send(self, pixels):
        offered_at = monotonic_ms()
        compressed = self._settings["compressed"]
        body = self._encoder.encode(pixels, QUALITY) if compressed else pixels
        header = {
            "terminate_flag": False,
            "compression": {"dct": True, "ups": False, "colorspace": "BGR"} if compressed else False,
            "message": offered_at,
            "pattern": NUMBER[self._settings["pattern"]],
            "dtype": "" if compressed else "uint8",
            "shape": "" if compressed else pixels.shape,
        }
        self._socket.send_json(header, zmq.SNDMORE)
        self._socket.send(body, copy=False)
        if self._settings["pattern"] != "pubsub":
            self._socket.recv()


class Receiver:
    def __init__(self, settings):
        self._settings = settings
        self._socket = open_socket(settings)
        self._decoder = Decoder()
        self._queue = deque()
        self._lock = threading.Lock()
        self.reset()
        threading.Thread(target=self._receive, daemon=True).start()
        threading.Thread(target=self._consume, daemon=True).start()

    def reset(self):
        with self._lock:
            self._latencies = []
        return {}

    def report(self):
        with self._lock:
            latencies = sorted(self._latencies)
        frames = len(latencies)
        at = lambda share: latencies[min(frames - 1, math.floor(share * frames))] if frames else None
        return {"sinks": [{"frames": frames, "p50": at(0.5), "p99": at(0.99), "max": at(1)}]}

    def _receive(self):
        poller = zmq.Poller()
        poller.register(self._socket, zmq.POLLIN)
        while True:
            if len(self._queue) >= QUEUE_FRAMES:
                time.sleep(1e-6)
                continue
            poller.poll()
            header = self._socket.recv_json()
            body = self._socket.recv(copy=False)
            if self._settings["pattern"] != "pubsub":
                self._socket.send_string(ANSWER)
            if header["compression"]:
                pixels = self._decoder.decode(body.bytes)
            else:
                pixels = np.frombuffer(body, np.dtype(header["dtype"])).reshape(header["shape"])
            self._queue.append((header["message"], pixels))

    def _consume(self):
        while True:
            if not self._queue:
                time.sleep(POLL_S)
                continue
            offered_at, _pixels = self._queue.popleft()
            with self._lock:
                self._latencies.append(monotonic_ms() - offered_at)


def main():
    settings = json.loads(sys.argv[1])
    end = Sender(settings) if settings["role"] == "sender" else Receiver(settings)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        result = getattr(end, command["command"])(**command.get("given", {}))
        print(json.dumps({"id": command["id"], **result}), flush=True)
    os._exit(0)


main()
