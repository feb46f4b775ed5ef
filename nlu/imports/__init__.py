"""A city's past tickets as training phrases: read, stripped of personal data, mapped to services, shown,
written.

`python -m nlu.imports export.csv` (or `./lianxin import-tickets`) shows what it would do; `--yes` does it.
It writes ordinary Rasa training data beside the project's own phrases and knows nothing of training.
"""
