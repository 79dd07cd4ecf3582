import { pythonFrameSink } from './frame-sink'
import { type ProgramSettings, pythonSettings } from './program-settings'

/** `receive_vidgear.py`: receives with vidgear's NetGear, with what it takes to make its secure mode work. */
export function receiveVidgearProgram(settings: ProgramSettings): string {
  return `#!/usr/bin/env python3
"""Receives pictures from a netgear-out node of Node-RED with vidgear's NetGear, encrypted.

    pip install "vidgear[core]" opencv-python
    python3 receive_vidgear.py               a window; q ends
    python3 receive_vidgear.py --no-window   a line for each frame

What to know of NetGear (seen with vidgear 0.3.5):
- Its secure receiver lets in nobody from another machine, and often nothing at all. The two lines marked below cure that.
- They let in one address: NODE_RED below must be what this machine sees of Node-RED. Behind NAT or with several network
  cards that may be another address; use receive_pyzmq.py then, which goes by keys alone.
- In pair and request/reply, NetGear listens again WITHOUT encryption after a pause of 3 times request_timeout. That cannot be
  turned off; the value below makes it three weeks without a frame. Restart the program now and then.
- One damaged message ends its receiving thread for good, without a word. Restart it then.
receive_pyzmq.py has none of these faults and does not need vidgear.
"""
import argparse
import os
import socket

import cv2
from vidgear.gears import NetGear

${pythonSettings(settings)}


${pythonFrameSink}


def main():
    wanted = arguments()
    options = {"request_timeout": 600000} if PATTERN < 2 else {}
    receiver = NetGear(
        address="*",
        port=str(PORT),
        protocol="tcp",
        pattern=PATTERN,
        receive_mode=True,
        logging=False,
        secure_mode=SECURE_MODE,
        custom_cert_location=HERE,
        **options,
    )
    if receiver._NetGear__secure_mode != SECURE_MODE:
        print("NetGear could not turn on encryption. Nothing is received.", flush=True)
        os._exit(1)
    authenticator = receiver._NetGear__z_auth
    authenticator.thread.authenticator.curve_user_id = lambda key: ""  # needed in pair and publish/subscribe
    authenticator.allow(socket.gethostbyname(NODE_RED))  # needed between machines

    received = 0
    while not wanted.frames or received < wanted.frames:
        frame = receiver.recv()
        if frame is None:
            break
        received += 1
        if not handle(frame, not wanted.no_window):
            break
    # Not receiver.close(): in publish/subscribe it hangs.
    os._exit(0)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        os._exit(0)
`
}
