//! Asking for the same thing many times at once makes it once.

use crate::engines::{NOW, on_both};
use crate::keeping::{new_case, put};

#[test]
fn a10_the_same_case_a_hundred_times_at_once_is_one_case() {
    on_both(|place| async move {
        let store = place.open().await;
        let tasks: Vec<_> = (0..100)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { store.create_case("Checkout down", Some("key-1"), NOW).await.unwrap() })
            })
            .collect();
        let mut made = Vec::new();
        for task in tasks {
            made.push(task.await.unwrap());
        }
        assert_eq!(made.iter().filter(|m| m.is_new).count(), 1);
        assert!(made.iter().all(|m| m.value == made[0].value));
        assert_eq!(store.cases().await.unwrap().len(), 1);
    });
}

#[test]
fn a10_the_same_upload_a_hundred_times_at_once_is_one_upload_and_one_job() {
    on_both(|place| async move {
        let store = place.open().await;
        let case = new_case(&store).await;
        let tasks: Vec<_> = (0..100)
            .map(|_| {
                let (store, case) = (store.clone(), case.id.clone());
                tokio::spawn(async move {
                    let blob = put(&store, b"the same").await;
                    store.add_upload(&case, "api.log", &blob, "ana", NOW).await.unwrap()
                })
            })
            .collect();
        let mut made = Vec::new();
        for task in tasks {
            made.push(task.await.unwrap());
        }
        assert_eq!(made.iter().filter(|m| m.is_new).count(), 1);
        assert!(made.iter().all(|m| m.value == made[0].value));
        assert_eq!(store.uploads(&case.id).await.unwrap().len(), 1);
        assert_eq!(place.ask("SELECT COUNT(*) FROM jobs").await, [1]);
        assert_eq!(std::fs::read(store.blob_path(&made[0].value.sha256)).unwrap(), b"the same");
    });
}
