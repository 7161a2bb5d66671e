//! Which store of data a failing record speaks of, where it names only the product: by the client's own words
//! (`psycopg.OperationalError`, `SQLSTATE[HY000] [1040]`).
//!
//! Why it matters: an application seldom logs the host of its database, and the database calls itself by its machine. When it
//! misleads: two stores of one product; then none is taken unless one of them alone fails.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::entities;
use crate::incident::Incident;
use crate::signals::Text;
use expressions::{Expression, constant};

struct Product {
    name: &'static str,
    /// Parts of the names of services, files and programs.
    words: &'static [&'static str],
    /// How its clients write an error.
    client: Expression,
}

static PRODUCTS: LazyLock<Vec<Product>> = LazyLock::new(|| {
    const TABLE: &[(&str, &[&str], &str)] = &[
        (
            "mysql",
            &["mysql", "mysqld", "mariadb", "mariadbd"],
            r"\bcom\.mysql\.|\bpymysql\b|\bMySQLdb\b|\bMysql2::|\bmysqli_|\bER_[A-Z]{3,}|SQLSTATE\[\w{5}\](?: \[[12]\d{3}\]|: [^:]{0,60}: [1-3]\d{3} )|MySQL server has gone away|Lost connection to MySQL",
        ),
        (
            "postgres",
            &["postgres", "postgresql", "pg"],
            r"\borg\.postgresql\.|\bPSQLException\b|\bpsycopg\d?\b|\basyncpg\b|\bPG::\w|\bpq: |\bpgconn\b|\bNpgsql\b|\(SQLSTATE \w{5}\)|SQLSTATE\[\w{5}\](?: \[7\]|: [^:]{0,60}: 7 )",
        ),
        (
            "sqlserver",
            // Its own log is called `ERRORLOG`.
            &["mssql", "mssqlserver", "sqlserver", "errorlog"],
            r"\bSqlException\b|\b(?:System|Microsoft)\.Data\.SqlClient\b|\bcom\.microsoft\.sqlserver\b|\bODBC Driver \d+ for SQL Server\b|\[SQL Server\]|\bmssql-jdbc\b|\bSQLServerException\b",
        ),
        (
            "oracle",
            &["oracle", "ora"],
            r"\bORA-\d{5}\b|\boracle\.jdbc\b|\bcx_Oracle\b|\boracledb\.|\bOracleException\b|\bTNS-\d{5}\b",
        ),
        (
            "mongodb",
            &["mongodb", "mongod", "mongo"],
            r"\bMongo(?:Server|Network|Timeout|Socket|Command|Query|Write)\w*(?:Error|Exception)\b|\bpymongo\.errors\b|\bcom\.mongodb\.",
        ),
        (
            "redis",
            &["redis", "valkey"],
            r"\bredis\.exceptions\.|\bredis\.clients\.jedis\b|\bio\.lettuce\.|\bRedis(?:Connection|Timeout|Command|System)\w*Exception\b|\bRedis::\w+Error\b|\bStackExchange\.Redis\b|\bioredis\b",
        ),
        (
            "memcached",
            &["memcached", "memcache"],
            r"\bpymemcache\b|\bDalli::|\bgomemcache\b|\bspy\.memcached\b|\bMemcached(?:Error|Exception)\b",
        ),
        ("kafka", &["kafka"], r"\brdkafka\b|\borg\.apache\.kafka\.|\bKafkaError\b|\bkafka\.errors\.|\bKafkaJS\w*Error\b"),
        ("rabbitmq", &["rabbitmq", "rabbit"], r"\bcom\.rabbitmq\.|\bpika\.exceptions\b|\bamqplib\b|\baio_pika\b|\baiormq\b"),
        (
            "elasticsearch",
            &["elasticsearch", "opensearch"],
            r"\bElasticsearch\w*(?:Exception|Error)\b|\belastic_transport\b|\bopensearchpy\b",
        ),
        ("cassandra", &["cassandra"], r"\bcom\.datastax\.|\bNoHostAvailable\w*\b"),
    ];
    let product = |(name, words, client): &(&'static str, &'static [&'static str], &'static str)| Product {
        name,
        words,
        client: constant(client),
    };
    TABLE.iter().map(product).collect()
});

/// By product: the one store of it that fails.
pub type Stores = BTreeMap<&'static str, String>;

pub fn find(incident: &Incident<'_>) -> Stores {
    let of = |product: &Product| {
        let mut failing = incident.services.iter().map(|h| h.name.as_str()).filter(|name| runs(incident, name, product));
        let first = failing.next()?.to_string();
        failing.next().is_none().then_some((product.name, first))
    };
    PRODUCTS.iter().filter_map(of).collect()
}

/// Whom a line of a failing record speaks of.
pub fn spoken_of<'s>(stores: &'s Stores, line: &str) -> impl Iterator<Item = &'s String> {
    let speaks = |product: &&Product| stores.contains_key(product.name) && product.client.is_match(line);
    let named: Vec<&str> = PRODUCTS.iter().filter(speaks).map(|product| product.name).collect();
    stores.iter().filter(move |(name, _)| named.contains(*name)).map(|(_, store)| store)
}

/// The one product of whose client these records speak.
pub fn product_in(texts: &[Text]) -> Option<&'static str> {
    let speaks = |product: &&Product| texts.iter().any(|text| product.client.is_match(text));
    let mut spoken = PRODUCTS.iter().filter(speaks).map(|product| product.name);
    let one = spoken.next()?;
    spoken.next().is_none().then_some(one)
}

/// The product that this store is.
pub fn product_of(stores: &Stores, store: &str) -> Option<&'static str> {
    stores.iter().find(|(_, name)| *name == store).map(|(product, _)| *product)
}

/// Its name tells it, a file of its log, or where that is a machine's, a program there.
fn runs(incident: &Incident<'_>, service: &str, product: &Product) -> bool {
    let has = |text: &str| {
        let lower = text.to_lowercase();
        lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| product.words.contains(&word))
    };
    if has(service) {
        return true;
    }
    let scene = incident.scene;
    let is_machine = entities::is_host(service);
    let mut own = scene.ties().logs(service).iter().map(|at| &scene.digests[*at]);
    own.any(|digest| {
        let file = digest.name.rsplit(['/', '!']).next().unwrap_or("");
        let speaks = || digest.patterns.iter().any(|p| product.client.is_match(&p.first.text));
        let program = || digest.services.keys().any(|name| has(name)) || digest.patterns.iter().any(|p| has(&p.first.text));
        has(file) || is_machine && program() && !speaks()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(line: &str) -> Vec<&'static str> {
        let all: Stores = PRODUCTS.iter().map(|p| (p.name, p.name.to_string())).collect();
        let named: Vec<String> = spoken_of(&all, line).cloned().collect();
        PRODUCTS.iter().map(|p| p.name).filter(|name| named.iter().any(|n| n == name)).collect()
    }

    #[test]
    fn a_product_is_known_by_its_client_where_no_store_has_a_name() {
        let of = |text: &str| product_in(&[text.to_string().into()]);
        assert_eq!(of("PG::ConnectionBad (could not connect to server: Connection timed out"), Some("postgres"));
        assert_eq!(of("dial tcp 10.0.0.7:9999: i/o timeout"), None);
        assert_eq!(of("PG::Error while redis.exceptions.ConnectionError"), None);
    }

    #[test]
    fn clients_tell_the_product_by_their_own_words() {
        assert_eq!(spoken("SQLSTATE[HY000] [1040] Too many connections"), ["mysql"]);
        assert_eq!(spoken("SQLSTATE[HY000]: General error: 1114 The table 'holds' is full"), ["mysql"]);
        assert_eq!(spoken("SQLSTATE[08006] [7] could not connect to server"), ["postgres"]);
        assert_eq!(spoken("psycopg.OperationalError: connection failed"), ["postgres"]);
        assert_eq!(spoken("redis.exceptions.TimeoutError: Timeout reading from socket"), ["redis"]);
        assert!(spoken("upstream timed out while reading response header").is_empty());
    }
}
