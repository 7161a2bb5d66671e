//! Named values as the text of a JSON object. Must never know what a name means.

/// An object in the making.
#[derive(Default)]
pub struct Members(Vec<u8>);

impl Members {
    /// Adds a text.
    pub fn add(&mut self, name: &str, value: &str) {
        self.name(name);
        write(&mut self.0, value);
    }

    /// Adds a value. One that is an object itself stays one, so that what is in it has its names.
    pub fn add_value(&mut self, name: &str, value: &str) {
        let is_object = value.starts_with('{') && value.ends_with('}');
        if !is_object || serde_json::from_str::<serde::de::IgnoredAny>(value).is_err() {
            return self.add(name, value);
        }
        self.name(name);
        self.0.extend_from_slice(value.as_bytes());
    }

    fn name(&mut self, name: &str) {
        self.0.push(if self.0.is_empty() { b'{' } else { b',' });
        write(&mut self.0, name);
        self.0.push(b':');
    }

    /// The object.
    pub fn finish(mut self) -> String {
        if self.0.is_empty() {
            self.0.push(b'{');
        }
        self.0.push(b'}');
        String::from_utf8(self.0).unwrap_or_default()
    }
}

fn write(out: &mut Vec<u8>, text: &str) {
    // Memory takes whatever is written.
    let _ = serde_json::to_writer(out, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_texts_unless_they_are_objects() {
        let mut members = Members::default();
        [("a", "x\"y\n"), ("b", "{\"c\":1}"), ("d", "{cut"), ("e", "7")].iter().for_each(|(k, v)| members.add_value(k, v));
        members.add("f", "{}");
        assert_eq!(members.finish(), r#"{"a":"x\"y\n","b":{"c":1},"d":"{cut","e":"7","f":"{}"}"#);
        assert_eq!(Members::default().finish(), "{}");
    }
}
