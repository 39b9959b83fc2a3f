"""DataJoint for Python on a queue of jobs: `python_queue.py URL KEYS`.

Each process runs this file with a number in place of KEYS' measure: it waits for a line, works, and says so.
"""

import os
import subprocess
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

dj.config["safemode"] = False
schema = dj.Schema("bench_queue_python")


@schema
class Source(dj.Manual):
    definition = "id : int32\n---\nx : float64"


@schema
class Twice(dj.Computed):
    definition = "-> Source\n---\ny : float64"

    def make(self, key):
        self.insert1(dict(key, y=(Source & key).fetch1("x") * 2))


if sys.argv[2] == "work":
    Twice.jobs
    print("ready", flush=True)
    sys.stdin.readline()
    Twice.populate(reserve_jobs=True, refresh=False, suppress_errors=True)
    print("done", flush=True)
    sys.exit()

keys = int(sys.argv[2])
Source(), Twice(), Twice.jobs


def fill():
    Twice().delete_quick()
    Twice.jobs.delete_quick()
    Source().delete_quick()
    Source.insert([dict(id=number, x=float(number)) for number in range(keys)])


def tell(what, begin):
    seconds = time.perf_counter() - begin
    print(f"{what:44} {keys / seconds:8.0f} {seconds:9.2f}", flush=True)


fill()
begin = time.perf_counter()
Twice.populate()
tell("direct", begin)
for number in (1, 2, 4, 8, 16):
    fill()
    begin = time.perf_counter()
    Twice.jobs.refresh(delay=-1)
    if number == 1:
        tell(f"refresh of {keys} keys", begin)
    command = [sys.executable, __file__, sys.argv[1], "work"]
    team = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(number)
    ]
    for member in team:
        assert member.stdout.readline() == "ready\n"
    begin = time.perf_counter()
    for member in team:
        member.stdin.write("go\n")
        member.stdin.flush()
    for member in team:
        assert member.stdout.readline() == "done\n"
    tell(f"reserved, {number} processes", begin)
    for member in team:
        member.wait()
    assert len(Twice()) == keys
schema.drop(prompt=False)
