//! The hellos of QUIC are read from its initial packets, as the RFCs' own examples are.
use crate::made::{Flow, hex};
use ringfence_capture::{Carrier, Observation, Protocol};

const V1_CLIENT: &str = include_str!("rfc9001-client-initial.hex");
const V2_CLIENT: &str = include_str!("rfc9369-client-initial.hex");
/// RFC 9001, appendix A.3.
const V1_SERVER: &str = "
cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a
5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3
dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84
022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc4
2158407dd074ee";
/// RFC 9369, appendix A.3.
const V2_SERVER: &str = "
dc6b3343cf0008f067a5502a4262b5004075d92faaf16f05d8a4398c47089698
baeea26b91eb761d9b89237bbf87263017915358230035f7fd3945d88965cf17
f9af6e16886c61bfc703106fbaf3cb4cfa52382dd16a393e42757507698075b2
c984c707f0a0812d8cd5a6881eaf21ceda98f4bd23f6fe1a3e2c43edd9ce7ca8
4bed8521e2e140";

fn expected(version: u32) -> Vec<Observation> {
    let text = |words: &str| ringfence_capture::Text::new(words.as_bytes());
    vec![
        Observation::Carries {
            protocol: Protocol::Quic,
        },
        Observation::Quic { version },
        Observation::ClientHello {
            carrier: Carrier::Quic,
            versions: vec![0x0304],
            server_name: Some(text("example.com")),
            alpn: vec![text("alpn")],
            srtp_profiles: vec![],
            encrypted_hello: false,
        },
        Observation::ServerHello {
            carrier: Carrier::Quic,
            version: 0x0304,
            cipher: 0x1301,
            alpn: None,
            srtp_profile: None,
        },
    ]
}

#[test]
fn the_example_of_rfc_9001_is_read() {
    let mut flow = Flow::udp();
    flow.forth(&hex(V1_CLIENT)).back(&hex(V1_SERVER));
    assert_eq!(flow.observed(), expected(1));
    assert!(flow.is_over());
}

#[test]
fn the_example_of_rfc_9369_is_read() {
    let mut flow = Flow::udp();
    flow.forth(&hex(V2_CLIENT)).back(&hex(V2_SERVER));
    assert_eq!(flow.observed(), expected(0x6b33_43cf));
}

#[test]
fn a_packet_that_was_changed_says_only_its_version() {
    for at in [30, 600, 1199] {
        let mut packet = hex(V1_CLIENT);
        packet[at] ^= 1;
        let mut flow = Flow::udp();
        flow.forth(&packet);
        assert_eq!(flow.observed(), expected(1)[..2]);
    }
}

#[test]
fn every_prefix_of_an_initial_packet_is_taken_quietly() {
    let packet = hex(V1_CLIENT);
    for length in 0..packet.len() {
        let mut flow = Flow::udp();
        flow.cut(
            ringfence_capture::detect::Way::Forth,
            &packet[..length],
            packet.len(),
        );
        assert!(
            !flow
                .observed()
                .iter()
                .any(|seen| matches!(seen, Observation::ClientHello { .. }))
        );
    }
}
