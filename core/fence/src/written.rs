//! A policy as an owner writes it: TOML, with the line of every mistake.
//! Not here: the policy's canonical form and its rules (`policy`).
use crate::evidence::Kind;
use crate::policy::{Minimum, Policy, Rule, invalid, place_mistake};
use crate::{Role, groups};
use ringfence_signed::{B32, Result, from_text_exact};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

type List = Vec<Spanned<String>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    version: Spanned<u64>,
    #[serde(default)]
    allow: Allow,
    #[serde(default)]
    evidence: Asked,
    #[serde(default)]
    roles: BTreeMap<Spanned<String>, WrittenRule>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Allow {
    countries: List,
    law: Option<List>,
    operators: Option<List>,
    nodes: List,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    countries: Option<List>,
    law: Option<List>,
    operators: Option<List>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Asked {
    minimum: Option<Minimum>,
    exclude: List,
    liars: u64,
    sources: List,
}

/// The text, and the mistakes found in it so far.
struct Reader<'a> {
    text: &'a str,
    mistakes: Vec<(usize, String)>,
}

impl Reader<'_> {
    fn mistake<T>(&mut self, at: &Spanned<T>, what: impl Into<String>) {
        let line = line_of(self.text, at.span().start);
        self.mistakes.push((line, what.into()));
    }

    fn words(&mut self, list: &List) -> Vec<String> {
        list.iter().map(|word| word.get_ref().clone()).collect()
    }

    /// `any`: whether `["*"]` stands for every place.
    fn places(&mut self, list: &List, any: bool) -> Vec<String> {
        let words = self.words(list);
        if !(any && words == ["*"]) {
            for word in list {
                if !groups::is_known(word.get_ref()) {
                    self.mistake(word, place_mistake(word.get_ref()));
                }
            }
        }
        words
    }

    fn node(&mut self, key: &Spanned<String>) -> Option<B32> {
        let node = from_text_exact(key.get_ref()).ok();
        if node.is_none() {
            let what = format!(
                "`{}` is not a node's key (43 letters of base64url)",
                key.get_ref()
            );
            self.mistake(key, what);
        }
        node
    }

    fn kind(&mut self, word: &Spanned<String>) -> Option<Kind> {
        let kind = Kind::named(word.get_ref());
        if kind.is_none() {
            let what = format!(
                "`{}` is not a kind of source: use registry or geoip",
                word.get_ref()
            );
            self.mistake(word, what);
        }
        kind
    }

    fn rule(&mut self, name: &Spanned<String>, rule: &WrittenRule) -> Option<(Role, Rule)> {
        let read = Rule {
            countries: rule.countries.as_ref().map(|list| self.places(list, false)),
            law: rule.law.as_ref().map(|list| self.places(list, true)),
            operators: rule.operators.as_ref().map(|list| self.words(list)),
        };
        let role = Role::named(name.get_ref());
        if role.is_none() {
            self.mistake(name, format!("`{}` is not a role", name.get_ref()));
        }
        Some((role?, read))
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

impl Policy {
    /// Reads what an owner wrote.
    ///
    /// Errors: `RF2001` with every mistake and its line. What TOML itself cannot read, and a key that is not
    /// known, end the reading at the first.
    pub fn from_toml(text: &str) -> Result<Self> {
        let written: Written = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            let what = error.message().lines().next().unwrap_or_default();
            invalid(format!("line {line}: {what}"))
        })?;
        let mut reader = Reader {
            text,
            mistakes: vec![],
        };
        let (policy, rules) = reader.policy(&written);
        // A rule can be looser than [allow] only where both can be read.
        if reader.mistakes.is_empty() {
            for name in written.roles.keys() {
                let role = Role::named(name.get_ref()).expect("read above");
                if let Err(error) = policy.check_role(role, &rules[&role]) {
                    reader.mistake(name, error.detail);
                }
            }
        }
        reader.mistakes.sort();
        let mistakes = reader
            .mistakes
            .iter()
            .map(|(line, what)| format!("line {line}: {what}"));
        match mistakes.collect::<Vec<_>>() {
            none if none.is_empty() => policy.check().map(|()| policy),
            some => Err(invalid(some.join("\n"))),
        }
    }
}

impl Reader<'_> {
    fn policy(&mut self, written: &Written) -> (Policy, BTreeMap<Role, Rule>) {
        let (allow, asked) = (&written.allow, &written.evidence);
        if *written.version.get_ref() != 1 {
            let what = format!(
                "version {} is not known; this is version 1",
                written.version.get_ref()
            );
            self.mistake(&written.version, what);
        }
        let countries = self.places(&allow.countries, false);
        let law = allow.law.as_ref().map(|list| self.places(list, true));
        let rules = written.roles.iter();
        let rules: BTreeMap<_, _> = rules.filter_map(|(name, rule)| self.rule(name, rule)).collect();
        let policy = Policy {
            name: written.name.clone(),
            nodes: allow.nodes.iter().filter_map(|key| self.node(key)).collect(),
            // Left out, the law is that of the countries.
            law: law.unwrap_or_else(|| countries.clone()),
            operators: allow
                .operators
                .as_ref()
                .map_or(vec!["*".into()], |list| self.words(list)),
            countries,
            minimum: asked.minimum.unwrap_or(Minimum::Consistent),
            exclude: self.places(&asked.exclude, false),
            liars: asked.liars,
            sources: asked.sources.iter().filter_map(|word| self.kind(word)).collect(),
            roles: rules.clone(),
        };
        (policy, rules)
    }
}
