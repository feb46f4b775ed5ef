"""Past tickets from a CSV: `nlu.imports` reads, masks and maps them in a process of its own.

They are shown before they are stored. What it writes becomes a file under imports/ of the tree, so that it
has a history and can be taken back.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import ROOT, Settings
from bot.errors import Conflict, Invalid
from bot.machine import model
from bot.store.operators import Operator
from bot.store.teaching import Revision
from bot.studio import tree

PATIENCE = 180.0  # seconds for reading, masking and judging a large export
NONE = "-"  # a role that no column has
MISSING = "要指定市民写的话和分类（或部门）各在哪一列 · say which columns hold the words and the topic"
ROLES = ("title", "body", "category", "department", "kind", "personal")


@dataclass(frozen=True, slots=True)
class Wish:
    """How a table is to be read; what is empty is told by its headers."""

    columns: Mapping[str, Sequence[str]]
    labels: Mapping[str, str]  # label → service, category or department
    most: int = 300

    def words(self) -> list[str]:
        columns = [
            f"--{role}={name}" for role, names in self.columns.items() for name in names if role in ROLES
        ]
        labels = [f"--map={label}={target}" for label, target in self.labels.items()]
        return [*columns, *labels, f"--most={self.most}"]


async def read(
    session: AsyncSession, settings: Settings, content: bytes, wish: Wish
) -> tuple[dict[str, Any], str]:
    """What would come of it, and the file that would be stored ("" for nothing). Raises Invalid."""
    await tree.ready(session)
    present = await tree.files(session)
    with tempfile.TemporaryDirectory(prefix="lianxin-tickets-") as name:
        folder = Path(name)
        earlier = {path: text for path, text in present.items() if path.startswith("imports/")}
        await asyncio.to_thread(tree.to_disk, folder / "data", present)
        await asyncio.to_thread(tree.to_disk, folder, earlier)
        await asyncio.to_thread((folder / "tickets.csv").write_bytes, content)
        facts = await _run(settings, folder, wish)
        made = folder / "imports" / "tickets_now.yml"
        return facts, await asyncio.to_thread(made.read_text, "utf-8") if made.exists() else ""


async def _run(settings: Settings, folder: Path, wish: Wish) -> dict[str, Any]:
    words = [sys.executable, "-m", "nlu.imports", "--json", "--yes", "--name=tickets_now"]
    words += ["--data", str(folder / "data"), "--into", str(folder / "imports")]
    words += ["--models", str(model.models(settings)), *wish.words(), str(folder / "tickets.csv")]
    process = await asyncio.create_subprocess_exec(
        *words,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            out, said = await process.communicate()
    except TimeoutError as error:
        raise Invalid(
            {"file": "读得太久了，请分成几份导入 · it takes too long: import it in parts"}
        ) from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        why = said.decode(errors="replace").strip().splitlines() or ["?"]
        raise Invalid({"file": why[-1].removeprefix("nothing imported: ").replace(str(folder) + "/", "")})
    facts: dict[str, Any] = json.loads(out)
    return facts


async def store(session: AsyncSession, by: Operator, name: str, text: str) -> Revision:
    """Raises Conflict where the name is taken, Invalid where nothing came of the table."""
    if not text:
        raise Invalid({"file": "没有可导入的工单 · no ticket would be taken"})
    path = f"imports/{re.sub(r'[^0-9A-Za-z_一-鿿-]+', '_', name)}.yml"
    draft = await tree.begin(session)
    if await draft.get(path) is not None:
        raise Conflict(f"已经有一个叫“{name}”的导入，请换个名字 · an import of this name exists")
    draft.write(path, text)
    return await tree.commit(draft, by, "import", name) or await tree.present(session)
