//! Down to the flow: whatever a packet is wrapped in, the same peers are seen, and what cannot be read is counted.
mod made;
use made::{cooked, cooked2, ethernet, packets, pcap, scanned, tagged, tcp, udp, v4, v4_part, v6};
use ringfence_capture::{Scan, Summary};

fn one(link: u32, frame: Vec<u8>) -> Scan {
    scanned(&pcap(link, &packets([frame])))
}

fn flow(link: u32, frame: Vec<u8>) -> Summary {
    let mut scan = one(link, frame);
    assert_eq!(scan.flows.len(), 1, "{:?}", scan.counts);
    scan.flows.remove(0)
}

#[test]
fn the_same_flow_is_seen_on_every_link_layer() {
    for (ip, source) in [
        (v4((1, 2), 17, &udp((4000, 53), b"hello")), "10.0.0.1"),
        (v6((1, 2), 17, &udp((4000, 53), b"hello")), "2001:db8::1"),
    ] {
        let four = ip[0] >> 4 == 4;
        let family = if four { 2u32 } else { 30 };
        let ppp: &[u8] = if four { &[0, 0x21] } else { &[0, 0x57] };
        let apple = {
            let mut head = vec![0; 108];
            head[0] = 108;
            head[8] = 1;
            head
        };
        for (link, frame) in [
            (1, ethernet(&ip)),
            (1, tagged(&[(0x8100, 7)], &ip)),
            (1, tagged(&[(0x88a8, 7), (0x8100, 9)], &ip)),
            (1, tagged(&[(0x9100, 7), (0x8100, 9), (0x8100, 3)], &ip)),
            // MPLS, and PPPoE: their headers stand where tags would, and no type follows.
            (
                1,
                [&ethernet(&ip)[..12], &[0x88, 0x47, 0, 1, 0, 64, 0, 2, 1, 64], &ip].concat(),
            ),
            (
                1,
                [&ethernet(&ip)[..12], &[0x88, 0x64, 0x11, 0, 0, 1, 0, 0], ppp, &ip].concat(),
            ),
            (101, ip.clone()),
            (12, ip.clone()),
            (if four { 228 } else { 229 }, ip.clone()),
            (113, cooked(&ip)),
            (276, cooked2(&ip)),
            (0, [&family.to_le_bytes()[..], &ip].concat()),
            (0, [&family.to_be_bytes()[..], &ip].concat()),
            (108, [&family.to_be_bytes()[..], &ip].concat()),
            (9, [&[0xff, 3], ppp, &ip].concat()),
            (258, [apple, ethernet(&ip)].concat()),
        ] {
            let flow = flow(link, frame);
            assert_eq!(
                (flow.a.0.to_string().as_str(), flow.a.1, flow.b.1),
                (source, 4000, 53)
            );
            assert_eq!((flow.transport(), flow.forth.payload), ("udp", 5));
        }
    }
}

#[test]
fn what_cannot_be_read_is_counted_by_what_it_is() {
    let ip = v4((1, 2), 17, &udp((4000, 53), b"hello"));
    let arp = [&ethernet(&ip)[..12], &[8, 6], &[0; 28]].concat();
    assert_eq!(one(1, arp).counts.not_ip, 1);
    assert_eq!(one(147, ip.clone()).counts.unknown_link, 1);
    let mut short = ip.clone();
    short[3] = 200; // longer than the frame
    assert_eq!(one(101, short).counts.bad_ip, 1);
    let mut header = ip.clone();
    header[0] = 0x44;
    assert_eq!(one(101, header).counts.bad_ip, 1);
    let mut datagram = ip.clone();
    datagram[25] = 200;
    assert_eq!(one(101, datagram).counts.bad_transport, 1);
    assert_eq!(one(1, vec![1, 2, 3]).counts.not_ip, 1);
}

#[test]
fn padding_is_no_payload() {
    let padded = [ethernet(&v4((1, 2), 17, &udp((1, 2), b"hi"))), vec![0; 16]].concat();
    let flow = flow(1, padded);
    assert_eq!((flow.forth.payload, flow.forth.bytes), (2, 60));
}

#[test]
fn extension_headers_and_tunnels_are_followed() {
    let inside = udp((4000, 53), b"hello");
    let options = |next: u8| [next, 0, 1, 4, 0, 0, 0, 0];
    let chain = [
        &options(43)[..],
        &options(60),
        &options(51),
        &[17, 4],
        &[0; 22],
        &inside,
    ]
    .concat();
    assert_eq!(flow(101, v6((1, 2), 0, &chain)).forth.payload, 5);
    let tunnel = v4((9, 8), 41, &v6((1, 2), 17, &inside));
    assert_eq!(flow(101, tunnel).a.0.to_string(), "2001:db8::1");
    // One fragment that is all of it (RFC 6946).
    let atomic = [&[17, 0, 0, 0, 0, 0, 0, 1][..], &inside].concat();
    assert_eq!(flow(101, v6((1, 2), 44, &atomic)).forth.payload, 5);
}

#[test]
fn other_protocols_are_counted_without_ports() {
    let flow = flow(101, v4((1, 2), 1, &[8, 0, 0, 0]));
    assert_eq!(
        (flow.transport(), flow.ip_protocol, flow.a.1, flow.forth.packets),
        ("other", 1, 0, 1)
    );
}

#[test]
fn a_datagram_is_put_together_of_its_fragments_in_any_order() {
    let datagram = udp((4000, 53), &[5; 3000]);
    let part = |from: usize, to: usize| v4_part((1, 2), 17, 9, from as u16, to < 3008, &datagram[from..to]);
    let parts = [part(0, 1480), part(1480, 2960), part(2960, 3008)];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]] {
        let frames = order.map(|place| parts[place].clone());
        let scan = scanned(&pcap(101, &packets(frames)));
        let [flow] = &scan.flows[..] else {
            panic!("{:?}", scan.flows)
        };
        assert_eq!(
            (flow.forth.packets, flow.forth.bytes, flow.forth.payload),
            (3, 3068, 3000)
        );
        assert_eq!((scan.counts.fragments, scan.counts.incomplete_datagrams), (3, 0));
    }
    let six = |from: usize, to: usize| {
        let more = u16::from(to < 3008);
        let head = [&[17, 0][..], &(from as u16 | more).to_be_bytes(), &[0, 0, 0, 5]].concat();
        v6((1, 2), 44, &[&head, &datagram[from..to]].concat())
    };
    let scan = scanned(&pcap(101, &packets([six(1480, 3008), six(0, 1480)])));
    assert_eq!((scan.flows.len(), scan.flows[0].forth.payload), (1, 3000));
}

#[test]
fn fragments_that_stay_alone_or_contradict_each_other_are_only_counted() {
    let datagram = udp((4000, 53), &[5; 3000]);
    let part = |from: usize, to: usize, more| v4_part((1, 2), 17, 9, from as u16, more, &datagram[from..to]);
    let mut other = part(1480, 2960, true);
    other[30] ^= 1;
    for frames in [
        vec![part(0, 1480, true)],
        vec![part(0, 1480, true), part(1488, 3008, false)],
        vec![
            part(0, 1480, true),
            part(1480, 2960, true),
            other,
            part(2960, 3008, false),
        ],
        vec![part(0, 1480, true), part(1472, 3008, false)],
    ] {
        let count = frames.len() as u64;
        let scan = scanned(&pcap(101, &packets(frames)));
        assert_eq!((scan.counts.incomplete_datagrams, scan.flows.len()), (1, 1));
        let flow = &scan.flows[0];
        assert_eq!(
            (flow.a.1, flow.forth.packets, flow.forth.payload),
            (4000, count, 0)
        );
    }
    // Without the first one nobody knows the ports.
    let scan = scanned(&pcap(101, &packets([part(1480, 2960, true)])));
    assert_eq!((scan.flows[0].a.1, scan.flows[0].transport()), (0, "udp"));
}

#[test]
fn the_same_ports_used_again_are_another_flow() {
    const SYN: u8 = 2;
    let out = |sequence, flags, bytes: &[u8]| v4((1, 2), 6, &tcp((4000, 443), sequence, flags, bytes));
    let frames = [
        out(100, SYN, b""),
        out(100, SYN, b""), // once more
        out(101, 16, b"first"),
        out(106, 17, b""),
        out(90_000_000, SYN, b""),
        out(90_000_001, 16, b"second"),
    ];
    let scan = scanned(&pcap(101, &packets(frames)));
    let counted: Vec<_> = scan
        .flows
        .iter()
        .map(|flow| (flow.first_packet, flow.forth.packets))
        .collect();
    assert_eq!(counted, [(1, 4), (5, 2)]);
    let about = scan.flows[0].tcp.expect("it is TCP");
    assert!(about.opened && about.closed && about.missing == 0);
}

#[test]
fn a_flow_knows_when_its_bytes_went() {
    let mut call = packets((0..100).map(|_| v4((1, 2), 17, &udp((1, 2), &[0; 72]))));
    for (place, packet) in call.iter_mut().enumerate() {
        packet.at = made::FIRST + place as i64 * 500_000_000;
    }
    let scan = scanned(&pcap(101, &call));
    let steps = scan.flows[0].steps().expect("it is busy");
    assert_eq!(steps.forth.iter().sum::<u64>(), 10_000);
    assert_eq!((steps.step_ns, steps.forth.len()), (2_000_000_000, 25));
}
