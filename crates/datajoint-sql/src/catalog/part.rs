//! Parts of indexes as definitions write them, from what servers say of them.

use datajoint_definition::{AttributeType, Backend, CoreType, IndexItem};
use datajoint_schema::Table;
use sqlparser::tokenizer::{Token as Piece, Whitespace, Word};

use super::place;
use crate::backends::dialect;
use crate::lexicon::lex;

/// The part of an index that a server describes; `place` counts from 0.
///
/// What is no attribute is written so that every backend reads it, as far as the closed list of changes here reaches; what is
/// not in it stays as the server has it.
pub(super) fn declared(backend: Backend, table: &Table, text: &str, place: usize) -> IndexItem {
    let text = dialect(backend).found_expression(text);
    let Ok(pieces) = lex(dialect(backend).lexicon(), &text) else {
        return IndexItem::Expression(text.into_owned());
    };
    let pieces = without_schema(backend, of_statement(pieces, place));
    if let Some(item) = place::of_pieces(backend, table, &pieces) {
        return item;
    }
    let pieces = as_people_write(backend, &without_sets(&without_casts(&plain(solid(pieces)), table)));
    let text = beginning(backend, &pieces).unwrap_or_else(|| written(without_brackets(&pieces)));
    IndexItem::Expression(text)
}

/// The pieces, with one blank for many.
fn solid(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut solid: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let is_blank = matches!(piece, Piece::Whitespace(_));
        let is_needed =
            solid.last().is_some_and(|last| !matches!(last, Piece::Whitespace(_) | Piece::LParen));
        if !is_blank {
            if piece == Piece::RParen && solid.last().is_some_and(|last| matches!(last, Piece::Whitespace(_)))
            {
                solid.pop();
            }
            solid.push(piece);
        } else if is_needed {
            solid.push(Piece::Whitespace(Whitespace::Space));
        }
    }
    while solid.last().is_some_and(|last| matches!(last, Piece::Whitespace(_))) {
        solid.pop();
    }
    solid
}

/// Without the schema of the server's own functions, which it writes where another function would be found without.
fn without_schema(backend: Backend, mut pieces: Vec<Piece>) -> Vec<Piece> {
    let Some(schema) = dialect(backend).functions().schema else { return pieces };
    let is_schema =
        |place: usize| is_word(&pieces[place], schema) && pieces.get(place + 1) == Some(&Piece::Period);
    let is_behind = |place: usize| place > 0 && pieces[place - 1] == Piece::Period;
    let mut kept: Vec<bool> = vec![true; pieces.len()];
    for place in (0..pieces.len()).filter(|&place| is_schema(place) && !is_behind(place)) {
        kept[place..place + 2].fill(false);
    }
    let mut kept = kept.into_iter();
    pieces.retain(|_| kept.next().unwrap_or(true));
    pieces
}

/// The part at a place of the statement that made the index, where there is no more than that.
fn of_statement(pieces: Vec<Piece>, place: usize) -> Vec<Piece> {
    if !pieces.first().is_some_and(|first| is_word(first, "create")) {
        return pieces;
    }
    let on = pieces.iter().position(|piece| is_word(piece, "on")).unwrap_or_default();
    let Some(open) = pieces[on..].iter().position(|piece| *piece == Piece::LParen) else { return pieces };
    let (mut depth, mut number, mut part) = (0, 0, Vec::new());
    for piece in &pieces[on + open + 1..] {
        match piece {
            Piece::LParen => depth += 1,
            Piece::RParen if depth == 0 => break,
            Piece::RParen => depth -= 1,
            Piece::Comma if depth == 0 => {
                number += 1;
                continue;
            }
            _ => {}
        }
        if number == place {
            part.push(piece.clone());
        }
    }
    part
}

/// Keywords that each server takes for a name without quotes; every other keyword keeps its quotes.
const NAMES: [&str; 30] = [
    "class", "comment", "data", "date", "day", "duration", "format", "hash", "hour", "id", "label", "level",
    "location", "method", "mode", "month", "name", "path", "region", "role", "session", "source", "start",
    "status", "text", "type", "url", "value", "version", "year",
];

/// Names without quotes where they need none.
fn plain(mut pieces: Vec<Piece>) -> Vec<Piece> {
    let is_plain = |value: &str| {
        value.starts_with(|first: char| first.is_ascii_lowercase())
            && value
                .chars()
                .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
    };
    for place in 0..pieces.len() {
        let is_call = pieces.get(place + 1) == Some(&Piece::LParen);
        if let Piece::Word(word) = &mut pieces[place]
            && word.quote_style.is_some()
            && is_plain(&word.value)
        {
            let bare = sqlparser::tokenizer::Token::make_word(&word.value, None);
            let is_keyword =
                matches!(&bare, Piece::Word(word) if word.keyword != sqlparser::keywords::Keyword::NoKeyword);
            if is_call || !is_keyword || NAMES.contains(&word.value.as_str()) {
                pieces[place] = bare;
            }
        }
    }
    pieces
}

/// Without the casts to a string that PostgreSQL writes behind strings.
fn without_casts(pieces: &[Piece], table: &Table) -> Vec<Piece> {
    let is_string = |piece: &Piece| match piece {
        Piece::SingleQuotedString(_) => true,
        Piece::Word(Word { value, .. }) => table.heading.get(value).is_some_and(|attribute| {
            matches!(attribute.attribute_type, AttributeType::Core(CoreType::Varchar(_) | CoreType::Char(_)))
        }),
        _ => false,
    };
    let mut kept: Vec<Piece> = Vec::with_capacity(pieces.len());
    let mut rest = pieces;
    while let [first, after @ ..] = rest {
        let length = match &kept[..] {
            _ if *first != Piece::DoubleColon => 0,
            [.., last] if is_string(last) => length_of_string_type(after),
            // An array with a string in it needs none either.
            [.., last, Piece::RBracket] if is_string(last) => length_of_string_array_type(after),
            _ => 0,
        };
        if length == 0 {
            kept.push(first.clone());
        }
        rest = &after[length..];
    }
    kept
}

/// How many pieces the name of a type without sizes has, where it is one of strings.
fn length_of_string_type(pieces: &[Piece]) -> usize {
    let length = match pieces {
        [first, ..] if is_word(first, "text") => 1,
        [first, Piece::Whitespace(_), second, ..]
            if is_word(first, "character") && is_word(second, "varying") =>
        {
            3
        }
        _ => return 0,
    };
    if matches!(pieces.get(length), Some(Piece::LParen | Piece::LBracket)) { 0 } else { length }
}

/// The same of an array of them.
fn length_of_string_array_type(pieces: &[Piece]) -> usize {
    match pieces {
        [first, Piece::LBracket, Piece::RBracket, ..] if is_word(first, "text") => 3,
        _ => 0,
    }
}

/// Without the character sets that MySQL writes before strings.
fn without_sets(pieces: &[Piece]) -> Vec<Piece> {
    let is_set = |place: usize| {
        matches!(&pieces[place], Piece::Word(word) if word.quote_style.is_none() && word.value.starts_with("_utf8"))
            && matches!(pieces.get(place + 1), Some(Piece::SingleQuotedString(_)))
    };
    let kept = (0..pieces.len()).filter(|&place| !is_set(place));
    kept.map(|place| pieces[place].clone()).collect()
}

/// With a blank behind each comma, and a quote within a string doubled, as every backend reads it.
fn as_people_write(backend: Backend, pieces: &[Piece]) -> Vec<Piece> {
    let has_escapes = dialect(backend).lexicon().has_backslash_escapes;
    let mut written = Vec::with_capacity(pieces.len());
    for (place, piece) in pieces.iter().enumerate() {
        written.push(match piece {
            Piece::SingleQuotedString(string) if has_escapes => {
                Piece::SingleQuotedString(string.replace("\\'", "''"))
            }
            other => other.clone(),
        });
        let is_tight = !matches!(pieces.get(place + 1), None | Some(Piece::Whitespace(_)));
        if *piece == Piece::Comma && is_tight {
            written.push(Piece::Whitespace(Whitespace::Space));
        }
    }
    written
}

/// `name(3)`, as the beginning of a string is declared, where that is what is indexed; with `desc` behind it.
fn beginning(backend: Backend, pieces: &[Piece]) -> Option<String> {
    let (function, arguments) = dialect(backend).beginning()?;
    let [first, Piece::LParen, within @ ..] = pieces else { return None };
    let close = within.iter().position(|piece| *piece == Piece::RParen)?;
    let is_blank = |piece: &&Piece| !matches!(piece, Piece::Whitespace(_));
    let inside: Vec<&Piece> = within[..close].iter().filter(is_blank).collect();
    let (Piece::Word(name), rest) = inside.split_first()? else { return None };
    let (Piece::Number(length, _), before) = rest.split_last()? else { return None };
    let before: String = before.iter().map(ToString::to_string).collect();
    (is_word(first, function) && before == arguments)
        .then(|| format!("{}({length}){}", name.value, written(&within[close + 1..])))
}

/// Without the brackets around all of it, where a call or other brackets stand in them.
fn without_brackets(pieces: &[Piece]) -> &[Piece] {
    let [Piece::LParen, inner @ .., Piece::RParen] = pieces else { return pieces };
    let (Some(first), true) = (inner.first(), inner.len() > 1) else { return pieces };
    let is_call = matches!(first, Piece::Word(_)) && inner[1] == Piece::LParen;
    if !is_call && *first != Piece::LParen {
        return pieces;
    }
    let mut depth = 0;
    let end = inner.iter().position(|piece| {
        depth += i32::from(*piece == Piece::LParen) - i32::from(*piece == Piece::RParen);
        depth == 0 && *piece == Piece::RParen
    });
    if end == Some(inner.len() - 1) { inner } else { pieces }
}

fn is_word(piece: &Piece, word: &str) -> bool {
    matches!(piece, Piece::Word(found) if found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word))
}

fn written(pieces: &[Piece]) -> String {
    pieces.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use datajoint_definition::{Tier, parse};
    use datajoint_schema::{Declaration, resolve};

    use super::*;

    fn read(backend: Backend, text: &str, place: usize) -> String {
        let (definition, _) = parse("n : int32\n---\nname : varchar(9)");
        let (schema, class_name, tier) = ("lab", "Note", Tier::Manual);
        let (table, _) = resolve(&Declaration {
            schema,
            class_name,
            tier,
            definition: &definition,
            parents: &[],
            master: None,
        });
        match declared(backend, &table, text, place) {
            IndexItem::Expression(text) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_servers_say_is_what_was_declared() {
        for (text, declared) in [
            ("lower(name::text)", "lower(name)"),
            ("\"left\"(name::text, 3)", "name(3)"),
            ("pg_catalog.lower(name::text)", "lower(name)"),
            ("pg_catalog.\"left\"(name::text, 3) desc", "name(3) desc"),
            ("(n + pg_catalog.length(name::text))", "(n + length(name))"),
            ("\"left\"(name::text, 3) desc", "name(3) desc"),
            ("(n + 1)", "(n + 1)"),
            ("(name::text || 'x'::text)", "(name || 'x')"),
            ("COALESCE(name, 'a''b'::character varying)", "COALESCE(name, 'a''b')"),
            (
                "(\nCASE\n    WHEN n = 1 THEN 'a'::character varying\n    ELSE name\nEND)",
                "(CASE WHEN n = 1 THEN 'a' ELSE name END)",
            ),
            ("(n::text)", "(n::text)"),
            (
                "(name::text = ANY (ARRAY['a'::character varying, 'b'::character varying]::text[]))",
                "(name = ANY (ARRAY['a', 'b']))",
            ),
            ("(name::text = ANY (ARRAY[]::text[]))", "(name = ANY (ARRAY[]::text[]))"),
            ("(name::character varying(3))", "(name::character varying(3))"),
            ("\"left\"(lower(name::text), 3)", "left(lower(name), 3)"),
        ] {
            assert_eq!(read(Backend::Postgresql, text, 0), declared);
        }
        for (text, declared) in [
            ("(lower(`name`))", "lower(name)"),
            ("(lower(`order`))", "lower(`order`)"),
            ("((`n` + 1))", "(n + 1)"),
            ("((`n` + 1) * (`n` - 1))", "((n + 1) * (n - 1))"),
            ("(concat(`n`,_utf8mb4'it\\'s'))", "concat(n, 'it''s')"),
            ("name(3) desc", "name(3) desc"),
        ] {
            assert_eq!(read(Backend::Mysql, text, 0), declared);
        }
        let statement = "CREATE INDEX IF NOT EXISTS `idx_on (a,b)` ON `lab.t` (`n`, lower(name), substr(`name`, 1, 3) DESC, (n + 1))";
        for (place, declared) in [(1, "lower(name)"), (2, "name(3) DESC"), (3, "(n + 1)")] {
            assert_eq!(read(Backend::Sqlite, statement, place), declared);
        }
        assert_eq!(read(Backend::Sqlite, "(expression)", 0), "(expression)");
    }
}
