//! The page of the guide on SQL that differs by server, printed from the table that the servers are asked about.

use std::fmt::Write as _;

use super::table::{LINES, Line};
use super::{ERROR, REFUSED};

/// Returns the page.
pub fn sql_by_server() -> String {
    let mut page = HEAD.to_owned();
    for line in LINES.iter().filter(|line| line.says.iter().any(|says| !says.is_empty())) {
        let cells: Vec<&str> = (0..3).map(|place| cell(line, place)).collect();
        let _ = writeln!(page, "| `{}` | {} |", line.text.replace('|', "\\|"), cells.join(" | "));
    }
    page.push_str(TAIL);
    page
}

fn cell(line: &Line, place: usize) -> &'static str {
    match line.found[place] {
        REFUSED => "refused",
        ERROR => "error of the server",
        _ => line.says[place],
    }
}

const HEAD: &str = "# SQL on each server

<!-- Printed from the table of datajoint-conformance, which asks every server. -->

SQL that you write, as in `sql(..)` and `compute`, is the server's own, translated where a function has another name. Where a
server would silently make something else of it than another one, the library refuses it before anything is sent, with
what to write in its place. What a function or sign takes with one meaning is known for each: a UUID, bytes or a document is taken
nowhere for a number, a string or a time, and where SQLite would mix numbers, strings, days and moments in its own way, it is
refused until you `cast`. On every server you round to digits with `round(x, 2)`, and cast with `cast(x as double)`,
`cast(round(x) as signed)`, `cast(x as decimal(10, 2))`, `cast(x as char)` and `cast(x as date)`; a truth counts as 1 or 0 beside
a number, as in `truth = 1` and `avg(n > 1)`; a query in brackets reads from `schema.table`. Some differences remain. Here `n` is an integer, `name` a string, `note` one that may be null,
`weight` a float, `price` a decimal, `truth` a bool, `born` a date, `at` a moment, `fine` one with milliseconds, `mark` a UUID and
`level` an enum.

| SQL | SQLite | MySQL, MariaDB | PostgreSQL |
|---|---|---|---|
";

const TAIL: &str = "
These differ, too, by the values:

* A quotient and a mean of whole numbers or decimals have four more digits than their numbers on MySQL and MariaDB, 16 or
  more on PostgreSQL, and those of a float on SQLite.
* Whole numbers beyond 64 bits become floats on SQLite. Elsewhere they are an error, or of a wider type.
* `lower` and `upper` change the letters of ASCII alone on SQLite, and those of the database's locale on PostgreSQL.
* On MySQL and MariaDB the [collation](types.md#equality-and-order) decides which strings are equal, and which a pattern matches.
* Sums, differences and products of decimals and written numbers are rounded to their digits on SQLite. As a string they, and
  quotients, have the digits of a float there.
* On SQLite a cast to a whole number cuts what is computed by a query in brackets or a function of its own, and a day is
  compared with `now()`, and a moment with `curdate()`, as strings.
* A float as a string, as in `concat(weight, '')`, has the digits that the server writes: `3`, or `3.0` on SQLite.
* A moment that is chosen from others has, as a string, the digits of all of them on MySQL and MariaDB, and its own elsewhere.
* `sum` and `avg` of what is computed from decimals keep 15 digits on SQLite.
* `json_pretty` has the blanks and lines of each server. A document that is computed has, as a string, the blanks of each server.
* `json_extract` gives a value on SQLite, a document on MySQL and its text on MariaDB. `json_type` says its types in small letters
  on SQLite. `regexp_substr` of an empty match is null on MariaDB.
* `from_days` of less than 366 is no day on MariaDB. `lpad` and `rpad` by an empty string are null on MariaDB. `time_to_sec` and
  `unix_timestamp` have fractions on MariaDB. `percent_rank` and `cume_dist` have 10 digits on MariaDB. `str_to_date` takes days that
  no calendar has on MariaDB. `replace` by a null is null on MariaDB where it finds something, and everywhere elsewhere.
* Documents and members of enums that are computed come in an order of each server.
* Signs for bits count a negative number as one without a sign on MySQL and MariaDB, and `<<` has 32 bits for an `int32` on
  PostgreSQL.
* A shift by less than nothing goes the other way on SQLite, and is that of the server on PostgreSQL, and `bit_or` and its kin count as the signs do.
* A number as a string has the digits that it is computed with on SQLite, and `round` of a float goes up at a half there.
* A cast to a decimal takes what is too large for it on SQLite, is the largest one on MySQL and MariaDB, and an error on PostgreSQL.
* In `substr`, a beginning that is computed must be 1 or more, and a length 0 or more.
* Of a name in a query in brackets the library does not know the type: a quotient there is refused unless a number in it
  has a point, and strings and days are compared as the server does it.
";
