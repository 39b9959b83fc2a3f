"""The Python side of the interoperability tests.

Reads one JSON request a line from standard input and answers each with one JSON line:
{"ok": result} or {"error": {"type": class, "message": text}}.
The database is named by the DJ_* variables.
"""

import datetime
import decimal
import json
import pathlib
import struct
import sys
import uuid
import warnings

import datajoint as dj
import numpy as np
from datajoint import blob

dj.config["safemode"] = False


def bits(value):
    return struct.pack(">d", value).hex()


def from_bits(text):
    return struct.unpack(">d", bytes.fromhex(text))[0]


def encode(value):
    """A value with its type, as JSON."""
    if value is None:
        return None
    if isinstance(value, (bool, np.bool_)):
        return {"bool": bool(value)}
    if isinstance(value, np.ndarray):
        return {
            "array": {
                "dtype": str(value.dtype),
                "shape": list(value.shape),
                "data": [encode(item) for item in value.flatten(order="C").tolist()],
            }
        }
    if isinstance(value, np.generic):
        return {"scalar": {"dtype": str(value.dtype), "value": encode(value.item())}}
    if isinstance(value, int):
        return {"int": str(value)}
    if isinstance(value, float):
        return {"float": bits(value)}
    if isinstance(value, complex):
        return {"complex": [bits(value.real), bits(value.imag)]}
    if isinstance(value, str):
        return {"str": value}
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"bytes": bytes(value).hex()}
    if isinstance(value, decimal.Decimal):
        return {"decimal": str(value)}
    if isinstance(value, uuid.UUID):
        return {"uuid": str(value)}
    if isinstance(value, datetime.datetime):
        return {"datetime": value.isoformat(sep=" ")}
    if isinstance(value, datetime.date):
        return {"date": value.isoformat()}
    if isinstance(value, datetime.time):
        return {"time": value.isoformat()}
    if isinstance(value, dict):
        return {"dict": [[encode(k), encode(v)] for k, v in value.items()]}
    if isinstance(value, tuple):
        return {"tuple": [encode(item) for item in value]}
    if isinstance(value, (set, frozenset)):
        return {"set": sorted((encode(item) for item in value), key=json.dumps)}
    if isinstance(value, list):
        return {"list": [encode(item) for item in value]}
    raise TypeError(f"cannot encode {type(value)}")


def decode(value):
    """The opposite of `encode`."""
    if value is None:
        return None
    ((kind, body),) = value.items()
    if kind == "bool":
        return body
    if kind == "int":
        return int(body)
    if kind == "float":
        return from_bits(body)
    if kind == "complex":
        return complex(*map(from_bits, body))
    if kind == "str":
        return body
    if kind == "bytes":
        return bytes.fromhex(body)
    if kind == "decimal":
        return decimal.Decimal(body)
    if kind == "uuid":
        return uuid.UUID(body)
    if kind == "datetime":
        return datetime.datetime.fromisoformat(body)
    if kind == "date":
        return datetime.date.fromisoformat(body)
    if kind == "time":
        return datetime.time.fromisoformat(body)
    if kind == "dict":
        return {decode(k): decode(v) for k, v in body}
    if kind == "tuple":
        return tuple(decode(item) for item in body)
    if kind == "set":
        return {decode(item) for item in body}
    if kind == "list":
        return [decode(item) for item in body]
    if kind == "array":
        data = [decode(item) for item in body["data"]]
        return np.array(data, dtype=body["dtype"]).reshape(body["shape"])
    if kind == "scalar":
        return np.dtype(body["dtype"]).type(decode(body["value"]))
    raise TypeError(f"cannot decode {kind}")


class Side:
    """One connection to the database and the tables known so far."""

    def __init__(self):
        self.context = {}

    def table(self, schema, table):
        return dj.FreeTable(dj.conn(), f"{schema}.{table}")

    def version(self):
        return dj.__version__

    def tables(self, schema):
        """Every table of a schema as Python sees it through a virtual schema."""
        module = dj.virtual_schema(schema)
        result = {}
        for name in dir(module):
            item = getattr(module, name)
            if not (isinstance(item, type) and issubclass(item, dj.Table)):
                continue
            for cls in [item, *(getattr(item, part) for part in dir(item) if self.is_part(item, part))]:
                table = cls()
                result[table.table_name] = self.describe(table)
        return result

    @staticmethod
    def is_part(master, name):
        if not name[:1].isupper():
            return False
        item = getattr(master, name)
        return isinstance(item, type) and issubclass(item, dj.Part)

    @staticmethod
    def describe(table):
        heading = table.heading
        attributes = [
            {
                "name": attribute.name,
                "type": attribute.type,
                "original_type": attribute.original_type,
                "in_key": attribute.in_key,
                "nullable": attribute.nullable,
                "default": attribute.default,
                "comment": attribute.comment,
                "lineage": attribute.lineage,
            }
            for attribute in heading.attributes.values()
        ]
        return {
            "class": type(table).__name__,
            "comment": heading.table_status["comment"],
            "primary_key": list(heading.primary_key),
            "attributes": attributes,
            "describe": table.describe(),
            "parents": sorted(table.parents()),
        }

    def lineage(self, schema):
        rows = dj.conn().query(
            f"SELECT table_name, attribute_name, lineage FROM {self.quote(schema)}.{self.quote('~lineage')} "
            "ORDER BY table_name, attribute_name"
        )
        return [list(row) for row in rows.fetchall()]

    def quote(self, name):
        return dj.conn().adapter.quote_identifier(name)

    def declare(self, schema, tables, adopt=()):
        """Declares tables given as {"class", "tier", "definition", "contents", "make", "parts"}.

        They and those of the schemas to adopt are then known under the names of their classes.
        """
        self.context = {}
        for other in adopt:
            self.adopt(other)
        target = dj.Schema(schema)
        for spec in tables:
            members = {"definition": spec["definition"]}
            if spec.get("contents"):
                members["contents"] = [tuple(decode(value) for value in row) for row in spec["contents"]]
            if spec.get("make"):
                scope = {"dj": dj, "np": np, **self.context}
                exec(spec["make"], scope)
                members["make"] = scope["make"]
            for part in spec.get("parts", []):
                members[part["class"]] = type(part["class"], (dj.Part,), {"definition": part["definition"]})
            base = getattr(dj, spec["tier"])
            cls = type(spec["class"], (base,), members)
            self.context[spec["class"]] = cls
            target(cls, context=self.context)
            cls().heading.names
        return None

    def adopt(self, schema):
        """Makes the tables of a schema known under their class names."""
        module = dj.virtual_schema(schema)
        for name in dir(module):
            item = getattr(module, name)
            if isinstance(item, type) and issubclass(item, dj.Table):
                self.context[name] = item

    def catalog(self, schema):
        """Every table of a schema as the server has it, by name, hidden ones included."""
        if dj.conn().adapter.backend == "mysql":
            return self.mysql_catalog(schema)
        return self.postgres_catalog(schema)

    @staticmethod
    def mysql_catalog(schema):
        tables = [row[0] for row in dj.conn().query(f"SHOW TABLES IN `{schema}`")]
        return {
            table: [dj.conn().query(f"SHOW CREATE TABLE `{schema}`.`{table}`").fetchone()[1]] for table in tables
        }

    @staticmethod
    def postgres_catalog(schema):
        tables = {}

        def collect(label, query):
            for table, *rest in dj.conn().query(query).fetchall():
                tables.setdefault(table, []).append(" ".join([label, *map(str, rest)]))

        of_schema = f"join pg_namespace n on n.oid = c.relnamespace where n.nspname = '{schema}'"
        collect("table", f"select relname, obj_description(c.oid) from pg_class c {of_schema} and relkind = 'r'")
        collect(
            "column",
            "select relname, attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid), "
            "col_description(c.oid, attnum) from pg_attribute a join pg_class c on c.oid = attrelid left join "
            f"pg_attrdef on adrelid = c.oid and adnum = attnum {of_schema} and relkind = 'r' and attnum > 0 "
            "order by relname, attnum",
        )
        collect(
            "constraint",
            "select relname, conname, pg_get_constraintdef(k.oid) from pg_constraint k join pg_class c on "
            f"c.oid = conrelid {of_schema} order by relname, conname",
        )
        collect(
            "index",
            f"select tablename, indexdef from pg_indexes where schemaname = '{schema}' order by tablename, indexname",
        )
        collect(
            "label",
            "select distinct on (typname, enumsortorder) '', typname, enumlabel from pg_enum join pg_type c on "
            f"c.oid = enumtypid join pg_namespace n on n.oid = c.typnamespace where n.nspname = '{schema}' "
            "order by typname, enumsortorder",
        )
        return tables

    def insert(self, schema, table, rows):
        self.table(schema, table).insert(
            [{name: decode(value) for name, value in row.items()} for row in rows], allow_direct_insert=True
        )
        return None

    def fetch(self, schema, table, restriction=None):
        query = self.table(schema, table)
        if restriction:
            query = query & {name: decode(value) for name, value in restriction.items()}
        rows = query.to_dicts(order_by="KEY")
        return [{name: encode(value) for name, value in row.items()} for row in rows]

    def use_stores(self, stores, download):
        """Names the stores, and the folder in which attached files are written."""
        dj.config.stores = stores
        dj.config.download_path = download

    def insert_objects(self, schema, table, row):
        """Inserts a row whose values are expressions."""
        self.table(schema, table).insert1({name: evaluate(value) for name, value in row.items()})

    def fetch_objects(self, schema, table, restriction):
        """The values of a row, with what is in their objects."""
        query = self.table(schema, table) & restriction
        return {name: contents(value) for name, value in query.fetch1().items()}

    def count(self, schema, table):
        return len(self.table(schema, table))

    def execute(self, statement):
        dj.conn().query(statement)

    def ask(self, statement):
        return [[encode(value) for value in row] for row in dj.conn().query(statement).fetchall()]

    def delete(self, schema, table, restriction):
        dj.virtual_schema(schema)
        query = self.table(schema, table) & {name: decode(value) for name, value in restriction.items()}
        return query.delete(prompt=False)

    def join(self, left, right):
        """How many rows two tables have together."""
        left, right = self.table(*left), self.table(*right)
        left.heading.names, right.heading.names
        return len(left * right)

    def hidden(self, schema, table, columns):
        """The values of columns that queries leave out."""
        names = ", ".join(map(self.quote, columns))
        rows = dj.conn().query(f"SELECT {names} FROM {self.quote(schema)}.{self.quote(table)}").fetchall()
        return [[encode(value) for value in row] for row in rows]

    def set_replica_identity(self, schema, mode, dry_run):
        return dj.deploy.set_replica_identity(dj.Schema(schema, create_schema=False), mode=mode, dry_run=dry_run)

    def replica_identities(self, schema):
        rows = dj.conn().query(
            "SELECT relname, relreplident FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            f"WHERE n.nspname = '{schema}' AND relkind = 'r' AND relname NOT LIKE '~deploy' ORDER BY 1"
        )
        return [list(map(str, row)) for row in rows.fetchall()]

    def add_hidden_columns(self, schema):
        target = dj.Schema(schema, create_schema=False)
        provenance = dj.deploy.add_prov_column(target, dry_run=False)["columns_added"]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from datajoint import migrate
        job_metadata = migrate.add_job_metadata_columns(target, dry_run=False)["columns_added"]
        return {"provenance": provenance, "job_metadata": job_metadata}

    def configure(self, name, value):
        dj.config[name] = value

    def populate(self, cls, reserve_jobs=False):
        result = self.context[cls].populate(reserve_jobs=reserve_jobs)
        return {"success_count": result["success_count"], "errors": len(result["error_list"])}

    def refresh_jobs(self, cls, orphan_timeout=None):
        return self.context[cls]().jobs.refresh(orphan_timeout=orphan_timeout)

    def reserve_job(self, cls, key):
        assert self.context[cls]().jobs.reserve(key)

    def fail_job(self, cls, key):
        self.context[cls]().jobs.error(key, "ValueError: on purpose", "Traceback")

    def drop_schema(self, schema):
        """Drops a schema as users do."""
        dj.Schema(schema, create_schema=False).drop(prompt=False)

    def clear(self, schemas):
        """Drops schemas that may be there, whatever is in them."""
        cascade = " CASCADE" if dj.conn().adapter.backend == "postgresql" else ""
        for schema in schemas:
            dj.conn().query(f"DROP SCHEMA IF EXISTS {self.quote(schema)}{cascade}")

    def pack(self, expression, compress):
        """The blob of the value of an expression."""
        return blob.pack(evaluate(expression), compress=compress).hex()

    def unpack_equal(self, hexadecimal, expression):
        """What a blob holds and what an expression gives, for comparison."""
        return [encode(blob.unpack(bytes.fromhex(hexadecimal))), encode(evaluate(expression))]


def contents(value):
    """What is in an object, or the value of any other attribute."""
    if hasattr(value, "is_dir"):
        if not value.is_dir:
            return {"bytes": value.read().hex()}
        files = {}
        for root, _, names in value.walk():
            for name in names:
                path = f"{root}/{name}" if root else name
                with value.open(path) as file:
                    files[path.split(value.path)[-1].lstrip("/")] = file.read().hex()
        return {"folder": files}
    if hasattr(value, "load") and hasattr(value, "is_loaded"):
        return encode(value.load())
    if isinstance(value, str) and pathlib.Path(value).is_file():
        return {"file": [pathlib.Path(value).name, pathlib.Path(value).read_bytes().hex()]}
    return encode(value)


def evaluate(expression):
    return eval(expression, {"np": np, "uuid": uuid, "datetime": datetime, "Decimal": decimal.Decimal})


def main():
    side = Side()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"ok": getattr(side, request["call"])(**request.get("with", {}))}
        except Exception as error:  # every failure is an answer
            answer = {"error": {"type": type(error).__name__, "message": str(error)}}
        sys.stdout.write("\x1e" + json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
