//! Names of columns in other languages, in the English that the readers of tables know: `fecha`, `dienst`, `auteur`.
//!
//! Only whole names are put into English, and only those that mean one thing above a column. It must never change a name
//! that is English. What breaks it: a name that two languages have for different things (`data` is a date in four of them, and
//! is left alone).

const NAMES: [(&str, &str); 96] = [
    ("fecha", "date"),
    ("fecha_hora", "datetime"),
    ("fecha_y_hora", "datetime"),
    ("data_hora", "datetime"),
    ("data_e_hora", "datetime"),
    ("data_ora", "datetime"),
    ("hora", "time"),
    ("marca_de_tiempo", "timestamp"),
    ("datum", "date"),
    ("datum_uhrzeit", "datetime"),
    ("datum/uhrzeit", "datetime"),
    ("zeit", "time"),
    ("uhrzeit", "time"),
    ("zeitpunkt", "time"),
    ("zeitstempel", "timestamp"),
    ("date_heure", "datetime"),
    ("horodatage", "timestamp"),
    ("heure", "time"),
    ("tijd", "time"),
    ("tijdstip", "time"),
    ("tijdstempel", "timestamp"),
    ("tidpunkt", "time"),
    ("tidspunkt", "time"),
    ("tidsstempel", "timestamp"),
    ("tid", "time"),
    ("dato", "date"),
    ("czas", "time"),
    ("servicio", "service"),
    ("serviço", "service"),
    ("servico", "service"),
    ("servizio", "service"),
    ("dienst", "service"),
    ("tjänst", "service"),
    ("tjeneste", "service"),
    ("usługa", "service"),
    ("aplicación", "application"),
    ("aplicacion", "application"),
    ("aplicação", "application"),
    ("anwendung", "application"),
    ("applicazione", "application"),
    ("aplikacja", "application"),
    ("componente", "component"),
    ("komponente", "component"),
    ("composant", "component"),
    ("versión", "version"),
    ("versao", "version"),
    ("versão", "version"),
    ("versione", "version"),
    ("versie", "version"),
    ("wersja", "version"),
    ("autor", "author"),
    ("auteur", "author"),
    ("autore", "author"),
    ("utilisateur", "user"),
    ("usuario", "user"),
    ("usuário", "user"),
    ("benutzer", "user"),
    ("utente", "user"),
    ("gebruiker", "user"),
    ("użytkownik", "user"),
    ("användare", "user"),
    ("bruger", "user"),
    ("entorno", "environment"),
    ("ambiente", "environment"),
    ("umgebung", "environment"),
    ("environnement", "environment"),
    ("omgeving", "environment"),
    ("miljö", "environment"),
    ("środowisko", "environment"),
    ("estado", "status"),
    ("statut", "status"),
    ("stato", "status"),
    ("stan", "status"),
    ("comentario", "comment"),
    ("comentário", "comment"),
    ("kommentar", "comment"),
    ("commentaire", "comment"),
    ("commento", "comment"),
    ("opmerking", "comment"),
    ("komentarz", "comment"),
    ("descripción", "description"),
    ("descripcion", "description"),
    ("descrição", "description"),
    ("descrizione", "description"),
    ("beschreibung", "description"),
    ("beschrijving", "description"),
    ("opis", "description"),
    ("beskrivning", "description"),
    ("motivo", "reason"),
    ("grund", "reason"),
    ("valor", "value"),
    ("wert", "value"),
    ("valeur", "value"),
    ("valore", "value"),
    ("métrica", "metric"),
    ("metrik", "metric"),
];

/// The name in English, as it stands where it is none of these. `name`: in small letters, with `_` between its words.
pub fn english(name: &str) -> String {
    let found = NAMES.iter().find(|(own, _)| *own == name).map(|(_, english)| *english);
    found.unwrap_or(name).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::{Body, SourceId};

    #[test]
    fn whole_names_are_put_into_english() {
        assert_eq!([english("fecha"), english("umgebung"), english("autor")], ["date", "environment", "author"]);
        assert_eq!([english("data"), english("time_grund"), english("host")], ["data", "time_grund", "host"]);
    }

    #[test]
    fn a_list_of_releases_is_read_whatever_its_columns_are_called() {
        let text = "Zeitpunkt;Dienst;Version;Autor;Umgebung\n2025-01-01 01:00:05+01:00;korb;2.4.1;ann;prod\n2025-01-01 02:00:05+01:00;korb;2.4.2;bo;prod\n";
        let document = read_whole("d.csv", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a table");
        let Body::Deploy(deploy) = &document.events[0].body else { panic!("a release") };
        let told = (deploy.service.as_deref(), deploy.version.as_deref(), deploy.actor.as_deref(), deploy.environment.as_deref());
        assert_eq!(told, (Some("korb"), Some("2.4.1"), Some("ann"), Some("prod")));
    }

    #[test]
    fn a_list_of_published_versions_needs_no_service() {
        let text = "Version,Name,Published (UTC),Published by\n41,\"new consent banner\",2025-01-01 09:10,ann@a.example\n";
        let document = read_whole("tags.csv", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a table");
        let Body::Deploy(deploy) = &document.events[0].body else { panic!("a release") };
        let told = (deploy.version.as_deref(), deploy.actor.as_deref(), deploy.text.as_str());
        assert_eq!(told, (Some("41"), Some("ann@a.example"), "new consent banner"));
    }
}
