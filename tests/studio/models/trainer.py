"""A trainer for tests: the real one's words and files, a model written by hand, and every way to go wrong.

`python trainer.py MODE --data … --out … --known …`. MODE: good · slow · shuffled · unsafe · broken · disk ·
yaml · refused · killed
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

from tests.nlu import small_model


def say(stage: str, **facts: object) -> None:
    print(json.dumps({"stage": stage, "elapsed_s": 1.0, **facts}), flush=True)


def main() -> int:
    mode, words = sys.argv[1], sys.argv[2:]
    options = {words[i]: words[i + 1 :] for i in range(len(words)) if words[i].startswith("--")}
    out = Path(options["--out"][0])
    name = f"lianxin-{mode}"
    if name in options["--known"]:
        say("known", model=name)
        say("done", model=name)
        return 0
    out.mkdir(parents=True, exist_ok=True)
    say("load")
    for epoch in range(1, 31 if mode == "slow" else 4):
        say("train", axis="service", epoch=epoch, epochs=30, loss=1 / epoch, accuracy=0.5, eta_s=3.0)
        time.sleep(0.2 if mode == "slow" else 0.02)
        if mode == "killed" and epoch == 2:
            os.kill(os.getpid(), signal.SIGKILL)
    if mode == "disk":
        error = OSError(errno.ENOSPC, "No space left on device")
        print(f"training failed: OSError: {error}", file=sys.stderr)
        return 1
    if mode == "yaml":
        print("training failed: YamlException: services/heating.yml:7: not a list", file=sys.stderr)
        return 1
    if mode == "refused":
        print("training failed: the export answers differently from Rasa: text 3.intent", file=sys.stderr)
        return 1
    if mode == "shuffled":
        speaks = small_model.SPEAKS["service"]
        speaks["heating"], speaks["bus"] = speaks["bus"], speaks["heating"]
    if mode == "unsafe":
        del small_model.SPEAKS["safety"]["flooding"]
        small_model.SPEAKS["danger"]["danger"] = "乾"
    folder = small_model.write_model(out, name)
    if mode == "broken":
        (folder / "reader" / "weights.npy").write_bytes(b"half of it")
    say("gate", done=0, of=10)
    shutil.make_archive(str(out / name), "gztar", folder)
    say("done", model=name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
