//! What a request brings, read; what cannot be read is a problem like any other, in the same form.

use axum::Json;
use axum::http::StatusCode;

use crate::error::Problem;

/// A JSON body; what is none is a problem like any other.
pub struct Sent<T>(pub T);

impl<T: serde::de::DeserializeOwned, S: Send + Sync> axum::extract::FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: axum::extract::Request, state: &S) -> Result<Self, Problem> {
        let read = Json::<serde_json::Value>::from_request(request, state).await;
        let Json(body) = read.map_err(|refusal| Problem::new(refusal.status(), refusal.body_text()))?;
        let unfit = |why: String| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why);
        if !body.is_object() {
            // A list would be taken for the members in their order.
            return Err(unfit("The body is a JSON object.".to_owned()));
        }
        serde_json::from_value(body).map(Sent).map_err(|error| unfit(format!("The body does not fit: {error}.")))
    }
}

/// What stands behind the `?`; what cannot be read is a problem like any other.
pub struct Asked<T>(pub T);

impl<T: serde::de::DeserializeOwned, S: Send + Sync> axum::extract::FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(asked)) => Ok(Asked(asked)),
            Err(refusal) => Err(Problem::new(refusal.status(), refusal.body_text())),
        }
    }
}
