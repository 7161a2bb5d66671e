//! Which of the services and sources that were asked for are there: a name that nothing has is told, as it may be a slip.
//!
//! Must never decide what is printed.

use std::collections::BTreeSet;

use crate::args::Scope;
use crate::say;

/// What was met of what was asked for.
#[derive(Default)]
pub struct Asked {
    services: BTreeSet<String>,
    sources: BTreeSet<String>,
}

impl Asked {
    pub fn service(&mut self, name: Option<&str>, scope: &Scope) {
        let Some(name) = name.filter(|_| !scope.service.is_empty()) else { return };
        let asked = scope.service.iter().find(|asked| asked.eq_ignore_ascii_case(name));
        if let Some(asked) = asked.filter(|asked| !self.services.contains(*asked)) {
            self.services.insert(asked.clone());
        }
    }

    pub fn source(&mut self, name: &str, scope: &Scope) {
        self.sources.extend(scope.source.iter().filter(|asked| name.contains(asked.as_str())).cloned());
        let services = scope.services_of(name);
        self.services.extend(scope.service.iter().filter(|asked| services.is_whole(asked)).cloned());
    }

    pub fn join(&mut self, other: Asked) {
        self.services.extend(other.services);
        self.sources.extend(other.sources);
    }

    pub fn tell(&self, scope: &Scope) {
        for word in scope.source.iter().filter(|word| !self.sources.contains(*word)) {
            say(&format!("no source has {word} in its name"));
        }
        for name in scope.service.iter().filter(|name| !self.services.contains(*name)) {
            say(&format!("no record that was looked at names the service {name}"));
        }
    }
}
