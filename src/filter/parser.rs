//! Recursive descent over the words of a filter: tests and what joins them. What tests compare is read in `operand`.

use super::lexer::{Token, What, cut};
use super::syntax::{Comparison, Expression, Operand, Pattern, Test};
use super::value::Type;
use super::{DEEPEST, FilterError, LONGEST, LONGEST_REGEX};

pub(super) fn parse(text: &str) -> Result<Expression, FilterError> {
    if text.len() > LONGEST {
        let what = format!("a filter has at most {LONGEST} bytes");
        return Err(FilterError { text: text.chars().take(80).collect(), start: 0, end: 0, what });
    }
    let mut parser = Parser { text, tokens: cut(text)?, at: 0, depth: 0 };
    if parser.peek().what == What::End {
        return Ok(Expression::And(Vec::new()));
    }
    let expression = parser.or()?;
    match parser.peek().what {
        What::End => Ok(expression),
        _ => Err(parser.unexpected()),
    }
}

pub(super) struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

/// Signs and words of comparisons, whether all values must satisfy them, and the comparison.
const COMPARISONS: &[(&[&str], bool, Comparison)] = &[
    (&["==", "eq", "any_eq"], false, Comparison::Equal),
    (&["===", "all_eq"], true, Comparison::Equal),
    (&["!=", "ne", "all_ne"], true, Comparison::NotEqual),
    (&["!==", "~=", "any_ne"], false, Comparison::NotEqual),
    (&["<=", "le"], false, Comparison::LessOrEqual),
    (&[">=", "ge"], false, Comparison::GreaterOrEqual),
    (&["<", "lt"], false, Comparison::Less),
    (&[">", "gt"], false, Comparison::Greater),
];

/// Words that join or compare: what stands where they do not belong is no name.
const WORDS: &[&str] = &["and", "or", "xor", "not", "in", "contains", "matches"];

impl Parser<'_> {
    pub(super) fn peek(&self) -> Token {
        let end = || Token { what: What::End, start: self.text.len(), end: self.text.len() };
        self.tokens.get(self.at).cloned().unwrap_or_else(end)
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.peek();
        self.at += 1;
        token
    }

    /// Passes the next word if it is one of these signs or words.
    pub(super) fn eat(&mut self, any: &[&str]) -> bool {
        let found = match self.peek().what {
            What::Sign(sign) => any.contains(&sign),
            What::Word(word) => any.iter().any(|one| word.eq_ignore_ascii_case(one)),
            _ => false,
        };
        self.at += usize::from(found);
        found
    }

    /// Passes an opening bracket and reads what stands behind it, one level deeper.
    pub(super) fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, FilterError>,
    ) -> Result<T, FilterError> {
        if self.depth >= DEEPEST {
            return Err(self.wrong("too many brackets, signs and `not`s within each other"));
        }
        self.depth += 1;
        let found = read(self);
        self.depth -= 1;
        found
    }

    pub(super) fn error(&self, token: &Token, what: impl Into<String>) -> FilterError {
        FilterError { text: self.text.to_owned(), start: token.start, end: token.end, what: what.into() }
    }

    pub(super) fn wrong(&self, what: &str) -> FilterError {
        self.error(&self.peek(), what)
    }

    /// The text of a word.
    pub(super) fn text_of(&self, token: &Token) -> &str {
        self.text.get(token.start..token.end).unwrap_or_default()
    }

    fn unexpected(&self) -> FilterError {
        let compares = COMPARISONS.iter().any(|(signs, ..)| match self.peek().what {
            What::Sign(sign) => signs.contains(&sign),
            What::Word(word) => signs.contains(&word.as_str()),
            _ => false,
        });
        if compares {
            return self.wrong("a comparison has two sides; round brackets hold tests, `{ }` hold arithmetic");
        }
        match self.peek().what {
            What::Sign(")") => self.wrong("no `(` stands before this"),
            _ => self.wrong("nothing was expected here; `and` or `or` joins tests"),
        }
    }

    fn or(&mut self) -> Result<Expression, FilterError> {
        self.joined(&["or", "||"], Self::xor, Expression::Or)
    }

    fn xor(&mut self) -> Result<Expression, FilterError> {
        self.joined(&["xor", "^^"], Self::and, Expression::Xor)
    }

    fn and(&mut self) -> Result<Expression, FilterError> {
        self.joined(&["and", "&&"], Self::not, Expression::And)
    }

    fn joined(
        &mut self,
        words: &[&str],
        part: fn(&mut Self) -> Result<Expression, FilterError>,
        join: fn(Vec<Expression>) -> Expression,
    ) -> Result<Expression, FilterError> {
        let mut all = vec![part(self)?];
        while self.eat(words) {
            all.push(part(self)?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { join(all) })
    }

    fn not(&mut self) -> Result<Expression, FilterError> {
        if self.eat(&["not", "!"]) {
            return self.deeper(|parser| Ok(Expression::Not(Box::new(parser.not()?))));
        }
        if self.eat(&["("]) {
            return self.deeper(|parser| {
                let inner = parser.or()?;
                if parser.eat(&[")"]) { Ok(inner) } else { Err(parser.wrong("a `)` is missing here")) }
            });
        }
        self.test()
    }

    fn test(&mut self) -> Result<Expression, FilterError> {
        let begin = self.peek();
        let every = if self.eat(&["any"]) {
            Some(false)
        } else if self.eat(&["all"]) {
            Some(true)
        } else {
            None
        };
        match self.peek().what {
            What::End => return Err(self.wrong("a field is expected here")),
            What::Word(word) if WORDS.contains(&word.as_str()) => {
                return Err(self.wrong("a field is expected here, such as `tcp.port` or `dns`"));
            }
            _ => {}
        }
        let left = self.operand(None)?;
        let sign = self.peek();
        if let Some((_, all, comparison)) = COMPARISONS.iter().find(|(signs, ..)| self.eat(signs)) {
            let right = self.operand(Some(&left))?;
            return Ok(test(Test::Compare { all: every.unwrap_or(*all), left, comparison: *comparison, right }));
        }
        let all = every.unwrap_or(false);
        if self.eat(&["contains"]) {
            self.needs_bytes(&left, &sign)?;
            let right = self.operand(Some(&left))?;
            return Ok(test(Test::Contains { all, left, right }));
        }
        if self.eat(&["matches", "~"]) {
            self.needs_bytes(&left, &sign)?;
            let pattern = self.regex()?;
            return Ok(test(Test::Matches { all, left, pattern }));
        }
        if every.is_some() {
            return Err(self.error(&begin, "`any` and `all` stand before a comparison"));
        }
        if self.eat(&["not"]) {
            if !self.eat(&["in"]) {
                return Err(self.wrong("`in` is expected here: `not in { }`"));
            }
            return Ok(Expression::Not(Box::new(test(self.set(left)?))));
        }
        if self.eat(&["in"]) {
            return self.set(left).map(test);
        }
        match left {
            Operand::Call(function, _) => {
                Err(self.error(&begin, format!("`{}` is always there: compare its value", function.name())))
            }
            left => Ok(test(Test::Exists(left))),
        }
    }

    fn needs_bytes(&self, left: &Operand, operator: &Token) -> Result<(), FilterError> {
        if left.kind().has_bytes() {
            return Ok(());
        }
        let what = match left.kind() {
            Type::Number | Type::Ipv4 | Type::Ipv6 => {
                format!("`{left}` is neither text nor bytes; compare it with == or <, or search `string({left})`")
            }
            _ => format!("`{left}` is neither text nor bytes; compare it with == or <"),
        };
        Err(self.error(operator, what))
    }

    fn regex(&mut self) -> Result<Pattern, FilterError> {
        let token = self.next();
        let text = match &token.what {
            What::Quoted(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => text.to_owned(),
                Err(_) => return Err(self.error(&token, "a regular expression is text: write bytes as `\\\\xff`")),
            },
            What::Word(word) => word.clone(),
            _ => return Err(self.error(&token, "a regular expression is expected here, in quotes")),
        };
        // As in Wireshark, capital and small letters are the same, and bytes need not be UTF-8.
        let built =
            regex::bytes::RegexBuilder::new(&text).case_insensitive(true).size_limit(LONGEST_REGEX).build().map_err(
                |error| {
                    let reason = error.to_string();
                    let last = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                    self.error(&token, format!("this is no regular expression: {last}"))
                },
            )?;
        Ok(Pattern(built))
    }

    fn set(&mut self, left: Operand) -> Result<Test, FilterError> {
        if !self.eat(&["{"]) {
            return Err(self.wrong("a set is expected here, such as `{80, 443, 8000..8100}`"));
        }
        let mut ranges = Vec::new();
        while ranges.is_empty() || !self.eat(&["}"]) {
            let low = self.operand(Some(&left))?;
            let high = if self.eat(&[".."]) { self.operand(Some(&left))? } else { low.clone() };
            ranges.push((low, high));
            self.eat(&[","]);
        }
        Ok(Test::In(left, ranges))
    }
}

fn test(test: Test) -> Expression {
    Expression::Test(test)
}
