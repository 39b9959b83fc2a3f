"""DataJoint for Python as one side of the benchmark.

Reads the name of a workload from standard input, prepares it, says `ready` and waits for a line; works, says `seconds`
and waits for a line; says `check`. Every answer is a line of JSON after a mark. What it has not is `missing`.
"""

import datetime
import json
import os
import sys
import time
import urllib.parse

url = urllib.parse.urlparse(sys.argv[1])
is_postgres = url.scheme.startswith("postgres")
os.environ.update(
    DJ_IGNORE_CONFIG_FILE="true",
    DJ_BACKEND="postgresql" if is_postgres else "mysql",
    DJ_HOST=url.hostname,
    DJ_PORT=str(url.port),
    DJ_USER=url.username or "root",
    DJ_PASS=url.password or ("any" if is_postgres else ""),
    DJ_LOG_LEVEL="ERROR",
    DJ_SAFEMODE="false",
)
import datajoint as dj  # noqa: E402
import numpy as np  # noqa: E402
from datajoint import blob  # noqa: E402

dj.config["safemode"] = False
ROWS, SINGLE = 100_000, 2000
START = datetime.datetime(2026, 1, 1)


def fresh(name):
    schema = dj.Schema(name)
    if schema.exists:
        schema.drop(prompt=False)
    return dj.Schema(name)


def row(number):
    return dict(
        id=number,
        name=f"name-{number % 9973:05d}",
        value=number * 0.5,
        at=START + datetime.timedelta(seconds=number),
        extra=None if number % 3 else number,
    )


schema = fresh("bench_python")


@schema
class Rows(dj.Manual):
    definition = "id : int64\n---\nname : varchar(40)\nvalue : float64\nat : datetime\nextra = null : int32"


@schema
class Blobs(dj.Manual):
    definition = "id : int32\n---\ndata : <blob>"


@schema
class Source(dj.Manual):
    definition = "id : int32\n---\nx : float64"


@schema
class Twice(dj.Computed):
    definition = "-> Source\n---\ny : float64"

    def make(self, key):
        self.insert1(dict(key, y=(Source & key).fetch1("x") * 2))


@schema
class A(dj.Manual):
    definition = "a : int32\n---\nx : int32"


@schema
class B(dj.Manual):
    definition = "-> A\nb : int32"


@schema
class C(dj.Manual):
    definition = "-> B\nc : int32"


@schema
class D(dj.Manual):
    definition = "-> C\nd : int32\n---\nv : float64"


for table in (Rows, Blobs, Source, Twice, A, B, C, D):
    table()


def say(**answer):
    print("\x1e" + json.dumps(answer), flush=True)


def timed(work, check):
    """Runs the work when told to, says how long it took, and checks it when told to."""
    say(ready=True)
    sys.stdin.readline()
    start = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - start
    say(seconds=seconds)
    sys.stdin.readline()
    return float(check(result))


def check_of(row):
    seconds = (row["at"] - START).total_seconds()
    extra = -1 if row["extra"] is None else row["extra"]
    return row["id"] + seconds + extra + len(row["name"]) + row["value"]


def check_of_all(rows):
    return sum(check_of(each) for each in rows)


def filled():
    if len(Rows()) != ROWS:
        Rows().delete_quick()
        Rows.insert([row(number) for number in range(ROWS)], chunk_size=10_000)


def insert(rows, at_once):
    Rows().delete_quick()
    data = [row(number) for number in range(rows)]

    def work():
        if at_once == 1:
            for one in data:
                Rows.insert1(one)
        elif at_once == rows:
            Rows.insert(data, chunk_size=10_000)
        else:
            for first in range(0, rows, at_once):
                Rows.insert(data[first : first + at_once])

    return timed(work, lambda _: check_of_all(Rows.to_dicts()))


def fetch():
    filled()
    return timed(lambda: Rows.to_dicts(), check_of_all)


def fetch_arrow():
    filled()

    def check(table):
        seconds = sum((each - START).total_seconds() for each in table["at"].to_pylist())
        extra = sum(-1 if each is None else each for each in table["extra"].to_pylist())
        names = sum(len(each) for each in table["name"].to_pylist())
        return sum(table["id"].to_pylist()) + seconds + extra + names + sum(table["value"].to_pylist())

    return timed(lambda: Rows.to_arrow(), check)


def fetch1():
    filled()
    return timed(lambda: [(Rows & {"id": number * 17}).fetch1() for number in range(SINGLE)], check_of_all)


def count():
    filled()
    return timed(lambda: sum(len(Rows & f"id > {number}") for number in range(200)), float)


def noise(start, length):
    """Numbers that can't be foreseen, of a place in their sequence: SplitMix64."""
    bits = np.arange(start + 1, start + length + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    bits ^= bits >> np.uint64(31)
    return (bits >> np.uint64(11)).astype(np.float64) / 2.0**53 - 0.5


def blobs(inserts):
    length = 131_072
    data = [dict(id=number, data=noise(number * length, length)) for number in range(100)]
    # A statement is to fit into a packet of the server.
    put = lambda: Blobs.insert(data, chunk_size=8)  # noqa: E731
    if inserts:
        Blobs().delete_quick()
        return timed(put, lambda _: sum(each.sum() for each in Blobs.to_arrays("data")))
    if len(Blobs()) != 100:
        put()
    return timed(lambda: Blobs.to_arrays("data"), lambda arrays: sum(each.sum() for each in arrays))


def tree(into):
    declared = {}
    for number in range(100):
        parent = f"-> T{(number - 1) // 2}\n" if number else ""
        own = "" if number.bit_length() > 4 else f"k{number} : int32\n"
        attributes = "\n".join(f"a{each} : float64  # attribute {each}" for each in range(8))
        declared[f"T{number}"] = type(
            f"T{number}", (dj.Manual,), {"definition": f"{parent}{own}---\n{attributes}"}
        )
        into(declared[f"T{number}"], context=declared)
    return len(declared)


def declare():
    into = fresh("bench_python_tree")
    return timed(lambda: tree(into), float)


def open_tables():
    if not dj.Schema("bench_python_tree").exists or not dj.Schema("bench_python_tree").list_tables():
        tree(fresh("bench_python_tree"))

    def work():
        found = {}
        dj.Schema("bench_python_tree").make_classes(into=found)
        tables = [each for each in found.values() if isinstance(each, type) and issubclass(each, dj.Table)]
        return sum(len(table().heading.names) for table in tables)

    return timed(work, float)


def populate():
    Twice().delete_quick()
    Source().delete_quick()
    Source.insert([dict(id=number, x=float(number)) for number in range(2000)])
    return timed(lambda: Twice.populate(), lambda _: sum(each["y"] for each in Twice.to_dicts()))


def four_tables():
    if len(D()) == 100_000:
        return
    A.delete(prompt=False)
    A.insert([(a, a % 2) for a in range(100)])
    B.insert([(n // 10, n % 10) for n in range(1000)])
    C.insert([(n // 100, n // 10 % 10, n % 10) for n in range(10_000)])
    D.insert([(n // 1000, n // 100 % 10, n // 10 % 10, n % 10, 0.5) for n in range(100_000)])


def join():
    four_tables()
    return timed(lambda: (C * D).to_dicts(), lambda rows: sum(each["v"] for each in rows))


def aggregate():
    four_tables()
    work = lambda: C.aggr(D, n="count(d)", s="sum(v)").to_dicts()  # noqa: E731
    return timed(work, lambda rows: sum(int(each["n"]) + float(each["s"]) for each in rows))


def build():
    def work():
        number = 0
        for a in range(500):
            query = (C & {"a": a}).aggr(D, n="count(d)") & "n > 1"
            number += bool(query.make_sql())
        return number

    return timed(work, float)


def cascade():
    four_tables()
    tables = (A, B, C, D)
    return timed(lambda: (A & "x=1").delete(prompt=False), lambda _: sum(len(table()) for table in tables))


def pack_large():
    value = noise(0, 1_000_000).reshape(1000, 1000)
    return timed(lambda: blob.pack(value), lambda packed: blob.unpack(packed).sum())


def unpack_large():
    packed = blob.pack(noise(0, 1_000_000).reshape(1000, 1000))
    return timed(lambda: blob.unpack(packed), lambda value: value.sum())


def dictionary():
    return {f"key{n}": dict(i=n, x=n / 3, s=str(n), l=[1, 2, n]) for n in range(1000)}


def pack_dict():
    value = dictionary()
    return timed(lambda: blob.pack(value, compress=False), len)


def unpack_dict():
    packed = blob.pack(dictionary(), compress=False)
    return timed(lambda: blob.unpack(packed), len)


def small():
    return [noise(number * 100, 100) for number in range(10_000)]


def pack_small():
    values = small()
    return timed(lambda: [blob.pack(each, compress=False) for each in values], lambda packed: len(packed[0]))


def unpack_small():
    packed = [blob.pack(each, compress=False) for each in small()]
    return timed(lambda: [blob.unpack(each) for each in packed], lambda values: values[0].sum())


WORKLOADS = {
    "insert 100k rows": lambda: insert(ROWS, ROWS),
    "insert 1k rows x 100": lambda: insert(ROWS, 1000),
    "insert1 x 2000": lambda: insert(SINGLE, 1),
    "fetch 100k rows": fetch,
    "stream 100k rows": fetch,
    "fetch 100k rows to Arrow": fetch_arrow,
    "join 10k x 100k, fetch": join,
    "aggregate 100k by 10k, fetch": aggregate,
    "build SQL x 500": build,
    "fetch1 x 2000": fetch1,
    "count x 200": count,
    "insert 100 blobs of 1 MiB": lambda: blobs(True),
    "fetch 100 blobs of 1 MiB": lambda: blobs(False),
    "declare 100 tables": declare,
    "open 100 tables": open_tables,
    "populate 2000 keys": populate,
    "populate 2000 keys, 4 workers": populate,
    "delete 55k rows in cascade": cascade,
    "pack 8 MB, compressed": pack_large,
    "unpack 8 MB, compressed": unpack_large,
    "pack a dict of 1000": pack_dict,
    "unpack a dict of 1000": unpack_dict,
    "pack 10k arrays of 100": pack_small,
    "unpack 10k arrays of 100": unpack_small,
}

# Not `for line in sys.stdin`, which reads ahead.
while line := sys.stdin.readline():
    work = WORKLOADS.get(line.strip())
    try:
        if work is None:
            say(missing=True)
        else:
            say(check=work())
    except Exception as error:
        say(error=f"{type(error).__name__}: {error}")

for each in ("bench_python", "bench_python_tree"):
    if dj.Schema(each).exists:
        dj.Schema(each).drop(prompt=False)
