"""Publish random lists: `python -m benchmarks.serve.publish STORE_URL USERS [SEED]`."""

import sys
import time

from benchmarks.serve.lists import publish_random_lists
from shared.stores import open_store

if __name__ == "__main__":
    store = open_store(sys.argv[1])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else time.time_ns()
    print(publish_random_lists(store, int(sys.argv[2]), seed))
    store.close()
