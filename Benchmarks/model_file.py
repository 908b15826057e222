"""Reads a model file with numpy alone, after docs/model-file-format.md."""

import struct

import numpy as np

TYPES = [np.uint8, np.uint8, np.uint16, np.uint32, np.uint64, np.int64, np.float32, np.float64]


class ModelFile:
    """The sections of a model file by name; each is mapped, not read."""

    def __init__(self, path):
        self.bytes = np.memmap(path, np.uint8, "r")
        magic, version = struct.unpack_from("<8sI", self.bytes, 0)
        if magic != b"reco\r\n\x1a\n" or version != 1:
            raise ValueError(f"{path} is no model file of format 1")
        table, count = struct.unpack_from("<QI", self.bytes, 24)
        self.sections = {}
        for entry in range(table, table + 64 * count, 64):
            name, offset, length, _, kind = struct.unpack_from("<32sQQQI", self.bytes, entry)
            self.sections[name.rstrip(b"\0").decode()] = (offset, length, TYPES[kind])

    def __contains__(self, name):
        return name in self.sections

    def __getitem__(self, name):
        offset, length, kind = self.sections[name]
        return self.bytes[offset : offset + length].view(kind)

    def factors(self, model):
        """User and item factors of als or svd."""
        rank = int(self[f"{model}/rank"][0])
        return self[f"{model}/user-factors"].reshape(-1, rank), self[f"{model}/item-factors"].reshape(-1, rank)

    def ids(self, side):
        """The ids of users or items, as text, in the order of their rows."""
        if f"{side}/ids" in self:
            return [str(number) for number in self[f"{side}/ids"]]
        text, starts = self[f"{side}/id-bytes"].tobytes(), self[f"{side}/id-offsets"].tolist()
        return [text[start:end].decode() for start, end in zip(starts, starts[1:])]
