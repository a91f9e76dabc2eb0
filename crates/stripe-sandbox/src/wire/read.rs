//! Reads a [`Form`] into the parameters of an endpoint. An error names the parameter as the client wrote it.

use std::fmt;

use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, Visitor};

use super::{error::ApiError, form::Form};

/// # Errors
///
/// A parameter that is unknown, missing or of the wrong type.
pub fn read<P: DeserializeOwned>(form: Form) -> Result<P, ApiError> {
    P::deserialize(Reader(form)).map_err(Problem::into_api_error)
}

struct Reader(Form);

/// What is wrong, and where.
#[derive(Debug)]
pub struct Problem {
    path: Vec<String>,
    code: Option<&'static str>,
    message: String,
}

impl Problem {
    fn says(message: String) -> Self {
        Self { path: Vec::new(), code: None, message }
    }

    fn under(mut self, name: &str) -> Self {
        self.path.insert(0, name.to_owned());
        self
    }

    fn into_api_error(self) -> ApiError {
        let mut names = self.path.iter();
        let first = names.next().cloned().unwrap_or_default();
        let param = names.fold(first, |path, name| format!("{path}[{name}]"));
        let error = ApiError::invalid(self.message.replace("{param}", &param)).before_execution();
        let error = if param.is_empty() { error } else { error.about(&param) };
        match self.code {
            Some(code) => error.coded(code),
            None => error,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

impl de::Error for Problem {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::says(message.to_string())
    }

    fn unknown_field(field: &str, _expected: &'static [&'static str]) -> Self {
        Self {
            path: vec![field.to_owned()],
            code: Some("parameter_unknown"),
            message: "Received unknown parameter: {param}. Check its spelling; the sandbox knows the parameters that billing needs.".to_owned(),
        }
    }

    fn missing_field(field: &'static str) -> Self {
        Self {
            path: vec![field.to_owned()],
            code: Some("parameter_missing"),
            message: "Missing required param: {param}.".to_owned(),
        }
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::says(format!("Invalid {{param}}: must be one of {}, and not `{variant}`.", expected.join(", ")))
    }
}

impl Reader {
    fn text(self, wanted: &str) -> Result<String, Problem> {
        match self.0 {
            Form::Text(text) => Ok(text),
            Form::Map(_) => Err(Problem::says(format!("Invalid {{param}}: {wanted} is wanted."))),
        }
    }
}

macro_rules! integers {
    ($($deserialize:ident $visit:ident $integer:ty),+) => {
        $(fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
            let text = self.text("an integer")?;
            match text.parse::<$integer>() {
                Ok(integer) => visitor.$visit(integer),
                Err(_) => Err(Problem {
                    code: Some("parameter_invalid_integer"),
                    ..Problem::says(format!("Invalid integer: {text}"))
                }),
            }
        })+
    };
}

impl<'de> Deserializer<'de> for Reader {
    type Error = Problem;

    integers! {
        deserialize_i64 visit_i64 i64, deserialize_u64 visit_u64 u64, deserialize_u32 visit_u32 u32,
        deserialize_i32 visit_i32 i32, deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0 {
            Form::Text(text) => visitor.visit_string(text),
            Form::Map(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.text("a boolean")?.as_str() {
            "true" | "1" => visitor.visit_bool(true),
            "false" | "0" => visitor.visit_bool(false),
            other => Err(Problem::says(format!("Invalid boolean: {other}"))),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let text = self.text("a number")?;
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => visitor.visit_f64(number),
            _ => Err(Problem::says(format!("Invalid decimal: {text}"))),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let text = self.text("a string")?;
        if text.contains('\0') {
            return Err(Problem::says("Invalid {param}: a string must not hold a NUL character.".to_owned()));
        }
        visitor.visit_string(text)
    }

    /// An empty value is how a form says that nothing is wanted.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0 {
            Form::Text(text) if text.is_empty() => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        if matches!(&self.0, Form::Text(text) if text.is_empty()) {
            return visitor.visit_seq(Elements(Vec::new().into_iter()));
        }
        let Some(elements) = self.0.into_list() else {
            return Err(Problem::says("Invalid array: {param} must be a list.".to_owned()));
        };
        visitor.visit_seq(Elements(elements.into_iter()))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let Form::Map(entries) = self.0 else {
            return Err(Problem::says("Invalid object: {param} must be a hash of parameters.".to_owned()));
        };
        visitor.visit_map(Entries { entries: entries.into_iter(), value: None })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        visitor.visit_enum(self.text("a string")?.into_deserializer())
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        i8 i16 f32 char str bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any
    }
}

struct Elements(std::vec::IntoIter<(String, Form)>);

impl<'de> de::SeqAccess<'de> for Elements {
    type Error = Problem;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Problem> {
        let Some((index, element)) = self.0.next() else { return Ok(None) };
        seed.deserialize(Reader(element)).map(Some).map_err(|problem| problem.under(&index))
    }
}

struct Entries {
    entries: std::collections::btree_map::IntoIter<String, Form>,
    value: Option<(String, Form)>,
}

impl<'de> de::MapAccess<'de> for Entries {
    type Error = Problem;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Problem> {
        let Some((name, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some((name.clone(), value));
        seed.deserialize(name.into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Problem> {
        let Some((name, value)) = self.value.take() else {
            return Err(Problem::says("A value was read before its name.".to_owned()));
        };
        seed.deserialize(Reader(value)).map_err(|problem| problem.under(&name))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Item {
        price: String,
        quantity: Option<u64>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Params {
        items: Vec<Item>,
        prorate: Option<bool>,
    }

    fn refused(encoded: &str) -> (Option<String>, Option<String>, String) {
        let error = read::<Params>(Form::parse(encoded.as_bytes()).unwrap()).unwrap_err();
        (error.param, error.code.map(str::to_owned), error.message)
    }

    #[test]
    fn parameters_are_read_into_their_types() {
        let form = Form::parse(b"items[0][price]=p&items[0][quantity]=3&prorate=").unwrap();
        let wanted = Params { items: vec![Item { price: "p".into(), quantity: Some(3) }], prorate: None };
        assert_eq!(read::<Params>(form).unwrap(), wanted);
    }

    #[test]
    fn an_error_names_the_parameter_as_it_was_written() {
        let (param, code, _) = refused("items[0][price]=p&items[0][quantity]=many");
        assert_eq!(param.as_deref(), Some("items[0][quantity]"));
        assert_eq!(code.as_deref(), Some("parameter_invalid_integer"));
        let (param, code, message) = refused("items[0][price]=p&items[0][colour]=red");
        assert_eq!(param.as_deref(), Some("items[0][colour]"));
        assert_eq!(code.as_deref(), Some("parameter_unknown"));
        assert!(message.contains("items[0][colour]"), "{message}");
        let (param, code, _) = refused("items[0][quantity]=1");
        assert_eq!(param.as_deref(), Some("items[0][price]"));
        assert_eq!(code.as_deref(), Some("parameter_missing"));
    }
}
