//! Behaviour: forwarding a packet costs no more instructions than it did, which callgrind counts alike on any machine.
//! Not here: seconds, and what sending costs (`make bench`).

use std::path::PathBuf;
use std::process::Command;

/// Of one packet out, to 50 receivers, with a payload of 600 bytes: three fifths of them seal it. Whoever makes forwarding
/// cheaper lowers it.
const FAST: u64 = 4_820;
/// Of a hundred.
const GROWTH: u64 = 5;

/// Instructions for each packet out.
fn counted(way: &str) -> u64 {
    let test = std::env::current_exe().expect("it runs");
    // Beside the folder of tests; cargo builds examples before it runs tests.
    let example: PathBuf = test
        .ancestors()
        .nth(2)
        .expect("it is in a folder")
        .join("examples/forward");
    let out = std::env::temp_dir().join(format!("ringfence-budget-{}-{way}", std::process::id()));
    let run = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*forward_frame*"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(example)
        .args(["50", "20", way])
        .output()
        .expect("valgrind is installed (make deps)");
    let _ = std::fs::remove_file(out);
    let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    let number = |before: &str, after: &str| -> u64 {
        let found = said.lines().find_map(|line| line.split_once(before));
        let (_, rest) = found.unwrap_or_else(|| panic!("callgrind counted nothing:\n{said}"));
        rest.trim_end_matches(after).trim().parse().expect("a number")
    };
    number("Collected :", "") / number("packets in,", "out")
}

#[test]
fn a_forwarded_packet_costs_no_more_instructions_than_it_did() {
    let fast = counted("fast");
    let most = FAST * (100 + GROWTH) / 100;
    assert!(
        fast <= most,
        "{fast} instructions for each packet; at most {most}"
    );
    assert!(
        fast * 2 <= counted("reference"),
        "the fast way is not twice as cheap as the library's"
    );
}
