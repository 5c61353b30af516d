//! What comes to the ear that is open for vendors: bounded, whoever it is.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use workprint_server::{Bounds, receive_within};
use workprint_studio::Webhooks;

/// An ear; it closes with the runtime.
fn open(bounds: Bounds) -> (tokio::runtime::Runtime, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let at = listener.local_addr().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (webhooks, refusals) = Webhooks::new("https://a.example", &[7; 32], || 0).unwrap();
    drop(runtime.spawn(async move {
        let _refusals = refusals;
        receive_within(bounds, listener, &webhooks).await;
    }));
    (runtime, at)
}

/// What a request is answered with, as far as it is answered.
fn asked(at: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(at).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_mins(1)))
        .unwrap();
    drop(stream.write_all(request));
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer));
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn who_knows_no_address_is_turned_away_without_being_listened_to() {
    let (_runtime, at) = open(Bounds {
        connections: 8,
        limit: Duration::from_secs(30),
    });
    let begun = Instant::now();
    // More is promised than ever comes.
    let big = b"POST /x.00 HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\nx";
    for request in [
        &b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"[..],
        b"GET /favicon.ico HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /0f4c1d6e-8f5b-8a51-8d3e-5a1c9e7b2f60.00 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}",
        big,
    ] {
        let answer = asked(at, request);
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
        assert!(answer.ends_with("\r\n\r\n"), "nothing is told: {answer}");
    }
    let long = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", "a".repeat(64 << 10));
    let answer = asked(at, long.as_bytes());
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 431 "),
        "{answer}"
    );
    let answer = asked(at, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03");
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 400 "),
        "{answer}"
    );
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "somebody was waited for"
    );
}

#[test]
fn who_says_nothing_makes_room_for_others() {
    let limit = Duration::from_millis(400);
    let (_runtime, at) = open(Bounds {
        connections: 2,
        limit,
    });
    let begun = Instant::now();
    let mut idle: Vec<TcpStream> = (0..4).map(|_| TcpStream::connect(at).unwrap()).collect();
    idle[0].write_all(b"POST / HTTP/1.1\r\nHost: ").unwrap();
    let answer = asked(at, b"POST / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    // Four were before it, two at a time.
    assert!(
        begun.elapsed() >= 2 * limit,
        "more were served at once than may be"
    );
}
