//! Columns to Apache Parquet: one row group, no compression (the crate's codecs would cost
//! more to build than the files would save).

use std::sync::Arc;

use parquet::basic::{ConvertedType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use super::column_table::Column;

/// The file's bytes.
pub(super) fn bytes(columns: &[(String, Column)]) -> Vec<u8> {
    // Writing to memory fails only where columns contradict the schema, which is made of
    // them, or each other's length, which `ColumnTable::with` holds equal.
    encode(columns).expect("columns of one length, with the schema made of them")
}

fn encode(columns: &[(String, Column)]) -> Result<Vec<u8>, ParquetError> {
    let fields = columns.iter().map(|(name, c)| field(name, c).map(Arc::new));
    let schema = Type::group_type_builder("table")
        .with_fields(fields.collect::<Result<_, ParquetError>>()?)
        .build()?;
    // Neither a date nor a version of the library: the same table gives the same bytes.
    let properties = WriterProperties::builder().set_created_by("blackstart".into()).build();
    let mut out = Vec::new();
    let mut file = SerializedFileWriter::new(&mut out, Arc::new(schema), Arc::new(properties))?;
    let mut group = file.next_row_group()?;
    for (_, column) in columns {
        let Some(mut writer) = group.next_column()? else { break };
        match column {
            Column::Text(texts) => {
                let values: Vec<ByteArray> =
                    texts.iter().map(|t| ByteArray::from(t.as_str())).collect();
                writer.typed::<ByteArrayType>().write_batch(&values, None, None)?;
            }
            Column::Word(words, rows) => {
                let words: Vec<ByteArray> =
                    words.iter().map(|t| ByteArray::from(t.as_str())).collect();
                let values: Vec<ByteArray> =
                    rows.iter().map(|&r| words[r as usize].clone()).collect();
                writer.typed::<ByteArrayType>().write_batch(&values, None, None)?;
            }
            Column::Number(numbers, _) => {
                let levels: Vec<i16> = numbers.iter().map(|x| i16::from(x.is_finite())).collect();
                let values: Vec<f64> = numbers.iter().copied().filter(|x| x.is_finite()).collect();
                writer.typed::<DoubleType>().write_batch(&values, Some(&levels), None)?;
            }
            Column::Count(counts) => {
                let levels: Vec<i16> = counts.iter().map(|n| i16::from(n.is_some())).collect();
                // Unsigned 32-bit numbers are stored as signed ones of the same bits.
                let values: Vec<i32> = counts.iter().flatten().map(|n| n.cast_signed()).collect();
                writer.typed::<Int32Type>().write_batch(&values, Some(&levels), None)?;
            }
        }
        writer.close()?;
    }
    group.close()?;
    file.close()?;
    Ok(out)
}

fn field(name: &str, column: &Column) -> Result<Type, ParquetError> {
    let (physical, converted, repetition) = match column {
        Column::Text(_) | Column::Word(..) => {
            (Physical::BYTE_ARRAY, ConvertedType::UTF8, Repetition::REQUIRED)
        }
        Column::Number(..) => (Physical::DOUBLE, ConvertedType::NONE, Repetition::OPTIONAL),
        Column::Count(_) => (Physical::INT32, ConvertedType::UINT_32, Repetition::OPTIONAL),
    };
    Type::primitive_type_builder(name, physical)
        .with_converted_type(converted)
        .with_repetition(repetition)
        .build()
}
