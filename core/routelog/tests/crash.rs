//! What is true of the log's files after a crash at any moment: what anybody has read is there, and the log goes on.
mod brittle;
mod naive;
use brittle::{Brittle, Loss};
use ed25519_dalek::SigningKey;
use naive::numbered;
use ringfence_routelog::checkpoint::{Issuer, Signed};
use ringfence_routelog::directory::{Files, Reading};
use ringfence_routelog::disk::{CHECKPOINT, Disk, NEXT};
use ringfence_routelog::key::{Kind, Signer};
use ringfence_routelog::{Result, consistency};

const ORIGIN: &str = "route.example/log";
const LOSSES: [Loss; 7] = [
    Loss::Nothing,
    Loss::Everything,
    Loss::Halves,
    Loss::Drawn(1),
    Loss::Drawn(2),
    Loss::Drawn(3),
    Loss::Drawn(4),
];

fn signer() -> Signer {
    Signer::new(ORIGIN, Kind::Log, SigningKey::from_bytes(&[1; 32])).unwrap()
}

fn issuer() -> Issuer {
    Issuer::new(ORIGIN, signer().verifier().clone()).unwrap()
}

fn create(files: Brittle) -> Result<Disk<Brittle>> {
    Disk::create(files, ORIGIN, signer())
}

fn open(files: Brittle) -> Result<Disk<Brittle>> {
    Disk::open(files, ORIGIN, signer())
}

/// Leaves that no other story has.
fn told(story: &str, number: u64) -> Vec<Vec<u8>> {
    (0..number).map(|n| format!("{story} {n}").into_bytes()).collect()
}

/// Files of a log of so many entries, all durable.
fn log_of(size: u64) -> Brittle {
    let files = Brittle::new();
    let mut disk = create(files.clone()).unwrap();
    disk.append(&numbered(0, size)).unwrap();
    files
}

/// What whoever serves the files could have shown somebody.
fn served(files: &Brittle) -> Option<Signed> {
    let bytes = files.read(CHECKPOINT).unwrap()?;
    Some(Signed::open(&bytes, &issuer()).unwrap())
}

fn continues<F: Files>(disk: &Disk<F>, old: &Signed) {
    let new = disk.checkpoint();
    let proof = disk.consistency(old.size(), new.size()).unwrap();
    consistency::verify(old.size(), old.root(), new.size(), new.root(), &proof).unwrap();
}

/// The log opens, is whole, has what was shown, and grows on with other entries than those that were lost.
fn recovers(files: &Brittle, shown: &[Signed], what: &str) {
    let mut disk = open(files.clone()).unwrap_or_else(|error| panic!("{what}: {error}"));
    disk.audit().unwrap_or_else(|error| panic!("{what}: {error}"));
    for number in [3, 300] {
        for old in shown {
            assert!(disk.checkpoint().size() >= old.size(), "{what}: rolled back");
            continues(&disk, old);
        }
        disk.append(&told("after the crash", number)).unwrap();
        disk.audit().unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    let disk = open(files.fork(usize::MAX)).unwrap();
    disk.audit().unwrap();
}

#[test]
fn an_append_that_stops_after_any_operation_loses_nothing_that_was_shown() {
    for (before, number) in [(1, 1), (250, 10), (255, 1), (256, 1), (300, 1000), (65_530, 10)] {
        let files = log_of(before);
        let mut operations = 0;
        loop {
            let stopping = files.fork(operations);
            let mut disk = open(stopping.clone()).unwrap();
            let mut shown = vec![served(&stopping).unwrap()];
            match disk.append(&told("before the crash", number)) {
                Ok(signed) => shown.push(signed.clone()),
                Err(error) => assert_eq!(error.code, "RF2323"),
            }
            shown.push(served(&stopping).unwrap());
            // A large log takes its time to be checked.
            for loss in &LOSSES[..if before > 1000 { 2 } else { LOSSES.len() }] {
                let what = format!("{before} + {number}, {operations} operations, {loss:?}");
                recovers(&stopping.crashed(*loss), &shown, &what);
            }
            // What comes behind the checkpoint is only sweeping.
            if stopping.done() < operations {
                break;
            }
            operations += 1;
        }
        assert!(operations > 10, "{operations}");
    }
}

#[test]
fn a_crash_while_another_is_recovered_from_loses_nothing_either() {
    let files = log_of(250);
    let all = {
        let counting = files.fork(usize::MAX);
        open(counting.clone())
            .unwrap()
            .append(&told("before", 10))
            .unwrap();
        counting.done()
    };
    let mut carried_on = 0;
    for operations in 0..all {
        let stopping = files.fork(operations);
        let _ = open(stopping.clone()).unwrap().append(&told("before", 10));
        for loss in LOSSES {
            let once = stopping.crashed(loss);
            let mut shown = vec![served(&files).unwrap(), served(&stopping).unwrap()];
            for again in 0..5 {
                let stopping = once.fork(again);
                carried_on += usize::from(open(stopping.clone()).is_err());
                shown.push(served(&stopping).unwrap());
                for loss in [Loss::Nothing, Loss::Everything, Loss::Halves] {
                    let what = format!("{operations} and {again} operations, {loss:?}");
                    recovers(&stopping.crashed(loss), &shown, &what);
                }
            }
        }
    }
    assert!(carried_on > 0, "no crash left a checkpoint to carry on with");
}

#[test]
fn a_log_whose_beginning_was_interrupted_can_be_begun() {
    for operations in 0..=5 {
        for loss in LOSSES {
            let stopping = Brittle::new().fork(operations);
            let created = create(stopping.clone()).is_ok();
            let files = stopping.crashed(loss);
            match open(files.clone()) {
                Ok(_) => {}
                Err(error) => {
                    assert_eq!((error.code, created), ("RF2322", false));
                    create(files.clone()).unwrap();
                }
            }
            recovers(&files, &[], &format!("{operations} operations, {loss:?}"));
        }
    }
}

#[test]
fn after_a_failure_nothing_is_appended_until_the_log_is_opened_anew() {
    let files = log_of(10);
    let stopping = files.fork(4);
    let mut disk = open(stopping).unwrap();
    let before = disk.checkpoint().clone();
    assert_eq!(disk.append(&numbered(10, 11)).unwrap_err().code, "RF2323");
    assert_eq!(disk.append(&numbered(10, 11)).unwrap_err().code, "RF2324");
    assert_eq!(*disk.checkpoint(), before);
    // What the log does not take is no failure.
    let mut disk = open(files).unwrap();
    assert_eq!(disk.append(&[vec![0; 65_536]]).unwrap_err().code, "RF2317");
    disk.append(&numbered(10, 11)).unwrap();
}

#[test]
fn a_file_with_any_byte_changed_does_not_pass() {
    let files = log_of(300);
    for (path, bytes) in files.all() {
        for at in (0..bytes.len()).step_by(if bytes.len() > 1000 { 37 } else { 1 }) {
            let mut lie = bytes.clone();
            lie[at] ^= 1 << (at % 8);
            let mut changed = files.fork(usize::MAX);
            changed.write(&path, &lie).unwrap();
            let refused = open(changed).and_then(|disk| disk.audit()).unwrap_err().code;
            let expected: &[&str] = match path.as_str() {
                CHECKPOINT => &["RF2304", "RF2305", "RF2306"],
                _ => &["RF2320", "RF2313", "RF2315"],
            };
            assert!(expected.contains(&refused), "{path} byte {at}: {refused}");
        }
    }
}

#[test]
fn a_checkpoint_that_does_not_fit_its_tiles_is_refused_by_its_code() {
    // Another log by the same key, and this one's own past and future.
    let files = log_of(300);
    for other in [log_of(301), log_of(600), {
        let files = Brittle::new();
        create(files.clone())
            .unwrap()
            .append(&told("another", 300))
            .unwrap();
        files
    }] {
        let mut changed = files.fork(usize::MAX);
        changed
            .write(CHECKPOINT, &other.read(CHECKPOINT).unwrap().unwrap())
            .unwrap();
        assert_eq!(open(changed).err().unwrap().code, "RF2320");
        let mut next = files.fork(usize::MAX);
        next.write(NEXT, &other.read(CHECKPOINT).unwrap().unwrap())
            .unwrap();
        let same_size = served(&other).unwrap().size() == 300;
        assert_eq!(
            open(next).err().map(|error| error.code),
            (!same_size).then_some("RF2320")
        );
    }
    for path in ["tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"] {
        let mut changed = files.fork(usize::MAX);
        changed.rename(path, "elsewhere").unwrap();
        assert_eq!(open(changed).err().unwrap().code, "RF2320", "{path}");
    }
}

#[test]
fn a_next_checkpoint_that_does_not_continue_the_last_is_refused() {
    // All files of both are there, and the key has signed both.
    let old = log_of(10);
    let mut files = Brittle::new();
    create(files.clone())
        .unwrap()
        .append(&told("another", 300))
        .unwrap();
    files.rename(CHECKPOINT, NEXT).unwrap();
    for folder in ["tile/0/000.p", "tile/entries/000.p"] {
        files.make_folder(folder).unwrap();
    }
    for (path, bytes) in old.all() {
        files.write(&path, &bytes).unwrap();
    }
    let refused = open(files.clone()).err().unwrap();
    assert_eq!(refused.code, "RF2320");
    assert!(refused.detail.contains("does not continue"), "{refused}");
    // Alone each is a log.
    open(old).unwrap();
    files.rename(NEXT, CHECKPOINT).unwrap();
    open(files).unwrap().audit().unwrap();
}

#[test]
fn opening_looks_at_the_whole_way_from_the_last_entry_to_the_root() {
    let files = log_of(512);
    for path in ["tile/entries/001", "tile/0/001", "tile/1/000.p/2"] {
        let mut changed = files.fork(usize::MAX);
        let mut bytes = files.read(path).unwrap().unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        changed.write(path, &bytes).unwrap();
        assert_eq!(open(changed).err().unwrap().code, "RF2320", "{path}");
    }
}

#[test]
fn a_log_is_not_begun_over_another_or_over_what_is_left_of_one() {
    assert_eq!(open(Brittle::new()).err().unwrap().code, "RF2322");
    let mut files = log_of(3);
    assert_eq!(create(files.clone()).err().unwrap().code, "RF2322");
    files.rename(CHECKPOINT, "lost").unwrap();
    assert_eq!(create(files.clone()).err().unwrap().code, "RF2322");
    assert_eq!(open(files).err().unwrap().code, "RF2322");
}

#[test]
fn partial_files_go_when_a_full_one_is_there_and_old_proofs_stay() {
    let files = Brittle::new();
    let mut disk = create(files.clone()).unwrap();
    let mut shown = vec![];
    for leaf in numbered(0, 600) {
        shown.push(disk.append(&[leaf]).unwrap().clone());
    }
    let partial = files
        .all()
        .iter()
        .filter(|(path, _)| path.contains(".p/"))
        .count();
    // Those of the bundle and the tile at the end, and of the level above, which is not full.
    assert_eq!(partial, 2 * (600 - 512) + 2);
    for old in &shown {
        continues(&disk, old);
    }
    for index in [0, 255, 256, 599] {
        assert_eq!(disk.entry(index).unwrap(), numbered(index, index + 1)[0]);
    }
    assert_eq!(disk.entry(600).unwrap_err().code, "RF2301");
    disk.audit().unwrap();
}
