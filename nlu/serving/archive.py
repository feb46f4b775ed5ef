"""A model as one file, so that it can travel to another machine: packed, checked and unpacked.

What arrives is outside data: only plain files of known names, no more than a model needs, and read once
before it counts.
"""

from __future__ import annotations

import io
import re
import shutil
import tarfile
import tempfile
from pathlib import Path
from typing import IO

from nlu.reading.engine import META, PLACES, READER, Engine, ModelError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
MOST = 512 * 1024 * 1024  # bytes, unpacked
_PART = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"  # never ".."
_MEMBER = re.compile(rf"(?:{META}|(?:{READER}|{PLACES})(?:/{_PART})+)")


def pack(folder: Path) -> bytes:
    """The export of a model as tar.gz; the same model always gives the same bytes inside."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=6) as tar:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and _MEMBER.fullmatch(path.relative_to(folder).as_posix()):
                tar.add(path, path.relative_to(folder).as_posix(), recursive=False)
    return out.getvalue()


def unpack(archive: IO[bytes], place: Path, name: str) -> Path:
    """The model's folder under `place`, once it has been read without fault. Raises ModelError."""
    if not NAME.fullmatch(name):
        raise ModelError("a model's name has letters, digits, '.', '_' and '-' only")
    with tempfile.TemporaryDirectory(prefix=".arriving-", dir=place) as temporary:
        fresh = Path(temporary) / name
        fresh.mkdir()
        _extract(archive, fresh)
        Engine.load(fresh)
        target = place / name
        if target.exists():
            shutil.rmtree(target)
        fresh.rename(target)
    return target


def _extract(archive: IO[bytes], into: Path) -> None:
    try:
        with tarfile.open(fileobj=archive, mode="r:gz") as tar:
            total = 0
            for member in tar:
                if member.isdir():
                    continue  # made with the files in it
                total += member.size
                if not member.isreg() or not _MEMBER.fullmatch(member.name) or total > MOST:
                    raise ModelError(f"'{member.name[:100]}' is no part of a model")
                tar.extract(member, into, filter="data")
    except (tarfile.TarError, EOFError, ValueError, UnicodeError) as error:
        raise ModelError(f"the archive is damaged ({type(error).__name__})") from error
    except OSError as error:
        if error.errno is None:  # gzip's own: not a gzip file, or cut off
            raise ModelError(f"the archive is damaged ({error})") from error
        raise
