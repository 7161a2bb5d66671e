//! Sentences of each language that do what their English does, and those that must not.

use super::*;
use crate::acts::{self, Act};

fn does(text: &str) -> Vec<Act> {
    let mut all: Vec<Act> = acts::read(text, "ana", false).into_iter().map(|said| said.act).collect();
    all.dedup();
    all
}

#[track_caller]
fn all_do(act: Act, texts: &[&str]) {
    let silent = |text: &&&str| !does(text).contains(&act);
    let silent: Vec<_> = texts.iter().filter(silent).map(|text| (text, in_english(text), does(text))).collect();
    assert!(silent.is_empty(), "not seen as {act:?}: {silent:#?}");
}

#[track_caller]
fn none_does(acts: &[Act], texts: &[&str]) {
    let wrong = |text: &&&str| does(text).iter().any(|act| acts.contains(act));
    let wrong: Vec<_> = texts.iter().filter(wrong).map(|text| (text, in_english(text), does(text))).collect();
    assert!(wrong.is_empty(), "seen as one of {acts:?}: {wrong:#?}");
}

#[test]
fn english_stays_as_it_is() {
    for text in [
        "restarted pagos, errors are gone",
        "the man at the bar was fast",
        "we also see 502s on the edge",
        "die, zombie pods, die",
        "men and women use this",
        "not yet",
        "on it",
        "kunde-api is down again, who is looking?",
        "rolled back to 4.2.0",
        "min 3 replicas for the pod",
        "sad but true",
        "no, it is the a la carte menu service that we changed",
        "connection to db-1.internal refused: dial tcp 10.0.0.1:5432",
    ] {
        assert!(read(text).is_none(), "{text}: {:?}", in_english(text));
    }
}

#[test]
fn what_is_found_is_told_in_the_words_that_were_written() {
    let text = "Vi rullar tillbaka orders-api till v4.2.0, ca 1 240 kunder drabbade";
    let gloss = read(text).expect("Swedish");
    assert_eq!(gloss.text, "we rolling back orders-api to v4.2.0, ca 1,240 customers affected");
    assert_eq!(gloss.words("1,240 customers").as_deref(), Some("1 240 kunder"));
    assert_eq!(gloss.words("orders-api to v4").as_deref(), Some("orders-api till v4"));
}

#[test]
fn who_notices_says_so_in_any_language() {
    all_do(
        Act::Detect,
        &[
            "Vi ser många 502-fel på kassan, kunder kan inte betala",
            "orders-api ligger nere",
            "Kassen er nede igen",
            "Kunder melder at de ikke kan logge inn, tjenesten svarer ikke",
            "Der Checkout Service ist nicht erreichbar",
            "Kunden melden, dass sie nicht bezahlen können",
            "Le service de paiement est en panne",
            "Des clients signalent des erreurs au paiement",
            "Los clientes no pueden pagar, la API no responde",
            "Os clientes não conseguem pagar",
            "gente, a impressora não imprime nada na filial 3",
            "Il checkout non risponde",
            "I clienti segnalano errori",
            "De checkout ligt eruit",
            "Klanten melden dat betalen niet werkt",
            "Klienci zgłaszają, że nie mogą zapłacić",
            "sklep nie odpowiada",
            "Mail vom Verlag: die Rechnungen von gestern fehlen",
        ],
    );
}

#[test]
fn who_takes_it_says_so_in_any_language() {
    all_do(
        Act::Acknowledge,
        &[
            "Jag tar det",
            "jeg kigger på det",
            "Ich übernehme",
            "je m'en occupe",
            "je regarde",
            "me encargo",
            "estou olhando",
            "deixa comigo, tô vendo",
            "ci penso io",
            "ik kijk",
            "sprawdzam",
            "biorę to",
            "Schaue ich mir an",
        ],
    );
}

#[test]
fn who_owns_up_says_so_in_german() {
    all_do(
        Act::Confess,
        &["oh Mist. Das hab ich im Mai \"vereinfacht\", 3.8.0", "oh nein, das habe ich gestern geändert, sorry"],
    );
    none_does(&[Act::Confess], &["das hab ich schon geprüft", "hab nichts geändert"]);
}

#[test]
fn remedies_are_the_same_in_any_language() {
    for (text, remedy) in [
        ("Rullar tillbaka orders-api till 4.2.0", "rollback"),
        ("Vi har rullat tillbaka till 4.2.0", "rollback"),
        ("Jeg ruller orders-api tilbage til 4.2.0", "rollback"),
        ("Ich habe orders-api auf 4.2.0 zurückgerollt", "rollback"),
        ("wir rollen orders-api zurück", "rollback"),
        ("On revient en arrière sur orders-api", "rollback"),
        ("Retour arrière terminé", "rollback"),
        ("Hemos revertido a la 4.2.0", "rollback"),
        ("Revertendo orders-api para 4.2.0", "rollback"),
        ("Rollback completato alla 4.2.0", "rollback"),
        ("orders-api teruggedraaid naar 4.2.0", "rollback"),
        ("Wycofujemy orders-api do 4.2.0", "rollback"),
        ("Wycofałem wdrożenie 4.3.0", "rollback"),
        ("startar om orders-api", "restart"),
        ("Jag har startat om poddarna", "restart"),
        ("Ich habe die Pods neu gestartet", "restart"),
        ("j'ai redémarré les pods", "restart"),
        ("he reiniciado los pods", "restart"),
        ("subo orders-api de 24 a 36 tareas", "scale"),
        ("KILL 40718 feito", "kill-query"),
        ("ho riavviato i pod", "restart"),
        ("zrestartowałem pody", "restart"),
        ("wyłączyłem flagę nowy-koszyk", "feature-flag-disable"),
        ("har stängt av flaggan ny-kassa", "feature-flag-disable"),
        ("j'ai désactivé le flag new-cart", "feature-flag-disable"),
    ] {
        let said = acts::read(text, "ana", false);
        let remedies: Vec<_> = said.iter().filter(|s| s.act == Act::Act).filter_map(|s| s.slots.remediation).collect();
        assert_eq!(remedies, [remedy], "{text}: {} {said:?}", in_english(text));
    }
}

#[test]
fn the_end_is_told_in_any_language() {
    all_do(
        Act::Resolve,
        &[
            "Incidenten är löst",
            "Hendelsen er løst",
            "Störung behoben",
            "Incident résolu, merci à tous",
            "Incidente resuelto",
            "Incidente resolvido, obrigado a todos",
            "Incidente risolto",
            "Incident opgelost",
            "Incydent rozwiązany",
        ],
    );
    all_do(
        Act::Mitigate,
        &[
            "Felen är borta",
            "Fejlene er væk",
            "Die Fehler sind weg",
            "les erreurs ont disparu",
            "Los errores han desaparecido",
            "sem erros desde 14:20",
            "voltou!! os pedidos entram de novo",
            "o painel já normalizou",
            "gli errori sono spariti",
            "de fouten zijn weg",
            "błędy zniknęły",
            "orders-api fungerar igen",
            "der Checkout funktioniert wieder",
        ],
    );
}

#[test]
fn plans_questions_negations_and_conditions_assert_nothing() {
    none_does(
        &[Act::Act, Act::Decide, Act::Resolve, Act::Mitigate, Act::RootCause],
        &[
            "wir könnten zurückrollen",
            "sollten wir zurückrollen?",
            "falls das nicht hilft, rollen wir zurück",
            "Störung ist noch nicht behoben",
            "behoben ist es noch nicht",
            "on devrait revenir en arrière ?",
            "si ça continue on revient en arrière",
            "l'incident n'est pas résolu",
            "ce n'est pas encore réglé",
            "inte löst än",
            "incidenten är inte löst",
            "ska vi rulla tillbaka?",
            "om det inte hjälper rullar vi tillbaka",
            "vi har ikke rullet tilbage",
            "todavía no está resuelto",
            "¿deberíamos revertir?",
            "si no mejora, revertimos",
            "ainda não foi resolvido",
            "deveríamos reverter?",
            "non è ancora risolto",
            "se non basta torniamo indietro",
            "nog niet opgelost",
            "als dat niet helpt draaien we terug",
            "jeszcze nie naprawione",
            "jeśli to nie pomoże, wycofujemy",
            "czy wycofać wdrożenie?",
        ],
    );
}

#[test]
fn causes_are_supposed_stated_and_ruled_out() {
    all_do(
        Act::Suppose,
        &[
            "Jag tror det beror på 4.3.0",
            "wahrscheinlich wegen dem Deploy von 4.3.0",
            "je pense que c'est le déploiement 4.3.0",
            "creo que es el despliegue 4.3.0",
            "acho que é o deploy 4.3.0",
            "prawdopodobnie wdrożenie 4.3.0",
        ],
    );
    all_do(
        Act::RootCause,
        &[
            "Orsaken är en saknad index i 4.3.0",
            "Ursache war das abgelaufene Zertifikat",
            "la cause est le certificat expiré",
            "la causa fue el certificado caducado",
            "La causa era il certificato scaduto",
            "oorzaak was het verlopen certificaat",
            "przyczyną było wdrożenie 4.3.0",
        ],
    );
    all_do(
        Act::Refute,
        &[
            "omstarten hjälpte inte",
            "der Neustart hat nicht geholfen",
            "le redémarrage n'a rien changé",
            "el reinicio no ayudó",
            "restart nie pomógł",
            "databasen har inget med saken att göra",
        ],
    );
    all_do(Act::Correction, &["Rättelse: det började 13:58", "Korrektur: 14:03, nicht 14:05", "sprostowanie: 14:03"]);
}

#[test]
fn harm_is_counted_in_any_language() {
    use crate::acts::QuantityKind::{Orders, Users};
    for (text, value, kind, words) in [
        ("Omkring 340 kunder kunde inte betala", 340.0, Users, "Omkring 340 kunder"),
        ("1.200 Kunden betroffen", 1_200.0, Users, "1.200 Kunden"),
        ("environ 850 clients touchés", 850.0, Users, "environ 850 clients"),
        ("12 400 zamówień utraconych", 12_400.0, Orders, "12 400 zamówień"),
        ("unos 75 usuarios afectados", 75.0, Users, "unos 75 usuarios"),
        ("ongeveer 60 klanten getroffen", 60.0, Users, "ongeveer 60 klanten"),
    ] {
        let found = acts::quantities(text, false);
        let found: Vec<_> = found.into_iter().map(|q| (q.value, q.what, q.text)).collect();
        assert_eq!(found, [(value, kind, words.to_string())], "{text}: {}", in_english(text));
    }
}

#[test]
fn what_is_to_be_done_has_its_owner_and_day() {
    let said = evidence::Moment::from_seconds(1_745_000_000);
    for (text, task, owner, due) in [
        ("Åtgärd: @Lina lägger till larm på diskutrymme, klart 3 maj", "lägger till larm på diskutrymme", "@Lina", "2025-05-03"),
        ("Tiltak: @Ola skriver test for indeksen, frist 3. mai", "skriver test for indeksen", "@Ola", "2025-05-03"),
        ("Maßnahme: @Jan prüft die Grenzwerte, bis 3. Mai", "prüft die Grenzwerte", "@Jan", "2025-05-03"),
        ("Action : @Zoé ajoute une alerte disque, pour le 3 mai", "ajoute une alerte disque", "@Zoé", "2025-05-03"),
        ("Acción: @Eva añade una alerta de disco, para el 3 de mayo", "añade una alerta de disco", "@Eva", "2025-05-03"),
        ("Ação: @Rui adiciona um teste, até 3 de maio", "adiciona um teste", "@Rui", "2025-05-03"),
        ("Azione: @Ugo aggiunge un test, entro il 3 maggio", "aggiunge un test", "@Ugo", "2025-05-03"),
        ("Actie: @Bas schrijft een test, uiterlijk 3 mei", "schrijft een test", "@Bas", "2025-05-03"),
        (
            "acción: límite de conexiones en la base. Eva, antes del 3 de mayo",
            "límite de conexiones en la base",
            "Eva",
            "2025-05-03",
        ),
        (
            "acción: nada de cambios antes de un corte. lo escribo yo, 3 de mayo",
            "nada de cambios antes de un corte",
            "ana",
            "2025-05-03",
        ),
        ("ToDo: Tests in alle Module, mache ich bis 03.05.2025", "Tests in alle Module", "ana", "2025-05-03"),
        ("action on me: a policy that denies old keys, by 2025-05-03", "a policy that denies old keys", "ana", "2025-05-03"),
        ("Zadanie: @Ola dodaje alarm dysku, do 3 maja", "dodaje alarm dysku", "@Ola", "2025-05-03"),
    ] {
        let found = acts::read(text, "ana", false);
        let slots = found.iter().find(|s| s.act == Act::ActionItem).map(|s| &s.slots);
        let slots = slots.unwrap_or_else(|| panic!("no item: {text}: {}", in_english(text)));
        let day = slots.due.as_deref().and_then(|words| acts::day(words, said));
        let read = (slots.task.as_deref(), slots.owner.as_deref(), day.as_deref());
        assert_eq!(read, (Some(task), Some(owner), Some(due)), "{text}: {}", in_english(text));
    }
}
