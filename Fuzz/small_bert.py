#!/usr/bin/env python3
"""Writes a folder with a BERT of 1 layer x 8 that knows the letters: Fuzz/small_bert.py FOLDER. Seeds for fuzzing are
trained with it; nothing but Python itself is needed."""

import json
import pathlib
import struct
import sys

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefghijklmnopqrstuvwxyz0123456789", *("##" + c for c in "abcdefghijklmnopqrstuvwxyz")]
CONFIG = {"model_type": "bert", "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16,
          "max_position_embeddings": 32, "vocab_size": len(PIECES), "type_vocab_size": 2}
LAYER = "encoder.layer.0"
SHAPES = {"embeddings.word_embeddings.weight": [len(PIECES), 8], "embeddings.position_embeddings.weight": [32, 8],
          "embeddings.token_type_embeddings.weight": [2, 8], f"{LAYER}.intermediate.dense.weight": [16, 8],
          f"{LAYER}.intermediate.dense.bias": [16], f"{LAYER}.output.dense.weight": [8, 16], f"{LAYER}.output.dense.bias": [8]}
for name in ("self.query", "self.key", "self.value", "output.dense"):
    SHAPES |= {f"{LAYER}.attention.{name}.weight": [8, 8], f"{LAYER}.attention.{name}.bias": [8]}
for name in ("embeddings.LayerNorm", f"{LAYER}.attention.output.LayerNorm", f"{LAYER}.output.LayerNorm"):
    SHAPES |= {f"{name}.weight": [8], f"{name}.bias": [8]}

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
header, body = {}, b""
for number, (name, shape) in enumerate(SHAPES.items()):
    count = shape[0] * (shape[1] if len(shape) == 2 else 1)
    values = [(k * 37 + number * 11) % 19 / 19 - 0.4 for k in range(count)]
    header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(body), len(body) + 4 * count]}
    body += struct.pack(f"<{count}f", *values)
text = json.dumps(header).encode()
(folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + body)
(folder / "config.json").write_text(json.dumps(CONFIG))
(folder / "vocab.txt").write_text("\n".join(PIECES) + "\n")
