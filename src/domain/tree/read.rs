//! How does a tree become a value of some type?

use super::grow::Tree;
use core::slice;
use serde::{
    Deserializer,
    de::{
        DeserializeSeed, EnumAccess, Error as _, Expected, MapAccess, SeqAccess, Unexpected,
        VariantAccess, Visitor, value::Error,
    },
};

impl Tree {
    fn unexpected(&self) -> Unexpected<'_> {
        match self {
            Self::Nil => Unexpected::Unit,
            Self::Bool(truth) => Unexpected::Bool(*truth),
            Self::Int(number) => Unexpected::Signed(*number),
            Self::Unsigned(number) => Unexpected::Unsigned(*number),
            Self::Float(number) => Unexpected::Float(*number),
            Self::Text(text) => Unexpected::Str(text),
            Self::Bytes(bytes) => Unexpected::Bytes(bytes),
            Self::List(_) => Unexpected::Seq,
            Self::Map(_) => Unexpected::Map,
        }
    }

    #[cold]
    #[inline(never)]
    fn refused(&self, expected: &dyn Expected) -> Error {
        Error::invalid_type(self.unexpected(), expected)
    }

    fn number<'de, V: Visitor<'de>>(&'de self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Int(number) => visitor.visit_i64(*number),
            Self::Unsigned(number) => visitor.visit_u64(*number),
            other => Err(other.refused(&visitor)),
        }
    }

    fn list<'de, V: Visitor<'de>>(&'de self, visitor: V) -> Result<V::Value, Error> {
        let Self::List(items) = self else {
            return Err(self.refused(&visitor));
        };
        let all = items.len();
        let mut items = Items(items.iter());
        let value = visitor.visit_seq(&mut items)?;
        ended(all, items.0.len())?;
        Ok(value)
    }

    fn map<'de, V: Visitor<'de>>(&'de self, visitor: V) -> Result<V::Value, Error> {
        let Self::Map(entries) = self else {
            return Err(self.refused(&visitor));
        };
        let mut members = Members {
            entries: entries.iter(),
            value: None,
        };
        let value = visitor.visit_map(&mut members)?;
        ended(entries.len(), members.entries.len())?;
        Ok(value)
    }
}

/// A type takes all of its entries or none.
fn ended(all: usize, left: usize) -> Result<(), Error> {
    if left == 0 {
        return Ok(());
    }
    Err(Error::invalid_length(all, &"fewer"))
}

/// The items of a list.
struct Items<'de>(slice::Iter<'de, Tree>);

impl<'de> SeqAccess<'de> for &mut Items<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        self.0.next().map(|item| seed.deserialize(item)).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// The members of a map.
struct Members<'de> {
    entries: slice::Iter<'de, (Tree, Tree)>,
    /// Of the key that was read last.
    value: Option<&'de Tree>,
}

impl<'de> MapAccess<'de> for &mut Members<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some((key, value)) = self.entries.next() else {
            return Ok(None);
        };
        self.value = Some(value);
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        match self.value.take() {
            Some(value) => seed.deserialize(value),
            None => Err(Error::custom("a value before its key")),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

/// A variant by its name, with what it carries.
struct Variant<'de> {
    name: &'de Tree,
    value: Carried<'de>,
}

/// What a variant carries; `None` when its name stands alone.
struct Carried<'de>(Option<&'de Tree>);

impl<'de> Carried<'de> {
    fn something(self, expected: &dyn Expected) -> Result<&'de Tree, Error> {
        self.0
            .ok_or_else(|| Error::invalid_type(Unexpected::UnitVariant, expected))
    }
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Error;
    type Variant = Carried<'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Carried<'de>), Error> {
        Ok((seed.deserialize(self.name)?, self.value))
    }
}

impl<'de> VariantAccess<'de> for Carried<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        match self.0 {
            None | Some(Tree::Nil) => Ok(()),
            Some(other) => Err(other.refused(&"nothing")),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.something(&"a value")?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.something(&visitor)?.list(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.something(&visitor)?.map(visitor)
    }
}

/// Forwards each method to the one way its type can be written.
macro_rules! only {
    ($($method:ident)+ => $way:ident) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.$way(visitor)
        })+
    };
}

impl<'de> Deserializer<'de> for &'de Tree {
    type Error = Error;

    only!(deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 => number);
    only!(deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 => number);
    only!(deserialize_string deserialize_char => deserialize_str);
    only!(deserialize_identifier => deserialize_str);
    only!(deserialize_byte_buf => deserialize_bytes);
    only!(deserialize_seq => list);
    only!(deserialize_map => map);
    only!(deserialize_f32 deserialize_f64 => deserialize_any);

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Tree::Nil => visitor.visit_unit(),
            Tree::Bool(truth) => visitor.visit_bool(*truth),
            Tree::Int(number) => visitor.visit_i64(*number),
            Tree::Unsigned(number) => visitor.visit_u64(*number),
            Tree::Float(number) => visitor.visit_f64(*number),
            Tree::Text(text) => visitor.visit_borrowed_str(text),
            Tree::Bytes(bytes) => visitor.visit_borrowed_bytes(bytes),
            Tree::List(_) => self.list(visitor),
            Tree::Map(_) => self.map(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Tree::Bool(truth) => visitor.visit_bool(*truth),
            other => Err(other.refused(&visitor)),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Tree::Text(text) => visitor.visit_borrowed_str(text),
            other => Err(other.refused(&visitor)),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Tree::Bytes(bytes) => visitor.visit_borrowed_bytes(bytes),
            other => other.list(visitor),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Tree::Nil => visitor.visit_unit(),
            Tree::List(items) if items.is_empty() => visitor.visit_unit(),
            other => Err(other.refused(&visitor)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Tree::Nil => visitor.visit_none(),
            some => visitor.visit_some(some),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self {
            Tree::Text(_) => visitor.visit_enum(Variant {
                name: self,
                value: Carried(None),
            }),
            Tree::Map(entries) => match entries.as_slice() {
                [(name, value)] => visitor.visit_enum(Variant {
                    name,
                    value: Carried(Some(value)),
                }),
                _ => Err(self.refused(&visitor)),
            },
            other => Err(other.refused(&visitor)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.map(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.list(visitor)
    }
}
