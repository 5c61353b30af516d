//! Rows of the ledger as structs.

/// A struct, and how it is read from a row whose columns have its fields' names.
///
/// sqlx could derive it; but its macros need a SQLite of their own, which takes as long to build as ours.
macro_rules! row {
    ($(#[$about:meta])* struct $name:ident { $($field:ident: $kind:ty,)* }) => {
        $(#[$about])*
        struct $name {
            $($field: $kind,)*
        }

        impl sqlx::FromRow<'_, sqlx::sqlite::SqliteRow> for $name {
            fn from_row(row: &sqlx::sqlite::SqliteRow) -> sqlx::Result<Self> {
                use sqlx::Row as _;
                Ok(Self {
                    $($field: row.try_get(stringify!($field))?,)*
                })
            }
        }
    };
}
