//! HTTP/1.1 (RFC 9112) to servers of one's own network: one request for each connection, bounded in
//! size and time.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use workprint_media::Cancel;

use crate::speech::SpeechError;

/// How long a server may take to accept, and to answer.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_mins(10);
/// How often a waiting request looks whether it was stopped.
const LOOK: Duration = Duration::from_millis(200);
/// The most bytes of a reply's head.
const MOST_HEAD: usize = 64 << 10;

/// A server's address.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    url: String,
    host: String,
    path: String,
    addresses: Vec<SocketAddr>,
}

impl Server {
    /// Finds a server of this machine or of a private network.
    pub(crate) fn find(url: &str) -> Result<Self, SpeechError> {
        let refused = |why: &str| SpeechError::Address {
            url: url.to_owned(),
            why: why.to_owned(),
        };
        let rest = url
            .strip_prefix("http://")
            .ok_or_else(|| refused("it does not begin with `http://`"))?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        if host.is_empty() || !rest.bytes().all(|b| b.is_ascii_graphic()) || host.contains('@') {
            return Err(refused("it is no address"));
        }
        let has_port = host
            .rsplit_once(':')
            .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let with_port = if has_port {
            host.to_owned()
        } else {
            format!("{host}:80")
        };
        let addresses: Vec<SocketAddr> = with_port
            .to_socket_addrs()
            .map_err(|_| refused("its name is not known"))?
            .collect();
        if addresses.is_empty() || !addresses.iter().all(|address| is_near(address.ip())) {
            return Err(refused("it is not of this machine or of a private network"));
        }
        Ok(Self {
            url: url.to_owned(),
            host: host.to_owned(),
            path: format!("/{}", path.trim_end_matches('/')),
            addresses,
        })
    }

    /// The address as it was given.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Asks for a path below the address; with a body, posts JSON. The reply's body, which has at most
    /// `most` bytes.
    pub(crate) fn ask(
        &self,
        path: &str,
        body: Option<&serde_json::Value>,
        most: usize,
        cancel: &Cancel,
    ) -> Result<Vec<u8>, SpeechError> {
        let mut stream = self.connect()?;
        let body = body.map(ToString::to_string);
        let own = self.path.trim_end_matches('/');
        let method = if body.is_some() { "POST" } else { "GET" };
        let mut head = format!(
            "{method} {own}/{path} HTTP/1.1\r\nHost: {}\r\nUser-Agent: workprint\r\nAccept: */*\r\nConnection: close\r\n",
            self.host
        );
        if let Some(body) = &body {
            head.push_str("Content-Type: application/json\r\n");
            head.push_str("Content-Length: ");
            head.push_str(&body.len().to_string());
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        let down = |source| self.down(source);
        stream.write_all(head.as_bytes()).map_err(down)?;
        stream
            .write_all(body.unwrap_or_default().as_bytes())
            .map_err(down)?;
        let reply = self.receive(&mut stream, most, cancel)?;
        self.body(&reply, most)
    }

    fn down(&self, source: std::io::Error) -> SpeechError {
        SpeechError::Down {
            url: self.url.clone(),
            source,
        }
    }

    fn connect(&self) -> Result<TcpStream, SpeechError> {
        let mut last = std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
        for address in &self.addresses {
            match TcpStream::connect_timeout(address, CONNECT) {
                Ok(stream) => {
                    stream
                        .set_read_timeout(Some(LOOK))
                        .and_then(|()| stream.set_write_timeout(Some(CONNECT)))
                        .map_err(|source| self.down(source))?;
                    return Ok(stream);
                }
                Err(error) => last = error,
            }
        }
        Err(self.down(last))
    }

    /// Everything that the server sends until it closes, or until the body is whole.
    fn receive(
        &self,
        stream: &mut TcpStream,
        most: usize,
        cancel: &Cancel,
    ) -> Result<Vec<u8>, SpeechError> {
        let begun = Instant::now();
        let mut reply = Vec::new();
        let mut block = vec![0; 64 << 10];
        let mut whole = None;
        loop {
            if cancel.is_cancelled() {
                return Err(SpeechError::Cancelled);
            }
            match stream.read(&mut block) {
                Ok(0) => return Ok(reply),
                Ok(count) => reply.extend_from_slice(&block[..count]),
                Err(error) if is_pause(&error) && begun.elapsed() < ANSWER => {}
                Err(error) => return Err(self.down(error)),
            }
            whole = whole.or_else(|| length(&reply));
            if whole.is_some_and(|whole| reply.len() >= whole) {
                return Ok(reply);
            }
            // Chunks have sizes between them, as long again at the very worst.
            if reply.len() > most.saturating_mul(2).saturating_add(MOST_HEAD) {
                return Err(self.too_large(most));
            }
        }
    }

    fn too_large(&self, most: usize) -> SpeechError {
        SpeechError::TooLarge {
            url: self.url.clone(),
            most,
        }
    }

    fn body(&self, reply: &[u8], most: usize) -> Result<Vec<u8>, SpeechError> {
        let broken = |what: &str| {
            self.down(std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                what.to_owned(),
            ))
        };
        let end = head_end(reply).ok_or_else(|| broken("it speaks no HTTP"))?;
        let head = String::from_utf8_lossy(&reply[..end]).into_owned();
        let status = head
            .strip_prefix("HTTP/1.")
            .and_then(|rest| rest.get(2..5))
            .and_then(|status| status.parse::<u16>().ok())
            .ok_or_else(|| broken("it speaks no HTTP"))?;
        let rest = &reply[end + 4..];
        let body = if field(&head, "transfer-encoding").is_some_and(|own| own.contains("chunked")) {
            chunks(rest).ok_or_else(|| broken("it broke off in the middle of its reply"))?
        } else {
            let wanted = field(&head, "content-length").and_then(|own| own.parse::<usize>().ok());
            if wanted.is_some_and(|wanted| rest.len() < wanted) {
                return Err(broken("it broke off in the middle of its reply"));
            }
            rest[..wanted.unwrap_or(rest.len())].to_vec()
        };
        if !(200..300).contains(&status) {
            let text = String::from_utf8_lossy(&body[..body.len().min(2000)]).into_owned();
            let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
            return Err(SpeechError::Refused {
                url: self.url.clone(),
                status,
                text: text.chars().take(300).collect(),
            });
        }
        if body.len() > most {
            return Err(self.too_large(most));
        }
        Ok(body)
    }
}

/// Loopback, private and link-local addresses (RFC 1918, RFC 4193, RFC 3927, RFC 4291).
fn is_near(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => {
            let first = ip.segments()[0];
            ip.is_loopback() || first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80
        }
    }
}

fn is_pause(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), WouldBlock | TimedOut | Interrupted)
}

fn head_end(reply: &[u8]) -> Option<usize> {
    let head = &reply[..reply.len().min(MOST_HEAD)];
    head.windows(4).position(|part| part == b"\r\n\r\n")
}

/// How long a reply is that says so.
fn length(reply: &[u8]) -> Option<usize> {
    let end = head_end(reply)?;
    let head = String::from_utf8_lossy(&reply[..end]).into_owned();
    let body: usize = field(&head, "content-length")?.parse().ok()?;
    end.checked_add(4)?.checked_add(body)
}

fn field(head: &str, name: &str) -> Option<String> {
    head.lines().skip(1).find_map(|line| {
        let (own, value) = line.split_once(':')?;
        own.trim()
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().to_ascii_lowercase())
    })
}

/// A body that comes in chunks.
fn chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|part| part == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..end]).ok()?;
        let size = size.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        rest = &rest[end + 2..];
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size.checked_add(2)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_near_servers_are_asked() {
        assert!(Server::find("http://127.0.0.1:5000").is_ok());
        assert!(Server::find("http://[::1]:5000/v1/").is_ok());
        for url in [
            "https://127.0.0.1",
            "http://8.8.8.8/v1",
            "http://user@127.0.0.1",
            "http:///x",
            "ftp://x",
            "http://127.0.0.1\r\nx: y",
        ] {
            assert!(Server::find(url).is_err(), "{url}");
        }
    }

    #[test]
    fn chunks_are_joined_or_broken() {
        assert_eq!(
            chunks(b"3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n").as_deref(),
            Some(&b"abcde"[..])
        );
        for broken in [
            &b"3\r\nab"[..],
            b"",
            b"x\r\n",
            b"ffffffffffffffff\r\nab\r\n",
            b"3\r\nabc\r\n",
        ] {
            assert_eq!(chunks(broken), None);
        }
    }
}
