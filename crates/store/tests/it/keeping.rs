//! What is kept is found again, and what is deleted is gone.

use std::fs;

use store::{Blob, Change, Ending, State, Store, StoreError};

use crate::engines::{NOW, on_both};

pub async fn put(store: &Store, content: &[u8]) -> Blob {
    let mut incoming = store.incoming(NOW).unwrap();
    for piece in content.chunks(1000) {
        incoming.write(piece).await.unwrap();
    }
    incoming.finish().await.unwrap()
}

#[test]
fn a_case_goes_from_an_upload_to_a_report_and_a_change() {
    on_both(|place| async move {
        let store = place.open().await;
        store.ready().await.unwrap();
        let case = store.create_case("Checkout down", None, NOW).await.unwrap().value;
        let blob = put(&store, b"hello").await;
        assert_eq!(blob.sha256, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
        let upload = store.add_upload(&case.id, "api.log", &blob, "ana", NOW + 1).await.unwrap().value;
        assert_eq!(fs::read(store.blob_path(&upload.sha256)).unwrap(), b"hello");
        assert_eq!(store.uploads(&case.id).await.unwrap(), [upload.clone()]);

        let lease = store.lease("w1", NOW + 2, NOW + 60_000).await.unwrap().unwrap();
        assert!(store.tell(&lease, "{\"read\":5}").await.unwrap());
        let job = store.job(&case.id).await.unwrap().unwrap();
        assert_eq!((job.state, job.progress.as_deref()), (State::Running, Some("{\"read\":5}")));
        let ending = Ending::Analysis { report: b"{}", uploads: std::slice::from_ref(&upload.id) };
        assert_eq!(store.finish(&lease, ending, NOW + 3).await.unwrap(), Some(1));
        assert_eq!(store.report(&case.id, 1).await.unwrap(), b"{}");
        assert_eq!(store.analyses(&case.id).await.unwrap()[0].uploads, [upload.id.clone()]);

        let change = Change { who: "ana".into(), why: "wrong".into(), what: "{}".into(), at: NOW + 4, key: None };
        assert_eq!(store.add_change(&case.id, 0, &change).await.unwrap(), 1);
        assert!(matches!(store.add_change(&case.id, 0, &change).await, Err(StoreError::Conflict { current: 1 })));
        let case = store.case(&case.id).await.unwrap();
        assert_eq!((case.version, case.analysis, case.uploads, case.bytes), (1, Some(1), 1, 5));

        store.delete_case(&case.id).await.unwrap();
        assert!(matches!(store.case(&case.id).await, Err(StoreError::NotFound)));
        assert!(!store.blob_path(&upload.sha256).exists());
    });
}
