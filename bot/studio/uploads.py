"""What an admin uploads: files and archives unpacked to named texts, within limits, in whatever encoding."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from bot.errors import Invalid

MOST_FILES = 2000
MOST_BYTES = 30 * 1024 * 1024  # unpacked


def texts(uploads: Mapping[str, bytes]) -> tuple[dict[str, str], list[str]]:
    """Path → text, and the names of what is no text file of ours. Raises Invalid."""
    found: dict[str, str] = {}
    passed: list[str] = []
    for name, content in uploads.items():
        for path, raw in _unpacked(name, content):
            if path.endswith((".yml", ".yaml")):
                found[path] = _decoded(path, raw)
            else:
                passed.append(path)
    return _without_common(found), passed


def _unpacked(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    if not content.startswith(b"PK\x03\x04"):
        yield PurePosixPath(name).name, content
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = [one for one in archive.infolist() if not one.is_dir()]
            if len(infos) > MOST_FILES or sum(one.file_size for one in infos) > MOST_BYTES:
                raise Invalid({"file": f"{name}：压缩包太大 · the archive holds too much"})
            for info in infos:
                path = PurePosixPath(info.filename.replace("\\", "/"))
                if ".." in path.parts or path.is_absolute() or path.parts[0] == "__MACOSX":
                    continue
                yield path.as_posix(), archive.read(info)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise Invalid({"file": f"{name}：打不开这个压缩包 · the archive cannot be read"}) from error


def _decoded(path: str, raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise Invalid({"file": f"{path}：既不是 UTF-8 也不是 GBK · neither UTF-8 nor GBK"})


def _without_common(found: dict[str, str]) -> dict[str, str]:
    """Without the folder that an archive has around everything."""
    while found and all("/" in path for path in found):
        heads = {path.split("/", 1)[0] for path in found}
        if len(heads) > 1 or heads <= KNOWN:
            break
        found = {path.split("/", 1)[1]: text for path, text in found.items()}
    return found


KNOWN = frozenset({"services", "acts", "safety", "conduct", "imports", "knowledge", "city", "tests"})
