//! The conversions that every type with a text form has.

/// `FromStr`, `TryFrom<String>`, `From<T> for String` and [`FromStored`](crate::FromStored) of a type with `parse` and
/// `Display`. A newtype of `String`, written `T(String)`, gets `Display` too, and may keep a stored text that `parse`
/// no longer accepts.
macro_rules! text_forms {
    ($name:ident(String), $error:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        text_forms!(@all $name, $error, |value| value.0, |kept| Some(Self(kept)));
    };
    ($name:ident, $error:ident) => {
        text_forms!(@all $name, $error, |value| value.to_string(), |kept| Self::parse(&kept).ok());
    };
    (@all $name:ident, $error:ident, |$value:ident| $text:expr, |$kept:ident| $stored:expr) => {
        impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, $error> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from($value: $name) -> Self {
                $text
            }
        }

        impl crate::FromStored for $name {
            type Kept = String;

            fn from_stored($kept: String) -> Option<Self> {
                $stored
            }
        }
    };
}

/// `ALL`, `as_str` and `Display` of an enum with a closed list of words. `stored` adds
/// [`FromStored`](crate::FromStored), and `or` with an error adds `FromStr`.
macro_rules! words {
    ($name:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The stored and wire name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
    ($name:ident $words:tt, stored $(or $error:ident $({ expected: $expected:literal })?)?) => {
        words!($name $words);

        impl crate::FromStored for $name {
            type Kept = String;

            fn from_stored(kept: String) -> Option<Self> {
                Self::ALL.into_iter().find(|known| known.as_str() == kept)
            }
        }

        $(impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(word: &str) -> Result<Self, $error> {
                let known = Self::ALL.into_iter().find(|known| known.as_str() == word);
                known.ok_or($error $({ expected: $expected })?)
            }
        })?
    };
}
