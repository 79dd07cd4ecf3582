"""What a peer is told on its first line of input, checked."""
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass
class Config:
    """One NetGear: the names are those of `PeerConfig` in python.ts, where they are explained."""

    role: str
    pattern: int
    port: Any = "5555"
    secure: int = 0
    publicKey: str = ""
    secretKey: str = ""
    serverKey: str = ""
    allowedKeys: list = field(default_factory=list)
    protocol: str = "tcp"
    address: str = ""
    mode: str = ""
    bidirectional: bool = False
    multiServer: bool = False
    multiClient: bool = False
    requestTimeout: float = 4.0
    maxRetries: int = 3
    reconnectInClear: bool = False
    endsOnTermination: bool = True

    def __post_init__(self):
        self.mode = self.mode or ("bind" if self.role == "receiver" else "connect")
        self.address = self.address or ("*" if self.binds else "localhost")
        _require(self.role in ("sender", "receiver"), "role is 'sender' or 'receiver'")
        _require(self.pattern in (0, 1, 2), "pattern is 0, 1 or 2")
        _require(self.mode in ("bind", "connect"), "mode is 'bind' or 'connect'")
        _require(self.protocol in ("tcp", "ipc"), "protocol is 'tcp' or 'ipc'")
        _require(self.secure in (0, 1, 2), "secure is 0, 1 or 2")
        _require(not (self.multiServer and self.multiClient), "multiServer and multiClient exclude each other")
        _require(self.pattern > 0 or not (self.multiServer or self.multiClient), "pattern 0 has no multi mode")
        _require(self.pattern < 2 or not self.bidirectional, "pattern 2 has no bidirectional mode")
        if self.secure:
            _require(self.publicKey and self.secretKey, "secure needs publicKey and secretKey")
            _require(self.binds or self.serverKey, "secure needs serverKey where it connects")

    @property
    def binds(self):
        return self.mode == "bind"

    @property
    def lock_step(self):
        return self.pattern < 2

    @property
    def endpoints(self):
        """NetGear's own way to write them, also for ipc: the socket file is <address>:<port>."""
        ports = self.port if isinstance(self.port, list) else [self.port]
        return [f"{self.protocol}://{self.address}:{port}" for port in ports]


def config_from(given):
    unknown = set(given) - {known.name for known in fields(Config)}
    _require(not unknown, f"unknown settings: {', '.join(sorted(unknown))}")
    return Config(**given)


def _require(condition, rule):
    if not condition:
        raise ValueError(f"bad config: {rule}")
