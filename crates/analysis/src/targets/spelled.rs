//! Services by the names that programs give to what calls them: `StockCoreClient`, `stock_core`, `stockCore`.
//!
//! When it misleads: a class of the caller's own that is called like another service; a name of one word counts only where it
//! says that it is a client.

use crate::entities::Entities;

/// Ends of names of what calls another service.
const CALLERS: [&str; 8] = ["client", "clients", "stub", "connector", "adapter", "api", "grpc", "http"];
/// Ends that say how, and not whom.
const MANNERS: [&str; 7] = ["blocking", "future", "async", "impl", "error", "exception", "proxy"];

/// The known services that identifiers of a line stand for.
pub fn named_in(entities: &Entities, line: &str) -> Vec<String> {
    let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let found = words.filter(|word| is_joined(word)).filter_map(|word| service_of(word, |name| entities.known(name)));
    found.map(str::to_string).collect()
}

fn is_joined(word: &str) -> bool {
    let inner = |sep: char| word.trim_matches(sep).contains(sep);
    word.len() >= 5 && (inner('_') || word.bytes().skip(1).any(|b| b.is_ascii_uppercase()))
}

fn service_of<'e>(word: &str, known: impl Fn(&str) -> Option<&'e str>) -> Option<&'e str> {
    let parts = parts(word);
    let mut kept = parts.len();
    let mut is_client = false;
    while kept > 1 && (CALLERS.contains(&parts[kept - 1].as_str()) || MANNERS.contains(&parts[kept - 1].as_str())) {
        is_client |= CALLERS.contains(&parts[kept - 1].as_str());
        kept -= 1;
    }
    let name = parts[..kept].join("-");
    let whole = || (kept < parts.len()).then(|| parts.join("-")).and_then(|name| known(&name));
    let of_one_word = kept == 1 && !is_client;
    // `OrderService` is as often a class of the caller's own.
    let is_class = word.starts_with(|c: char| c.is_ascii_uppercase()) && !is_client && name.ends_with("service");
    if of_one_word || is_class || name.len() < 4 {
        return whole();
    }
    whole().or_else(|| known(&name))
}

/// `StockCoreClient` and `stock_core_client` in parts, in lower case.
fn parts(word: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut before = '_';
    for c in word.chars() {
        let begins = c.is_ascii_uppercase() && !before.is_ascii_uppercase() || before == '_' && c != '_';
        if begins {
            parts.push(String::new());
        }
        if c != '_'
            && let Some(part) = parts.last_mut()
        {
            part.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_stand_for_services() {
        let known = |name: &str| ["stock-core", "seatmap", "order-service"].into_iter().find(|known| *known == name);
        let of = |word: &str| Some(word).filter(|word| is_joined(word)).and_then(|word| service_of(word, known));
        assert_eq!(of("StockCoreClient"), Some("stock-core"));
        assert_eq!(of("stock_core"), Some("stock-core"));
        assert_eq!(of("stockCore"), Some("stock-core"));
        assert_eq!(of("SeatmapClient"), Some("seatmap"));
        assert_eq!(of("OrderServiceBlockingStub"), Some("order-service"));
        for own in ["OrderService", "SeatmapView", "stock_core_items", "seatmap", "STOCK"] {
            assert_eq!(of(own), None, "{own}");
        }
    }
}
