"""JPEG by libturbojpeg (TurboJPEG API 2.x) as NetGear uses it: 4:2:2, BGR, fast DCT. A codec handle serves one thread."""
import ctypes

import numpy as np

_library = ctypes.CDLL("libturbojpeg.so.0")
_library.tjInitCompress.restype = ctypes.c_void_p
_library.tjInitDecompress.restype = ctypes.c_void_p
_library.tjFree.argtypes = [ctypes.c_void_p]
_library.tjCompress2.argtypes = [
    ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int,
    ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ctypes.c_ulong), ctypes.c_int, ctypes.c_int, ctypes.c_int,
]
_library.tjDecompressHeader3.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_ulong] + [ctypes.POINTER(ctypes.c_int)] * 4
_library.tjDecompress2.argtypes = [
    ctypes.c_void_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_void_p,
    ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int,
]
_BGR, _SUBSAMPLING_422, _FAST_DCT = 1, 1, 2048


class Encoder:
    def __init__(self):
        self._handle = _library.tjInitCompress()

    def encode(self, pixels, quality):
        height, width = pixels.shape[:2]
        jpeg, size = ctypes.c_void_p(), ctypes.c_ulong()
        failed = _library.tjCompress2(
            self._handle, pixels.ctypes.data, width, 0, height, _BGR,
            ctypes.byref(jpeg), ctypes.byref(size), _SUBSAMPLING_422, quality, _FAST_DCT,
        )
        try:
            if failed:
                raise ValueError("libturbojpeg cannot encode this picture")
            return ctypes.string_at(jpeg.value, size.value)
        finally:
            _library.tjFree(jpeg)


class Decoder:
    def __init__(self):
        self._handle = _library.tjInitDecompress()

    def decode(self, jpeg):
        width, height, subsampling, colorspace = (ctypes.c_int() for _ in range(4))
        _check(_library.tjDecompressHeader3(
            self._handle, jpeg, len(jpeg),
            ctypes.byref(width), ctypes.byref(height), ctypes.byref(subsampling), ctypes.byref(colorspace),
        ))
        pixels = np.empty((height.value, width.value, 3), np.uint8)
        _check(_library.tjDecompress2(
            self._handle, jpeg, len(jpeg), pixels.ctypes.data, width, 0, height, _BGR, _FAST_DCT
        ))
        return pixels


def _check(failed):
    if failed:
        raise ValueError("libturbojpeg cannot decode this JPEG")
