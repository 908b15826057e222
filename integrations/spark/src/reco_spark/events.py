"""Tables of events in one form: whatever a shop's columns are called and however it counts time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Mapping, Optional

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from .errors import RecoSparkError
from .tables import Source, Table, open_table

INTERACTION = "interaction"  # the kind of an event that names none
# Times that an event log can hold: the years 1900 to 2100.
EARLIEST, LATEST = -2_208_988_800, 4_102_444_800


@dataclass(frozen=True)
class Events:
    """A table of events and what its columns are called.

    `source` is a DataFrame, the name of a table, or the path of Parquet files. Columns that are None are taken where they
    stand under their usual name ("event", "weight", "time", "basket"), and do without otherwise. `kind` is what all rows
    are that name no kind: Events(orders, user="customer_id", item="sku", time="ordered_at", kind="purchase").
    """

    source: Source
    user: str = "user"
    item: str = "item"
    event: Optional[str] = None
    weight: Optional[str] = None
    time: Optional[str] = None
    basket: Optional[str] = None
    kind: str = INTERACTION

    def column(self, role: str) -> str:
        return getattr(self, role) or role

    def frame(self, spark: SparkSession, name: str, kinds: Mapping[str, str]) -> "Normal":
        """The table with columns user, item, kind, weight, time, basket of one type each."""
        roles = ("user", "item", "event", "weight", "time", "basket")
        table = open_table(spark, self.source, name, [self.column(role) for role in roles])
        user, item = _ids(table, self.user), _ids(table, self.item)
        basket = self._optional(table, "basket")
        columns = [
            user.alias("user"), item.alias("item"), self._kind(table, kinds).alias("kind"),
            self._weight(table).alias("weight"), *_time(table, self._optional(table, "time")),
        ]
        types = {"user": _id_type(table, self.user), "item": _id_type(table, self.item)}
        if basket is not None:
            columns.append(_ids(table, basket).alias("basket"))
            types["basket"] = _id_type(table, basket)
        names = {"user": self.user, "item": self.item, "basket": basket or ""}
        return Normal(table.name, table.frame.select(*columns), types, names)

    def _optional(self, table: Table, role: str) -> Optional[str]:
        named = getattr(self, role)
        if named is not None:
            table.type_of(named)
            return str(named)
        return role if table.has(role) else None

    def _kind(self, table: Table, kinds: Mapping[str, str]) -> Column:
        name = self._optional(table, "event")
        if name is None:
            return F.lit(kinds.get(self.kind, self.kind))
        if not isinstance(table.type_of(name), T.StringType):
            raise _unfit(table, name, "the kind of an event is a text, such as purchase")
        written = F.trim(F.col(_quoted(name)))
        kind = F.when(F.coalesce(F.length(written), F.lit(0)) == 0, kinds.get(self.kind, self.kind))
        for other, meant in kinds.items():
            kind = kind.when(written == other, meant)
        return kind.otherwise(written)

    def _weight(self, table: Table) -> Column:
        name = self._optional(table, "weight")
        if name is None:
            return F.lit(1.0).cast("double")
        if not isinstance(table.type_of(name), T.NumericType):
            raise _unfit(table, name, "a weight is a number: cast it")
        return F.coalesce(F.col(_quoted(name)).cast("double"), F.lit(1.0))


@dataclass(frozen=True)
class Normal:
    """A table in the one form: `types` are bigint or string, for user, item and basket; `names` what they were called."""

    table: str
    frame: DataFrame
    types: Mapping[str, str]
    names: Mapping[str, str]


def union(tables: List[Normal]) -> "tuple[DataFrame, Mapping[str, str]]":
    """All tables as one, which is possible where their ids are of one type."""
    types = dict(tables[0].types)
    for table in tables[1:]:
        for role, type in table.types.items():
            first = next(each for each in tables if role in each.types)
            if types.setdefault(role, type) != type:
                raise RecoSparkError(
                    f"{role} ids mix numbers and text: column {first.names[role]} of table {first.table} is "
                    f"{types[role]}, column {table.names[role]} of table {table.table} is {type}; cast one of them")
    frame = tables[0].frame
    for table in tables[1:]:
        frame = frame.unionByName(table.frame, allowMissingColumns=True)
    return frame, types


def _quoted(column: str) -> str:
    return "`" + column.replace("`", "``") + "`"


def _unfit(table: Table, column: str, why: str) -> RecoSparkError:
    return RecoSparkError(f"table {table.name}: column {column} is {table.type_of(column).simpleString()}; {why}")


def _id_type(table: Table, column: str) -> str:
    type = table.type_of(column)
    if isinstance(type, T.StringType):
        return "string"
    if isinstance(type, T.IntegralType) or (isinstance(type, T.DecimalType) and type.scale == 0 and type.precision <= 18):
        return "bigint"
    raise _unfit(table, column, "an id is a whole number of up to 64 bits or a text: cast it")


def _ids(table: Table, column: str) -> Column:
    return F.col(_quoted(column)).cast(_id_type(table, column))


def _time(table: Table, column: Optional[str]) -> List[Column]:
    """`time` in seconds since 1970, null for none, and `untimely`: whether there was something that is no time."""
    if column is None:
        return [F.lit(None).cast("bigint").alias("time"), F.lit(False).alias("untimely")]
    type, value = table.type_of(column), F.col(_quoted(column))
    if isinstance(type, T.TimestampType):
        seconds = value.cast("bigint")
    elif isinstance(type, T.TimestampNTZType):  # no zone is UTC, whatever the zone of the session
        seconds = F.concat(value.cast("string"), F.lit("Z")).cast("timestamp").cast("bigint")
    elif isinstance(type, T.DateType):
        seconds = F.datediff(value, F.lit("1970-01-01").cast("date")).cast("bigint") * 86400
    elif isinstance(type, T.NumericType):
        seconds = _scaled(value)
    else:
        raise _unfit(table, column, "a time is a timestamp, a date or a number of seconds since 1970: cast it")
    sane = seconds.between(EARLIEST, LATEST)
    return [F.when(sane, seconds).alias("time"), (value.isNotNull() & ~F.coalesce(sane, F.lit(False))).alias("untimely")]


def _scaled(value: Column) -> Column:
    """Milli-, micro- and nanoseconds are known by their size, as everywhere in reco."""
    number = value.cast("double")
    size = F.abs(number)
    unit = F.when(size >= 1e17, 1e9).when(size >= 1e14, 1e6).when(size >= 1e11, 1e3).otherwise(1.0)
    seconds = F.floor(number / unit)
    # A double holds seconds exactly, and what is farther off is no time. Spark 4 refuses to cast what does not fit.
    good = ~F.isnan(number) & seconds.between(EARLIEST, LATEST)
    return F.when(good, seconds).when(number.isNotNull(), F.lit(2 * LATEST)).cast("bigint")
