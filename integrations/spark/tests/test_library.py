"""The structs of library.py are those of reco.h, as a C compiler lays them out."""

import ctypes
import re
import shutil
import subprocess
from pathlib import Path

import numpy
import pytest

from reco_spark import library
from reco_spark.model import unpacked

HEADER = Path(__file__).resolve().parents[3] / "include" / "reco.h"

STRUCTS = {
    "reco_error": library.Error, "reco_model_info": library.ModelInfo, "reco_query": library.Query, "reco_hit": library.Hit}


def test_structs_are_laid_out_as_in_the_header(tmp_path):
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    lines = []
    for name, struct in STRUCTS.items():
        lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
        lines += [
            f'printf("{name}.{field} %zu %zu\\n", offsetof({name}, {field}), sizeof((({name} *)0)->{field}));'
            for field, _ in struct._fields_]
    (tmp_path / "layout.c").write_text(
        '#include <stddef.h>\n#include <stdio.h>\n#include "reco.h"\nint main(void) {\n' + "\n".join(lines) + "\nreturn 0;\n}\n")
    subprocess.run([compiler, "-I", str(HEADER.parent), "-o", tmp_path / "layout", tmp_path / "layout.c"], check=True)
    printed = subprocess.run([tmp_path / "layout"], check=True, capture_output=True, text=True).stdout.split("\n")
    expected = []
    for name, struct in STRUCTS.items():
        expected.append(f"{name} {ctypes.sizeof(struct)}")
        fields = [(field, getattr(struct, field)) for field, _ in struct._fields_]
        expected += [f"{name}.{field} {place.offset} {place.size}" for field, place in fields]
    assert printed[:-1] == expected


def test_every_field_of_the_header_is_there_and_constants_are_the_headers():
    text = HEADER.read_text()
    query = re.sub(r"/\*.*?\*/", "", re.search(r"typedef struct reco_query \{(.*?)\n\} reco_query;", text, re.S).group(1), flags=re.S)
    fields = re.findall(r"(\w+);", query)
    assert fields == [name for name, _ in library.Query._fields_]
    for ours, theirs in [
        (library.SHOW_BOUGHT, "RECO_SHOW_BOUGHT"), (library.HIDE_SEEN, "RECO_HIDE_SEEN"), (library.NO_FALLBACK, "RECO_NO_FALLBACK"),
        (library.INTEGER_ITEM_IDS, "RECO_INTEGER_ITEM_IDS"), (library.BUFFER_TOO_SMALL, "RECO_ERROR_BUFFER_TOO_SMALL")]:
        assert ours == int(re.search(rf"\b{theirs} = (\d+)", text).group(1))


def test_packed_texts_are_taken_apart():
    for packed, texts in [(b"", []), (b"a\0", ["a"]), (b"a\0\0bc\0", ["a", "", "bc"]), (b"a\0bc", ["a", "bc"])]:
        assert unpacked(numpy.frombuffer(packed, numpy.uint8), len(texts)).to_pylist() == texts
