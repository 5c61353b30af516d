//! Where vendors call while a render waits for what it ordered.
//!
//! A show names an address under which the world reaches this machine (`[engines.webhooks]`). Whatever goes wrong here is told
//! and costs nothing but questions: without a call, a vendor is asked.

use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::task::JoinSet;
use workprint_engine::{Purchase, Run};
use workprint_model::Diagnostic;
use workprint_model::webhook::WebhookSpec;
use workprint_providers::webhook::{NoAddress, Refusals, Webhooks};
use workprint_stages::Tools;
use workprint_store::Store;

use crate::{Host, Production, with_causes};

/// Serves HTTP at a socket for as long as it is polled, and hands what comes to those who wait for it. The socket does not
/// block.
pub type Receiver = fn(TcpListener, Arc<Webhooks>) -> BoxFuture<'static, ()>;

/// What a show says of calls that cannot be so.
pub(crate) fn check(spec: &WebhookSpec) -> Vec<Diagnostic> {
    let mut wrong = Vec::new();
    if let Some(address) = &spec.address
        && let Err(why) = Webhooks::check(address)
    {
        wrong.push(bad_address("`engines.webhooks.address`", why));
    }
    if socket(spec).is_none() {
        let message = format!(
            "`engines.webhooks.listen` is no place to listen: `{}`",
            spec.listen()
        );
        let hint = "write an address of this machine and a port: `127.0.0.1:8760`";
        wrong.push(Diagnostic::error("webhooks.listen", message).hint(hint));
    }
    if spec.address.is_some() && spec.address_env.is_some() {
        let message = "`engines.webhooks` has an `address` and an `address_env`";
        let problem = Diagnostic::error("webhooks.address", message);
        wrong.push(problem.hint("leave one of them out"));
    }
    if spec.listen.is_some() && spec.address.is_none() && spec.address_env.is_none() {
        let message = "`engines.webhooks` has no `address`, so nobody is told where to call";
        let problem = Diagnostic::error("webhooks.address", message);
        wrong.push(problem.hint("write the address under which the world reaches this machine"));
    }
    let file = |problem: Diagnostic| problem.in_file("show.toml");
    wrong.into_iter().map(file).collect()
}

fn bad_address(place: &str, why: NoAddress) -> Diagnostic {
    let message = format!("vendors cannot call at {place}: {why}");
    let hint =
        "write the address of a tunnel or a reverse proxy: `https://studio.example.org/calls`";
    Diagnostic::error("webhooks.address", message).hint(hint)
}

/// Where this machine listens; port 0 would be another one each time.
fn socket(spec: &WebhookSpec) -> Option<SocketAddr> {
    let found: SocketAddr = spec.listen().parse().ok()?;
    (found.port() != 0).then_some(found)
}

/// An open ear for vendors; closed when it is dropped.
#[derive(Debug)]
pub(crate) struct Ears {
    refused: Refusals,
    _serving: JoinSet<()>,
}

impl Ears {
    /// Opens one where the show asks for it, something will be ordered and somebody serves HTTP. The diagnostic says why not.
    pub(crate) fn open(
        host: &Host,
        production: &Production,
        (store, tools): (&Store, &Tools),
        purchases: &[Purchase],
    ) -> Result<Option<Self>, Box<Diagnostic>> {
        let spec = &production.show.engines.webhooks;
        let (Some(receiver), Some(address)) = (host.receiver, host.address(spec)) else {
            return Ok(None);
        };
        if purchases.is_empty() {
            return Ok(None);
        }
        let bad = |why| {
            let place = spec.address_env.as_ref();
            let place = place.map_or_else(String::new, |name| format!("the variable `{name}`"));
            let why = bad_address(&place, why).message;
            deaf(&why, "mend it, and render again")
        };
        Webhooks::check(&address).map_err(bad)?;
        let secret = secret(store)?;
        let listener = listen(spec)?;
        let clock = host.clock.clone();
        let (webhooks, refused) =
            Webhooks::new(&address, &secret, move || clock.now()).map_err(bad)?;
        tools.engines.hear_by(Arc::clone(&webhooks));
        let mut serving = JoinSet::new();
        serving.spawn(receiver(listener, webhooks));
        Ok(Some(Self {
            refused,
            _serving: serving,
        }))
    }

    /// Does some work, and tells meanwhile of the calls that are not heard.
    pub(crate) async fn hear_during<T>(
        ears: Result<Option<Self>, Box<Diagnostic>>,
        run: &Run<Tools>,
        work: impl Future<Output = T>,
    ) -> T {
        let mut ears = match ears {
            Ok(Some(ears)) => ears,
            Ok(None) => return work.await,
            Err(why) => {
                run.diagnose(*why);
                return work.await;
            }
        };
        let told = async {
            while let Some(why) = ears.refused.recv().await {
                let problem = Diagnostic::warning("webhooks.refused", why.to_string());
                run.diagnose(problem.hint("nothing is lost: the vendor is asked all the same"));
            }
            std::future::pending().await
        };
        tokio::select! {
            done = work => done,
            never = told => never,
        }
    }
}

/// What only this show knows.
fn secret(store: &Store) -> Result<[u8; 32], Box<Diagnostic>> {
    let new = Webhooks::chance();
    let new = new.ok_or_else(|| deaf("the machine gives no random numbers", "mend the machine"))?;
    store.secret(new).map_err(|error| {
        let hint = error.hint();
        let hint = hint
            .as_deref()
            .unwrap_or("see whether `.workprint` can be written");
        deaf(&with_causes(&error), hint)
    })
}

/// The place where this machine listens, taken.
fn listen(spec: &WebhookSpec) -> Result<TcpListener, Box<Diagnostic>> {
    let taken = socket(spec)
        .ok_or_else(|| std::io::Error::other("it is no place"))
        .and_then(TcpListener::bind)
        .and_then(|listener| listener.set_nonblocking(true).map(|()| listener));
    taken.map_err(|error| {
        let why = format!("nobody can listen at `{}`: {error}", spec.listen());
        let hint = "give another port as `engines.webhooks.listen`, and lead the tunnel there";
        deaf(&why, hint)
    })
}

/// Why vendors are not told where to call.
fn deaf(why: &str, hint: &str) -> Box<Diagnostic> {
    let message = format!("vendors are not told where to call: {why}");
    Box::new(Diagnostic::warning("webhooks.deaf", message).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_vendors_can_call_is_an_address() {
        let spec = |address: &str, listen: &str| WebhookSpec {
            address: Some(address.to_owned()),
            listen: Some(listen.to_owned()),
            ..WebhookSpec::default()
        };
        for good in [
            "https://studio.example.org",
            "https://a.example:8443/calls/",
            "http://127.0.0.1:8760/x",
            "http://localhost:1",
            "http://[::1]:9",
        ] {
            assert_eq!(check(&spec(good, "[::]:8760")), Vec::new(), "{good}");
        }
        for bad in [
            "http://studio.example.org",
            "http://192.168.0.7/",
            "https://me@studio.example.org",
            "https://studio.example.org/?a=1",
            "https://studio.example.org/#a",
            "ftp://127.0.0.1/",
            "https://",
            "https://a b/",
        ] {
            assert_eq!(check(&spec(bad, "127.0.0.1:1")).len(), 1, "{bad}");
        }
        for bad in ["8760", "localhost:8760", "127.0.0.1", "127.0.0.1:0", ""] {
            let told = check(&spec("https://a.example", bad));
            assert_eq!(told.len(), 1, "{bad}: {told:?}");
        }
        assert_eq!(check(&WebhookSpec::default()), Vec::new());
        let alone = WebhookSpec {
            listen: Some("127.0.0.1:1".to_owned()),
            ..WebhookSpec::default()
        };
        assert_eq!(check(&alone).len(), 1);
    }
}
