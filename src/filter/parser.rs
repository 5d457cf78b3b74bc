//! Recursive descent over the words of a filter.

use super::lexer::{Token, What, cut};
use super::value::Literal;
use super::{Comparison, Expression, FilterError, Test, has_parts, resolve};
use crate::bytes::{Field, Kind};

/// Brackets and `not`s within each other: more than anybody writes, few enough for the stack.
const DEEPEST: usize = 64;

pub(super) fn parse(text: &str) -> Result<Expression, FilterError> {
    let mut parser = Parser { text, tokens: cut(text)?, at: 0, depth: 0 };
    let expression = parser.or()?;
    match parser.peek().what {
        What::End => Ok(expression),
        _ => Err(parser.wrong("nothing was expected here; `and` or `or` joins tests")),
    }
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Token {
        let end = || Token { what: What::End, start: self.text.len(), end: self.text.len() };
        self.tokens.get(self.at).cloned().unwrap_or_else(end)
    }

    fn next(&mut self) -> Token {
        let token = self.peek();
        self.at += 1;
        token
    }

    /// Passes the next word if it is one of these signs or words.
    fn eat(&mut self, any: &[&str]) -> bool {
        let found = match self.peek().what {
            What::Sign(sign) => any.contains(&sign),
            What::Word(word) => any.iter().any(|one| word.eq_ignore_ascii_case(one)),
            _ => false,
        };
        self.at += usize::from(found);
        found
    }

    fn error(&self, token: &Token, what: impl Into<String>) -> FilterError {
        FilterError { text: self.text.to_owned(), start: token.start, end: token.end, what: what.into() }
    }

    fn wrong(&self, what: &str) -> FilterError {
        self.error(&self.peek(), what)
    }

    fn or(&mut self) -> Result<Expression, FilterError> {
        let first = self.and()?;
        let mut all = vec![first];
        while self.eat(&["or", "||"]) {
            all.push(self.and()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Expression::Or(all) })
    }

    fn and(&mut self) -> Result<Expression, FilterError> {
        let first = self.not()?;
        let mut all = vec![first];
        while self.eat(&["and", "&&"]) {
            all.push(self.not()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Expression::And(all) })
    }

    fn not(&mut self) -> Result<Expression, FilterError> {
        if self.depth >= DEEPEST {
            return Err(self.wrong("too many brackets and `not`s within each other"));
        }
        self.depth += 1;
        let expression = if self.eat(&["not", "!"]) {
            Expression::Not(Box::new(self.not()?))
        } else if self.eat(&["("]) {
            let inner = self.or()?;
            if !self.eat(&[")"]) {
                return Err(self.wrong("a `)` is missing here"));
            }
            inner
        } else {
            self.test()?
        };
        self.depth -= 1;
        Ok(expression)
    }

    fn test(&mut self) -> Result<Expression, FilterError> {
        let token = self.next();
        let name = match &token.what {
            What::Word(word) => word,
            What::End => return Err(self.error(&token, "a field is expected here")),
            _ => return Err(self.error(&token, "a field is expected here, such as `tcp.port` or `dns`")),
        };
        let fields = resolve(name).map_err(|unknown| self.error(&token, unknown.to_string()))?;
        let Some(&field) = fields.first() else { return Err(self.error(&token, "this names no field")) };
        let test = self.condition(field)?;
        Ok(Expression::Test(fields, test))
    }

    /// What is said of a field.
    fn condition(&mut self, field: &'static Field) -> Result<Test, FilterError> {
        const COMPARISONS: &[(&[&str], Comparison)] = &[
            (&["==", "eq"], Comparison::Equal),
            (&["!=", "ne"], Comparison::NotEqual),
            (&["<=", "le"], Comparison::LessOrEqual),
            (&[">=", "ge"], Comparison::GreaterOrEqual),
            (&["<", "lt"], Comparison::Less),
            (&[">", "gt"], Comparison::Greater),
        ];
        let operator = self.peek();
        if let Some((_, comparison)) = COMPARISONS.iter().find(|(signs, _)| self.eat(signs)) {
            if field.kind == Kind::Group {
                return Err(self.error(&operator, format!("`{}` is a protocol: it has no value", field.name)));
            }
            return Ok(Test::Compare(*comparison, self.literal(field)?));
        }
        if self.eat(&["contains"]) {
            self.needs_parts(field, &operator)?;
            return self.part(field).map(Test::Contains);
        }
        if self.eat(&["matches", "~"]) {
            self.needs_parts(field, &operator)?;
            return self.regex().map(Test::Matches);
        }
        if self.eat(&["in"]) {
            if field.kind == Kind::Group {
                return Err(self.error(&operator, format!("`{}` is a protocol: it has no value", field.name)));
            }
            return self.set(field).map(Test::In);
        }
        if self.eat(&["&"]) {
            return self.mask(field, &operator).map(Test::Bits);
        }
        Ok(Test::Exists)
    }

    fn needs_parts(&self, field: &Field, operator: &Token) -> Result<(), FilterError> {
        if has_parts(field.kind) {
            return Ok(());
        }
        Err(self.error(operator, format!("`{}` is neither text nor bytes; compare it with == or <", field.name)))
    }

    fn literal(&mut self, field: &'static Field) -> Result<Literal, FilterError> {
        let token = self.next();
        let literal = match &token.what {
            What::Word(word) => Literal::of_word(field, word),
            What::Quoted(bytes) => Literal::of_quoted(field, bytes),
            What::Sign(_) | What::End => Err("a value is expected here".to_owned()),
        };
        literal.map_err(|what| self.error(&token, what))
    }

    fn part(&mut self, field: &'static Field) -> Result<Vec<u8>, FilterError> {
        let token = self.next();
        match &token.what {
            What::Quoted(bytes) => Ok(bytes.clone()),
            What::Word(word) if field.kind == Kind::Text => Ok(word.clone().into_bytes()),
            What::Word(word) => super::value::hex(word).ok_or_else(|| {
                self.error(&token, "bytes are expected here: `\"text\"` or hexadecimal digits such as `16:03:01`")
            }),
            _ => Err(self.error(&token, "a value is expected here")),
        }
    }

    fn regex(&mut self) -> Result<regex::bytes::Regex, FilterError> {
        const MOST_BYTES: usize = 1 << 20;
        let token = self.next();
        let text = match &token.what {
            What::Quoted(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            What::Word(word) => word.clone(),
            _ => return Err(self.error(&token, "a regular expression is expected here, in quotes")),
        };
        // As in Wireshark, capital and small letters are the same.
        let built = regex::bytes::RegexBuilder::new(&text).case_insensitive(true).size_limit(MOST_BYTES).build();
        built.map_err(|error| {
            let reason = error.to_string();
            let last = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            self.error(&token, format!("this is no regular expression: {last}"))
        })
    }

    fn set(&mut self, field: &'static Field) -> Result<Vec<(Literal, Literal)>, FilterError> {
        if !self.eat(&["{"]) {
            return Err(self.wrong("a set is expected here, such as `{80, 443, 8000..8100}`"));
        }
        let mut ranges = Vec::new();
        while !self.eat(&["}"]) {
            let low = self.literal(field)?;
            let high = if self.eat(&[".."]) { self.literal(field)? } else { low.clone() };
            ranges.push((low, high));
            self.eat(&[","]);
        }
        Ok(ranges)
    }

    fn mask(&mut self, field: &'static Field, operator: &Token) -> Result<u64, FilterError> {
        if !matches!(field.kind, Kind::Number | Kind::Hex(_) | Kind::Flag) {
            return Err(self.error(operator, format!("`{}` is no number: it has no bits to test", field.name)));
        }
        let token = self.next();
        let mask = match &token.what {
            What::Word(word) => super::value::number(word).and_then(|number| u64::try_from(number).ok()),
            _ => None,
        };
        mask.ok_or_else(|| self.error(&token, "a number is expected here, such as 0x02"))
    }
}
