import { pythonFrameSink } from './frame-sink'
import { type ProgramSettings, pythonSettings } from './program-settings'

/** `receive_pyzmq.py`: receives on NetGear's wire with plain pyzmq and OpenCV. */
export function receivePyzmqProgram(settings: ProgramSettings): string {
  return `#!/usr/bin/env python3
"""Receives pictures from a netgear-out node of Node-RED, encrypted, with nothing but pyzmq and OpenCV.

    pip install pyzmq opencv-python        (or: apt install python3-zmq python3-opencv)
    python3 receive_pyzmq.py               a window; q ends
    python3 receive_pyzmq.py --no-window   a line for each frame

Stays encrypted after pauses, works between machines, goes on after restarts of either side. IronHouse lets in the keys in
.vidgear/keys/public_keys/ and nobody else; StoneHouse lets in whoever knows this machine's public key.
"""
import argparse
import json
import os
import threading
import time

import cv2
import numpy
import zmq
from zmq.auth import load_certificate, load_certificates
from zmq.utils import z85

${pythonSettings(settings)}

KEYS = os.path.join(HERE, ".vidgear", "keys")
SILENCE_SECONDS = 12
MAX_WAITING = 20
MAX_MESSAGE_BYTES = 256 * 1024 * 1024
ANSWER = json.dumps({"port": PORT, "return_type": "NoneType", "data": None}).encode()


${pythonFrameSink}


def trusted_keys():
    try:
        return load_certificates(os.path.join(KEYS, "public_keys"))
    except (OSError, ValueError) as error:
        print("Nobody is let in:", error, flush=True)
        return {}


def authenticate(door):
    """Answers libzmq's question whether a peer's key may come in (ZAP, https://rfc.zeromq.org/spec/27/)."""
    while True:
        version, request, domain, address, identity, mechanism, *credentials = door.recv_multipart()
        key = z85.encode(credentials[0]) if mechanism == b"CURVE" and credentials else b""
        admitted = bool(key) and (SECURE_MODE == 1 or key in trusted_keys())
        if not admitted:
            print("Refused", address.decode(), key.decode(), flush=True)
        # The empty part is the user id. It must stay empty: another one takes the place of a frame in the queue.
        door.send_multipart([version, request, b"200" if admitted else b"400", b"", b"", b""])


def listen(context):
    listener = context.socket({0: zmq.PAIR, 1: zmq.REP, 2: zmq.SUB}[PATTERN])
    listener.curve_publickey, listener.curve_secretkey = load_certificate(
        os.path.join(KEYS, "private_keys", "server.key_secret")
    )
    listener.curve_server = True
    listener.zap_domain = b"netgear"
    listener.setsockopt(zmq.ZAP_ENFORCE_DOMAIN, 1)  # without it, a missing authenticator would let everybody in
    if listener.mechanism != zmq.CURVE:
        raise SystemExit("This pyzmq cannot encrypt: its libzmq has no CURVE.")
    listener.rcvhwm = 2
    listener.linger = 0
    listener.maxmsgsize = MAX_MESSAGE_BYTES
    # not ZeroMQ's heartbeats: libzmq ends the program when one falls due on a broken connection (its issue 4364)
    listener.tcp_keepalive = 1
    listener.tcp_keepalive_idle = 1
    listener.tcp_keepalive_intvl = 1
    listener.tcp_keepalive_cnt = 3
    if PATTERN == 2:
        listener.subscribe(b"")
    while True:
        try:
            listener.bind("tcp://*:%d" % PORT)
            return listener
        except zmq.ZMQError as error:
            print("Port", PORT, "cannot be opened, trying again:", error, flush=True)
            time.sleep(1)


def answer(listener):
    """Without waiting: a pair peer that has just gone is let go of only by reading on."""
    try:
        listener.send_multipart([ANSWER], zmq.DONTWAIT)
    except zmq.Again:
        pass


def receive(listener):
    """The newest message's parts; everything that waits is taken, and answered in the lock-step patterns."""
    for _ in range(MAX_WAITING):
        parts = listener.recv_multipart()
        if PATTERN < 2:
            answer(listener)
        if not listener.poll(0):
            break
    return parts


def decode(parts):
    header = json.loads(parts[0])
    if header.get("terminate_flag"):
        print("The stream ended; waiting for the next one.", flush=True)
        return None
    compression = header["compression"]
    if not compression:
        return numpy.frombuffer(parts[1], header["dtype"]).reshape(header["shape"])
    gray = compression["colorspace"] == "GRAY"
    data = numpy.frombuffer(parts[1], numpy.uint8)
    frame = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE if gray else cv2.IMREAD_COLOR)
    if frame is None:
        raise ValueError("the JPEG cannot be decoded")
    return frame


def main():
    wanted = arguments()
    context = zmq.Context()
    door = context.socket(zmq.REP)
    door.bind("inproc://zeromq.zap.01")
    threading.Thread(target=authenticate, args=(door,), daemon=True).start()
    listener = listen(context)
    print("Listening on port", PORT, flush=True)
    received = 0
    while not wanted.frames or received < wanted.frames:
        # In publish/subscribe silence is normal. Else it may be a peer that vanished and still holds the place of the next.
        if not listener.poll(None if PATTERN == 2 else 1000 * SILENCE_SECONDS):
            listener.close()
            listener = listen(context)
            continue
        try:
            frame = decode(receive(listener))
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, cv2.error) as error:
            print("Skipped a damaged message:", error, flush=True)
            continue
        if frame is None:
            continue
        received += 1
        if not handle(frame, not wanted.no_window):
            break
    listener.close(linger=500)
    time.sleep(0.5)
    os._exit(0)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        os._exit(0)
`
}
