"""The learning curve runs on any labelled export, and past tickets teach only what they show: with Rasa's
environment, where both live.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.machine.environment import RASA_PYTHON
from nlu import phrases

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("heating", "bus", "taxi", "air_pollution", "tax")

pytestmark = [
    pytest.mark.rasa,
    pytest.mark.skipif(not RASA_PYTHON.exists(), reason="the Rasa environment is not made yet"),
]


def beside_rasa(*words: str) -> str:
    """Run with the Rasa environment's Python and return what it printed."""
    env = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run([RASA_PYTHON, *words], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five services of ours, as a data folder."""
    data = tmp_path_factory.mktemp("nlu_data")
    (data / "services").mkdir()
    for name in SERVICES:
        shutil.copy(ROOT / "nlu_data" / "services" / f"{name}.yml", data / "services")
    shutil.copytree(ROOT / "nlu_data" / "city", data / "city")
    shutil.copy(ROOT / "nlu_data" / "config.yml", data)
    return data


def test_the_curve(small: Path, tmp_path: Path) -> None:
    held = phrases.read(sorted((ROOT / "nlu_data" / "tests" / "dev").glob("services_*.yml")))
    topics = {"heating": "城乡建设", "bus": "交通运输", "taxi": "交通运输", "tax": "经济管理"}
    rows = [(one.text[:20], one.text, topics[one.intent]) for one in held if one.intent in topics]
    path = tmp_path / "topics.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("title", "body", "topic"), *rows])
    out = tmp_path / "curve.png"
    words = ("--data", str(small), "--messages", str(path), "--out", str(out), "--sizes", "0", "15")
    lines = beside_rasa("-m", "nlu.curve", *words).splitlines()
    assert [line.split("|")[1].strip() for line in lines[3:]] == ["0", "15"]
    assert all(0.5 < float(line.split("|")[3].split("±")[0]) <= 1 for line in lines[3:])
    assert out.read_bytes().startswith(b"\x89PNG")


def test_without_real_messages_the_curve_says_so(tmp_path: Path) -> None:
    assert beside_rasa("-m", "nlu.curve", "--messages", str(tmp_path / "none.csv")) == ""


PAST = """
from nlu.training.learn import PhraseFacts, mark
known = [
    PhraseFacts("暖气不热", "heating", {"category": "城乡建设", "kind": "complaint"}),
    PhraseFacts("着火了", "emergency", {"category": "政法", "kind": "help", "safety": "fire"}),
    PhraseFacts("屋里冷", "heating", {"teaches": ["service"]}),
    PhraseFacts("暖气费怎么交", "heating", {"teaches": ["service", "kind"], "kind": "question"}),
]
for one in mark(known, {"heating": "城乡建设", "emergency": "政法"}):
    print(one.service, one.kind, one.complete)
"""


def test_a_past_ticket_teaches_its_service_and_kind_alone() -> None:
    assert beside_rasa("-c", PAST).splitlines() == [
        "heating complaint True",
        "None help True",
        "heating None False",
        "heating question False",
    ]


RASAS = """
import sys
from rasa.shared.nlu.training_data.loading import load_data
for one in load_data(sys.argv[1]).training_examples:
    print(one.get("intent"), one.get("metadata")["intent"]["teaches"], one.get("text"))
"""


def test_rasa_reads_an_import_as_it_was_written(tmp_path: Path) -> None:
    from nlu.imports import store
    from nlu.imports.plan import Taken, one_line

    hostile = one_line('- [甲](person) {"a": 1} # : |\u2028停水了 \'没人"管"')
    path = store.write(
        tmp_path, "past", [Taken(2, hostile, "water_supply", None, ""), Taken(3, "停水", "bus", "tip", "")]
    )
    said = beside_rasa("-c", RASAS, str(path)).splitlines()
    assert f"water_supply ['service'] {hostile}" in said
    assert "bus ['service', 'kind'] 停水" in said
