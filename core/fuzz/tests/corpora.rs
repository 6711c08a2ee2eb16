//! Every kept input, without the fuzzer: none of them makes a reader fail, and none holds a target's planted bug, so that a
//! fuzzer that finds it has looked for it.
use ringfence_fuzz::TARGETS;
use std::fs;
use std::path::{Path, PathBuf};

/// A corpus stays small enough to read: libFuzzer's own grows without end.
const LARGEST: u64 = 200_000;

fn corpus(name: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|_| panic!("{} is missing", folder.display()))
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    files.sort();
    files
}

#[test]
fn kept_inputs_do_no_harm() {
    for target in &TARGETS {
        let files = corpus(target.name);
        assert!(!files.is_empty(), "{} has no corpus", target.name);
        let size: u64 = files
            .iter()
            .map(|file| file.metadata().expect("it is there").len())
            .sum();
        assert!(size <= LARGEST, "{}: {size} bytes", target.name);
        for file in files {
            println!("{}", file.display());
            let bytes = fs::read(&file).expect("it can be read");
            (target.run)(&bytes, true);
        }
    }
}

#[test]
fn every_corpus_has_a_target() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for entry in fs::read_dir(folder).expect("it is there") {
        let name = entry.expect("a readable folder").file_name();
        let name = name.to_str().expect("a plain name");
        assert!(ringfence_fuzz::named(name).is_some(), "nothing reads {name}");
    }
}
