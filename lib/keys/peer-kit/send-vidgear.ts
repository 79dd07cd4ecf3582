import { pythonFrameSource } from './frame-source'
import { type ProgramSettings, pythonSettings } from './program-settings'

/** `send_vidgear.py`: sends with vidgear's NetGear, unchanged, but never in clear text. */
export function sendVidgearProgram(settings: ProgramSettings): string {
  return `#!/usr/bin/env python3
"""Sends pictures with vidgear's NetGear to a netgear-in node of Node-RED, encrypted.

    pip install "vidgear[core]" opencv-python
    python3 send_vidgear.py                 camera 0
    python3 send_vidgear.py --source test   a moving picture, no camera needed

What to know of NetGear (seen with vidgear 0.3.5):
- After 4 seconds without an answer (pair, request/reply) it connects again WITHOUT encryption. This program looks before
  every frame and starts itself anew instead: no picture leaves in clear text.
- In publish/subscribe it never notices that it was refused, and does not try again. Trust its key in Node-RED first, then
  start it; start it again when the node's security was changed meanwhile.
send_pyzmq.py has none of this and does not need vidgear.
"""
import argparse
import os
import sys
import time

import cv2
import numpy
import zmq
from vidgear.gears import NetGear

${pythonSettings(settings)}


${pythonFrameSource}


def is_encrypted(sender):
    return sender._NetGear__secure_mode == SECURE_MODE and sender._NetGear__msg_socket.mechanism == zmq.CURVE


def start_anew(pictures):
    print("No answer from Node-RED: starting anew, encrypted.", flush=True)
    pictures.close()
    time.sleep(1)
    os.execv(sys.executable, [sys.executable, *sys.argv])


def main():
    wanted = arguments()
    pictures = Pictures(wanted.source)
    sender = NetGear(
        address=NODE_RED,
        port=str(PORT),
        protocol="tcp",
        pattern=PATTERN,
        receive_mode=False,
        logging=False,
        secure_mode=SECURE_MODE,
        custom_cert_location=HERE,
        jpeg_compression=True,
        jpeg_compression_quality=90,
    )
    if not is_encrypted(sender):
        raise SystemExit("NetGear could not turn on encryption. Nothing was sent.")
    sender._NetGear__msg_socket.sndtimeo = 5000  # else it waits for ever once it was refused
    while not wanted.frames or pictures.count < wanted.frames:
        picture = pictures.next()
        if picture is None:
            break
        try:
            sender.send(picture)
        except (RuntimeError, zmq.Again):
            start_anew(pictures)
        if not is_encrypted(sender):
            start_anew(pictures)
    pictures.close()
    # Not sender.close(): that would tell Node-RED's other receivers that the stream is over, and can hang.
    time.sleep(0.5)
    os._exit(0)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        os._exit(0)
`
}
