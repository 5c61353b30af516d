//! How many steps of a pool run at once.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use workprint_model::Digest;
use workprint_model::step::Pool;

const GPU_PLACES: u32 = 1;
const NETWORK_PLACES: u32 = 256;

/// The limits of a run.
#[derive(Debug, Clone)]
pub struct Pools {
    cpu: Places,
    gpu: Places,
    network: Places,
}

impl Pools {
    /// `jobs` steps on the CPU at once (at least one), one on the graphics card; elsewhere as many as
    /// memory holds, for each account has its own limit.
    pub fn new(jobs: usize) -> Self {
        Self {
            cpu: Places::new(jobs.clamp(1, 1024) as u32),
            gpu: Places::new(GPU_PLACES),
            network: Places::new(NETWORK_PLACES),
        }
    }

    /// How many steps run on the CPU at once.
    pub(crate) const fn jobs(&self) -> usize {
        self.cpu.all as usize
    }

    /// Waits for places, all of the pool's where it has not as many; they are given back when what this gives
    /// is dropped. First come, first served, but for what `opens` says: [`Step::opens`](crate::Step::opens).
    pub(crate) async fn enter(&self, pool: Pool, places: u32, opens: &[Digest]) -> Option<Place> {
        let of = match pool {
            Pool::Cpu => &self.cpu,
            Pool::Gpu => &self.gpu,
            Pool::Network => &self.network,
        };
        of.enter(places, opens).await
    }
}

#[derive(Debug, Clone)]
struct Places {
    all: u32,
    queue: Arc<Mutex<Queue>>,
}

#[derive(Debug)]
struct Queue {
    free: u32,
    waiting: VecDeque<Waiting>,
    /// How many of them would open something.
    openers: usize,
    open: Vec<Digest>,
    /// What was open last.
    last: Vec<Digest>,
}

#[derive(Debug)]
struct Waiting {
    places: u32,
    opens: Vec<Digest>,
    tell: oneshot::Sender<Place>,
}

/// Places of a pool.
#[derive(Debug)]
pub(crate) struct Place {
    of: Places,
    places: u32,
    opens: Vec<Digest>,
}

impl Places {
    fn new(all: u32) -> Self {
        let queue = Queue {
            free: all,
            waiting: VecDeque::new(),
            openers: 0,
            open: Vec::new(),
            last: Vec::new(),
        };
        Self {
            all,
            queue: Arc::new(Mutex::new(queue)),
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Nothing under this lock stops half way.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn enter(&self, places: u32, opens: &[Digest]) -> Option<Place> {
        let (tell, told) = oneshot::channel();
        self.queue().push(Waiting {
            places: places.clamp(1, self.all),
            opens: opens.to_vec(),
            tell,
        });
        self.serve();
        told.await.ok()
    }

    /// Lets in whoever is next, as long as there is room.
    fn serve(&self) {
        loop {
            let next = self.queue().next();
            let Some(next) = next else { return };
            let place = Place {
                of: self.clone(),
                places: next.places,
                opens: next.opens,
            };
            // Of one who no longer waits the place comes back, and the next is served.
            drop(next.tell.send(place));
        }
    }
}

impl Queue {
    fn push(&mut self, waiting: Waiting) {
        self.openers += usize::from(!waiting.opens.is_empty());
        self.waiting.push_back(waiting);
    }

    fn next(&mut self) -> Option<Waiting> {
        let at = self.turn()?;
        let next = self.waiting.remove(at)?;
        self.openers -= usize::from(!next.opens.is_empty());
        self.free -= next.places;
        self.open.extend(&next.opens);
        Some(next)
    }

    /// Whose turn it is, where there is room.
    fn turn(&self) -> Option<usize> {
        let first = |wanted: &dyn Fn(&Waiting) -> bool| {
            let there = |waiting: &Waiting| !waiting.tell.is_closed() && wanted(waiting);
            self.waiting.iter().position(there)
        };
        let any =
            |waiting: &Waiting, of: &[Digest]| waiting.opens.iter().any(|one| of.contains(one));
        let plain = |waiting: &Waiting| waiting.opens.is_empty();
        let at = if self.openers == 0 {
            first(&|_| true)
        } else if self.open.is_empty() {
            // What was opened is gone through to its end before something else is opened.
            first(&|one| any(one, &self.last)).or_else(|| first(&|one| !plain(one)))
        } else {
            let other = first(&plain).or_else(|| first(&|one| !any(one, &self.open)));
            other.or_else(|| first(&|_| true))
        }?;
        (self.waiting[at].places <= self.free).then_some(at)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        {
            let mut queue = self.of.queue();
            queue.free += self.places;
            for one in &self.opens {
                if let Some(at) = queue.open.iter().position(|open| open == one) {
                    queue.open.swap_remove(at);
                }
            }
            if !self.opens.is_empty() {
                queue.last.clone_from(&self.opens);
            }
        }
        self.of.serve();
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// Somebody in the queue.
    struct Entering<'a>(Pin<Box<dyn Future<Output = Option<Place>> + 'a>>);

    impl<'a> Entering<'a> {
        fn new(pools: &'a Pools, places: u32, opens: &'a [Digest]) -> Self {
            Self(Box::pin(pools.enter(Pool::Cpu, places, opens)))
        }

        fn place(&mut self) -> Option<Place> {
            let mut context = Context::from_waker(Waker::noop());
            match self.0.as_mut().poll(&mut context) {
                Poll::Ready(place) => Some(place.expect("a place")),
                Poll::Pending => None,
            }
        }
    }

    /// All stand in the queue of a full pool, from which then one after the other leaves; the order in which they
    /// come in.
    fn order(jobs: usize, all: &[(u32, &[Digest])]) -> Vec<usize> {
        let pools = Pools::new(jobs);
        let first = |_| Entering::new(&pools, 1, NOTHING).place();
        let mut inside: VecDeque<_> = (0..jobs).filter_map(first).collect();
        let mut queue: Vec<_> = all
            .iter()
            .map(|(places, opens)| Some(Entering::new(&pools, *places, opens)))
            .collect();
        let mut order = Vec::new();
        loop {
            for (number, entering) in queue.iter_mut().enumerate() {
                if let Some(place) = entering.as_mut().and_then(Entering::place) {
                    inside.push_back(place);
                    order.push(number);
                    *entering = None;
                }
            }
            if order.len() == all.len() {
                return order;
            }
            drop(
                inside
                    .pop_front()
                    .expect("nobody is inside, and somebody waits"),
            );
        }
    }

    const NOTHING: &[Digest] = &[];

    #[test]
    fn who_comes_first_is_served_first() {
        assert_eq!(order(2, &[(1, NOTHING); 5]), [0, 1, 2, 3, 4]);
        // One who needs more places than are free is not passed, and one who needs more than there are gets all.
        assert_eq!(
            order(2, &[(1, NOTHING), (9, NOTHING), (1, NOTHING)]),
            [0, 1, 2]
        );
    }

    #[test]
    fn what_another_has_open_is_not_opened_twice_while_there_is_something_else() {
        let (one, other) = (&[Digest::of(b"one")][..], &[Digest::of(b"other")][..]);
        // The second of `one` waits for the first; what opens nothing goes beside both.
        assert_eq!(
            order(
                2,
                &[(1, NOTHING), (1, one), (1, one), (1, NOTHING), (1, NOTHING)]
            ),
            [1, 0, 2, 3, 4]
        );
        assert_eq!(
            order(2, &[(1, one), (1, one), (1, other), (1, NOTHING)]),
            [0, 3, 1, 2]
        );
        // What was opened is gone through to its end.
        assert_eq!(order(1, &[(1, one), (1, other), (1, one)]), [0, 2, 1]);
        // Where there is nothing else nobody stands idle: another clip first, then the same.
        assert_eq!(order(2, &[(1, one), (1, one), (1, other)]), [0, 2, 1]);
        assert_eq!(order(2, &[(1, one), (1, one), (1, one)]), [0, 1, 2]);
    }

    #[test]
    fn who_no_longer_waits_keeps_nobody_out() {
        let pools = Pools::new(1);
        let inside = Entering::new(&pools, 1, NOTHING).place().expect("a place");
        let mut gone = Entering::new(&pools, 1, NOTHING);
        assert!(gone.place().is_none());
        let mut told = Entering::new(&pools, 1, NOTHING);
        assert!(told.place().is_none());
        let mut last = Entering::new(&pools, 1, NOTHING);
        assert!(last.place().is_none());
        drop(gone);
        drop(inside);
        // It was told that it has a place, and never looked.
        drop(told);
        assert!(last.place().is_some());
    }
}
