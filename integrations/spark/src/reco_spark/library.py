"""libreco.so by ctypes: the part of include/reco.h that scoring in bulk needs, and where the library is looked for.

Nothing here knows of Spark. A test compares the structs with the header.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import threading
from typing import Dict, Optional

from .errors import RecoSparkError, node

OK, BUFFER_TOO_SMALL = 0, 6
INTEGER_ITEM_IDS = 2
SHOW_BOUGHT, HIDE_SEEN, NO_FALLBACK = 1, 2, 8

USUAL_PLACES = ("/usr/local/lib/libreco.so", "/usr/lib/libreco.so", "/opt/reco/lib/libreco.so")

# Pointers are numbers here, for structs are filled by NumPy, thousands at a time.
Address = ctypes.c_size_t


class Error(ctypes.Structure):
    _fields_ = [("code", ctypes.c_int32), ("system_error", ctypes.c_int32), ("message", ctypes.c_char * 248)]


class ModelInfo(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_uint32), ("format_version", ctypes.c_uint32), ("user_count", ctypes.c_uint64),
        ("item_count", ctypes.c_uint64), ("file_length", ctypes.c_uint64), ("latest_event", ctypes.c_int64),
        ("integer_ids", ctypes.c_uint32), ("reserved", ctypes.c_uint32)]


class Query(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_uint32), ("flags", ctypes.c_uint32), ("limit", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32), ("user", Address), ("user_length", ctypes.c_size_t),
        ("session", Address), ("session_length", ctypes.c_size_t),
        ("session_kinds", Address), ("session_kinds_count", ctypes.c_size_t),
        ("session_ages", Address), ("session_ages_count", ctypes.c_size_t),
        ("similar_to", Address), ("similar_to_length", ctypes.c_size_t),
        ("candidates", Address), ("candidates_length", ctypes.c_size_t),
        ("allow", Address), ("allow_length", ctypes.c_size_t), ("deny", Address), ("deny_length", ctypes.c_size_t),
        ("text", Address), ("text_length", ctypes.c_size_t), ("filter", Address), ("filter_length", ctypes.c_size_t),
        ("boost", Address), ("boost_length", ctypes.c_size_t), ("live", Address), ("live_count", ctypes.c_size_t),
        ("diversity", ctypes.c_float), ("reserved_2", ctypes.c_uint32), ("caps", Address),
        ("caps_length", ctypes.c_size_t), ("time", ctypes.c_int64), ("device", Address),
        ("device_length", ctypes.c_size_t)]


class Hit(ctypes.Structure):
    _fields_ = [
        ("row", ctypes.c_uint32), ("score", ctypes.c_float), ("source", ctypes.c_uint16), ("rung", ctypes.c_uint16),
        ("position", ctypes.c_uint32)]


_loaded: Dict[str, ctypes.CDLL] = {}
_lock = threading.Lock()


def load_library(path: Optional[str] = None) -> ctypes.CDLL:
    """The library at `path`, or that of RECO_LIBRARY, or where the system's loader or /usr/local has one. Loaded once."""
    place = path or os.environ.get("RECO_LIBRARY") or _found()
    if place is None:
        raise RecoSparkError(
            f"node {node()} has no libreco.so (looked for by ldconfig and at {', '.join(USUAL_PLACES)}): "
            "install it, set RECO_LIBRARY, say library=, or ship_library=True")
    with _lock:
        if place not in _loaded:
            if "/" in place and not os.path.exists(place):
                raise RecoSparkError(f"node {node()} cannot see the library {place}")
            try:
                _loaded[place] = _declared(ctypes.CDLL(place))
            except (OSError, AttributeError) as failure:
                raise RecoSparkError(f"node {node()} cannot load {place}: {failure}") from failure
        return _loaded[place]


def _found() -> Optional[str]:
    known = ctypes.util.find_library("reco")
    return known or next((place for place in USUAL_PLACES if os.path.exists(place)), None)


def _declared(library: ctypes.CDLL) -> ctypes.CDLL:
    size, pointer, error = ctypes.c_size_t, ctypes.c_void_p, ctypes.POINTER(Error)
    functions = {
        "reco_model_open": [ctypes.c_char_p, size, ctypes.POINTER(pointer), error],
        "reco_model_close": [pointer],
        "reco_model_describe": [pointer, ctypes.POINTER(ModelInfo), error],
        "reco_model_query": [pointer, pointer, size, pointer, size, pointer, size, error],
        "reco_model_item_ids": [pointer, pointer, size, size, pointer, size, ctypes.POINTER(size), error],
    }
    for name, arguments in functions.items():
        function = getattr(library, name)
        function.argtypes, function.restype = arguments, ctypes.c_int32
    return library
