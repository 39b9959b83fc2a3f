"""What DataJoint for Python reaches on the workloads of the benchmark.

Usage: python_side.py WORKLOAD ...; the database is named by the DJ_* variables.
Prints one JSON object a line: {"workload", "seconds": [one for each run]}.
Every workload drops what it made.
"""

import datetime
import json
import sys
import time

import datajoint as dj
import numpy as np

dj.config["safemode"] = False
RUNS = 3


def fresh(name):
    schema = dj.Schema(name)
    schema.drop(prompt=False)
    return dj.Schema(name)


def report(workload, seconds):
    print(json.dumps({"workload": workload, "seconds": seconds}), flush=True)


def timed(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def tree(count):
    """A binary tree of foreign keys; eight secondary attributes each."""
    attributes = "\n".join(f"a{j} : float64" for j in range(8))
    for i in range(count):
        parent = f"-> T{(i - 1) // 2}\n" if i else ""
        own = f"k{i} : int32\n" if i < 16 else ""
        yield f"T{i}", f"{parent}{own}---\n{attributes}"


def declare():
    declared, opened = [], []
    for _ in range(RUNS):
        schema, context = fresh("bench_py_declare"), {}

        def run():
            for name, definition in tree(100):
                context[name] = type(name, (dj.Manual,), {"definition": definition})
                schema(context[name], context=context)

        declared.append(timed(run))

        def reopen():
            classes = {}
            dj.Schema("bench_py_declare").make_classes(into=classes)
            for cls in classes.values():
                if isinstance(cls, type) and issubclass(cls, dj.Table):
                    cls().heading.names

        opened.append(timed(reopen))
        schema.drop(prompt=False)
    report("declare 100 tables", declared)
    report("open 100 tables", opened)


def rows():
    schema = fresh("bench_py_rows")

    @schema
    class Reading(dj.Manual):
        definition = "id : int64\n---\nname : varchar(40)\nvalue : float64\nat : datetime\nextra = null : int32"

    start = datetime.datetime(2026, 1, 1)
    data = [
        dict(id=i, name=f"name-{i % 9973:05d}", value=i * 0.5, at=start + datetime.timedelta(seconds=i),
             extra=None if i % 3 else i)
        for i in range(100_000)
    ]
    Reading()

    def insert(batch):
        Reading().delete_quick()
        return timed(batch)

    report("insert 100k rows", [insert(lambda: Reading.insert(data, chunk_size=10_000)) for _ in range(RUNS)])
    report("fetch 100k rows", [timed(lambda: Reading.to_dicts()) for _ in range(RUNS)])
    report(
        "fetch1 x 2000",
        [timed(lambda: [(Reading & {"id": i * 17}).fetch1() for i in range(2000)]) for _ in range(RUNS)],
    )
    report("count x 200", [timed(lambda: [len(Reading & f"id > {i}") for i in range(200)]) for _ in range(RUNS)])
    report(
        "insert1 x 2000",
        [insert(lambda: [Reading.insert1(row) for row in data[:2000]]) for _ in range(RUNS)],
    )
    schema.drop(prompt=False)


def blobs():
    schema = fresh("bench_py_blobs")

    @schema
    class Trace(dj.Manual):
        definition = "id : int32\n---\ndata : <blob>"

    arrays = [np.random.default_rng(i).standard_normal(131_072) for i in range(100)]
    Trace()

    def insert():
        Trace().delete_quick()
        return timed(lambda: Trace.insert([dict(id=i, data=a) for i, a in enumerate(arrays)], chunk_size=10))

    report("insert 100 blobs of 1 MiB", [insert() for _ in range(RUNS)])
    report("fetch 100 blobs of 1 MiB", [timed(lambda: Trace.to_arrays("data")) for _ in range(RUNS)])
    schema.drop(prompt=False)


def populate():
    seconds = []
    for _ in range(RUNS):
        schema = fresh("bench_py_populate")

        @schema
        class Source(dj.Manual):
            definition = "id : int32\n---\nx : float64"

        @schema
        class Result(dj.Computed):
            definition = "-> Source\n---\ny : float64"

            def make(self, key):
                self.insert1(dict(key, y=(Source & key).fetch1("x") * 2))

        Source.insert([dict(id=i, x=i * 1.0) for i in range(2000)])
        Result()
        seconds.append(timed(lambda: Result.populate()))
        assert len(Result()) == 2000
        schema.drop(prompt=False)
    report("populate 2000 keys", seconds)


for workload in sys.argv[1:]:
    {"declare": declare, "rows": rows, "blobs": blobs, "populate": populate}[workload]()
