//! The request that a failing record tells of, as the logs of those that passed it on have it.
//!
//! What it sees: traces that the record shares with logs of requests. Why it matters: what a gateway answered, and after how
//! long, stands in its own log only. When it misleads: an id that is used again; so both records lie near each other.

use crate::findings::{Edge, EdgeBasis, Places};
use crate::incident::Incident;

/// A request and what is said of its failure are so far from each other at most, in seconds.
const NEAR_S: f64 = 60.0;
/// Logs that are cited beside the record.
const MOST: usize = 2;

/// The step with the same request in other logs.
pub fn with_request(incident: &Incident<'_>, edge: Edge) -> Edge {
    if !matches!(edge.by, EdgeBasis::Names { .. } | EdgeBasis::Alike { .. } | EdgeBasis::Order { .. }) {
        return edge;
    }
    let scene = incident.scene;
    let failing = edge.places.first();
    let Some(own) = scene.digests.iter().find(|d| d.source == failing.source) else { return edge };
    let Some((id, link)) = own.traces.iter().find(|(_, link)| link.place == failing) else { return edge };
    let Some(at) = scene.clock(own.source).moment(link.last) else { return edge };
    let passed_on = scene.digests.iter().filter(|d| d.source != own.source && !d.requests.is_empty()).filter_map(|digest| {
        let link = digest.traces.get(id)?;
        let other = scene.clock(digest.source).moment(link.last)?;
        (at.since(other).abs() <= NEAR_S).then_some(link.place)
    });
    let places = Places::from_many(edge.places.iter().copied().chain(passed_on.take(MOST)));
    Edge { places: places.unwrap_or_else(|| edge.places.clone()), ..edge }
}
