//! A definition is held to the one that was locked.

mod finding;
mod place;
mod renamed;

use datajoint_lock::{Lock, LockedTable, same_default};
use datajoint_schema::{Side, Table, difference_between};
use proc_macro2::TokenStream;
use quote::quote;

use crate::arguments::spoken_of_as;
use crate::input::Input;
use crate::schema::marker;
use finding::{Finding, judge};
use renamed::with_renames;

/// The errors for what deviates from the lock of the crate, if it has one.
///
/// Which schema a table is in only `schema!` tells, so that each error says for which one it is meant; the compiler passes
/// over those for others.
pub(crate) fn check(input: &Input, table: &Table) -> TokenStream {
    let Ok(Some(lock)) = (input.surroundings.lock)() else { return TokenStream::new() };
    let candidates = candidates(input, table, &lock);
    let mut errors = TokenStream::new();
    if let Some(old) = input.arguments.change.renamed_from.as_ref().filter(|_| candidates.is_empty()) {
        let message = format!(
            "the lock has no table `{}`: take `renamed_from` out, or name the class it had",
            old.value()
        );
        errors.extend(syn::Error::new(old.span(), message).into_compile_error());
    }
    for (locked, how) in candidates {
        let schema = &locked.table().name.schema;
        for Finding { span, message } in findings(input, table, locked, how) {
            let (door, marker) = (input.arguments.door(), marker(input.item.ident.span()));
            let error = quote! {
                const _: () = #door::assert_as_locked(<#marker as #door::SchemaName>::NAME, #schema, #message);
            };
            errors.extend(spoken_of_as(span, error));
        }
    }
    errors
}

/// Why a locked table may be this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// It has its name.
    Name,
    /// It has its class, in another tier.
    Class,
    /// It has the name that this one says it had.
    FormerName,
}

/// The locked tables that may be this one: one of a schema at most.
fn candidates<'a>(input: &Input, table: &Table, lock: &'a Lock) -> Vec<(&'a LockedTable, Found)> {
    let former = input.arguments.change.renamed_from.as_ref().map(syn::LitStr::value);
    let is_part = table.master.is_some();
    let mut found: Vec<(&LockedTable, Found)> = Vec::new();
    let mut add = |how: Found, is_it: &dyn Fn(&Table) -> bool| {
        for locked in lock.tables().filter(|locked| is_it(locked.table())) {
            let schema = &locked.table().name.schema;
            if !found.iter().any(|(known, _)| known.table().name.schema == *schema) {
                found.push((locked, how));
            }
        }
    };
    add(Found::Name, &|locked| locked.name.table == table.name.table);
    if let Some(former) = &former {
        add(Found::FormerName, &|locked| locked.class_name == *former && locked.master.is_some() == is_part);
    } else if !is_part {
        add(Found::Class, &|locked| locked.class_name == table.class_name && locked.master.is_none());
    }
    found
}

fn findings(input: &Input, table: &Table, locked: &LockedTable, how: Found) -> Vec<Finding> {
    let change = &input.arguments.change;
    let mut findings = Vec::new();
    if let Some(old) = change.renamed_from.as_ref().filter(|_| how == Found::Name) {
        let message =
            format!("the lock has `{}` under this name already: take `renamed_from` out", input.item.ident);
        findings.push(Finding { span: old.span(), message });
    }
    let was = locked.table();
    for (new, old) in &change.was {
        let (new_name, old_name) = (crate::change::name(new), old.value());
        if was.heading.get(&old_name).is_some() {
            continue;
        }
        let message = if was.heading.get(&new_name).is_some() {
            format!(
                "the lock has `{new_name}` under this name already: take `{new} = \"{old_name}\"` out of `was`"
            )
        } else {
            format!("the lock has no attribute `{old_name}`: write the name that it has there")
        };
        findings.push(Finding { span: old.span(), message });
    }
    let renames: Vec<(String, String)> = change.renames().collect();
    let was = with_renames(was, &renames);
    let declared = in_schemas_of(table, &was);
    let differences = difference_between([Side::Code, Side::Lock], &declared, &was, same_default);
    findings.extend(judge(input, &declared, locked, &was, differences));
    findings
}

/// The table with its schema, and those of its parents, as the locked one has them: the macro knows the names of tables alone.
fn in_schemas_of(table: &Table, locked: &Table) -> Table {
    let mut table = table.in_schemas(|_| locked.name.schema.clone());
    for foreign_key in &mut table.foreign_keys {
        let known = locked.foreign_keys.iter().find(|known| known.parent.table == foreign_key.parent.table);
        if let Some(known) = known {
            foreign_key.parent.schema.clone_from(&known.parent.schema);
        }
    }
    table
}
