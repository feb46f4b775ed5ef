"""A model small enough to be written by hand: two services, two acts, one danger; real tables, real code."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from nlu.reading.axes import Axes, Axis
from nlu.reading.engine import META, PLACES, READER
from nlu.reading.entities.gazetteer import Gazetteer
from nlu.reading.features import Vocabulary
from nlu.reading.reader import Facts, Reader

# Each axis: its labels, and which single characters speak for them.
SPEAKS = {
    "service": {"heating": "暖热", "bus": "公交站"},
    "act": {"greet": "您", "thank": "谢"},
    "kind": {"complaint": "投诉", "question": "吗"},
    "request": {"request": "暖热公交站投诉吗火"},
    "danger": {"danger": "火"},
    "safety": {"fire": "火", "flooding": "淹"},
    "conduct": {"abuse": "滚"},
}
SEVERAL = {"request", "danger", "conduct"}


def make_reader() -> Reader:
    characters = sorted({c for labels in SPEAKS.values() for speaks in labels.values() for c in speaks})
    vocabulary = Vocabulary(characters, np.ones(len(characters), np.float32))
    axes, columns, bias = {}, [], []
    for name, labels in SPEAKS.items():
        several = name in SEVERAL
        axes[name] = Axis(
            tuple(labels), (6.0,) * len(labels), (-3.0 if several else 0.0,) * len(labels), several
        )
        for speaks in labels.values():
            columns.append([1.0 if c in speaks else 0.0 for c in characters])
            bias.append(0.0)
    weights = np.array(columns, np.float32).T
    facts = Facts(
        {"heating": "城乡建设", "bus": "交通运输", "emergency": "政法"},
        {"heating": {"gas_heat": 1.0, "street": 0.5}, "bus": {"transport": 1.0}},
        words={"驾校": "transport", "工地": "housing"},
        loads={"transport": 1.2},
    )
    return Reader(vocabulary, Axes(axes, weights, np.array(bias, np.float32)), facts)


def make_gazetteer() -> Gazetteer:
    own = {
        "滨江区": {"name": "滨江区", "part": "district"},
        "解放路": {"name": "解放路", "part": "road", "district": "滨江区"},
        "幸福里小区": {"name": "幸福里小区", "part": "estate", "district": "滨江区", "town": "沿江街道"},
        "幸福里": {"name": "幸福里小区", "part": "estate", "district": "滨江区", "town": "沿江街道"},
        "青龙镇": {"name": "青龙镇", "part": "town", "district": "城北区"},
    }
    return Gazetteer(
        own,
        {"浙江省": "province", "杭州市": "city", "西湖区": "district"},
        {"杭州": "city", "浙江": "province"},
    )


def write_model(models: Path, name: str = "lianxin-one", serve: bool = True) -> Path:
    """The folder that the export would write; `serve` points the folder of models at it."""
    folder = models / name
    (folder / READER).mkdir(parents=True)
    (folder / PLACES).mkdir()
    make_reader().save(folder / READER)
    make_gazetteer().save(folder / PLACES)
    meta = {"name": f"{name}.tar.gz", "model_id": f"id-{name}", "rasa": "3.6.21", "minimum_rasa": "3.6.21"}
    (folder / META).write_text(json.dumps(meta), encoding="utf-8")
    if serve:
        (models / "current").write_text(name + "\n", encoding="utf-8")
    return folder
