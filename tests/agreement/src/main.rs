//! `ringfence-decisions FIRST COUNT` prints the decisions about the cases of so many seeds.

fn main() {
    let numbers: Vec<u64> = std::env::args()
        .skip(1)
        .map(|word| word.parse().expect("a number"))
        .collect();
    let [first, count] = numbers[..] else {
        panic!("usage: ringfence-decisions FIRST COUNT")
    };
    print!("{}", ringfence_agreement::decisions(first, count));
}
