"""The floor of a DynamoDB lookup: threads that call `get_item` of boto3, and nothing else.

`python -m benchmarks.serve.boto3_loop ENDPOINT TABLE USERS THREADS SECONDS` prints gets per second.
"""

import random
import sys
import threading
import time

import boto3

from benchmarks.serve.lists import SECTION


def gets_per_second(endpoint: str, table: str, users: int, threads: int, seconds: float) -> float:
    client = boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",  # DynamoDB Local takes any
    )
    done = [0] * threads
    end = time.perf_counter() + seconds

    def loop(thread: int) -> None:
        chance = random.Random(thread)
        while time.perf_counter() < end:
            key = {
                "subject": {"S": str(chance.randrange(users))},
                "section": {"S": SECTION},
            }
            assert "Item" in client.get_item(TableName=table, Key=key)
            done[thread] += 1

    workers = [threading.Thread(target=loop, args=[thread]) for thread in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(done) / seconds


if __name__ == "__main__":
    endpoint, table, users, threads, seconds = sys.argv[1:]
    print(gets_per_second(endpoint, table, int(users), int(threads), float(seconds)))
