"""The pipeline's camera: a NetGear-speaking sender of numbered frames, which connects, encrypted."""
import json
import time
from uuid import uuid4

import zmq

from end import PATTERN, SETTINGS, Console, encrypted_socket, follow_orders, now_ms
from frames import Frames

ANSWER_MS = 1000
AFTER_REFUSAL_S = 0.2

console = Console()
clock = {"step": 0}
run = uuid4().hex[:8]


def connect(context):
    socket = encrypted_socket(context, (zmq.PAIR, zmq.REQ, zmq.PUB))
    socket.sndtimeo = ANSWER_MS
    socket.curve_serverkey = SETTINGS["serverKey"].encode()
    if socket.mechanism != zmq.CURVE:
        raise SystemExit("this libzmq has no CURVE")
    refusals = socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH)
    socket.connect(SETTINGS["endpoint"])
    return socket, refusals


def close(socket):
    socket.disable_monitor()
    refusals.close(linger=0)
    socket.close()


def header(number):
    """NetGear's header, with the clock, the count and the stream that senders of the package add."""
    return {
        "terminate_flag": False,
        "compression": {"dct": True, "ups": False, "colorspace": "BGR"},
        "message": {"run": run, "number": number, "sentAt": now_ms()},
        "pattern": str(PATTERN),
        "dtype": "",
        "shape": "",
        "seq": number,
        "stream": run,
        "ts": (time.time() + clock["step"]) * 1000,
    }


def exchange(socket, number):
    """False: the frame was not taken, or not answered in time."""
    try:
        socket.send_multipart([json.dumps(header(number)).encode(), frames.frame(run, number)])
    except zmq.Again:
        return False
    if PATTERN == 2:
        return True
    if not socket.poll(ANSWER_MS):
        return False
    socket.recv_multipart()
    return True


frames = Frames(SETTINGS["height"], SETTINGS["width"])
context = zmq.Context()
socket, refusals = connect(context)
follow_orders(lambda order: clock.update(step=clock["step"] + order["step"]))
console.emit(event="opened", run=run)
number = 0
due = time.monotonic()
while True:
    # libzmq never tries again by itself after a refusal.
    if refusals.poll(0) or not exchange(socket, number):
        close(socket)
        time.sleep(AFTER_REFUSAL_S)
        socket, refusals = connect(context)
    number += 1
    due = max(due + 1 / SETTINGS["fps"], time.monotonic())
    time.sleep(max(0, due - time.monotonic()))
