"""Why a training came to nothing, in a sentence that says what to mend. Codes are kept, sentences are not."""

from __future__ import annotations

import errno
import signal

# Chinese · English; {} is the detail that the code brings.
SENTENCES = {
    "data": "训练数据有错，请在“数据”中改正：{} · The training data has a mistake; mend it under Data: {}",
    "few": "例句太少，每项至少 {} · Too few phrases, each needs at least {}",
    "disk": "磁盘已满：请清理磁盘或减少保留的版本，然后重新训练 · "
    "The disk is full: free some space or keep fewer versions, then train again",
    "killed": "训练进程被终止（通常是内存不足，约需 2 GB）：请关闭其他程序后重新训练 · "
    "The training process was killed (mostly for lack of memory; about 2 GB are needed): "
    "close other programs and train again",
    "export": "导出的模型与 Rasa 的回答不一致，已拒绝：{} · The export answers differently from Rasa: {}",
    "environment": "这台机器没有训练环境：请运行一次 ./lianxin train · "
    "This machine has no training environment: run ./lianxin train once",
    "judge": "新模型无法评测：{} · The candidate could not be judged: {}",
    "broken": "训练得到的模型文件不完整，已丢弃：请重新训练 · "
    "The files of the trained model are incomplete and were dropped: train again",
    "interrupted": "训练多次中断：请查看服务器日志 · "
    "It was interrupted several times: look into the server's log",
    "other": "训练失败：{} · Training failed: {}",
}


def sentence(code: str, detail: str) -> str:
    """Both languages, parted by " · "; "" for no problem."""
    if not code:
        return ""
    zh, _, en = SENTENCES.get(code, SENTENCES["other"]).partition(" · ")
    return f"{zh.replace('{}', detail)} · {en.replace('{}', detail)}"


class Stopped(Exception):
    """A training that ends here; `code` is one of SENTENCES."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail[:1000]


class Cancelled(Exception):
    """Somebody asked for it."""


def of_process(code: int | None, said: str, what: str) -> Stopped:
    """From a process's status (None where nobody could wait for it) and its last words."""
    last = next((line for line in reversed(said.splitlines()) if line.strip()), "")
    reason = last.partition("failed: ")[2] or last
    if "No space left" in said or "NoRoom" in said or "DiskFull" in said:
        return Stopped("disk")
    if not last.startswith(("training failed", "judging failed")) and (
        code is None or code < 0 or code == 137
    ):
        name = signal.Signals(-code).name if code and code < 0 else ""
        return Stopped("killed", name)
    if "MemoryError" in reason:
        return Stopped("killed", "MemoryError")
    if "answers differently from Rasa" in reason or "does not cover" in reason:
        return Stopped("export", reason.partition("from Rasa: ")[2] or reason)
    if what == "judge":
        return Stopped("judge", reason)
    if "Error" not in reason.partition(":")[0] or "YAML" in reason or ".yml" in reason:
        return Stopped("data", reason)
    return Stopped("other", reason)


def of_os(error: OSError) -> Stopped:
    """What the machine refused."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Stopped("disk")
    if error.errno == errno.ENOMEM:
        return Stopped("killed", "ENOMEM")
    return Stopped("other", f"{type(error).__name__}: {error.strerror or error}")
