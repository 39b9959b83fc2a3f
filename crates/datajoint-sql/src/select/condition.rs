use datajoint_definition::{AttributeType, Backend, CoreType, JsonPath};

use super::query::{Column, Query};
use super::unknown::named;
use super::{Lower, heading};
use crate::backends::dialect;
use crate::bind::{bind_operand, fault, show};
use crate::fragment::Fragment;
use crate::kind::{is_document, is_string};
use crate::{Comparison, Condition, Matching, Result, Value};

/// What a condition comes to.
#[derive(Debug, Clone)]
pub(crate) enum Truth {
    /// The same for every row.
    Constant(bool),
    /// An expression.
    Sql(Sql),
}

/// A condition as an expression.
#[derive(Debug, Clone)]
pub(crate) struct Sql {
    pub(super) fragment: Fragment,
    /// True when it needs parentheses beside others.
    pub(super) is_loose: bool,
    /// True when it may be neither true nor false.
    pub(super) may_be_null: bool,
}

impl Sql {
    pub(super) fn tight(fragment: Fragment, may_be_null: bool) -> Self {
        Self { fragment, is_loose: false, may_be_null }
    }

    /// As one of several that are joined by `AND`.
    pub(crate) fn in_conjunction(self) -> Fragment {
        if self.is_loose { self.fragment.parenthesised() } else { self.fragment }
    }
}

impl Lower {
    /// The condition over the sources of a query.
    pub(super) fn condition(&mut self, query: &mut Query, condition: &Condition) -> Result<Truth> {
        if let Some(truth) = self.place_condition(query, condition)? {
            return Ok(truth);
        }
        Ok(match condition {
            Condition::Constant(truth) => Truth::Constant(*truth),
            Condition::Compare { attribute, operator, value } => {
                self.compare(named(query, attribute)?, *operator, value)?
            }
            Condition::IsNull(attribute) => self.is_null(named(query, attribute)?, true),
            Condition::In { attribute, values } => self.is_in(query, attribute, values)?,
            Condition::Between { attribute, low, high } => {
                let column = named(query, attribute)?;
                if [low, high].contains(&&Value::Null) {
                    return Ok(Truth::Constant(false));
                }
                let (sql, low) = self.in_order(column, low)?;
                let (_, high) = self.in_order(column, high)?;
                // MariaDB looks for one string where it takes both bounds for the same, which the column may not.
                let is_apart =
                    self.backend.capability().compares_by_collation && is_string(&column.attribute);
                let both = if is_apart {
                    let bounds = [(" >= ", low), (" <= ", high)];
                    let parts = bounds.map(|(word, bound)| Fragment::join([sql.clone(), bound], word));
                    Fragment::join(parts, " AND ")
                } else {
                    let bounds = Fragment::join([low, high], " AND ");
                    Fragment::join([sql, bounds], " BETWEEN ")
                };
                Truth::Sql(Sql { fragment: both, is_loose: is_apart, may_be_null: column.attribute.nullable })
            }
            Condition::Keys { attributes, rows } => self.keys(query, attributes, rows, false)?,
            Condition::All(conditions) => self.several(query, conditions, true)?,
            Condition::Any(conditions) => self.several(query, conditions, false)?,
            Condition::Not(inner) => self.not(query, inner)?,
            Condition::Matches(expression) => self.matches(query, expression, Matching::Lineage, false)?,
            Condition::MatchesByName(expression) => self.matches(query, expression, Matching::Name, false)?,
            Condition::Linked { by, to } => self.linked(query, by, to, false)?,
            Condition::Sql { text, parameters } => Truth::Sql(Sql {
                fragment: self.written(query, text, parameters)?,
                is_loose: true,
                may_be_null: true,
            }),
            Condition::Open(never) => match *never {},
        })
    }

    pub(super) fn compare(&self, column: &Column, operator: Comparison, value: &Value) -> Result<Truth> {
        if *value == Value::Null {
            return Ok(match operator {
                Comparison::Equal => self.is_null(column, true),
                Comparison::NotEqual => self.is_null(column, false),
                _ => Truth::Constant(false),
            });
        }
        let sql = match operator {
            Comparison::Like => {
                check_pattern(self.backend, column, value)?;
                let mut pattern = Fragment::default();
                pattern.push_value(value.clone());
                dialect(self.backend).like(&column.attribute, column.sql(self.backend), pattern)
            }
            Comparison::Equal | Comparison::NotEqual => {
                let mut sql = column.compared(self.backend);
                sql.push(operator.symbol());
                sql.append(self.operand(column, value)?);
                sql
            }
            _ => {
                let (mut sql, operand) = self.in_order(column, value)?;
                sql.push(operator.symbol());
                sql.append(operand);
                sql
            }
        };
        Ok(Truth::Sql(Sql::tight(sql, column.attribute.nullable)))
    }

    fn is_null(&self, column: &Column, is_null: bool) -> Truth {
        let mut sql = column.sql(self.backend);
        sql.push(if is_null { dialect(self.backend).is_null(&column.attribute) } else { " IS NOT NULL" });
        Truth::Sql(Sql::tight(sql, false))
    }

    /// A value to compare with a column.
    pub(super) fn operand(&self, column: &Column, value: &Value) -> Result<Fragment> {
        check_comparable(column, value)?;
        let bound = bind_operand(self.backend, &column.attribute, value.clone())
            .map_err(|error| column.table_name().map_or(error.clone(), |table| error.in_table(table)))?;
        let mut sql = Fragment::default();
        sql.push_value(bound);
        sql.push(&dialect(self.backend).operand_cast(column.table_name(), &column.attribute));
        Ok(sql)
    }

    fn several(&mut self, query: &mut Query, conditions: &[Condition], all: bool) -> Result<Truth> {
        let mut parts = Vec::new();
        let mut is_decided = false;
        for condition in conditions {
            // What is wrong in one of them is wrong also where another one decides.
            match self.condition(query, condition)? {
                Truth::Constant(truth) => is_decided |= truth != all,
                Truth::Sql(sql) => parts.push(sql),
            }
        }
        if is_decided {
            return Ok(Truth::Constant(!all));
        }
        if parts.len() < 2 {
            return Ok(parts.pop().map_or(Truth::Constant(all), Truth::Sql));
        }
        let may_be_null = parts.iter().any(|part| part.may_be_null);
        let fragments = parts.into_iter().map(Sql::in_conjunction).collect();
        let fragment = Fragment::balanced(self.backend, fragments, if all { " AND " } else { " OR " });
        Ok(Truth::Sql(Sql { fragment, is_loose: true, may_be_null }))
    }

    fn not(&mut self, query: &mut Query, condition: &Condition) -> Result<Truth> {
        let inner = match condition {
            Condition::Not(inner) => return self.condition(query, inner),
            Condition::All(parts) | Condition::Any(parts) if parts.len() == 1 => {
                return self.not(query, &parts[0]);
            }
            Condition::Matches(expression) => {
                return self.matches(query, expression, Matching::Lineage, true);
            }
            Condition::MatchesByName(expression) => {
                return self.matches(query, expression, Matching::Name, true);
            }
            Condition::Linked { by, to } => return self.linked(query, by, to, true),
            Condition::IsNull(attribute) if query.column(attribute).is_some() => {
                return Ok(self.is_null(named(query, attribute)?, false));
            }
            Condition::Keys { attributes, rows } => match self.keys(query, attributes, rows, true)? {
                Truth::Sql(sql) if attributes.len() > 1 && dialect(self.backend).reads_lists_for_not() => {
                    Truth::Sql(Sql { may_be_null: true, ..sql })
                }
                truth => truth,
            },
            other => self.condition(query, other)?,
        };
        Ok(match inner {
            Truth::Constant(truth) => Truth::Constant(!truth),
            Truth::Sql(sql) if sql.may_be_null => {
                let mut negated = sql.fragment.parenthesised();
                negated.push(" IS NOT TRUE");
                Truth::Sql(Sql::tight(negated, false))
            }
            Truth::Sql(sql) => {
                let mut negated = Fragment::text("NOT ");
                negated.append(sql.fragment.parenthesised());
                Truth::Sql(Sql::tight(negated, false))
            }
        })
    }
}

/// True when a condition is on columns that only a subquery has under the names it uses.
pub(super) fn mentions_derived(backend: Backend, query: &Query, condition: &Condition) -> bool {
    let computed = |name: &str| match (query.column(name), JsonPath::attribute_of(name)) {
        (None, Some(attribute)) => query.column(attribute).is_some_and(|column| !column.is_plain()),
        (column, _) => column.is_some_and(Column::is_computed),
    };
    match condition {
        Condition::Constant(_) => false,
        Condition::Compare { attribute, .. }
        | Condition::IsNull(attribute)
        | Condition::In { attribute, .. }
        | Condition::Between { attribute, .. } => computed(attribute),
        Condition::Keys { attributes, .. } => attributes.iter().any(|name| computed(name)),
        Condition::All(conditions) | Condition::Any(conditions) => {
            conditions.iter().any(|condition| mentions_derived(backend, query, condition))
        }
        Condition::Not(condition) => mentions_derived(backend, query, condition),
        Condition::Matches(expression) | Condition::MatchesByName(expression) => {
            heading::attributes(expression)
                .is_ok_and(|attributes| attributes.iter().any(|attribute| computed(&attribute.name)))
        }
        Condition::Linked { by, .. } => by.iter().any(|link| computed(&link.ours)),
        Condition::Sql { text, .. } => query.is_derived_in(backend, text),
        Condition::Open(never) => match *never {},
    }
}

/// Fails for a document: servers differ in which of them are the same, and some keep it as a string, where the order of its names
/// counts.
pub(super) fn check_comparable(column: &Column, value: &Value) -> Result<()> {
    let is_bytes = column.attribute.attribute_type == AttributeType::Core(CoreType::Bytes);
    let is_string_for_bytes = is_bytes && matches!(value, Value::Text(_));
    if !(is_document(&column.attribute) || is_string_for_bytes) || *value == Value::Null {
        return Ok(());
    }
    let name = &column.attribute.name;
    let advice = if is_string_for_bytes {
        "a string is no row of bytes on every server: give it as bytes, or write `x'…'`".to_owned()
    } else if matches!(column.attribute.attribute_type, AttributeType::Core(_)) {
        format!(
            "documents are not compared as a whole, since databases differ in which are the same: compare what stands in them, \
             `attribute(\"{name}.…\")`, or the documents that you fetch"
        )
    } else {
        format!("`{name}` is kept in a store, and is not compared: compare what you fetch")
    };
    let error = fault(&column.attribute, show(value), advice);
    Err(column.table_name().map_or(error.clone(), |table| error.in_table(table)))
}

/// Fails for a pattern that means something else on each backend: one that ends in the sign that takes the meaning from
/// the next, and one with a NUL where strings end at it.
pub(super) fn check_pattern(backend: Backend, column: &Column, pattern: &Value) -> Result<()> {
    let Value::Text(text) = pattern else { return Ok(()) };
    let signs = text.chars().rev().take_while(|letter| *letter == '\\').count();
    let advice = if signs % 2 == 1 {
        "as a pattern it ends in a backslash, which takes the meaning from the sign after it: write two for a backslash"
    } else if matches!(column.attribute.attribute_type, AttributeType::Core(CoreType::Uuid | CoreType::Bytes))
    {
        "it is kept as bytes on some servers, which match no pattern: compare it with a whole value, or match it in your program"
    } else if text.contains('\0') && !backend.capability().has_nul_in_strings {
        "its strings hold no NUL: leave it out of the pattern"
    } else {
        return Ok(());
    };
    let error = fault(&column.attribute, show(pattern), advice);
    Err(column.table_name().map_or(error.clone(), |table| error.in_table(table)))
}

/// True when one of several is.
pub(super) fn any(backend: Backend, mut alternatives: Vec<Truth>) -> Truth {
    if alternatives.len() == 1 {
        return alternatives.remove(0);
    }
    let mut parts = Vec::new();
    for alternative in alternatives {
        match alternative {
            Truth::Constant(true) => return Truth::Constant(true),
            Truth::Constant(false) => {}
            Truth::Sql(sql) => parts.push(sql),
        }
    }
    let may_be_null = parts.iter().any(|part| part.may_be_null);
    let parts = parts.into_iter().map(Sql::in_conjunction).collect();
    let fragment = Fragment::balanced(backend, parts, " OR ");
    Truth::Sql(Sql { fragment, is_loose: true, may_be_null })
}
