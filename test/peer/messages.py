"""NetGear's JSON: what it writes, and what it would not survive reading."""
import json
import math

import numpy as np

TERMINATION_ANSWER = "Termination signal successfully received at Client's end!"
TERMINATION_ANSWER_MULTI_SERVER = "Termination signal successfully received at client!"


def encode(value):
    """As pyzmq's send_json: json.dumps with its own separators, ASCII escapes and NaN."""
    return json.dumps(value).encode()


def decode(part):
    """The JSON object in a message part, or None. NaN and infinities become text, to fit into any JSON."""
    try:
        value = json.loads(part, parse_constant=str, parse_float=_finite_or_text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _finite_or_text(digits):
    number = float(digits)
    return number if math.isfinite(number) else digits


def data_header(config, message, picture):
    return {
        **({"port": config.port} if config.multiServer else {}),
        "terminate_flag": False,
        "compression": picture.compression,
        "message": message,
        "pattern": str(config.pattern),
        "dtype": picture.dtype,
        "shape": picture.shape,
    }


def termination(config):
    return {"terminate_flag": True, **({"port": config.port} if config.multiServer else {})}


def value_answer(port_field, value):
    return [encode({**port_field, "return_type": type(value).__name__, "data": value})]


def picture_answer(port_field, picture):
    header = {
        **port_field,
        "return_type": "ndarray",
        "compression": picture.compression,
        "array_dtype": picture.dtype,
        "array_shape": picture.shape,
        "data": None,
    }
    return [encode(header), picture.body]


def data_complaint(config, parts, header):
    """Why a NetGear receiver would not deliver this data message; None if it would."""
    if len(parts) != 2:
        return f"a data message has 2 parts, this one {len(parts)}"
    if header is None:
        return "the header is no JSON object"
    needed = ["terminate_flag", "compression"]
    needed += ["message"] if config.bidirectional or config.multiServer else []
    needed += ["port"] if config.multiServer else []
    missing = [key for key in needed if key not in header]
    if missing:
        return f"the header lacks {', '.join(missing)}"
    if header["compression"]:
        return _jpeg_complaint(header["compression"], parts[1])
    return _pixels_complaint(header.get("dtype"), header.get("shape"), parts[1])


def answer_complaint(config, parts, header):
    """Why a NetGear sender in this mode would fail on the answer; None if it would take it."""
    if not (config.bidirectional or config.multiClient):
        return None if len(parts) == 1 else f"a plain sender takes 1 part, this answer has {len(parts)}"
    if header is None:
        return "the answer is no JSON object"
    pictured = header.get("return_type") == "ndarray"
    needed = ["return_type", "compression" if pictured else "data"]
    needed += ["port"] if config.multiClient else []
    missing = [key for key in needed if key not in header]
    if missing:
        return f"the answer lacks {', '.join(missing)}"
    if len(parts) != (2 if pictured else 1):
        return f"an answer of type {header['return_type']} has not {len(parts)} part(s)"
    if not pictured:
        return None
    if header["compression"]:
        return _jpeg_complaint(header["compression"], parts[1])
    return _pixels_complaint(header.get("array_dtype"), header.get("array_shape"), parts[1])


def _jpeg_complaint(compression, body):
    given = compression if isinstance(compression, dict) else {}
    missing = [key for key in ("dct", "ups", "colorspace") if key not in given]
    if missing:
        return f"compression lacks {', '.join(missing)}"
    return None if body[:2] == b"\xff\xd8" else "what is announced as a JPEG does not start as one"


def _pixels_complaint(dtype, shape, body):
    try:
        # numpy would take a missing dtype for float64.
        np.frombuffer(body, dtype=np.dtype("" if dtype is None else dtype)).reshape(shape)
        return None
    except (TypeError, ValueError) as failure:
        return f"dtype {dtype!r} and shape {shape!r} do not fit {len(body)} bytes: {failure}"
