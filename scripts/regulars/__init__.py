"""What each customer is worth, every night, and the lists that follow from it."""

import os

# One thread: the same bits on every machine, and no fight over tiny matrices.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
