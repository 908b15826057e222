"""The one kind of error: a sentence that names the table, column, file or node."""

from __future__ import annotations

import contextlib
import re
import socket
from typing import Iterator, Optional


class RecoSparkError(Exception):
    """Something that whoever runs the job can put right; the message is one sentence."""


def node() -> str:
    """The machine that this process runs on, as errors name it."""
    return socket.gethostname()


@contextlib.contextmanager
def spark_job(doing: str) -> Iterator[None]:
    """What fails inside is a RecoSparkError: the one that an executor raised, in its own words, or else what Spark says."""
    try:
        yield
    except RecoSparkError:
        raise
    except Exception as failure:
        known = _own_words(failure)
        if known is not None:
            raise RecoSparkError(known) from None  # what Spark has to say about it is pages
        raise RecoSparkError(reason(failure, doing)) from failure


def _own_words(failure: Exception) -> Optional[str]:
    """The sentence of a RecoSparkError that an executor raised."""
    own = re.search(r"RecoSparkError: (.+)", str(failure))
    return own.group(1).strip() if own else None


def reason(failure: Exception, doing: str) -> str:
    """One sentence out of what Spark reports, which is pages of two languages' stacks; names the node where Spark does."""
    text = str(failure)
    # Of a failure in Python, Spark 3 keeps the place in Java's stack; Spark 4 does not keep it.
    stacks = text + str(getattr(failure, "stackTrace", "")) + str(getattr(failure, "_stackTrace", ""))
    where = re.search(r"\(TID \d+\)\s*\(([^\s()]+) executor (\S+?)\)", stacks)
    place = f" on node {where.group(1)}, executor {where.group(2)}" if where else ""
    return f"the Spark job that was {doing} failed{place}: {_cause(text) or type(failure).__name__}"


def _cause(text: str) -> str:
    """The innermost thing that went wrong: the last line of a Python traceback, the last cause in Java's, or the first."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    # Below a Python traceback the exception stands at the margin; the lines of its stack are indented or Java's.
    traceback = text.rfind("Traceback (most recent call last)")
    if traceback >= 0:
        for line in text[traceback:].splitlines()[1:]:
            if re.match(r"[A-Za-z_][\w.]*(Error|Exception|Exit|Interrupt|Warning)\b", line):
                return line.strip()[:500]
    causes = [line for line in lines if line.startswith("Caused by: ")]
    if causes:
        return causes[-1][len("Caused by: ") :][:500]
    if lines and lines[0].startswith("An error occurred while calling") and len(lines) > 1:
        return lines[1].lstrip(": ")[:500]
    return lines[0][:500] if lines else ""
