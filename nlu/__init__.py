"""Reading citizens' messages: trained and judged by Rasa, served without it.

Nothing here may import `bot`, `channels` or `actions`: the two sides share only HTTP and the files of
`nlu_data/`.
"""

import os

# The products of a parse are small: threads of their own cost more than they bring, and on a busy machine
# they wait for each other. Before NumPy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
