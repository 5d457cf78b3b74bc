//! What tests compare: fields, values, slices, functions, arithmetic.
//!
//! A word that stands alone on the left is a field. On the right it is a field if one has that name, else a value of
//! the left side's kind.

use super::functions::Function;
use super::lexer::{Token, What};
use super::parser::Parser;
use super::slice::Ranges;
use super::syntax::{Named, Operand, Operator};
use super::value::{Literal, Type};
use super::{DEEPEST, FilterError, names};
use crate::bytes::escape;

impl Parser<'_> {
    /// An operand. With a `left` side it must be of a kind that goes with it.
    pub(super) fn operand(&mut self, left: Option<&Operand>) -> Result<Operand, FilterError> {
        let begin = self.peek();
        let found = self.arithmetic(left, 0)?;
        if let Some(left) = left
            && !left.kind().goes_with(found.kind())
        {
            let what = format!("`{left}` is {}, `{found}` is {}", left.kind().label(), found.kind().label());
            return Err(self.error(&Token { end: self.end_of_last(&begin), ..begin }, what));
        }
        Ok(found)
    }

    fn end_of_last(&self, begin: &Token) -> usize {
        self.peek().start.max(begin.end)
    }

    /// Operands joined by operators of this precedence, 0 the weakest.
    fn arithmetic(&mut self, left: Option<&Operand>, level: usize) -> Result<Operand, FilterError> {
        const LEVELS: [&[(&[&str], Operator)]; 3] = [
            &[(&["&", "bitwise_and"], Operator::BitAnd)],
            &[(&["+"], Operator::Add), (&["-"], Operator::Subtract)],
            &[(&["*"], Operator::Multiply), (&["/"], Operator::Divide), (&["%"], Operator::Remainder)],
        ];
        let Some(operators) = LEVELS.get(level) else { return self.signed(left) };
        let mut found = self.arithmetic(left, level + 1)?;
        let mut chain = 0;
        loop {
            let sign = self.peek();
            let Some((_, operator)) = operators.iter().find(|(signs, _)| self.eat(signs)) else { return Ok(found) };
            chain += 1;
            if chain > DEEPEST {
                return Err(self.error(&sign, "too many operators one behind the other"));
            }
            let fits = match found.kind() {
                Type::Number | Type::Flag => true,
                Type::Duration | Type::Instant => matches!(operator, Operator::Add | Operator::Subtract),
                kind => kind.has_bytes() && *operator == Operator::BitAnd,
            };
            if !fits {
                let what = format!("`{found}` is {}: `{}` cannot change it", found.kind().label(), operator.sign());
                return Err(self.error(&sign, what));
            }
            let begin = self.peek();
            let right = self.arithmetic(Some(&found), level + 1)?;
            if !found.kind().goes_with(right.kind()) {
                let what = format!("`{found}` is {}, `{right}` is not", found.kind().label());
                return Err(self.error(&begin, what));
            }
            found = Operand::Arithmetic(Box::new(found), *operator, Box::new(right));
        }
    }

    fn signed(&mut self, left: Option<&Operand>) -> Result<Operand, FilterError> {
        let sign = self.peek();
        if !self.eat(&["-"]) {
            return self.sliced(left);
        }
        let of = self.deeper(|parser| parser.signed(left))?;
        match of.kind() {
            Type::Number | Type::Duration => Ok(Operand::Negative(Box::new(of))),
            kind => Err(self.error(&sign, format!("`{of}` is {}: it has no sign", kind.label()))),
        }
    }

    /// A primary and the slices behind it.
    fn sliced(&mut self, left: Option<&Operand>) -> Result<Operand, FilterError> {
        let mut found = self.primary(left)?;
        let mut chain = 0;
        while let What::Slice(text) = self.peek().what {
            let token = self.next();
            chain += 1;
            if chain > DEEPEST {
                return Err(self.error(&token, "too many slices one behind the other"));
            }
            if !found.kind().has_bytes() && !found.kind().is_address() || matches!(found, Operand::Literal(..)) {
                return Err(self.error(&token, format!("`{found}` is {}: it has no parts", found.kind().label())));
            }
            let ranges = Ranges::parse(&text).map_err(|what| self.error(&token, what))?;
            found = Operand::Slice(Box::new(found), ranges);
        }
        Ok(found)
    }

    fn primary(&mut self, left: Option<&Operand>) -> Result<Operand, FilterError> {
        let token = self.next();
        match &token.what {
            What::Sign("{") => self.deeper(|parser| {
                let inner = parser.arithmetic(left, 0)?;
                if parser.eat(&["}"]) { Ok(inner) } else { Err(parser.wrong("a `}` is missing here")) }
            }),
            What::Word(word) => {
                if matches!(self.peek().what, What::Sign("("))
                    && let Some(function) = Function::ALL.into_iter().find(|one| one.name() == word)
                {
                    return self.call(function, &token);
                }
                self.word(word, left, &token)
            }
            What::Quoted(bytes) => {
                self.literal(left, &token, |left| Literal::of_quoted(left.kind(), left.field(), bytes))
            }
            What::Character(byte) => self.literal(left, &token, |left| Literal::of_character(left.kind(), *byte)),
            What::End if left.is_none() => Err(self.error(&token, "a field is expected here")),
            What::Sign(_) | What::End | What::Slice(_) | What::Layers(_) => match left {
                Some(_) => Err(self.error(&token, "a value is expected here")),
                None => Err(self.error(&token, "a field is expected here, such as `tcp.port` or `dns`")),
            },
        }
    }

    /// A field, or a value of the left side's kind.
    fn word(&mut self, word: &str, left: Option<&Operand>, token: &Token) -> Result<Operand, FilterError> {
        match names::meant(word) {
            Ok(fields) => {
                let layers = self.layers()?;
                Ok(Operand::Field(Named { name: word.to_owned(), fields, layers }))
            }
            Err(unknown) => match left {
                Some(_) => self.literal(left, token, |left| Literal::of_word(left.kind(), left.field(), word)),
                None if word.starts_with(|c: char| c.is_ascii_digit()) => {
                    Err(self.error(token, "a field stands on the left of a comparison, a value on the right"))
                }
                None => Err(self.error(token, unknown.to_string())),
            },
        }
    }

    fn layers(&mut self) -> Result<Option<Ranges>, FilterError> {
        let What::Layers(text) = self.peek().what else { return Ok(None) };
        let token = self.next();
        Ranges::parse(&text).map(Some).map_err(|what| self.error(&token, what))
    }

    fn literal(
        &self,
        left: Option<&Operand>,
        token: &Token,
        read: impl FnOnce(&Operand) -> Option<Literal>,
    ) -> Result<Operand, FilterError> {
        let Some(left) = left else {
            return Err(self.error(token, "a field stands on the left of a comparison, a value on the right"));
        };
        read(left).map(|literal| Operand::Literal(left.kind(), literal)).ok_or_else(|| {
            let word = self.text_of(token);
            let named = left.field().is_some_and(|field| field.names.is_some() && left.kind() == Type::Number);
            let also = if named { " or the name of one" } else { "" };
            let what = format!("`{left}` is {}{also}; `{}` is none", left.kind().label(), escape(word));
            self.error(token, what)
        })
    }

    fn call(&mut self, function: Function, token: &Token) -> Result<Operand, FilterError> {
        self.next();
        self.deeper(|parser| {
            let mut arguments: Vec<Operand> = Vec::new();
            loop {
                // Behind the first argument values may stand: they are of its kind.
                arguments.push(parser.arithmetic(arguments.first(), 0)?);
                if arguments.len() > DEEPEST {
                    return Err(parser.error(token, "too many arguments"));
                }
                if parser.eat(&[")"]) {
                    break;
                }
                if !parser.eat(&[","]) {
                    return Err(parser.wrong("a `)` or `,` is missing here"));
                }
            }
            let kinds: Vec<Type> = arguments.iter().map(Operand::kind).collect();
            match function.complaint(&kinds) {
                Some(what) => Err(parser.error(token, what)),
                None if function == Function::Count && !matches!(arguments.as_slice(), [Operand::Field(_)]) => {
                    Err(parser.error(token, "`count` takes one field"))
                }
                None => Ok(Operand::Call(function, arguments)),
            }
        })
    }
}
