"""`./lianxin bench [NAME …]`: run the named measurements, or all of them."""

from __future__ import annotations

import sys

from bench import learning, lists, seats, serving, swapping, teaching

ALL = {
    "learning": learning.main,
    "lists": lists.main,
    "seats": seats.main,
    "serving": serving.main,
    "swapping": swapping.main,
    "teaching": teaching.main,
}


def main() -> None:
    for name in sys.argv[1:] or ALL:
        if name not in ALL:
            sys.exit(f"unknown measurement {name}; there are: {', '.join(ALL)}")
        ALL[name]()


if __name__ == "__main__":
    main()
