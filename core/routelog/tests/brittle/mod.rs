//! A file system in memory that stops after any number of operations, and then forgets what was not synced.
use ringfence_routelog::directory::{Files, Reading};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

#[derive(Clone, Default)]
struct Folder {
    live: BTreeMap<String, Inode>,
    durable: BTreeMap<String, Inode>,
}

#[derive(Clone, Default)]
struct Content {
    live: Vec<u8>,
    durable: Vec<u8>,
    /// Written since it was synced, be it with the same bytes.
    dirty: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Inode {
    File(usize),
    Folder(usize),
}

/// What a crash leaves of what was not synced.
#[derive(Debug, Clone, Copy)]
pub enum Loss {
    /// Everything: the process was killed, the machine runs on.
    Nothing,
    /// Only what was synced.
    Everything,
    /// Names, but of the bytes half.
    Halves,
    /// For each file and folder one of these, drawn from a seed.
    Drawn(u64),
}

#[derive(Clone)]
struct State {
    files: Vec<Content>,
    folders: Vec<Folder>,
    done: usize,
    limit: usize,
}

/// Folder 0 is the root. A clone is another handle to the same files.
#[derive(Clone)]
pub struct Brittle(Rc<RefCell<State>>);

impl Brittle {
    pub fn new() -> Self {
        let folders = vec![Folder::default()];
        let state = State {
            files: vec![],
            folders,
            done: 0,
            limit: usize::MAX,
        };
        Self(Rc::new(RefCell::new(state)))
    }

    /// The same files, independent of these; they stop after `limit` operations.
    pub fn fork(&self, limit: usize) -> Self {
        let mut state = self.0.borrow().clone();
        (state.done, state.limit) = (0, limit);
        Self(Rc::new(RefCell::new(state)))
    }

    /// How many operations were done.
    pub fn done(&self) -> usize {
        self.0.borrow().done
    }

    /// What is there after a crash.
    pub fn crashed(&self, loss: Loss) -> Self {
        let after = self.fork(usize::MAX);
        let mut state = after.0.borrow_mut();
        let mut random = fastrand::Rng::with_seed(if let Loss::Drawn(seed) = loss { seed } else { 0 });
        let mut draw = |loss| match loss {
            Loss::Drawn(_) => [Loss::Nothing, Loss::Everything, Loss::Halves][random.usize(..3)],
            other => other,
        };
        for file in &mut state.files {
            match draw(loss) {
                Loss::Everything => file.live = file.durable.clone(),
                Loss::Halves if file.dirty => file.live.truncate(file.live.len() / 2),
                _ => {}
            }
            (file.durable, file.dirty) = (file.live.clone(), false);
        }
        for folder in &mut state.folders {
            if let Loss::Everything = draw(loss) {
                folder.live = folder.durable.clone();
            }
            folder.durable = folder.live.clone();
        }
        drop(state);
        after
    }

    /// Every file that is there, with its path.
    pub fn all(&self) -> Vec<(String, Vec<u8>)> {
        let state = self.0.borrow();
        let mut found = vec![];
        let mut rest = vec![(String::new(), 0)];
        while let Some((path, at)) = rest.pop() {
            for (name, inode) in &state.folders[at].live {
                let path = format!("{path}{name}");
                match *inode {
                    Inode::File(at) => found.push((path, state.files[at].live.clone())),
                    Inode::Folder(at) => rest.push((format!("{path}/"), at)),
                }
            }
        }
        found
    }

    fn operation(&self) -> io::Result<()> {
        let mut state = self.0.borrow_mut();
        if state.done >= state.limit {
            return Err(io::Error::other("stopped"));
        }
        state.done += 1;
        Ok(())
    }

    fn find(&self, path: &str) -> Option<Inode> {
        let state = self.0.borrow();
        let mut at = Inode::Folder(0);
        for name in path.split('/').filter(|name| !name.is_empty()) {
            let Inode::Folder(folder) = at else { return None };
            at = *state.folders[folder].live.get(name)?;
        }
        Some(at)
    }

    fn place<'a>(&self, path: &'a str) -> io::Result<(usize, &'a str)> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        match self.find(folder) {
            Some(Inode::Folder(at)) => Ok((at, name)),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

impl Reading for Brittle {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        match self.find(path) {
            Some(Inode::File(at)) => Ok(Some(self.0.borrow().files[at].live.clone())),
            Some(Inode::Folder(_)) => Err(io::ErrorKind::IsADirectory.into()),
            None => Ok(None),
        }
    }
}

impl Files for Brittle {
    fn exists(&self, path: &str) -> io::Result<bool> {
        Ok(self.find(path).is_some())
    }

    fn make_folder(&mut self, path: &str) -> io::Result<()> {
        self.operation()?;
        let (folder, name) = self.place(path)?;
        if self.find(path).is_none() {
            let mut state = self.0.borrow_mut();
            let inode = Inode::Folder(state.folders.len());
            state.folders.push(Folder::default());
            state.folders[folder].live.insert(name.into(), inode);
        }
        Ok(())
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.operation()?;
        let (folder, name) = self.place(path)?;
        let at = match self.find(path) {
            Some(Inode::File(at)) => at,
            Some(Inode::Folder(_)) => return Err(io::ErrorKind::IsADirectory.into()),
            None => {
                let mut state = self.0.borrow_mut();
                let at = state.files.len();
                state.files.push(Content::default());
                state.folders[folder].live.insert(name.into(), Inode::File(at));
                at
            }
        };
        let file = &mut self.0.borrow_mut().files[at];
        (file.live, file.dirty) = (bytes.to_vec(), true);
        Ok(())
    }

    fn sync(&mut self, path: &str) -> io::Result<()> {
        self.operation()?;
        let Some(Inode::File(at)) = self.find(path) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let file = &mut self.0.borrow_mut().files[at];
        (file.durable, file.dirty) = (file.live.clone(), false);
        Ok(())
    }

    fn sync_folder(&mut self, path: &str) -> io::Result<()> {
        self.operation()?;
        let Some(Inode::Folder(at)) = self.find(path) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let folder = &mut self.0.borrow_mut().folders[at];
        folder.durable = folder.live.clone();
        Ok(())
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        self.operation()?;
        let (old, old_name) = self.place(from)?;
        let (new, new_name) = self.place(to)?;
        let mut state = self.0.borrow_mut();
        let inode = state.folders[old]
            .live
            .remove(old_name)
            .ok_or(io::ErrorKind::NotFound)?;
        state.folders[new].live.insert(new_name.into(), inode);
        Ok(())
    }

    fn remove_folder(&mut self, path: &str) -> io::Result<()> {
        self.operation()?;
        let (folder, name) = self.place(path)?;
        self.0.borrow_mut().folders[folder].live.remove(name);
        Ok(())
    }
}
