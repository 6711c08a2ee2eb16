//! Responsible for: the thread of one call: its socket, its clock, and word to whoever waits for what it tells.
//! Not responsible for: what is done (`call`).

use crate::call::{Call, Command, Told};
use crate::frames::Counted;
use crate::ring::EpochKeys;
use ringfence_signed::{Error, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const LARGEST_DATAGRAM: usize = 2048;
/// Datagrams that are read before others have a turn.
const BURST: usize = 64;
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

struct Shared {
    call: Call,
    socket: Option<Arc<UdpSocket>>,
    over: bool,
}

/// The handle. Methods return at once; what comes of them is told, and then `told` can be read.
pub struct Running {
    shared: Arc<Mutex<Shared>>,
    /// Wakes the thread.
    wake: UnixStream,
    /// Readable when there is something to take.
    told: UnixStream,
    thread: Mutex<Option<JoinHandle<()>>>,
}

fn locked(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn pair() -> Result<(UnixStream, UnixStream)> {
    let made = || {
        let (one, other) = UnixStream::pair()?;
        one.set_nonblocking(true)?;
        other.set_nonblocking(true)?;
        Ok((one, other))
    };
    made().map_err(|error: std::io::Error| Error::new("RF4205", error.to_string()))
}

impl Running {
    /// Errors: `RF4205` when the system gives no more threads or descriptors.
    pub fn start(call: Call) -> Result<Self> {
        let (wake, woken) = pair()?;
        let (told, tells) = pair()?;
        let shared = Arc::new(Mutex::new(Shared {
            call,
            socket: None,
            over: false,
        }));
        let theirs = shared.clone();
        let thread = std::thread::Builder::new()
            .name("ringfence-call".into())
            .stack_size(512 << 10)
            .spawn(move || run(&theirs, &woken, &tells))
            .map_err(|error| Error::new("RF4205", error.to_string()))?;
        Ok(Self {
            shared,
            wake,
            told,
            thread: Mutex::new(Some(thread)),
        })
    }

    pub fn told(&self) -> BorrowedFd<'_> {
        self.told.as_fd()
    }

    pub fn take(&self) -> Vec<Told> {
        drain(&self.told);
        locked(&self.shared).call.take_told()
    }

    pub fn handle(&self, command: Command) {
        let now = Instant::now();
        let mut shared = locked(&self.shared);
        match command {
            Command::Answered { sdp } => shared.answered(&sdp, now),
            other => shared.call.handle(other, now),
        }
        drop(shared);
        self.wake();
    }

    pub fn install(&self, keys: EpochKeys) {
        locked(&self.shared).call.install(keys, Instant::now());
        self.wake();
    }

    pub fn counted(&self) -> Vec<Counted> {
        locked(&self.shared).call.counted(Instant::now())
    }

    fn wake(&self) {
        let _ = (&self.wake).write(&[1]); // full: it is awake
    }

    /// Ends the thread, and waits for that.
    pub fn close(&self) {
        locked(&self.shared).over = true;
        self.wake();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join(); // what it panicked with is on standard error
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.close();
    }
}

fn drain(stream: &UnixStream) {
    let mut bytes = [0; 64];
    while (&mut &*stream).read(&mut bytes).is_ok_and(|count| count > 0) {}
}

impl Shared {
    /// The socket is connected: nothing goes elsewhere, and nothing comes from elsewhere.
    fn answered(&mut self, sdp: &str, now: Instant) {
        let Some(there) = candidate(sdp) else { return };
        let known = self
            .socket
            .as_ref()
            .filter(|socket| socket.peer_addr().ok() == Some(there));
        let socket = match known {
            Some(socket) => socket.clone(),
            None => match connected(there) {
                Ok(socket) => Arc::new(socket),
                Err(_) => return self.call.handle(Command::Refused, now),
            },
        };
        let Ok(here) = socket.local_addr() else { return };
        self.socket = Some(socket);
        self.call.answered(sdp, here, there, now);
    }
}

/// The address and port of the answer's one candidate, which the participant has compared with what the node signed.
fn candidate(sdp: &str) -> Option<SocketAddr> {
    let line = sdp.lines().find_map(|line| line.strip_prefix("a=candidate:"))?;
    let mut words = line.split_ascii_whitespace().skip(4);
    let address: IpAddr = words.next()?.parse().ok()?;
    Some((address, words.next()?.parse().ok()?).into())
}

fn connected(there: SocketAddr) -> std::io::Result<UdpSocket> {
    let any: IpAddr = match there {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(there)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn run(shared: &Mutex<Shared>, woken: &UnixStream, tells: &UnixStream) {
    let mut buffer = [0; LARGEST_DATAGRAM];
    loop {
        let (socket, sleep) = {
            let mut shared = locked(shared);
            if shared.over {
                return;
            }
            receive(&mut shared, &mut buffer);
            let now = Instant::now();
            shared.call.wake(now);
            send(&mut shared);
            if shared.call.has_told() {
                let _ = (&mut &*tells).write(&[1]); // full: they know
            }
            let sleep = shared
                .call
                .next_wake()
                .map_or(LONGEST_SLEEP, |at| at.saturating_duration_since(now));
            (shared.socket.clone(), sleep.min(LONGEST_SLEEP))
        };
        let mut waits = vec![PollFd::new(woken, PollFlags::IN)];
        if let Some(socket) = &socket {
            waits.push(PollFd::new(&**socket, PollFlags::IN));
        }
        let sleep = Timespec {
            tv_sec: sleep.as_secs() as i64,
            tv_nsec: i64::from(sleep.subsec_nanos()),
        };
        let _ = poll(&mut waits, Some(&sleep)); // interrupted: it looks anew
        drain(woken);
    }
}

fn receive(shared: &mut Shared, buffer: &mut [u8]) {
    let Some(socket) = shared.socket.clone() else {
        return;
    };
    for _ in 0..BURST {
        match socket.recv(buffer) {
            Ok(length) => shared.call.receive(&buffer[..length], Instant::now()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return,
            Err(_) => {} // the port there is closed: ICE notices by itself
        }
    }
}

fn send(shared: &mut Shared) {
    let datagrams = shared.call.take_datagrams();
    let Some(socket) = &shared.socket else { return };
    for datagram in datagrams {
        let _ = socket.send(&datagram); // what is lost is lost like on the way
    }
}
