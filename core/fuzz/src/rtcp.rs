//! RTCP as a room of the forwarder reads it: of a participant who is in a call, so it is sealed as it should be, and who
//! writes into it what they like.
//! Not here: datagrams that nobody sealed (room.rs).
//!
//! The numbers of streams differ from run to run, so an input names them: the word `f5 f5 f5 n` stands for the n-th that
//! this participant has sent or received.
use crate::room::world::{World, ms};
use crate::room::{SEED, is_connected};
use crate::{plant, rare};
use ringfence_sfu::dtls;
use ringfence_sfu::stream::Leaf;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use str0m::config::CryptoProvider;
use str0m::crypto::{
    AeadAes256GcmCipher, CryptoError, SrtpProvider, SupportedAeadAes128Gcm, SupportedAeadAes256Gcm,
    SupportedAes128CmSha1_80,
};
use str0m::rtp::rtcp::Rtcp;

/// What the word of an input begins with that stands for a stream.
pub const NAMED: [u8; 3] = [0xf5; 3];
/// RFC 3711 section 3.4: this part of a packet is not encrypted.
const HEAD: usize = 8;
const TAG: usize = 16;
/// RFC 3711 section 3.4: the packet is encrypted.
const ENCRYPTED: u32 = 1 << 31;
/// Ahead of what the participant's own packets are numbered with.
const FIRST_INDEX: u32 = 1 << 20;

thread_local! {
    static CALL: RefCell<Option<World>> = const { RefCell::new(None) };
    static HEARD: RefCell<Heard> = RefCell::new(Heard::default());
}

/// What was learned of a connection by listening to its ciphers.
#[derive(Default)]
struct Heard {
    sealer: Option<Sealer>,
    streams: Vec<[u8; 4]>,
}

struct Sealer {
    key: [u8; 32],
    salt: [u8; 12],
    index: u32,
}

/// One packet of RTCP, or several in one (RFC 3550 section 6.1).
pub fn packets(bytes: &[u8], planted: bool) {
    CALL.with_borrow_mut(|kept| {
        let world = kept.get_or_insert_with(call);
        let failed = world.counts.failures.load(Relaxed);
        let (now, address) = (world.instant(), world.person(2).participant.address);
        let Some((rtcp, datagram)) = HEARD.with_borrow_mut(|heard| heard.sealed(bytes)) else {
            return;
        };
        world.rooms.receive(address, &datagram, now);
        world.run(ms(5));
        assert_eq!(world.counts.failures.load(Relaxed), failed, "the room has failed");
        assert!(is_connected(world, Leaf(1)), "somebody else is cut off");
        let reached = |ssrc: u32| HEARD.with_borrow(|heard| heard.streams.contains(&ssrc.to_be_bytes()));
        if let Ok(Rtcp::Nack(nack)) = Rtcp::try_from(&*rtcp) {
            plant(planted, reached(*nack.ssrc) && rare(bytes));
        }
        if !is_connected(world, Leaf(2)) || world.now > ms(60_000) {
            *kept = None;
        }
    });
}

fn call() -> World {
    HEARD.set(Heard::default());
    let mut world = World::new(SEED);
    (world.vp9, world.tells) = (true, true);
    world.join(1, 1);
    let mut provider = CryptoProvider::clone(&dtls::provider());
    provider.srtp_provider = &Listening;
    world.provider = Arc::new(provider);
    world.join(2, 1);
    world.run_until(ms(5000), |_| HEARD.with_borrow(|heard| heard.sealer.is_some()));
    world.run(ms(200));
    assert!(HEARD.with_borrow(|heard| heard.sealer.is_some() && heard.streams.len() > 3));
    world
}

impl Heard {
    /// The packet with its streams put in, and as the datagram that it is sent in.
    fn sealed(&mut self, bytes: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        let mut rtcp = bytes.to_vec();
        for word in rtcp.chunks_exact_mut(4).filter(|word| word.starts_with(&NAMED)) {
            let stream = self.streams[usize::from(word[3]) % self.streams.len()];
            word.copy_from_slice(&stream);
        }
        if let [first, second, ..] = &mut rtcp[..] {
            // Anything else is not taken for RTCP (RFC 7983 section 7, RFC 5761 section 4).
            (*first, *second) = (0x80 | *first & 0x3f, 0xc0 | *second & 0x1f);
        }
        let datagram = self.sealer.as_mut()?.seal(&rtcp)?;
        Some((rtcp, datagram))
    }
}

impl Sealer {
    /// RFC 7714 section 9.
    fn seal(&mut self, rtcp: &[u8]) -> Option<Vec<u8>> {
        let (head, plain) = rtcp.split_at_checked(HEAD)?;
        self.index += 1;
        let index = (self.index | ENCRYPTED).to_be_bytes();
        let iv = mixed(self.salt, head, self.index);
        let mut sealed = vec![0; plain.len() + TAG];
        let mut cipher = provider().aead_aes_256_gcm().create_cipher(self.key, true);
        let done = cipher.encrypt(&iv, &[head, &index].concat(), plain, &mut sealed);
        done.expect("it can be sealed");
        Some([head, &sealed, &index].concat())
    }
}

/// The nonce of a packet (RFC 7714 section 9.1), or from a nonce the salt.
fn mixed(mut with: [u8; 12], head: &[u8], index: u32) -> [u8; 12] {
    (2..6).for_each(|at| with[at] ^= head[at + 2]);
    (8..12).for_each(|at| with[at] ^= index.to_be_bytes()[at - 8]);
    with
}

fn provider() -> &'static dyn SrtpProvider {
    str0m::crypto::from_feature_flags().srtp_provider
}

/// The library's ciphers, and what goes through them is listened to.
#[derive(Debug)]
struct Listening;

impl SrtpProvider for Listening {
    fn aes_128_cm_sha1_80(&self) -> &'static dyn SupportedAes128CmSha1_80 {
        provider().aes_128_cm_sha1_80()
    }
    fn aead_aes_128_gcm(&self) -> &'static dyn SupportedAeadAes128Gcm {
        provider().aead_aes_128_gcm()
    }
    fn aead_aes_256_gcm(&self) -> &'static dyn SupportedAeadAes256Gcm {
        &Listening
    }
    fn srtp_aes_128_ecb_round(&self, key: &[u8], input: &[u8], output: &mut [u8]) {
        provider().srtp_aes_128_ecb_round(key, input, output);
    }
    fn srtp_aes_256_ecb_round(&self, key: &[u8], input: &[u8], output: &mut [u8]) {
        provider().srtp_aes_256_ecb_round(key, input, output);
    }
}

impl SupportedAeadAes256Gcm for Listening {
    fn create_cipher(&self, key: [u8; 32], encrypt: bool) -> Box<dyn AeadAes256GcmCipher> {
        let cipher = provider().aead_aes_256_gcm().create_cipher(key, encrypt);
        Box::new(Listened { key, cipher })
    }
}

#[derive(Debug)]
struct Listened {
    key: [u8; 32],
    cipher: Box<dyn AeadAes256GcmCipher>,
}

/// The stream of a packet's head, and whether it is RTCP (RFC 5761 section 4).
fn stream(head: &[u8]) -> Option<([u8; 4], bool)> {
    let is_rtcp = matches!(head.get(1)?, 192..=223);
    let at = if is_rtcp { 4 } else { 8 };
    Some((*head.get(at..)?.first_chunk()?, is_rtcp))
}

fn note(head: &[u8]) {
    HEARD.with_borrow_mut(|heard| match stream(head) {
        Some((stream, false)) if !heard.streams.contains(&stream) => heard.streams.push(stream),
        _ => {}
    });
}

impl AeadAes256GcmCipher for Listened {
    fn encrypt(
        &mut self,
        iv: &[u8; 12],
        head: &[u8],
        input: &[u8],
        output: &mut [u8],
    ) -> Result<(), CryptoError> {
        note(head);
        if let (Some((_, true)), Some(index)) = (stream(head), head.last_chunk()) {
            let salt = mixed(*iv, head, u32::from_be_bytes(*index) & !ENCRYPTED);
            let (key, index) = (self.key, FIRST_INDEX);
            HEARD.with_borrow_mut(|heard| {
                heard.sealer.get_or_insert(Sealer { key, salt, index });
            });
        }
        self.cipher.encrypt(iv, head, input, output)
    }

    fn decrypt(
        &mut self,
        iv: &[u8; 12],
        heads: &[&[u8]],
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, CryptoError> {
        heads.first().into_iter().for_each(|head| note(head));
        self.cipher.decrypt(iv, heads, input, output)
    }
}
