//! Patterns of `LIKE` in SQL that users write, where the server has to be told which sign takes the meaning from the next.

use super::brackets::Standing;
use super::position::begins_operand;
use crate::token::{Token, solid_before};

/// Words that go on with a value behind its last piece.
const GO_ON: [&str; 6] = ["collate", "div", "filter", "mod", "over", "within"];

/// Signs that compare what stands before them, so that a pattern ends there.
const COMPARE: [&str; 5] = ["=", "==", "<>", "!=", "<=>"];

/// Returns where each `LIKE` stands that has no `ESCAPE` of its own, and where its pattern ends.
pub(super) fn patterns(tokens: &[Token], standings: &[Standing]) -> Vec<(usize, usize)> {
    let is_like = |place: &usize| tokens[*place].is_word("like") && !begins_operand(tokens, *place);
    let places = (0..tokens.len()).filter(is_like);
    places.filter_map(|place| Some((place, end(tokens, standings, place + 1)?))).collect()
}

/// Where the pattern ends that begins at a place; none where an `ESCAPE` follows.
fn end(tokens: &[Token], standings: &[Standing], start: usize) -> Option<usize> {
    let (mut place, mut cases) = (start, 0_usize);
    while let Some(token) = tokens.get(place) {
        let is_one_of = |words: &[&str]| words.iter().any(|word| token.is_word(word));
        if let Some(close) = standings[place].partner.filter(|&close| close > place) {
            place = close + 1;
            continue;
        }
        let is_part = solid_before(tokens, place).is_some_and(|before| tokens[before].is("."));
        let ends = match token {
            token if token.is_blank() || is_part => false,
            token if token.is_word("case") => {
                cases += 1;
                false
            }
            token if token.is_word("end") && cases > 0 => {
                cases -= 1;
                false
            }
            Token::Other(sign) => {
                [")", ",", "]"].contains(&sign.as_str()) || (cases == 0 && COMPARE.contains(&sign.as_str()))
            }
            token => {
                cases == 0 && token.name().is_some() && !begins_operand(tokens, place) && !is_one_of(&GO_ON)
            }
        };
        if ends {
            break;
        }
        place += 1;
    }
    let has_escape = tokens.get(place).is_some_and(|token| token.is_word("escape"));
    (!has_escape).then(|| solid_before(tokens, place).map_or(place, |last| last + 1))
}

#[cfg(test)]
mod tests {
    use datajoint_definition::Backend;

    use super::super::brackets::standings;
    use super::super::reading::tokens;
    use super::patterns;
    use crate::backends::dialect;
    use crate::token::Token;

    #[test]
    fn a_pattern_ends_where_its_value_does() {
        for (text, ends) in [
            ("s like 'a'", vec!["s like 'a'"]),
            (
                "s not like lower('a') and t like 'b' || '%' = 1",
                vec!["s not like lower('a')", "and t like 'b' || '%'"],
            ),
            ("s like '!%' escape '!' or s like (('a'))", vec!["s like '!%' escape '!' or s like (('a'))"]),
            (
                "(s like case when a = 1 then 'x' else t.\"y\" end) is null",
                vec!["(s like case when a = 1 then 'x' else t.`y` end"],
            ),
            (
                "x in (select s like q.a from q where s like b)",
                vec!["x in (select s like q.a", " from q where s like b"],
            ),
            ("like(s, 'a')", vec![]),
            ("case when s like 'a' collate nocase then 1 end", vec!["case when s like 'a' collate nocase"]),
        ] {
            let tokens = tokens(dialect(Backend::Sqlite), text).unwrap();
            let found = patterns(&tokens, &standings(&tokens));
            let shown: Vec<String> =
                found.iter().map(|(_, end)| tokens[..*end].iter().map(Token::text).collect()).collect();
            assert_eq!(shown.len(), ends.len(), "{text}: {shown:?}");
            for (shown, end) in shown.iter().zip(ends) {
                assert!(shown.ends_with(end), "{text}: {shown}");
            }
        }
    }
}
