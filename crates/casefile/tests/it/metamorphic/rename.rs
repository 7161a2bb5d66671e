//! Gives services other names, everywhere the same: in logs, chat, paths of requests, repositories, file names.
//!
//! Names of products (redis, kafka, postgresql, coredns) stay: what they are is knowledge. A name is replaced where no
//! letter stands beside it, so that a short one does not change other words.

use crate::cases::{self, Files};

/// Old and new, per case; longer names first where one is within the other.
pub fn of(case: &str) -> &'static [(&'static str, &'static str)] {
    match case {
        "01-checkout-crash-loop" => &[("checkout", "basalt"), ("auth-service", "login-service"), ("auth-svc", "login-svc")],
        "02-orders-pool" => &[("order-service", "basket-service"), ("inventory", "stockroom"), ("storefront", "shopfront")],
        "03-catalog-memory" => &[("catalog", "pantry"), ("search-gateway", "lookup-gateway")],
        "04-ledger-sunday" => &[("ledger", "abacus"), ("billing", "tariff"), ("invoice", "voucher")],
        "05-settlement-lag" => &[("orders-api", "baskets-api"), ("settlement", "clearing"), ("payouts", "refunds")],
        "06-names-not-found" => &[("reco", "hints"), ("cart", "trolley"), ("mailer", "postman"), ("checkout", "basalt")],
        "07-wal" => &[("ledgerapp", "abacusapp"), ("db-prim-01", "db-alpha-01"), ("db-repl-02", "db-beta-02")],
        "08-friday-cards" => &[("vantpay", "quillpay"), ("payments-svc", "charges-svc"), ("donations", "gifts")],
        _ => &[("edge", "rim")],
    }
}

/// Names and texts of all files.
pub fn files(files: &Files, names: &[(&str, &str)]) -> Files {
    let texts = cases::rewritten(files, &|bytes| bytes_of(bytes, names));
    texts.into_iter().map(|(name, bytes)| (text(&name, names), bytes)).collect()
}

pub fn text(text: &str, names: &[(&str, &str)]) -> String {
    String::from_utf8_lossy(&bytes_of(text.as_bytes(), names)).into_owned()
}

fn bytes_of(bytes: &[u8], names: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let fresh = at == 0 || !bytes[at - 1].is_ascii_alphabetic();
        match names.iter().filter(|_| fresh).find(|(old, _)| stands(&bytes[at..], old)) {
            Some((old, new)) => {
                let large = bytes[at].is_ascii_uppercase();
                out.push(if large { new.as_bytes()[0].to_ascii_uppercase() } else { new.as_bytes()[0] });
                out.extend(&new.as_bytes()[1..]);
                at += old.len();
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    out
}

/// The name, its first letter large or small, with no letter after it.
fn stands(rest: &[u8], name: &str) -> bool {
    let name = name.as_bytes();
    let Some(found) = rest.get(..name.len()) else { return false };
    let same = found[0].eq_ignore_ascii_case(&name[0]) && found[1..] == name[1..];
    same && !rest.get(name.len()).is_some_and(u8::is_ascii_alphabetic)
}

#[test]
fn a_name_is_replaced_where_it_stands_alone() {
    let names = [("reco", "hints")];
    assert_eq!(text("reco-api Reco recovery /reco/7 reco_v2", &names), "hints-api Hints recovery /hints/7 hints_v2");
}
