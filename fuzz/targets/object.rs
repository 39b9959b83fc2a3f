//! Any JSON in a column of a codec is read as what it says, or refused.
#![no_main]

use datajoint_codec::{Codecs, Npy, Object};
use datajoint_definition::{CodecType, Store};
use serde_json::Value;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = serde_json::from_slice::<Value>(bytes) else { return };
    let codecs = Codecs::standard();
    for name in ["blob", "attach", "hash", "object", "npy", "filepath"] {
        let codec = CodecType { name: name.to_owned(), store: Store::Default };
        if let Ok(references) = codecs.referenced_paths(&codec, &document) {
            assert_eq!(references.len(), 1, "{name} {document}");
            assert_eq!(document["path"], references[0].path.as_str());
        }
    }
    if let Ok(object) = Object::of_json(document.clone()) {
        assert_eq!(object.path(), document["path"].as_str());
    }
    if let Ok(array) = Npy::of_json(document.clone()) {
        assert_eq!(array.path(), document["path"].as_str());
    }
});
