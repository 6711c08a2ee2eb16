//! Prints the tables of docs/physics.md: `cargo run --release -p ringfence-fence --example power`.
#[path = "../tests/catching/mod.rs"]
mod catching;
#[path = "../tests/cities/mod.rs"]
mod cities;
#[path = "../tests/networks/mod.rs"]
mod networks;
#[path = "../tests/reaching/mod.rs"]
mod reaching;

fn main() {
    println!("{}", catching::table_of_power(&catching::powers()));
    for table in [
        catching::table_of_false_places(),
        reaching::table_of_reach(),
        reaching::table_of_presets(),
    ] {
        println!("{table}");
    }
}
