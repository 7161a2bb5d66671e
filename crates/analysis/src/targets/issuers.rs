//! Who issues tokens, by the codes that nobody else writes: `AADSTS7000222` is an answer of Entra ID, whatever was called in the end.
//!
//! What it sees: codes of errors and paths of token endpoints in the text of failures. Why it matters: a client that gets no token never
//! reaches the service that it wanted to call, and that service is told to be in trouble otherwise, while it answers everybody else.
//! It must never look at names of classes: a library of an issuer throws for reasons of its own. When it misleads: a failure that
//! quotes the answer to another.

use std::sync::LazyLock;

use expressions::{Expression, constant};

/// The issuers whose answers stand in a line.
pub fn named_in(line: &str) -> Vec<String> {
    static ISSUERS: LazyLock<[(Expression, &str); 5]> = LazyLock::new(|| {
        [
            (constant(r"\bAADSTS\d{5,7}\b|\bAADB2C\d{5,7}\b|\blogin\.microsoftonline\.com/"), "entra-id"),
            (constant(r#"\bE00000\d\d: |"errorCode": ?"E00000\d\d""#), "okta"),
            (constant(r"\bcognito-idp[.-]|\bCognitoIdentityProvider\b"), "cognito"),
            (constant(r"/realms/[\w.-]+/protocol/openid-connect/token\b"), "keycloak"),
            (constant(r"\boauth2\.googleapis\.com/token\b|\bgoogle\.auth\.exceptions\.RefreshError\b"), "google-oauth"),
        ]
    });
    let is_of = |(code, _): &&(Expression, &str)| code.is_match(line);
    ISSUERS.iter().filter(is_of).map(|(_, issuer)| issuer.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_tell_who_refused_a_token() {
        for (line, issuer) in [
            ("AADSTS7000222: The provided client secret keys for app '1' are expired.", "entra-id"),
            ("token refused, E0000011: Invalid token provided", "okta"),
            ("POST https://sso.shop.example/realms/shop/protocol/openid-connect/token gave 401", "keycloak"),
            ("botocore: CognitoIdentityProvider: NotAuthorizedException", "cognito"),
            ("google.auth.exceptions.RefreshError: invalid_grant", "google-oauth"),
        ] {
            assert_eq!(named_in(line), [issuer], "{line}");
        }
        for line in ["MsalCache: lock timeout", "error E0000112 of the drive", "GET /realms/shop 200", "invalid_grant"] {
            assert!(named_in(line).is_empty(), "{line}");
        }
    }
}
