//! The members of an enum.

use std::collections::HashSet;

use super::TypeFault;

/// The members, each between single or double quotes, a quote inside doubled.
pub(super) fn read(list: &str) -> Result<Vec<String>, TypeFault> {
    let fault =
        |message: String| TypeFault::corrected(format!("{message} in `enum({list})`"), "write", mended(list));
    let mut members: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    let mut rest = list.trim();
    loop {
        let Some(quote @ ('\'' | '"')) = rest.chars().next() else {
            return Err(fault(
                if rest.is_empty() { "no member" } else { "a member without quotes" }.to_owned(),
            ));
        };
        let (member, after) =
            quoted(rest, quote).ok_or_else(|| fault("a quote that is not closed".to_owned()))?;
        if !seen.insert(member.clone()) {
            return Err(fault(format!("the member `{member}` twice")));
        }
        members.push(member);
        rest = after.trim_start();
        match rest.strip_prefix(',') {
            Some(more) if !more.trim().is_empty() => rest = more.trim_start(),
            Some(_) => return Err(fault("a comma too many".to_owned())),
            None if rest.is_empty() => return Ok(members),
            None => return Err(fault("something between the members other than a comma".to_owned())),
        }
    }
}

/// The member that begins here with its quote, and what follows its closing quote.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut member = String::new();
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character != quote {
            member.push(character);
        } else if characters.next_if(|(_, next)| *next == quote).is_some() {
            member.push(quote);
        } else {
            return Some((member, text.get(at + 1..)?));
        }
    }
    None
}

/// The enum that was probably meant.
fn mended(list: &str) -> String {
    let mut seen = HashSet::new();
    let members =
        list.split(',').map(|member| member.trim().trim_matches(['\'', '"', '\\']).replace('\'', "''"));
    let members: Vec<String> =
        members.filter(|member| !member.is_empty() && seen.insert(member.clone())).collect();
    if members.is_empty() {
        return "enum('left', 'right')".to_owned();
    }
    format!("enum('{}')", members.join("', '"))
}
