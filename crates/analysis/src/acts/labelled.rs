//! A labelled set of war-room messages of many teams, by which the cues are measured as a whole.
//!
//! Before any cue was changed for them, macro F1 was 0.946 on `MESSAGES` and 0.868 on `UNSEEN`;
//! after both had been worked on it was 0.893 on `FRESH`. The bounds below only keep what was won.
//!
//! One line is one message: its acts, a bar, the text. An act with `?` may be seen or not. Macro F1 is over all acts.

use super::{Act, read};
use std::collections::{BTreeMap, BTreeSet};

const MESSAGES: &str = r#"
detect | heads up, api-gateway is throwing 503s in eu-west
detect | anyone else getting timeouts from the billing service?
detect observe? | alert just fired: p99 on /search over 5s
detect | customers are reporting they can't log in
detect | prod is down
detect | we have reports of double charges, users see two payments
detect impact? | 30% of logins are failing
detect | kafka consumers in us-east are stuck
detect observe? | pods in namespace payments are crashlooping
detect | getting paged for disk usage on db-4
acknowledge | acking
acknowledge | I'm on it
acknowledge | looking at it now
acknowledge | got it, will check
acknowledge | I'll take this one
acknowledge | here, catching up on the thread
acknowledge declare? | joining the bridge, who is IC?
acknowledge | give me 2 min, checking
declare | Declaring this a SEV-1
declare acknowledge? | I'm taking IC
declare | opened incident INC-204, severity SEV2
declare | upgrading to sev1 given the payments impact
observe | grafana shows connections climbing since 09:12
observe | cpu on the primary is at 98%
observe | logs are full of `java.net.SocketTimeoutException`
observe | queue depth is 1.2M and growing
observe | deploy of cart 3.4.1 finished at 10:02
observe | only pods on node ip-10-0-3-4 fail
observe | I merged the helm change at 14:10
observe | replication lag is 40 seconds on both replicas
observe | heap flat at 2GB before the deploy, 6GB after
observe | redis INFO says used_memory 15.9G of 16G
suppose | could this be the new rate limiter?
suppose | my guess is the certificate rotation last night
suppose | suspect the index migration, it ran right before
suppose | maybe a bad node?
suppose | looks like a memory leak in the new image resizer
suppose | I think the feature flag rollout caused it
suppose | smells like DNS
suppose | perhaps the autoscaler is fighting with the HPA
suppose | is it related to the network maintenance?
suppose | timing lines up with the 11:05 release
refute | it's not the database, query times are flat
refute act? | turned the flag off, no change
refute | we can exclude the CDN, origin shows the same. CDN is healthy
refute | the migration finished yesterday, so not the migration
refute | restart did not help
refute | errors started well before the deploy, so unrelated
refute | the alert on redis was a red herring
refute | network team says the network is fine
refute | same errors after the rollback
root_cause | root cause: the new build drops the tenant header
root_cause | found it, connection pool size was set to 1 in the helm values
root_cause | culprit is commit 3f2a91c, it removes the retry
root_cause | this was caused by an expired signing key
root_cause | the bug is in the pagination cursor, infinite loop on empty pages
root_cause | sorry, my bad, I typed the wrong account id in terraform
root_cause | turns out the cron job was scheduled every minute instead of every hour
root_cause | we ran out of file descriptors because sockets are never closed
decide | let's roll back
decide | please scale ingest to 30 pods
decide | decision: fail over to us-west-2
decide | ok, go ahead and restart the brokers
decide | we should revert that now
decide | @kim can you disable the flag?
decide | hold all deploys until this is over
decide | I'll bounce the proxy
decide | agreed, kill the query
act | rolled back to 4.2.0
act | rolling the deployment back now
act | restarted all ingest workers
act | I've disabled the recommendations flag
act | scaled web from 10 to 40
act | failed over the primary to db-2
act | cordoned node-14 and drained it
act | killed pid 4432, the report query
act | purged the poison messages from the queue
act | hotfix 2.3.1 is rolling out
act | new certificate is installed on all edge nodes
act | blocked the crawler's ips at the edge
act | pushed the fix, build is running
act | opened a case with AWS support
act | reverted the terraform change
act | added 3 more brokers
act | cleared old logs on /var, 40 GB free
act | updated the A record to the old load balancer
act | paused the backfill job
act | rotated the leaked api keys
mitigate | error rate dropping
mitigate | 5xx back to baseline
mitigate | logins are working again
mitigate | looks stable now, no errors for 5 minutes
mitigate | queue is draining
mitigate | latency recovered
mitigate | all pods healthy again
mitigate | seeing recovery in eu-west
mitigate | traffic is flowing again
mitigate | 9/10 nodes ready
mitigate | errors are down from 40% to 3%
resolve | Incident resolved
resolve mitigate? | all green, closing the incident
resolve | marking this resolved
resolve | all clear, thanks folks
resolve | calling it resolved, retro on Monday
resolve mitigate? | we're good, standing down
impact | about 2,300 orders were lost
impact | 12 customers opened tickets
impact response_time? | around 15k users could not check out for 40 minutes
impact | estimated revenue loss is $120k
impact response_time? | site was down for 25 minutes
impact | support got 85 complaints
impact | 4,512 payments failed
action_item | AI @kim: alert on queue age, due 2025-03-01
action_item | TODO(maria): document the failover steps
action_item | follow-up: add an integration test for empty carts, @lee, by Friday
action_item | - [ ] P2 raise the fd limit (owner: sven, due 2025-02-14)
action_item | action item: Tomas to write a runbook for broker loss by next week
action_item | I'll write the postmortem by Thursday
action_item | @ops-jane add disk alerts at 80%, until 2025-08-01
action_item | P0 rotate all signing keys - @raj, due 2025-05-02 (open)
action_item | next steps: @ann review all cron schedules by 2025-04-04
comms | status page is updated
comms | sent an update to customers
comms | told support we are aware
comms | Update: we are investigating elevated errors, next update in 20 min
comms | drafting a customer email
correction | correction: 14:05, not 14:50
correction | sorry, wrong graph
correction | scratch that
correction | oops, I meant staging
prevention | we should add alerting on certificate expiry
prevention | a staged rollout would have caught this
prevention | lesson: never run migrations on friday
prevention | next time, use a canary
prevention | we need to have better monitoring for queue lag
prevention | idea: require two approvals for terraform
response_time | MTTR 42 min
response_time | time to detect was 9 minutes
response_time impact? | the outage lasted 1h 12m
response_time mitigate? | we recovered within 8 minutes of the decision
response_time acknowledge? | acknowledged after 3 minutes, MTTA is fine
| good morning
| who is on call next week?
| thanks everyone, great work
| can somebody send me the link to the dashboard?
| lunch?
| the demo is at 3
| is it fixed?
| do we have a runbook for this?
| what is the eta?
| +1
| :thumbsup:
| please review my PR when you have time
| brb
| where is the bridge?
| the coffee machine is down
| should we fail over?
| who can approve this?
| my laptop keeps asking for updates
| does anyone know what this service does?
| let me share my screen
"#;

const UNSEEN: &str = r#"
detect | :rotating_light: checkout failing for everyone in DE
detect | seeing elevated 504s on the partner API since a few minutes
detect | our largest merchant says webhooks are not arriving
detect | mobile app can't load the feed
detect | is the site slow for anyone else? pages take forever, requests timing out
acknowledge | on my way to a keyboard, looking
acknowledge | I have it
acknowledge | investigating
declare | sev2, I am IC, @paul comms please
declare decide? | let's make this a P1
observe | conntrack table is at 262144/262144 on three nodes
observe | the last config push was at 08:41 by the pipeline
observe | thread dump shows 200 threads blocked on the same lock
observe | p95 went from 120ms to 3.4s at 16:20
observe | Lambda concurrency is pinned at 1000
suppose | might be the new sidecar version
suppose | probably somebody changed the security group
suppose | I wonder if the token cache is to blame
suppose | prime suspect is istio 1.22
refute | cache hit rate is normal, so it isn't the cache
refute act? | disabling the flag made no difference
refute | rollback of search didn't fix it, still 500s
refute | we checked the firewall: nothing changed there
root_cause | the problem is that the worker never releases the lock
root_cause | confirmed: bad feature vector pushed by the training job
root_cause | ok it was me, I deleted the wrong iam role
root_cause | disk filled up due to debug logging left on
decide | yes please, roll it back
decide | we go with the failover, do it
decide | let's drain that node
decide | stop the rollout and revert to 8.1
act | kicked off the rollback to 8.1.0
act | flipped the kill switch for the new pricing engine
act | promoted the standby in zone b
act | dropped the orphaned replication slot
act | deleted the stuck pods
act | moved traffic to the us region
act | config restored to the previous values
act | shipping a hotfix, v3.2.1-hotfix1
mitigate | things are calming down, error rate under 1% again
mitigate | checkout is back
mitigate | backlog is catching up, 20k left
mitigate | confirmed recovery on our side
resolve | closing the incident, everything has been stable for an hour
resolve | resolved, will watch it tonight
impact | 3 enterprise tenants affected
impact | we lost roughly 640 bookings
impact | refunds for 212 customers
action_item | Follow-ups: @dana add a lint rule for nil maps, due 2025-09-09
action_item | todo @li: chaos test for zone loss (2025-10-01)
action_item | P3 Clean up unused flags — Omar, due 2025-12-01
comms | posted to the status page
comms | notified the account managers
correction | edit: that was the staging cluster
correction | nvm, misread the dashboard
prevention | we should really have a dead letter queue here
prevention | long term: move sessions out of redis
response_time | detected within 4 minutes
response_time impact? | total downtime was 33 minutes
| anyone for a quick call?
| happy birthday @sam
| how long will this take?
| is that graph in UTC?
| not sure
| could you send me the logs?
| I'm out tomorrow
"#;

const FRESH: &str = r#"
detect | uh oh, the login page returns 500 for me
detect | graphql gateway is refusing connections
detect | PagerDuty just woke me up, orders-db is unreachable
detect | customers in Spain complain about missing invoices
acknowledge | with you in a sec, opening the laptop. looking
acknowledge | ack, pulling up dashboards
declare | raising this to sev 1
declare | I'll be incident commander for this one
observe | etcd fsync took 8s on node-2 at 04:12
observe | only tenants on shard 7 see it, errors at 12%
observe | v8.2.0 went out to canary at 10:40
observe | s3 returns 503 SlowDown for that prefix
suppose | I bet it's the kernel upgrade
suppose | could it be related to the expired intermediate?
suppose | maybe the proxy buffers got too small with 1.9
refute | it isn't the kernel upgrade, node-1 has it too and is healthy
refute | reverting the flag changed nothing, still 500s
refute | DNS is fine, checked from three hosts
root_cause | the root cause was a wrong selector in the service manifest
root_cause | we forgot to run the migration on shard 7, column is missing
root_cause | it was caused by the certificate chain missing the intermediate
decide | ok let's restart one broker at a time
decide | @ivan please roll back search-api to 5.4.2
decide | go ahead with the failover
act | rollback of search-api to 5.4.2 is running
act | restarted broker 1 and 2
act | scaled the consumers out to 24
act | disabled the feature flag `fast-path`
act | took node-2 out of rotation
act | killed the analytics query on the primary
mitigate | error rate is back under 0.5%
mitigate | consumers are catching up, lag dropping fast
mitigate | shard 7 is healthy again
resolve | incident is over, thanks everyone
resolve mitigate? | Resolved, all systems normal
impact | 1.3k customers saw failed payments
impact response_time? | the API was unavailable for 42 minutes
impact | we got 27 support tickets about it
action_item | action: @vera add the intermediate to the bundle test, due 2025-06-01
action_item | Follow up (ivan): page on fsync latency, by next sprint
action_item | [ ] write a migration checklist @lou 2025-07-15
comms | I posted an update on the status page
comms | let the customers know? done, informed customer success
correction | correction, shard 17 not 7
correction | sorry wrong thread
prevention | a canary per shard would have caught it
prevention | we need alerting on certificate chains
response_time | MTTD was 6 min, MTTR 51 min
response_time | it took 51 minutes to recover, time to recover: 51 min
| standup in 5
| can I get access to the board?
| which region are we talking about?
| nice catch!
| who wrote this code?
"#;

/// Hits, false alarms and misses of one act.
type Counts = (u32, u32, u32);

fn f1((hit, alarm, miss): Counts) -> f64 {
    2.0 * f64::from(hit) / f64::from((2 * hit + alarm + miss).max(1))
}

fn measure(set: &str, wrong: &mut Vec<String>) -> BTreeMap<Act, Counts> {
    let mut counts: BTreeMap<Act, Counts> = BTreeMap::new();
    for line in set.lines().filter(|l| l.contains('|')) {
        let Some((labels, text)) = line.split_once('|') else { continue };
        let text = text.trim();
        let seen: BTreeSet<Act> = read(text, "zoe", false).into_iter().map(|s| s.act).collect();
        let names: BTreeSet<&str> = labels.split_whitespace().collect();
        let mut bad = false;
        for (act, name) in ALL {
            let required = names.contains(name);
            // An observation beside another act is no harm: most statements are one.
            let free = names.contains(format!("{name}?").as_str()) || (*act == Act::Observe && !names.is_empty());
            let entry = counts.entry(*act).or_default();
            match (seen.contains(act), required) {
                (true, true) => entry.0 += 1,
                (true, false) if !free => {
                    entry.1 += 1;
                    bad = true;
                }
                (false, true) => {
                    entry.2 += 1;
                    bad = true;
                }
                _ => {}
            }
        }
        if bad {
            wrong.push(format!("{line}  => {seen:?}"));
        }
    }
    counts
}

const ALL: &[(Act, &str)] = &[
    (Act::Detect, "detect"),
    (Act::Acknowledge, "acknowledge"),
    (Act::Declare, "declare"),
    (Act::Observe, "observe"),
    (Act::Suppose, "suppose"),
    (Act::Refute, "refute"),
    (Act::RootCause, "root_cause"),
    (Act::Decide, "decide"),
    (Act::Act, "act"),
    (Act::Mitigate, "mitigate"),
    (Act::Resolve, "resolve"),
    (Act::Impact, "impact"),
    (Act::ActionItem, "action_item"),
    (Act::Comms, "comms"),
    (Act::Correction, "correction"),
    (Act::Prevention, "prevention"),
    (Act::ResponseTime, "response_time"),
];

fn macro_f1(set: &str, least: f64) {
    let mut wrong = Vec::new();
    let counts = measure(set, &mut wrong);
    let each: Vec<String> = counts.iter().map(|(act, c)| format!("{act:?} {:.2} {c:?}", f1(*c))).collect();
    let mean = counts.values().map(|c| f1(*c)).sum::<f64>() / counts.len() as f64;
    assert!(mean >= least, "macro F1 {mean:.3}\n{}\n{}", each.join("\n"), wrong.join("\n"));
}

#[test]
fn macro_f1_on_the_first_set() {
    macro_f1(MESSAGES, 0.95);
}

#[test]
fn macro_f1_on_the_second_set() {
    macro_f1(UNSEEN, 0.9);
}

#[test]
fn macro_f1_on_the_third_set() {
    macro_f1(FRESH, 0.9);
}

#[test]
fn every_slot_text_stands_in_the_message() {
    for line in MESSAGES.lines().chain(UNSEEN.lines()) {
        let text = line.split_once('|').map_or("", |l| l.1).trim();
        for said in read(text, "zoe", false) {
            let sentence = &text[said.span.0..said.span.1];
            let s = &said.slots;
            let one = [&s.object, &s.due, &s.priority, &s.status, &s.task, &s.owner];
            let texts = one.into_iter().flatten().chain(&s.people).chain(&s.versions).chain(s.quantities.iter().map(|q| &q.text));
            for slot in texts.filter(|t| *t != "zoe") {
                assert!(sentence.contains(slot.as_str()), "{slot:?} of {sentence:?}");
            }
        }
    }
}

proptest::proptest! {
    #[test]
    fn any_text_can_be_read(text in "\\PC{0,200}", bot in proptest::bool::ANY) {
        for said in read(&text, "zoe", bot) {
            assert!(text.get(said.span.0..said.span.1).is_some_and(|t| !t.is_empty()));
        }
    }

    #[test]
    fn any_mix_of_its_own_words_can_be_read(words in proptest::collection::vec(
        proptest::sample::select(vec!["rolled", "back", "to", "v2.1", "1h", "20m", "5%", "→", "~8k", "€", "`", "```", "\n", "- [x]", "AI:", "@bob", "by", "Friday", "not", "the", "it", "—", "P1", "…", "users", "é", "(", "12-3", "9,999", "I'll", "add", ",", "today"]), 0..25)) {
        read(&words.join(" "), "zoe", false);
        read(&words.concat(), "zoe", false);
    }
}
