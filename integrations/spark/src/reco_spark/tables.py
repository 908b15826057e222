"""Where events come from: a DataFrame, a table by name or Parquet by path, and whether its columns can be used."""

from __future__ import annotations

import difflib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Dict, Iterable, List, Mapping, Tuple, Union

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as T

from .errors import RecoSparkError, spark_job
from .session import jvm

Source = Union[DataFrame, str]


@dataclass(frozen=True)
class Table:
    """A frame and what errors call it."""

    name: str
    frame: DataFrame

    def type_of(self, column: str) -> T.DataType:
        """The type of a column that has to be there."""
        for field in self.frame.schema.fields:
            if field.name == column:
                return field.dataType
        names = self.frame.columns
        close = difflib.get_close_matches(column, names, 1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise RecoSparkError(f"table {self.name} has no column {column}{hint}; it has {', '.join(names)}")

    def has(self, column: str) -> bool:
        return column in self.frame.columns


def open_table(spark: SparkSession, source: Source, name: str, columns: Iterable[str]) -> Table:
    """Opens `source`. Parts of a Parquet table have to agree on `columns`; `name` is for frames, which have none."""
    if isinstance(source, DataFrame):
        return Table(name, source)
    if not isinstance(source, str):
        raise RecoSparkError(f"{name} has to be a DataFrame, a path or the name of a table, not {type(source).__name__}")
    if "/" not in source and not source.endswith(".parquet"):
        with spark_job(f"looking for table {source}"):
            if not spark.catalog.tableExists(source):
                raise RecoSparkError(f"there is no table {source} (a path has a / in it)")
            return Table(source, spark.table(source))
    with spark_job(f"opening {source}"):
        frame = spark.read.parquet(source)
        files = sorted(frame.inputFiles())
    check_same_schemas(source, _schemas(spark, files), columns)
    return Table(source, frame)


def check_same_schemas(table: str, schemas: Mapping[str, Mapping[str, str]], columns: Iterable[str]) -> None:
    """A column has one type in all files of a table, or is in none; `schemas` has types by column by file."""
    for column in columns:
        files: Dict[str, str] = {}  # the first file of each type
        for file, schema in schemas.items():
            files.setdefault(schema.get(column, ""), file)
        if len(files) < 2:
            continue
        (one, first), (other, second) = list(files.items())[:2]
        if not one or not other:
            raise RecoSparkError(
                f"table {table}: column {column} is in {second if other else first} and not in {first if other else second}")
        raise RecoSparkError(
            f"table {table}: column {column} is {one} in {first} and {other} in {second}; write it with one type")


def _schemas(spark: SparkSession, files: List[str]) -> Dict[str, Dict[str, str]]:
    """The columns of each file, from its footer, which Spark reads of one file only. O(files), sixteen at a time."""
    java = jvm(spark)
    configuration = spark._jsc.hadoopConfiguration()

    def schema(uri: str) -> Tuple[str, Dict[str, str]]:
        path = java.org.apache.hadoop.fs.Path(java.java.net.URI(uri))
        name = str(path.getName())
        with spark_job(f"reading the footer of {uri}"):
            source = java.org.apache.parquet.hadoop.util.HadoopInputFile.fromPath(path, configuration)
            reader = java.org.apache.parquet.hadoop.ParquetFileReader.open(source)
            try:
                text = str(reader.getFileMetaData().getSchema().toString())
            finally:
                reader.close()
        return name, parse_schema(text)

    with ThreadPoolExecutor(16) as threads:
        return dict(threads.map(schema, files))


def parse_schema(text: str) -> Dict[str, str]:
    """Types by column out of Parquet's own words, "  optional binary user (STRING);"; groups are just that."""
    columns = {}
    for line in text.splitlines():
        found = re.match(r"  (?:required|optional|repeated) (group|\S+) (\S+?)(?: \((.*)\))?(?: = \d+)?(?:;| \{)", line)
        if found:
            kind, name, meaning = found.groups()
            columns[name] = f"{kind} ({meaning})" if meaning else kind
    return columns
