//! What has a name and is none of the services: proxies by their product, programs that watch machines, repositories of what is
//! set for others.
//!
//! Must never know what stands in the input. When it misleads: a house that calls a service of its own so.

/// What stands in front of services and is called by its product alone.
pub fn is_proxy(name: &str) -> bool {
    const PROXIES: [&str; 12] = [
        "nginx",
        "haproxy",
        "envoy",
        "caddy",
        "traefik",
        "httpd",
        "apache",
        "varnish",
        "kong",
        "istio-proxy",
        "ingress-nginx",
        "nginx-ingress",
    ];
    PROXIES.contains(&name)
}

/// A program that looks after machines or keeps copies of them, by the words of its name.
pub fn is_watcher(name: &str) -> bool {
    const WORDS: [&str; 38] = [
        "check",
        "checks",
        "monitor",
        "monit",
        "exporter",
        "watchdog",
        "nagios",
        "nrpe",
        "zabbix",
        "icinga",
        "telegraf",
        "collectd",
        "snmpd",
        "smartd",
        "probe",
        "blackbox",
        "filebeat",
        "fluentd",
        "promtail",
        "restic",
        "borg",
        "rsnapshot",
        "backup",
        "logrotate",
        "fstrim",
        "anacron",
        "fail2ban",
        "unattended",
        "datadog",
        "newrelic",
        "dynatrace",
        "cloudwatch",
        "checkmk",
        "prtg",
        "pingdom",
        "uptimerobot",
        "eventhandler",
        "sentry",
    ];
    name.split(['-', '_', '.']).any(|word| WORDS.contains(&word))
}

/// Words of repositories of what is set for many services.
const SETTINGS: [&str; 24] = [
    "infra",
    "infrastructure",
    "config",
    "configs",
    "addons",
    "deploy",
    "deployments",
    "gitops",
    "platform",
    "manifests",
    "monorepo",
    "cluster",
    "clusters",
    "ops",
    "terraform",
    "values",
    "env",
    "envs",
    "environments",
    "charts",
    "helm",
    "argocd",
    "k8s",
    "kubernetes",
];

/// The repository may hold what is set for other services: a word of its name says so.
pub fn may_hold_settings(repository: &str) -> bool {
    const WITHIN: [&str; 11] =
        ["infra", "config", "addons", "deploy", "gitops", "platform", "manifests", "monorepo", "cluster", "ops", "terraform"];
    let name = repository.to_lowercase();
    WITHIN.iter().any(|word| name.contains(word)) || name.split(['-', '_', '/', '.']).any(|part| SETTINGS.contains(&part))
}

/// The name says nothing else than that, and is none of the services.
pub fn is_of_settings(name: &str) -> bool {
    name.split(['-', '_', '/', '.']).all(|part| SETTINGS.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_of_settings_is_no_service() {
        assert!(is_of_settings("platform/values") && is_of_settings("k8s-manifests"));
        assert!(!is_of_settings("platform-api") && may_hold_settings("platform-api"));
    }

    #[test]
    fn who_watches_is_told_by_a_word_of_its_name() {
        assert!(is_watcher("disk-check") && is_watcher("node-exporter") && is_watcher("datadog") && !is_watcher("checkout"));
        assert!(is_proxy("nginx") && !is_proxy("shop-nginx"));
    }
}
