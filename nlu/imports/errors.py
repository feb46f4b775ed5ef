"""What can be wrong with an import; the text is shown to the admin as it is."""

from __future__ import annotations


class ImportFailed(Exception):
    """Nothing was written."""
