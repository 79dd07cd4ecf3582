"""JSON lines: commands come in on stdin, results and events go out on stdout."""
import json
import os
import sys
import threading
from collections import deque


class InputClosed(Exception):
    """Whoever started us is gone, or has had enough: end."""


class Console:
    def __init__(self):
        self.commands = deque()
        self.running = False
        self.stop_requested = False
        self._unfinished = bytearray()
        self._output_lock = threading.Lock()

    def fileno(self):
        return sys.stdin.fileno()

    def emit(self, **fields):
        """Write one line. Any thread may. Raises ValueError on NaN, which no other JSON reader would accept."""
        line = json.dumps(fields, allow_nan=False) + "\n"
        with self._output_lock:
            sys.stdout.write(line)
            sys.stdout.flush()

    def first_line(self):
        """Wait for the configuration."""
        while not self.commands:
            self.read()
        return self.commands.popleft()

    def read(self):
        """Take what is there on stdin (wait if there is nothing). Raises InputClosed at its end."""
        chunk = os.read(self.fileno(), 1 << 16)
        if not chunk:
            raise InputClosed
        self._unfinished += chunk
        if b"\n" not in chunk:
            return
        *lines, rest = bytes(self._unfinished).split(b"\n")
        self._unfinished = bytearray(rest)
        for line in lines:
            self._accept(json.loads(line))

    def _accept(self, command):
        # "stop" has to reach a command that is still running, or about to: it does not wait for its turn.
        if command.get("command") == "stop":
            self.stop_requested = self.running or bool(self.commands)
            self.emit(id=command["id"], result=None)
        else:
            self.commands.append(command)
