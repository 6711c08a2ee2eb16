//! The log's files as they come from somebody else: signed notes with their checkpoints, paths of tiles, bundles.
use crate::{plant, rare};
use ringfence_routelog::checkpoint::Checkpoint;
use ringfence_routelog::entry;
use ringfence_routelog::key::Verifier;
use ringfence_routelog::note::Note;
use ringfence_routelog::tile::Tile;

/// A note; and each of its lines as the key of a log or a witness.
pub fn note(bytes: &[u8], planted: bool) {
    for line in bytes.split(|byte| *byte == b'\n') {
        let key = std::str::from_utf8(line)
            .ok()
            .and_then(|line| Verifier::parse(line).ok());
        if let Some(key) = key {
            assert_eq!(Verifier::parse(&key.to_string()).expect("our own"), key);
        }
    }
    let Ok(note) = Note::parse(bytes) else { return };
    assert_eq!(note.encode().as_bytes(), bytes, "one note, one encoding");
    if let Ok(checkpoint) = Checkpoint::parse(note.text()) {
        assert_eq!(checkpoint.encode(), note.text(), "one checkpoint, one text");
        plant(planted, rare(bytes));
    }
}

/// The path of a tile or bundle, and after the first line break its bytes.
pub fn tile(bytes: &[u8], planted: bool) {
    let at = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(bytes.len());
    let (path, content) = bytes.split_at(at);
    let content = content.get(1..).unwrap_or_default();
    let Some(tile) = std::str::from_utf8(path)
        .ok()
        .and_then(|path| Tile::parse(path).ok())
    else {
        return;
    };
    assert_eq!(tile.to_string().as_bytes(), path, "one tile, one path");
    if let Ok(hashes) = tile.hashes(content) {
        assert_eq!(hashes.concat(), content);
    }
    if let Ok(entries) = entry::split(content, tile.width) {
        let mut bundle = vec![];
        entries
            .iter()
            .for_each(|data| entry::push(&mut bundle, data).expect("it was in one"));
        assert_eq!(bundle, content, "one bundle, one encoding");
        plant(planted, rare(bytes));
    }
}
