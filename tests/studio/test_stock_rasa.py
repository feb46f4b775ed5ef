"""The exported data under an untouched Rasa: it validates, its reader sees our phrases, and it trains."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.studio import data, exporting, foreign, tree
from bot.studio.data import Phrase
from tests.nlu.test_rasa import PYTHON, ROOT
from tests.studio.test_in_and_out import FOREIGN, MAPPING

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(600)]
STOCK = """recipe: default.v1
language: zh
assistant_id: stock
pipeline:
- name: JiebaTokenizer
- name: RegexFeaturizer
- name: CountVectorsFeaturizer
- name: LogisticRegressionClassifier
- name: EntitySynonymMapper
"""
READ = """
import json, sys
from rasa.shared.nlu.training_data.loading import load_data
print(json.dumps([[m.get('intent'), m.get('text'),
  sorted([e['start'], e['end'], e['entity'], e.get('role') or ''] for e in m.get('entities') or [])]
  for path in sys.argv[1:] for m in load_data(path).training_examples]))
"""


def rasa(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": str(ROOT), "RASA_TELEMETRY_ENABLED": "false"}
    return subprocess.run(
        [PYTHON, *words], cwd=cwd, env=env, text=True, capture_output=True, check=False, timeout=500
    )


@pytest.fixture
async def exported(
    maker: async_sessionmaker[AsyncSession], tmp_path: Path
) -> tuple[Path, list[list[object]]]:
    """The tree after everything that the pages can do to it, and its phrases as we know them."""
    if not PYTHON.exists():
        pytest.skip(f"the Rasa environment is not there ({PYTHON})")
    async with maker.begin() as session:
        await data.add_phrases(
            session,
            None,
            [
                Phrase("heating", "幸福里三楼整层都是冰的", ((0, 3, "estate"),), kind="question"),
                Phrase("bus", "- [x](y) : # 'quoted' \"both\" {a: b}"),
                Phrase("greet", "# 你好呀"),
                Phrase("tax", "发票抬头开错了: 重开"),
            ],
            "",
        )
        draft = await tree.begin(session)
        draft.write("imports/pizza.yml", foreign.renamed("nlu.yml", FOREIGN, MAPPING))
        await tree.commit(draft, None, "import", "")
        await exporting.to_folder(session, tmp_path / "nlu_data")
        rows = (await data.phrases_of(session, limit=100_000)).rows
    phrases: list[list[object]] = [
        [r.intent, r.text, sorted([e["start"], e["end"], e["tag"], e.get("role", "")] for e in r.entities)]
        for r in rows
    ]
    return tmp_path, phrases


def test_a_stock_rasa_reads_what_we_read(exported: tuple[Path, list[list[object]]]) -> None:
    folder, ours = exported
    (folder / "nlu_data" / "safety" / "net.yml").unlink()  # rules of the app, no phrases
    folders = [folder / "nlu_data" / name for name in ("services", "acts", "safety", "conduct", "imports")]
    done = rasa("-W", "ignore", "-c", READ, *folders, cwd=folder)
    assert done.returncode == 0, done.stderr[-1000:]
    theirs = json.loads(done.stdout.splitlines()[-1])
    assert sorted(map(json.dumps, theirs)) == sorted(map(json.dumps, ours))


def test_a_stock_rasa_validates_and_trains_the_export(exported: tuple[Path, list[list[object]]]) -> None:
    folder, _ = exported
    own = folder / "nlu_data"
    nlu = folder / "data"
    nlu.mkdir()
    for name in (
        "services/bus.yml",
        "services/heating.yml",
        "services/tax.yml",
        "acts/greet.yml",
        "imports/pizza.yml",
    ):
        (nlu / Path(name).name).write_bytes((own / name).read_bytes())
    (folder / "domain.yml").write_text(
        "version: '3.1'\nintents: [bus, heating, tax, greet]\n", encoding="utf-8"
    )
    (folder / "config.yml").write_text(STOCK, encoding="utf-8")
    checked = rasa("-m", "rasa", "data", "validate", "--data", "data", "-d", "domain.yml", cwd=folder)
    said = checked.stdout + checked.stderr
    assert checked.returncode == 0, said[-2000:]
    trained = rasa("-m", "rasa", "train", "nlu", "--nlu", "data", "--config", "config.yml", cwd=folder)
    assert trained.returncode == 0, trained.stderr[-2000:]
    assert list((folder / "models").glob("*.tar.gz"))
