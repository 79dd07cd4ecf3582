"""What both Python ends of the pipeline have in common: settings, reports, orders, and sockets that recover quickly."""
import json
import os
import sys
import threading
import time

import zmq

SETTINGS = json.loads(sys.argv[1])
PATTERN = {"pair": 0, "reqrep": 1, "pubsub": 2}[SETTINGS["pattern"]]


class Console:
    """Writes a line of JSON for each report."""

    def __init__(self):
        self._lock = threading.Lock()

    def emit(self, **report):
        with self._lock:
            print(json.dumps(report), flush=True)


def now_ms():
    """Milliseconds of the clock that all processes of a machine share and that nobody sets."""
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) / 1e6


def follow_orders(obey):
    """Hands each order from stdin to `obey`; the end of stdin, which is the harness's death, ends this process."""

    def read():
        for line in sys.stdin:
            obey(json.loads(line))
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()


def encrypted_socket(context, types):
    socket = context.socket(types[PATTERN])
    socket.linger = 0
    socket.set_hwm(2)
    socket.heartbeat_ivl = 500
    socket.heartbeat_timeout = 1500
    socket.tcp_maxrt = 1500
    socket.connect_timeout = 1000
    socket.reconnect_ivl = 100
    socket.reconnect_ivl_max = 500
    socket.curve_publickey = SETTINGS["publicKey"].encode()
    socket.curve_secretkey = SETTINGS["secretKey"].encode()
    return socket
