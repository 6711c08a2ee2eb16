//! The attacker answers each line with one line, also what it cannot do: a test of the lying server never waits in vain.
//! It is here, too, so that `cargo test` builds the program with everything else.
use std::io::Write as _;
use std::process::{Command, Stdio};

#[test]
fn every_line_is_answered_by_one() -> Result<(), Box<dyn std::error::Error>> {
    let mut attacker = Command::new(env!("CARGO_BIN_EXE_attacker"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let said = concat!(
        "no JSON\n",
        r#"{"who": "mallory", "op": "package"}"#,
        "\n",
        r#"{"who": "mallory", "op": "new"}"#,
        "\n",
        r#"{"who": "mallory", "op": "commit"}"#,
        "\n",
    );
    attacker
        .stdin
        .take()
        .ok_or("no pipe")?
        .write_all(said.as_bytes())?;
    let done = attacker.wait_with_output()?;
    let answered = String::from_utf8(done.stdout)?;
    let kinds: Vec<&str> = answered.lines().map(|line| &line[..5]).collect();
    assert!(done.status.success());
    assert_eq!(
        kinds,
        [r#"{"err"#, r#"{"err"#, r#"{"ok""#, r#"{"err"#],
        "{answered}"
    );
    Ok(())
}
