import { pythonFrameSource } from './frame-source'
import { type ProgramSettings, pythonSettings } from './program-settings'

/** `send_pyzmq.py`: sends on NetGear's wire with plain pyzmq and OpenCV. */
export function sendPyzmqProgram(settings: ProgramSettings): string {
  return `#!/usr/bin/env python3
"""Sends pictures to a netgear-in node of Node-RED, encrypted, with nothing but pyzmq and OpenCV.

    pip install pyzmq opencv-python         (or: apt install python3-zmq python3-opencv)
    python3 send_pyzmq.py                   camera 0
    python3 send_pyzmq.py --source test     a moving picture, no camera needed

Comes back by itself, always encrypted, after pauses, restarts of Node-RED and refusals.
"""
import argparse
import json
import os
import time

import cv2
import numpy
import zmq
from zmq.auth import load_certificate
from zmq.utils.monitor import recv_monitor_message

${pythonSettings(settings)}

JPEG_QUALITY = 90
ANSWER_SECONDS = 4
DOWN_SECONDS = 5


${pythonFrameSource}


class Link:
    """An encrypted connection. It makes a new socket when the old one is down for long: a refused one never tries again."""

    def __init__(self):
        keys = os.path.join(HERE, ".vidgear", "keys")
        self.own = load_certificate(os.path.join(keys, "private_keys", "client.key_secret"))
        self.node_red_key = load_certificate(os.path.join(keys, "public_keys", "server.key"))[0]
        self.context = zmq.Context()
        self.socket = None
        self.open()

    def open(self):
        if self.socket is not None:
            self.socket.disable_monitor()
            self.monitor.close(linger=0)
            self.socket.close(linger=0)
        self.socket = self.context.socket({0: zmq.PAIR, 1: zmq.REQ, 2: zmq.PUB}[PATTERN])
        self.socket.curve_publickey, self.socket.curve_secretkey = self.own
        self.socket.curve_serverkey = self.node_red_key
        if self.socket.mechanism != zmq.CURVE:
            raise SystemExit("This pyzmq cannot encrypt: its libzmq has no CURVE.")
        self.socket.sndhwm = 2
        self.socket.sndtimeo = 1000 * ANSWER_SECONDS
        self.socket.tcp_keepalive = 1
        self.socket.tcp_keepalive_idle = 1
        self.socket.tcp_keepalive_intvl = 1
        self.socket.tcp_keepalive_cnt = 3
        self.monitor = self.socket.get_monitor_socket()
        self.is_up = False
        self.down_since = time.monotonic()
        self.socket.connect("tcp://%s:%d" % (NODE_RED, PORT))

    def check(self):
        while self.monitor.poll(0):
            event = recv_monitor_message(self.monitor)["event"]
            if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                self.is_up = True
                print("Connected, encrypted.", flush=True)
            elif event == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
                print("Refused: does Node-RED trust the key " + self.own[0].decode() + " ?", flush=True)
            elif event == zmq.EVENT_DISCONNECTED and self.is_up:
                self.is_up = False
                self.down_since = time.monotonic()
        if not self.is_up and time.monotonic() - self.down_since > DOWN_SECONDS:
            self.open()

    def send(self, header, jpeg):
        """Sends one frame. False: it was not sent, or not answered in time."""
        self.check()
        if not self.is_up:
            time.sleep(0.1)
            return False
        try:
            self.socket.send_multipart([json.dumps(header).encode(), jpeg])
            if PATTERN == 2:
                return True
            if self.socket.poll(1000 * ANSWER_SECONDS):
                self.socket.recv_multipart()
                return True
            print("No answer from Node-RED, connecting again.", flush=True)
        except zmq.Again:
            print("Node-RED takes no frames, connecting again.", flush=True)
        self.open()
        return False


def main():
    wanted = arguments()
    pictures = Pictures(wanted.source)
    link = Link()
    sent = 0
    while not wanted.frames or sent < wanted.frames:
        picture = pictures.next()
        if picture is None:
            break
        header = {
            "terminate_flag": False,
            "compression": {"dct": True, "ups": False, "colorspace": "BGR"},
            "message": None,  # any JSON value: it travels with the frame
            "pattern": str(PATTERN),
            "dtype": "",
            "shape": "",
            "from": NAME,
            "seq": sent,
            "ts": time.time() * 1000,
        }
        jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()
        if link.send(header, jpeg):
            sent += 1
    pictures.close()
    link.monitor.close(linger=0)
    link.socket.close(linger=1000)
    link.context.term()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        os._exit(0)
`
}
