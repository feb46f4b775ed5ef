"""Real Rasa: what it trains, the export answers the same; what it serves, our server serves in its shape."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nlu.phrases import read_file
from nlu.reading.engine import Engine
from nlu.training.gate import differences

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(600)]
ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "nlu_data"
PYTHON = Path(os.environ.get("LIANXIN_RASA_PYTHON", ROOT / ".lianxin" / "rasa" / "bin" / "python"))
FILES = (
    "services/bus.yml",
    "services/heating.yml",
    "services/emergency.yml",
    "acts/greet.yml",
    "acts/thank.yml",
)
MORE = (
    "safety/fire.yml",
    "safety/gas_leak.yml",
    "conduct/abuse.yml",
    "city/places.yml",
    "city/also.yml",
    "config.yml",
)
TEXTS = (
    "３８路公交車司機到站不停！！！！！",
    "幸福里小区3栋2单元暖气不热，电话13800138000，昨天开始的",
    "家里着火了快来人",
    "你好",
    "",
    "暖气不热。另外38路公交老是甩站",
)


def run(*words: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [PYTHON, *words], cwd=ROOT, env=env, text=True, capture_output=True, check=False, **more
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A part of our data, so that training takes seconds."""
    if not PYTHON.exists():
        pytest.skip(f"the Rasa environment is not there ({PYTHON})")
    folder = tmp_path_factory.mktemp("data")
    for name in (*FILES, *MORE):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes((DATA / name).read_bytes())
    return folder


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """The folder of models and the progress that was printed."""
    models = tmp_path_factory.mktemp("models")
    done = run("-m", "nlu.training.train", "--data", data, "--out", models, timeout=500)
    assert done.returncode == 0, done.stderr[-2000:]
    return models, [json.loads(line) for line in done.stdout.splitlines()]


def test_training_tells_its_progress_and_nothing_else(trained: tuple[Path, list[dict[str, Any]]]) -> None:
    _, lines = trained
    stages = [line["stage"] for line in lines]
    assert (
        stages[0] == "load" and stages[-1] == "done" and {"prepare", "train", "export", "gate"} <= set(stages)
    )
    steps = [line for line in lines if line["stage"] == "train"]
    assert steps[-1]["epoch"] == steps[-1]["epochs"] and steps[-1]["eta_s"] == 0
    assert all(0 <= line["accuracy"] <= 1 for line in steps)


def test_unchanged_data_trains_nothing(data: Path, trained: tuple[Path, list[dict[str, Any]]]) -> None:
    models, lines = trained
    began = time.monotonic()
    done = run("-m", "nlu.training.train", "--data", data, "--out", models, timeout=60)
    assert [json.loads(line)["stage"] for line in done.stdout.splitlines()] == ["done"]
    assert json.loads(done.stdout)["model"] == lines[-1]["model"]
    assert time.monotonic() - began < 20


def test_a_failure_is_one_clear_line(tmp_path: Path, trained: tuple[Path, list[dict[str, Any]]]) -> None:
    (tmp_path / "config.yml").write_text("pipeline: []\n")
    done = run("-m", "nlu.training.train", "--data", tmp_path, "--out", tmp_path / "models", timeout=60)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("training failed: no training phrases")


def test_the_export_refuses_a_pipeline_it_does_not_cover(data: Path, tmp_path: Path) -> None:
    for name in (*FILES, *MORE):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((data / name).read_bytes())
    config = (tmp_path / "config.yml").read_text(encoding="utf-8")
    (tmp_path / "config.yml").write_text(config + "  - name: FallbackClassifier\n", encoding="utf-8")
    done = run("-m", "nlu.training.train", "--data", tmp_path, "--out", tmp_path / "models", timeout=500)
    assert done.returncode == 1
    assert "does not cover" in done.stderr.strip().splitlines()[-1]
    assert not (tmp_path / "models" / "current").exists()


def test_our_reader_of_phrases_agrees_with_rasas(data: Path) -> None:
    code = (
        "import json,sys;from rasa.shared.nlu.training_data.loading import load_data;"
        "d=load_data(sys.argv[1]);"
        "print(json.dumps([[m.get('text'),m.get('intent'),sorted([e['start'],e['end'],e['entity']] for e in "
        "m.get('entities') or [])] for m in d.training_examples]))"
    )
    for name in FILES:
        rasas = json.loads(run("-W", "ignore", "-c", code, data / name, timeout=120).stdout.splitlines()[-1])
        ours = [
            [p.text, p.intent, sorted([s.start, s.end, s.entity] for s in p.spans)]
            for p in read_file(data / name)
        ]
        assert sorted(ours, key=str) == sorted(rasas, key=str)


@pytest.fixture(scope="module")
def stock(trained: tuple[Path, list[dict[str, Any]]]) -> Iterator[str]:
    """`rasa run`, untouched, with the archive that was trained."""
    models, lines = trained
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = os.environ | {"PYTHONPATH": str(ROOT), "RASA_TELEMETRY_ENABLED": "false"}
    words = ["-m", "rasa", "run", "--enable-api", "-i", "127.0.0.1", "-p", str(port)]
    words += ["-m", str(models / f"{lines[-1]['model']}.tar.gz")]
    with (models / "rasa.log").open("wb") as log:
        process = subprocess.Popen([PYTHON, *words], cwd=models, env=env, stdout=log, stderr=log)
        try:
            _wait(f"http://127.0.0.1:{port}/status", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310  # our own address
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise AssertionError("rasa run did not start")


@pytest.mark.parametrize("text", TEXTS)
def test_a_stock_rasa_server_answers_what_the_export_answers(
    text: str, stock: str, trained: tuple[Path, list[dict[str, Any]]]
) -> None:
    models, lines = trained
    body = json.dumps({"text": text}).encode()
    with urllib.request.urlopen(f"{stock}/model/parse", body, timeout=30) as answer:  # noqa: S310  # our own address
        rasas = json.loads(answer.read())
    ours = Engine.load(models / lines[-1]["model"]).parse(text)
    assert list(differences(json.loads(json.dumps(ours)), rasas)) == []
