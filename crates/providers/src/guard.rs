//! Which addresses may be asked.
//!
//! A server of one's own network is reached over plain HTTP, or by its address; everything else over
//! HTTPS and at public addresses alone. What a name leads to is looked at when it is resolved, so that
//! neither a vendor's reply nor DNS leads a request into one's own network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// How far requests go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// This machine and private networks; what a reply names may also be public.
    Near,
    /// Public addresses, over HTTPS.
    Public,
}

/// Why an address is not asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// No URL of a server.
    #[error("it is no address of a server")]
    NoAddress,
    /// Name or password in it.
    #[error("it holds a name or a password")]
    Credentials,
    /// HTTP to somewhere else.
    #[error("over plain `http://` only servers of this machine or of a private network are asked")]
    Plain,
    /// An address of one's own network, from a server that is not of it.
    #[error("it leads into a private network")]
    Private,
    /// A name that nobody knows.
    #[error("its name is not known")]
    Unknown,
}

impl Reach {
    /// How far a configured server's requests go: decided by its text alone, so that DNS has no say.
    pub(crate) fn of(base: &Url) -> Result<Self, NotAllowed> {
        let near = literal(base).map_or_else(|| base.host_str() == Some("localhost"), is_near);
        match (base.scheme(), literal(base)) {
            ("http" | "https", _) if near => Ok(Self::Near),
            // What the name leads to is looked at when it is resolved.
            ("http", None) => Ok(Self::Near),
            ("http", Some(_)) => Err(NotAllowed::Plain),
            ("https", Some(ip)) if !is_public(ip) => Err(NotAllowed::Private),
            ("https", _) => Ok(Self::Public),
            _ => Err(NotAllowed::NoAddress),
        }
    }

    /// Whether this URL may be asked, as far as its text tells.
    pub(crate) fn check(self, url: &Url) -> Result<(), NotAllowed> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(NotAllowed::Credentials);
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(NotAllowed::NoAddress);
        }
        match (url.scheme(), self) {
            ("https", _) | ("http", Self::Near) => {}
            ("http", Self::Public) => return Err(NotAllowed::Plain),
            _ => return Err(NotAllowed::NoAddress),
        }
        match literal(url) {
            Some(ip) => self.admits(ip, url.scheme() == "http"),
            None => Ok(()),
        }
    }

    /// Whether this address may be asked; over plain HTTP only near ones.
    fn admits(self, ip: IpAddr, plain: bool) -> Result<(), NotAllowed> {
        match self {
            Self::Near if is_near(ip) => Ok(()),
            Self::Near if plain => Err(NotAllowed::Plain),
            _ if is_public(ip) => Ok(()),
            _ => Err(NotAllowed::Private),
        }
    }
}

/// The address that a URL names itself.
fn literal(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    host.trim_start_matches('[')
        .trim_end_matches(']')
        .parse()
        .ok()
}

/// Whether a URL leads to this machine itself, as its text says.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let ip = literal(url).map(|ip| ip.to_canonical().is_loopback());
    ip.unwrap_or_else(|| url.host_str() == Some("localhost"))
}

/// Loopback, private and link-local addresses (RFC 1918, RFC 4193, RFC 3927, RFC 4291).
pub(crate) fn is_near(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => {
            let first = ip.segments()[0];
            ip.is_loopback() || first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80
        }
    }
}

/// Whether everyone reaches the same machine at it: neither near nor of a range that is reserved
/// (IANA's registries of special-purpose addresses).
pub(crate) fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_4(ip),
        IpAddr::V6(ip) => is_public_6(ip),
    }
}

fn is_public_4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let reserved = a == 0
        || a >= 224
        || ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_documentation()
        || (a == 100 && b & 0xc0 == 64)
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && b & 0xfe == 18);
    !reserved
}

fn is_public_6(ip: Ipv6Addr) -> bool {
    let parts = ip.segments();
    let inner = |high: u16, low: u16| {
        is_public_4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
    };
    match (parts[0], parts[1]) {
        // Translated and tunnelled IPv4 (RFC 6052, RFC 3056).
        (0x64, 0xff9b) => inner(parts[6], parts[7]),
        (0x2002, high) => inner(high, parts[2]),
        // Teredo, benchmarks and documentation (RFC 4380, RFC 5180, RFC 3849, RFC 9637).
        (0x2001, 0..=0x01ff | 0x0db8) | (0x3fff, _) => false,
        // Global unicast is 2000::/3.
        (first, _) => first & 0xe000 == 0x2000,
    }
}

/// Resolves names, and gives no address that a request may not reach. What a name has besides is not
/// tried: a name with one wrong address is refused.
#[derive(Debug)]
pub(crate) struct Guard {
    pub(crate) reach: Reach,
    /// The configured server is asked over plain HTTP.
    pub(crate) plain: Option<String>,
}

impl Guard {
    fn admit(&self, name: &str, found: &[SocketAddr]) -> Result<(), NotAllowed> {
        let plain = self.plain.as_deref() == Some(name);
        if found.is_empty() {
            return Err(NotAllowed::Unknown);
        }
        let mut found = found.iter();
        found.try_for_each(|address| self.reach.admits(address.ip(), plain))
    }
}

/// The resolver that requests use.
#[derive(Debug, Clone)]
pub(crate) struct Guarded(pub(crate) std::sync::Arc<Guard>);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = std::sync::Arc::clone(&self.0);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            let found: Vec<SocketAddr> = found.map_err(|_| NotAllowed::Unknown)?.collect();
            guard.admit(name.as_str(), &found)?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_configured_server_says_how_far_requests_go() {
        for (text, reach) in [
            ("http://127.0.0.1:5000/v1", Ok(Reach::Near)),
            ("http://[::1]:5000", Ok(Reach::Near)),
            ("http://gpu.lan", Ok(Reach::Near)),
            ("https://10.0.0.2", Ok(Reach::Near)),
            ("https://localhost:8443", Ok(Reach::Near)),
            ("https://queue.fal.run", Ok(Reach::Public)),
            ("http://8.8.8.8", Err(NotAllowed::Plain)),
            ("https://100.64.0.1", Err(NotAllowed::Private)),
            ("ftp://127.0.0.1", Err(NotAllowed::NoAddress)),
        ] {
            assert_eq!(Reach::of(&url(text)), reach, "{text}");
        }
    }

    #[test]
    fn replies_of_public_servers_lead_to_public_servers_alone() {
        for bad in [
            "http://example.org/a.png",
            "https://127.0.0.1/a.png",
            "https://169.254.169.254/latest/meta-data",
            "https://[::ffff:10.0.0.1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[2002:7f00:1::]/",
            "https://[fd00::1]/",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://0.0.0.0/",
            "https://user@example.org/",
            "file:///etc/passwd",
            "data:image/png;base64,AAAA",
        ] {
            assert!(Reach::Public.check(&url(bad)).is_err(), "{bad}");
        }
        assert_eq!(
            Reach::Public.check(&url("https://v3.fal.media/a.png")),
            Ok(())
        );
        assert_eq!(Reach::Near.check(&url("http://127.0.0.1:1/a.png")), Ok(()));
        assert_eq!(Reach::Near.check(&url("https://8.8.8.8/a.png")), Ok(()));
        assert!(Reach::Near.check(&url("http://8.8.8.8/a.png")).is_err());
    }

    #[test]
    fn a_name_that_leads_into_a_private_network_is_refused() {
        let guard = |reach, plain: Option<&str>| Guard {
            reach,
            plain: plain.map(str::to_owned),
        };
        let at = |ip: &str| SocketAddr::new(ip.parse().unwrap(), 0);
        let public = guard(Reach::Public, None);
        assert_eq!(public.admit("a", &[at("1.1.1.1")]), Ok(()));
        let both = [at("1.1.1.1"), at("127.0.0.1")];
        assert_eq!(public.admit("a", &both), Err(NotAllowed::Private));
        assert_eq!(public.admit("a", &[]), Err(NotAllowed::Unknown));
        let near = guard(Reach::Near, Some("gpu.lan"));
        assert_eq!(near.admit("gpu.lan", &[at("10.0.0.1")]), Ok(()));
        assert_eq!(
            near.admit("gpu.lan", &[at("1.1.1.1")]),
            Err(NotAllowed::Plain)
        );
        assert_eq!(near.admit("cdn.example.org", &[at("1.1.1.1")]), Ok(()));
    }

    #[tokio::test]
    async fn names_are_looked_at_when_they_are_resolved() {
        let guarded = |reach| Guarded(std::sync::Arc::new(Guard { reach, plain: None }));
        let resolve = async |reach| guarded(reach).resolve("localhost".parse().unwrap()).await;
        assert!(resolve(Reach::Public).await.is_err());
        assert!(resolve(Reach::Near).await.is_ok());
    }
}
