"""Pictures that both ends can compute, so that pixels are compared without being shipped.

    phase = (37 * seed + (2 + c) * y + (5 - c) * x + 85 * c) mod 512
    value = phase if phase < 256 else 511 - phase

y, x, c count from 0; a picture of shape [height, width] has c = 0. Neighbours differ by at most 5, so that a JPEG
of it stays close; swapped rows, columns or channels show. Other dtypes hold the same values, cast.
`formulaPixels` in python.ts is the same formula.
"""
from functools import lru_cache
from typing import NamedTuple

import numpy as np

PHASES = 512
TRIANGLE = np.concatenate([np.arange(256), np.arange(255, -1, -1)]).astype(np.uint8)


@lru_cache(maxsize=4)
def phases(shape):
    """The phase of every pixel for seed 0."""
    y = np.arange(shape[0]).reshape(-1, 1, 1)
    x = np.arange(shape[1]).reshape(1, -1, 1)
    c = np.arange(shape[2] if len(shape) == 3 else 1).reshape(1, 1, -1)
    return (((2 + c) * y + (5 - c) * x + 85 * c) % PHASES).astype(np.uint16).reshape(shape)


def formula_picture(seed, shape, dtype="uint8"):
    """The picture of that seed; `shape` is [height, width] or [height, width, channels]."""
    if len(shape) not in (2, 3):
        raise ValueError(f"shape {list(shape)} is neither [height, width] nor [height, width, channels]")
    triangle = np.roll(TRIANGLE, -37 * seed % PHASES)
    return triangle[phases(tuple(shape))].astype(dtype, copy=False)


def is_formula_picture(seed, shape, dtype, body):
    """Whether `body` holds exactly the pixels of that seed."""
    try:
        pixels = np.frombuffer(body, dtype=dtype)
        if len(shape) not in (2, 3) or pixels.size != np.prod(shape):
            return False
        return bool(np.array_equal(pixels.reshape(shape), formula_picture(seed, shape, dtype)))
    except (TypeError, ValueError):
        return False


class Picture(NamedTuple):
    """A picture as it travels: raw pixels have a dtype and a shape, a JPEG has a compression."""

    compression: object
    dtype: str
    shape: object
    body: bytes


def picture_from(spec):
    """The picture that a command describes: {"seed", "shape", "dtype"?} or {"jpeg": path, "colorspace"?, ...}."""
    if "jpeg" in spec:
        with open(spec["jpeg"], "rb") as file:
            body = file.read()
        decoding = {
            "dct": spec.get("dct", True),
            "ups": spec.get("ups", False),
            "colorspace": spec.get("colorspace", "BGR"),
        }
        return Picture(decoding, "", "", body)
    pixels = formula_picture(spec["seed"], spec["shape"], spec.get("dtype", "uint8"))
    return Picture(False, str(pixels.dtype), pixels.shape, pixels.tobytes())
