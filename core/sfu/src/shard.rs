//! Responsible for: one thread with one UDP socket: datagrams, commands and time go in, datagrams and events out.
//! Not responsible for: what they mean; that is `rooms`.

use crate::Settings;
use crate::connection::{Connections, Way};
use crate::datagrams::Datagrams;
use crate::dtls::Identity;
use crate::rooms::{Counts, Event, Rooms};
use crate::socket::Socket;
use crate::stream::{Error, Leaf};
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Larger ones are not from a browser.
const LARGEST_DATAGRAM: usize = 1600;

pub enum Command {
    Open(Vec<u8>),
    Close(Vec<u8>),
    Offer {
        room: Vec<u8>,
        leaf: Leaf,
        request: u64,
        sdp: String,
    },
    ClosePeer {
        room: Vec<u8>,
        leaf: Leaf,
    },
    View {
        room: Vec<u8>,
        leaf: Leaf,
        wants: Vec<(String, u32)>,
    },
    Stop,
}

/// A running shard.
pub struct Shard {
    pub address: SocketAddr,
    commands: Sender<Command>,
    alarm: Arc<Alarm>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// A file descriptor that becomes readable when it is rung.
pub struct Alarm(OwnedFd);

impl Alarm {
    pub fn new() -> io::Result<Self> {
        Ok(Self(eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?))
    }

    pub fn ring(&self) {
        // It fails only when it has been rung 2^64 times without a hearing: it is still readable then.
        let _ = rustix::io::write(&self.0, &1u64.to_ne_bytes());
    }

    pub fn hush(&self) {
        // It fails only when nobody rang.
        let _ = rustix::io::read(&self.0, &mut [0; 8]);
    }
}

impl AsFd for Alarm {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Events of all shards on their way to the server.
pub struct Outbox {
    events: Mutex<VecDeque<Event>>,
    pub alarm: Alarm,
}

impl Outbox {
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            events: Mutex::default(),
            alarm: Alarm::new()?,
        })
    }

    pub(crate) fn post(&self, events: Vec<Event>) {
        if !events.is_empty() {
            self.events
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend(events);
            self.alarm.ring();
        }
    }

    pub fn take(&self) -> VecDeque<Event> {
        self.alarm.hush();
        std::mem::take(&mut self.events.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shard {
    pub fn start(
        name: String,
        identity: &Identity,
        settings: &Settings,
        port: u16,
        outbox: Arc<Outbox>,
        counts: Arc<Counts>,
    ) -> Result<Shard, Error> {
        let mut socket = Socket::bind(settings.address, port)?;
        if settings.way == Way::Reference {
            socket.send_apart();
        }
        let system = |error: io::Error| Error::new("RF4203", error.to_string());
        let address = socket.address();
        let alarm = Arc::new(Alarm::new().map_err(system)?);
        let (commands, inbox) = channel();
        let connections = Connections::new(identity.clone(), address, settings.way).of(settings.frames);
        let mut rooms = Rooms::new(connections, counts.clone());
        if let Some(key) = &settings.echo {
            rooms.answer_beacons(key.clone());
        }
        let worker = Worker {
            socket,
            inbox,
            alarm: alarm.clone(),
            rooms,
            datagrams: Datagrams::default(),
            outbox,
            counts,
        };
        let thread = std::thread::Builder::new()
            .name(name)
            .spawn(|| worker.run())
            .map_err(system)?;
        Ok(Shard {
            address,
            commands,
            alarm,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// `false`: the shard has stopped.
    pub fn send(&self, command: Command) -> bool {
        let sent = self.commands.send(command).is_ok();
        self.alarm.ring();
        sent
    }

    pub fn stop(&self) {
        self.send(Command::Stop);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // It ends in error only after a panic outside every room; there is nothing left to save then.
            let _ = thread.join();
        }
    }
}

struct Worker {
    socket: Socket,
    inbox: Receiver<Command>,
    alarm: Arc<Alarm>,
    rooms: Rooms,
    /// Empty, with room in it.
    datagrams: Datagrams,
    outbox: Arc<Outbox>,
    counts: Arc<Counts>,
}

impl Worker {
    fn run(mut self) {
        loop {
            self.wait();
            self.alarm.hush();
            while let Ok(command) = self.inbox.try_recv() {
                if matches!(command, Command::Stop) {
                    return;
                }
                self.obey(command);
                self.flush();
            }
            let (rooms, now) = (&mut self.rooms, Instant::now());
            self.socket.receive(|from, datagram| {
                if datagram.len() <= LARGEST_DATAGRAM {
                    rooms.receive(from, datagram, now);
                }
            });
            self.rooms.wake(Instant::now());
            self.flush();
        }
    }

    /// Sleeps until there is a datagram, a command, or something due.
    fn wait(&self) {
        let patience = self.rooms.next_wake().map(|at| {
            let left = at
                .saturating_duration_since(Instant::now())
                .min(Duration::from_secs(3600));
            Timespec {
                tv_sec: left.as_secs() as i64,
                tv_nsec: left.subsec_nanos().into(),
            }
        });
        let mut sources = [
            PollFd::new(&self.socket, PollFlags::IN),
            PollFd::from_borrowed_fd(self.alarm.as_fd(), PollFlags::IN),
        ];
        // An interruption is as good as a reason to look.
        let _ = poll(&mut sources, patience.as_ref());
    }

    fn obey(&mut self, command: Command) {
        let now = Instant::now();
        match command {
            Command::Open(room) => self.rooms.open(&room),
            Command::Close(room) => self.rooms.close(&room),
            Command::Offer {
                room,
                leaf,
                request,
                sdp,
            } => {
                self.rooms.offer(&room, leaf, request, &sdp, now);
            }
            Command::ClosePeer { room, leaf } => self.rooms.close_peer(&room, leaf, now),
            Command::View { room, leaf, wants } => self.rooms.view(&room, leaf, &wants, now),
            Command::Stop => {}
        }
    }

    fn flush(&mut self) {
        let mut all = self.rooms.take_datagrams(std::mem::take(&mut self.datagrams));
        if !all.is_empty() {
            let unsent = self.socket.send(&all);
            self.counts.unsent.fetch_add(unsent as u64, Relaxed);
            all.clear();
        }
        self.datagrams = all;
        self.outbox.post(self.rooms.take_events());
    }
}
