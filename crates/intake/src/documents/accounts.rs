//! Directories of accounts, whose chat or pager they are: who it is that messages and steps name by an id or an address.
//!
//! A document is a directory only as a whole: everything in it is an account. It must never take an object within something
//! else for one, such as the user of a log record. What breaks it: a list of customers, whose names nothing else uses then.

use evidence::{Body, Person};

use super::json::{Doc, El};
use super::{Out, slack};

/// Members under which the answer to a query lists accounts.
const LISTS: [&str; 7] = ["members", "users", "value", "results", "data", "items", "zerver_userprofile"];
const IDS: [&str; 6] = ["id", "_id", "user_id", "user.id", "userId", "accountId"];
const NAMES: [&str; 15] = [
    "profile.display_name",
    "username",
    "user.username",
    "login",
    "nickname",
    "nick",
    "name",
    "display_name",
    "displayName",
    "full_name",
    "fullName",
    "real_name",
    "profile.real_name",
    "userPrincipalName",
    "summary",
];
const WHOLE_NAMES: [&str; 9] = [
    "real_name",
    "profile.real_name",
    "full_name",
    "fullName",
    "displayName",
    "global_name",
    "user.global_name",
    "name",
    "display_name",
];
const ADDRESSES: [&str; 6] = ["email", "profile.email", "emails.address", "mail", "delivery_email", "userPrincipalName"];
/// What only accounts of people and bots have.
const PERSONAL: [&str; 20] = [
    "first_name",
    "last_name",
    "givenName",
    "surname",
    "full_name",
    "fullName",
    "real_name",
    "is_bot",
    "isBot",
    "bot",
    "global_name",
    "discriminator",
    "email",
    "emails",
    "delivery_email",
    "userPrincipalName",
    "profile",
    "accountType",
    "auth_service",
    "nick",
];
/// What no account has: it happened, or somebody said it.
const OTHERS: [&str; 11] =
    ["message", "text", "content", "msg", "level", "severity", "ts", "timestamp", "time", "event", "subject"];

/// Reads a directory; false when the document is none.
pub fn read(doc: &Doc<'_>, out: &mut Out) -> bool {
    let roots: Vec<El<'_>> = doc.elements().collect();
    let accounts = match roots.as_slice() {
        [one] if one.is_array() => one.items().collect(),
        [one] if !is_account(*one) => LISTS.iter().flat_map(|list| one.list(list)).collect(),
        _ => roots,
    };
    let is_of_slack = || accounts.iter().all(|account| slack::is_user(*account));
    if accounts.is_empty() || !accounts.iter().all(|account| is_account(*account)) || is_of_slack() {
        return false;
    }
    out.is("chat_users");
    accounts.into_iter().for_each(|account| out.add(account, None, Body::Person(person(account))));
    true
}

fn is_account(element: El<'_>) -> bool {
    let marks = |element: El<'_>| PERSONAL.iter().filter(|mark| element.has(mark)).count();
    let inner = element.get("user").filter(|user| user.is_object());
    element.is_object()
        && element.first(&IDS).is_some()
        && element.first(&NAMES).is_some()
        && !element.has_any(&OTHERS)
        && marks(element) + inner.map_or(0, marks) >= 2
}

fn person(account: El<'_>) -> Person {
    let parts = [account.first(&["first_name", "givenName"]), account.first(&["last_name", "surname"])];
    let joined = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let email = account.first(&ADDRESSES).or_else(|| account.list("emails").find_map(|email| email.first(&["address", "value"])));
    let is_bot = ["is_bot", "isBot", "bot", "user.bot"].iter().any(|key| account.dig(key).and_then(El::truth) == Some(true));
    let login = account.first(&NAMES).unwrap_or_default();
    let login = login.trim_start_matches('@');
    // Some directories know their people by their addresses.
    let name = login.split_once('@').map_or(login, |(own, _)| own).to_string();
    Person {
        id: account.first(&IDS).unwrap_or_default(),
        name,
        real_name: Some(joined).filter(|name| !name.is_empty()).or_else(|| account.first(&WHOLE_NAMES)),
        email: email.filter(|email| email.contains('@')),
        is_bot: is_bot || account.has("bot_description") || account.word("type") == "bot",
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Document, read_whole};
    use super::*;
    use evidence::SourceId;

    fn read(text: &str) -> Document {
        read_whole("people.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON")
    }

    fn people(text: &str) -> Vec<(String, String, Option<String>, bool)> {
        let told = read(text).events.into_iter().filter_map(|event| match event.body {
            Body::Person(p) => Some((p.id, p.name, p.real_name, p.is_bot)),
            _ => None,
        });
        told.collect()
    }

    fn person(id: &str, name: &str, whole: &str, is_bot: bool) -> (String, String, Option<String>, bool) {
        (id.into(), name.into(), Some(whole).filter(|name| !name.is_empty()).map(str::to_string), is_bot)
    }

    #[test]
    fn directories_of_several_chats() {
        let ann = [person("u1", "ann", "Ann Lee", false)];
        for text in [
            r#"[{"id":"u1","username":"ann","auth_service":"","first_name":"Ann","last_name":"Lee"}]"#,
            r#"[{"id":"u1","create_at":1600000000000,"username":"ann","first_name":"Ann","last_name":"Lee","nickname":"","email":"ann@a.example"}]"#,
            r#"{"users":[{"_id":"u1","username":"ann","name":"Ann Lee","emails":[{"address":"ann@a.example"}],"roles":["user"],"is_bot":false}],"count":1}"#,
            r#"{"value":[{"id":"u1","displayName":"Ann Lee","givenName":"Ann","surname":"Lee","userPrincipalName":"ann@a.example","nickname":"ann"}]}"#,
            r#"[{"id":"u1","username":"ann","discriminator":"0","global_name":"Ann Lee"}]"#,
            r#"[{"user":{"id":"u1","username":"ann","discriminator":"0","global_name":"Ann Lee"},"nick":null,"roles":[]}]"#,
        ] {
            assert_eq!(people(text), ann, "{text}");
        }
        let zulip = r#"{"members":[{"user_id":7,"full_name":"Ann Lee","email":"ann@a.example","is_bot":false},{"user_id":8,"full_name":"Watch","email":"w-bot@a.example","is_bot":true}]}"#;
        assert_eq!(people(zulip), [person("7", "Ann Lee", "Ann Lee", false), person("8", "Watch", "Watch", true)]);
    }

    #[test]
    fn what_is_not_as_a_whole_a_list_of_accounts_is_none() {
        for text in [
            r#"[{"id":"1","name":"cart","email":"team@a.example","roles":["web"]}]"#,
            r#"[{"id":"1","username":"ann","email":"ann@a.example","first_name":"Ann","message":"login failed","time":"2025-01-01T00:00:05Z"}]"#,
            r#"[{"time":"2025-01-01T00:00:05Z","what":"saved","user":{"id":"1","username":"ann","email":"a@a.example","first_name":"Ann"}}]"#,
            r#"[{"id":"u1","username":"ann","first_name":"Ann","last_name":"Lee"},{"id":"k","size":3}]"#,
        ] {
            assert_eq!(people(text), [], "{text}");
        }
    }
}
