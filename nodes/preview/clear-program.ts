import { pythonFrameSink } from '../../lib/keys/peer-kit/frame-sink'
import { pythonFrameSource } from '../../lib/keys/peer-kit/frame-source'
import { type ProgramSettings, pythonString } from '../../lib/keys/peer-kit/program-settings'

export type ClearSettings = Omit<ProgramSettings, 'secureMode'>

/** A program that sends with vidgear's NetGear, without encryption. */
export function sendInClearProgram(settings: ClearSettings): string {
  return `#!/usr/bin/env python3
"""Sends pictures with vidgear's NetGear to a netgear-in node of Node-RED. NOT encrypted.

    pip install "vidgear[core]" opencv-python
    python3 send_vidgear.py                 camera 0
    python3 send_vidgear.py --source test   a moving picture, no camera needed
"""
import argparse
import time

import cv2
import numpy
from vidgear.gears import NetGear

${clearSettings(settings)}


${pythonFrameSource}


def main():
    wanted = arguments()
    pictures = Pictures(wanted.source)
    sender = NetGear(address=NODE_RED, port=str(PORT), protocol="tcp", pattern=PATTERN, jpeg_compression=True)
    while not wanted.frames or pictures.count < wanted.frames:
        picture = pictures.next()
        if picture is None:
            break
        sender.send(picture)
    pictures.close()
    sender.close()


if __name__ == "__main__":
    main()
`
}

/** A program that receives with vidgear's NetGear, without encryption. */
export function receiveInClearProgram(settings: ClearSettings): string {
  return `#!/usr/bin/env python3
"""Receives pictures from a netgear-out node of Node-RED with vidgear's NetGear. NOT encrypted.

    pip install "vidgear[core]" opencv-python
    python3 receive_vidgear.py               a window; q ends
    python3 receive_vidgear.py --no-window   a line for each frame

It gives up after 36 seconds without a frame, except in publish/subscribe.
"""
import argparse

import cv2
from vidgear.gears import NetGear

${clearSettings(settings)}


${pythonFrameSink}


def main():
    wanted = arguments()
    receiver = NetGear(address="*", port=str(PORT), protocol="tcp", pattern=PATTERN, receive_mode=True)
    received = 0
    while not wanted.frames or received < wanted.frames:
        frame = receiver.recv()
        if frame is None:
            break
        received += 1
        if not handle(frame, not wanted.no_window):
            break
    receiver.close()


if __name__ == "__main__":
    main()
`
}

function clearSettings({ peerName, address, port, pattern }: ClearSettings): string {
  return `NAME = ${pythonString(peerName)}
NODE_RED = ${pythonString(address)}  # the machine that runs Node-RED
PORT = ${port}
PATTERN = ${pattern}  # 0 pair, 1 request/reply, 2 publish/subscribe: as in the node`
}
