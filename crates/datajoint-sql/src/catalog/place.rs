//! Indexes on places in JSON, from what servers say of them.
//!
//! Nothing is guessed: the strings in what a server says give the ways that may be meant, its numbers the sizes of types, and
//! what has the same pieces as the declaration of one of these places is that place.

use datajoint_definition::{AttributeType, Backend, CoreType, IndexItem, JsonPath, JsonStep, JsonType};
use datajoint_schema::Table;
use sqlparser::tokenizer::Token as Piece;

use crate::backends::dialect;
use crate::lexicon::lex;

/// What may stand after a colon without a size. Of types that are the same to a server, the first is meant.
const TYPES: [Option<JsonType>; 11] = [
    None,
    Some(JsonType::Signed),
    Some(JsonType::Unsigned),
    Some(JsonType::Bool),
    Some(JsonType::Double),
    Some(JsonType::Float),
    Some(JsonType::Date),
    Some(JsonType::Time),
    Some(JsonType::DateTime),
    Some(JsonType::Char(None)),
    Some(JsonType::Decimal(None)),
];

/// The part of an index on a place; `None` for any other.
pub(super) fn of_pieces(backend: Backend, table: &Table, pieces: &[Piece]) -> Option<IndexItem> {
    let found = words(backend, pieces);
    let is_meant = |name: &str| found.iter().any(|word| word == name);
    let attributes = table.heading.all().iter().filter(|attribute| {
        attribute.attribute_type == AttributeType::Core(CoreType::Json) && is_meant(&attribute.name)
    });
    let ways = ways(&found);
    let places = attributes.flat_map(|attribute| {
        ways.iter().flat_map(|steps| {
            types(&found).map(|returning| JsonPath {
                attribute: attribute.name.clone(),
                steps: steps.clone(),
                returning,
            })
        })
    });
    let place = places.into_iter().find(|place| {
        let kept = dialect(backend).json_kept(place).into_iter();
        kept.filter_map(|text| lex(dialect(backend).lexicon(), &text).ok())
            .any(|declared| words(backend, &declared) == found)
    })?;
    let path = place.way();
    Some(IndexItem::JsonPath { attribute: place.attribute, path, returning: place.returning })
}

/// The ways into a document that strings may write: one of them all of it, or each of them the name of a member.
fn ways(words: &[String]) -> Vec<Vec<JsonStep>> {
    let strings: Vec<&str> = words.iter().filter_map(|word| word.strip_prefix('\'')).collect();
    let whole = strings.iter().filter_map(|string| {
        let way = string.strip_prefix("strict ").unwrap_or(string).strip_prefix('$')?;
        JsonPath::parse(&format!("document{way}")).ok().map(|place| place.steps)
    });
    let members = strings.iter().map(|name| JsonStep::Member((*name).to_owned())).collect();
    let mut ways: Vec<Vec<JsonStep>> = whole.chain([members]).collect();
    ways.dedup();
    ways
}

/// The types that may be meant, with the sizes that stand there.
fn types(words: &[String]) -> impl Iterator<Item = Option<JsonType>> {
    let sizes: Vec<u32> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let strings: Vec<_> = sizes.iter().map(|&size| JsonType::Char(Some(size))).collect();
    let decimals: Vec<_> = sizes
        .windows(2)
        .filter_map(|pair| Some((pair[0].try_into().ok()?, pair[1].try_into().ok()?)))
        .map(|digits| JsonType::Decimal(Some(digits)))
        .collect();
    TYPES.into_iter().chain(strings.into_iter().chain(decimals).map(Some))
}

/// The pieces without blanks and without brackets around parts of an expression, those that mean the same as one: a string
/// after a quote, and all but it and names between quotes in lower case.
fn words(backend: Backend, pieces: &[Piece]) -> Vec<String> {
    const KEYWORDS: [&str; 7] = ["and", "case", "else", "in", "not", "then", "when"];
    let has_escapes = dialect(backend).lexicon().has_backslash_escapes;
    let (mut words, mut calls): (Vec<String>, Vec<bool>) = (Vec::new(), Vec::new());
    let mut is_name = false;
    for piece in pieces {
        match piece {
            Piece::Whitespace(_) => continue,
            Piece::LParen => calls.push(is_name),
            _ => {}
        }
        let is_bracket = matches!(piece, Piece::LParen | Piece::RParen);
        let is_kept = !is_bracket || calls.last().copied().unwrap_or_default();
        if *piece == Piece::RParen {
            calls.pop();
        }
        is_name = false;
        if !is_kept {
            continue;
        }
        let word = match piece {
            Piece::Word(word) if word.quote_style.is_some() => word.value.clone(),
            Piece::Word(word) => {
                let word = word.value.to_lowercase();
                is_name = !KEYWORDS.contains(&word.as_str());
                word
            }
            Piece::SingleQuotedString(text) => {
                let text = text.replace("''", "'");
                let text = if has_escapes { text.replace("\\'", "'").replace("\\\\", "\\") } else { text };
                // What tells the characters of a string stands before it.
                words.pop_if(|last| last.starts_with("_utf8"));
                format!("'{text}")
            }
            other => other.to_string().to_lowercase(),
        };
        words.push(word);
    }
    dialect(backend).kept_words(words)
}

#[cfg(test)]
mod tests {
    use datajoint_definition::{Tier, parse};
    use datajoint_schema::{Declaration, resolve};

    use super::*;

    #[test]
    fn what_a_server_says_of_a_place_is_that_place() {
        let (definition, _) = parse("n : int32\n---\ndoc : json");
        let (schema, class_name, tier) = ("lab", "Note", Tier::Manual);
        let declaration =
            Declaration { schema, class_name, tier, definition: &definition, parents: &[], master: None };
        let (table, _) = resolve(&declaration);
        for (text, declared) in [
            ("jsonb_extract_path_text(doc, VARIADIC ARRAY['a'::text])", Some("doc.a")),
            (
                "(jsonb_extract_path_text(doc, VARIADIC ARRAY['a b'::text, 'it''s'::text])::character(20))",
                Some("doc.\"a b\".\"it's\":char(20)"),
            ),
            (
                "((jsonb_path_query_first(doc, 'strict $.\"a\"[0]'::jsonpath, '{}'::jsonb, true) #>> '{}'::text[])::bigint)",
                Some("doc.a[0]:signed"),
            ),
            (
                "(jsonb_extract_path_text(doc, VARIADIC ARRAY['a'::text])::numeric(6,2))",
                Some("doc.a:decimal(6,2)"),
            ),
            ("(jsonb_extract_path_text(doc, VARIADIC ARRAY['a'::text])::integer)", None),
            ("lower(jsonb_extract_path_text(doc, VARIADIC ARRAY['a'::text]))", None),
        ] {
            let pieces = lex(dialect(Backend::Postgresql).lexicon(), text).unwrap();
            let found = of_pieces(Backend::Postgresql, &table, &pieces).map(|item| item.to_string());
            assert_eq!(found.as_deref(), declared, "{text}");
        }
    }
}
