"""The pipeline's far end: a NetGear-speaking receiver that binds, lets in one key, and compares every byte of every frame."""
import json
import os
import sys

import zmq

from end import PATTERN, SETTINGS, Console, encrypted_socket, follow_orders, now_ms
from frames import Frames

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "peer"))
from authenticator import Authenticator  # noqa: E402

SILENCE_MS = 3000
ANSWER = b"Data received on device: PIPELINE !"

console = Console()


class Quiet:
    def emit(self, **_report):
        pass


def listen(context):
    socket = encrypted_socket(context, (zmq.PAIR, zmq.REP, zmq.SUB))
    socket.curve_server = True
    socket.zap_domain = b"pipeline"
    socket.setsockopt(zmq.ZAP_ENFORCE_DOMAIN, 1)
    if PATTERN == 2:
        socket.subscribe(b"")
    while True:
        try:
            socket.bind(SETTINGS["endpoint"])
            return socket
        except zmq.ZMQError as failure:
            if failure.errno != zmq.EADDRINUSE:
                raise


def check(parts):
    """What is told of a message: which frame it claims to be, and whether it is that frame to the last byte."""
    try:
        head, body = parts
        message = json.loads(head)["message"]
        run, number = message["run"], message["number"]
        right = bytes(body) == frames.frame(run, number)
        return {"run": run, "number": number, "sentAt": message["sentAt"], "right": right}
    except (ValueError, KeyError, TypeError) as failure:
        return {"run": "", "number": -1, "sentAt": 0, "right": False, "why": repr(failure)}


frames = Frames(SETTINGS["height"], SETTINGS["width"])
context = zmq.Context()
authenticator = Authenticator(context, Quiet(), [SETTINGS["peerKey"]])
socket = listen(context)
follow_orders(lambda order: None)
console.emit(event="opened")
while True:
    # In PAIR a peer that vanished may still hold the only place.
    if not socket.poll(SILENCE_MS if PATTERN == 0 else None):
        socket.close()
        socket = listen(context)
        continue
    parts = socket.recv_multipart()
    received_at = now_ms()
    if PATTERN < 2:
        try:
            socket.send_multipart([ANSWER], flags=zmq.DONTWAIT)
        except zmq.Again:
            pass
    console.emit(event="frame", receivedAt=received_at, **check(parts))
