//! Conditions, and the rows that each finds: on SQLite, on MySQL and MariaDB, and on PostgreSQL.

use super::{ERROR, REFUSED};

/// A condition.
pub(crate) struct Line {
    pub(crate) text: &'static str,
    /// The rows that it finds.
    pub(crate) found: [&'static str; 3],
    /// What the guide says of it, where backends differ.
    pub(crate) says: [&'static str; 3],
}

const fn same(text: &'static str, found: &'static str) -> Line {
    Line { text, found: [found; 3], says: [""; 3] }
}

const fn differs(text: &'static str, found: [&'static str; 3], says: [&'static str; 3]) -> Line {
    Line { text, found, says }
}

/// What takes part in no other line: `n` is 1, 2, 3 and -4; the names are `abc`, `é`, `5` and `Ä`.
pub(crate) const LINES: &[Line] = &[
    differs("n / 2 * 2 = n", [REFUSED, "1 2 3 4", REFUSED], ["", "has fractions", ""]),
    differs("n % 2.5 = 1", [REFUSED, "1", "1"], ["", "has fractions", "has fractions"]),
    differs("price % 2 = 0", [REFUSED, "2", "2"], ["", "has fractions", "has fractions"]),
    differs("weight % 2 = 0.5", [REFUSED, "1", ERROR], ["", "has fractions", ""]),
    same("n / 2.0 * 2 = n", "1 2 3 4"),
    same("1.0 * n / 2 = 1.5", "3"),
    same("(n + 0.5) / 2 = 0.75", "1"),
    same("floor(1.0 * n / 2) = 1", "2 3"),
    same("weight / 2 = 1.25", "1"),
    same("price / 2 = 1", "2"),
    same("n % 2 = 1", "1 3"),
    same("-n % 3 = -1", "1"),
    differs("weight / 0 = 1", ["", "", ERROR], ["null", "null", ""]),
    differs("n % 0 = 1", ["", "", ERROR], ["null", "null", ""]),
    same("weight / nullif(n - n, 0) = 1", ""),
    differs("name || 'x' = 'abcx'", ["1", REFUSED, "1"], ["joins strings", "", "joins strings"]),
    differs("'a' || n + 1 = 'a2'", [REFUSED, REFUSED, "1"], ["", "", "adds first"]),
    same("concat(name, 'x') = 'abcx'", "1"),
    differs("concat(name, note) = 'éx'", [REFUSED, "2", REFUSED], ["", "is null with a null", ""]),
    same("concat(name, coalesce(note, '')) = 'éx'", "2"),
    same("concat_ws('-', name, note) = 'abc'", "1"),
    differs("n ^ 2 = 1", [ERROR, "3", REFUSED], ["", "compares bits", ""]),
    differs("n | 1 & 2 = 3", [REFUSED, "3", REFUSED], ["", "`&` goes first", ""]),
    same("n & 1 = 1", "1 3"),
    same("(n | 1) & 2 = 2", "2 3"),
    same("n << 1 = 4", "2"),
    differs("~n = -2", ["1", "", "1"], ["has a sign", "has none", "has a sign"]),
    differs("n >> 1 = -2", ["4", "", "4"], ["has a sign", "has none", "has a sign"]),
    differs("n && 1 = 1", [ERROR, "1 2 3 4", ERROR], ["", "is `and`", ""]),
    differs("!n = 0", [ERROR, "1 2 3 4", ERROR], ["", "goes before `=`", ""]),
    differs("note <=> null", [ERROR, "1", ERROR], ["", "is true of two nulls", ""]),
    differs("n div 2 = 1", [ERROR, "2 3", ERROR], ["", "is whole", ""]),
    differs("mod(n, 2) = 1", [REFUSED, "1 3", "1 3"], ["", "is `%`", "is `%`"]),
    differs("n = 3.0000000000000000001", [REFUSED, "", ""], ["", "has all digits", "has all digits"]),
    same("n = 3.0", "3"),
    same("price = 3.33", "3"),
    differs("1 < n < 3", [REFUSED, "1 2 3 4", ERROR], ["", "goes from left to right", ""]),
    differs("n = 1 = 0", [REFUSED, "2 3 4", ERROR], ["", "goes from left to right", ""]),
    same("(n = 1) = (n < 2)", "1 2 3"),
    same("n between 1 and 2 and n < 2", "1"),
    same("not n = 1 and n in (1, 2, 3)", "2 3"),
    same("n = 1 or n = 2 and name = 'abc'", "1"),
    same("case when n = 1 then n = 1 else n > 2 end", "1 3"),
    differs("name = 5", [REFUSED, "3", ERROR], ["", "reads the string as a number", ""]),
    differs("name in (5, 6)", [REFUSED, "3", ERROR], ["", "reads the string as a number", ""]),
    differs("level = 1", [REFUSED, "1", ERROR], ["", "counts the members", ""]),
    differs("born = 20200102", [REFUSED, "1", ERROR], ["", "reads the digits of the day", ""]),
    same("name = '5'", "3"),
    same("n = '1'", "1"),
    differs("born + 1 > '2020-01-04'", [REFUSED, REFUSED, "3 4"], ["", "", "is the next day"]),
    same("length(name) = 1", "2 3 4"),
    same("char_length(name) = 1", "2 3 4"),
    same("octet_length(name) = 2", "2 4"),
    same("substr(name, 2) = 'bc'", "1"),
    same("substr(name, 1, 2) = 'ab'", "1"),
    differs("substr(name, -2) = 'bc'", [REFUSED, "1", REFUSED], ["", "counts from the end", ""]),
    differs("substr(name, 0, 2) = 'a'", [REFUSED, "", REFUSED], ["", "is empty", ""]),
    same("left(name, 2) = 'ab'", "1"),
    same("right(name, 2) = 'bc'", "1"),
    same("right(name, 9) = 'abc'", "1"),
    same("left(name, -1) = ''", "1 2 3 4"),
    same("right(name, -1) = ''", "1 2 3 4"),
    same("left(name, n) = ''", "4"),
    same("right(name, n) = 'é' or right(name, n - 9) <> ''", "2"),
    same("left(name, nullif(n, 1)) is null and right(name, nullif(n, 1)) is null", "1"),
    same("cast(name as char(2)) = 'ab'", "1"),
    same("cast(name as char) = 'abc'", "1"),
    same("cast(n as char(1)) = '-'", "4"),
    same("cast(at as date) = '2020-01-02'", "1"),
    same("floor(floor(weight) / 2.0) = 1", "1 2"),
    same("ceil(ceil(ceil(weight) / 2.0) / 2.0) = 1", "1 2 4"),
    same("timestampdiff(month, at, '2021-03-01 00:00:00') = 13 + n - n", "1 2 3 4"),
    same("replace(name, 'b', '') = 'ac'", "1"),
    same("upper(name) = 'ABC'", "1"),
    same("year('2020-01-02') = 2020", "1 2 3 4"),
    same("hour('03:04:05') = 3", "1 2 3 4"),
    same("year(born) = 2020 and minute(at) = 4", "1 2 3 4"),
    same("round(2.5) = 3", "1 2 3 4"),
    differs(
        "round(weight) = 2",
        ["", "1", "1"],
        ["2.5 becomes 3", "a float of 2.5 becomes 2", "a float of 2.5 becomes 2"],
    ),
    same("round(price) = 3", "3"),
    same("if(n > 2, 1, 0) = 1", "3"),
    same("ifnull(note, 'z') = 'z'", "1"),
    same("nullif(n, 1) is null", "1"),
];
