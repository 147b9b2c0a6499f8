//! Bytes of any encoding to text.

/// Windows-1251, 0x80 … 0xBF (0xC0 … 0xFF are А … я in order).
const WINDOWS_1251: [char; 64] = [
    'Ђ', 'Ѓ', '‚', 'ѓ', '„', '…', '†', '‡', '€', '‰', 'Љ', '‹', 'Њ', 'Ќ', 'Ћ', 'Џ', 'ђ', '‘', '’',
    '“', '”', '•', '–', '—', '\u{98}', '™', 'љ', '›', 'њ', 'ќ', 'ћ', 'џ', '\u{a0}', 'Ў', 'ў', 'Ј',
    '¤', 'Ґ', '¦', '§', 'Ё', '©', 'Є', '«', '¬', '\u{ad}', '®', 'Ї', '°', '±', 'І', 'і', 'ґ', 'µ',
    '¶', '·', 'ё', '№', 'є', '»', 'ј', 'Ѕ', 'ѕ', 'ї',
];

/// What a file's bytes were taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16,
    Windows1251,
    Latin1,
}

impl Encoding {
    pub fn word(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16 => "UTF-16",
            Self::Windows1251 => "Windows-1251",
            Self::Latin1 => "Latin-1",
        }
    }
}

/// Decodes `bytes`; never fails. What is not UTF-8 (or UTF-16 by its mark) is taken for
/// Windows-1251 where high bytes stand in runs, as in Cyrillic words, and for Latin-1
/// where they stand alone among ASCII letters.
pub(super) fn decode(bytes: &[u8]) -> (String, Encoding) {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => {
            if let Ok(text) = std::str::from_utf8(rest) {
                return (text.to_owned(), Encoding::Utf8);
            }
        }
        [0xFF, 0xFE, rest @ ..] => return (utf16(rest, u16::from_le_bytes), Encoding::Utf16),
        [0xFE, 0xFF, rest @ ..] => return (utf16(rest, u16::from_be_bytes), Encoding::Utf16),
        _ => {}
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (text.to_owned(), Encoding::Utf8);
    }
    let (mut in_runs, mut alone) = (0usize, 0usize);
    for (i, b) in bytes.iter().enumerate() {
        if *b >= 0x80 {
            let before = i > 0 && bytes[i - 1] >= 0x80;
            let after = bytes.get(i + 1).is_some_and(|b| *b >= 0x80);
            *(if before || after { &mut in_runs } else { &mut alone }) += 1;
        }
    }
    if in_runs > alone {
        let letter = |b: &u8| match b {
            0x00..=0x7F => char::from(*b),
            0x80..=0xBF => WINDOWS_1251[usize::from(*b - 0x80)],
            0xC0..=0xFF => char::from_u32(0x0410 + u32::from(*b - 0xC0)).unwrap_or('?'),
        };
        (bytes.iter().map(letter).collect(), Encoding::Windows1251)
    } else {
        (bytes.iter().map(|b| char::from(*b)).collect(), Encoding::Latin1)
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_apart() {
        let cases: [(&[u8], &str, Encoding); 6] = [
            (b"plain", "plain", Encoding::Utf8),
            ("\u{feff}Київ".as_bytes(), "Київ", Encoding::Utf8),
            (b"\xca\xe8\xbf\xe2 \xb2\xf0\xef\xb3\xed\xfc", "Київ Ірпінь", Encoding::Windows1251),
            (b"Caf\xe9 M\xfcller", "Café Müller", Encoding::Latin1),
            (b"\xff\xfea\x00\x04\x04", "aЄ", Encoding::Utf16),
            (b"\xfe\xff\x00a", "a", Encoding::Utf16),
        ];
        for (bytes, text, encoding) in cases {
            assert_eq!(decode(bytes), (text.to_owned(), encoding));
        }
    }

    #[test]
    fn every_byte_decodes() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&all).0.chars().count(), 256);
    }
}
