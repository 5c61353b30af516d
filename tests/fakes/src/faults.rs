//! What goes wrong, and the pictures that come when nothing does.

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::KEY;

/// What a fault is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// Handing an order in.
    Submit,
    /// Asking for a job, or for the list of jobs.
    Poll,
    /// Fetching a picture.
    File,
    /// The job itself, once it was taken.
    Job,
}

/// What goes wrong. Where a vendor says something it says the key back, as some do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// This status, with nothing done; and `Retry-After` of so many seconds.
    Status(u16, Option<u32>),
    /// This status, though it was done.
    StatusAfter(u16),
    /// No answer, and nothing done.
    HangBefore,
    /// No answer, though it was done.
    HangAfter,
    /// The answer breaks off in the middle.
    Truncated,
    /// The answer comes drop by drop and never ends.
    Drip,
    /// A web page in place of the answer.
    Page,
    /// An error in a reply of status 200.
    Complaint,
    /// The way to another server.
    Redirect(String),
    /// An address in the answer leads elsewhere.
    Address(String),
    /// The job comes to nothing.
    Refuses,
    /// What the job makes is broken: half of a drawing.
    Garbles,
    /// What the job makes is a picture with nothing in it.
    Blanks,
}

impl Fault {
    /// The answer where nothing is done.
    pub(crate) fn refuses(&self) -> Option<Response> {
        match self {
            Self::Status(status, after) => {
                let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::IM_A_TEAPOT);
                let message = format!("told to answer {status} to {KEY}");
                let body = json!({
                    "detail": message,
                    "error": {"message": message, "type": "x", "param": null, "code": null},
                });
                let mut response = (status, axum::Json(body)).into_response();
                if let Some(after) = after {
                    response
                        .headers_mut()
                        .insert("retry-after", (*after).into());
                }
                Some(response)
            }
            Self::Page => {
                let page = "<!doctype html><title>Sign in</title>";
                Some(([("content-type", "text/html")], page).into_response())
            }
            Self::Complaint => {
                let message = format!("the balance of {KEY} is used up");
                let body = json!({"detail": message, "error": {"message": message}});
                Some(axum::Json(body).into_response())
            }
            Self::Redirect(to) => {
                Some((StatusCode::TEMPORARY_REDIRECT, [("location", to.clone())]).into_response())
            }
            _ => None,
        }
    }

    /// The answer, spoilt.
    pub(crate) async fn spoil(self, answered: Response) -> Response {
        let (mut parts, body) = answered.into_parts();
        let body = axum::body::to_bytes(body, 64 << 20)
            .await
            .unwrap_or_default();
        match self {
            Self::StatusAfter(status) => {
                parts.status = StatusCode::from_u16(status).unwrap_or(StatusCode::IM_A_TEAPOT);
                Response::from_parts(parts, Body::from("upstream went away"))
            }
            Self::Truncated => {
                parts.headers.insert("content-length", body.len().into());
                let half = body.slice(..body.len() / 2);
                Response::from_parts(
                    parts,
                    Body::from_stream(Drops {
                        left: Some(half),
                        ends: true,
                    }),
                )
            }
            Self::Drip => {
                let first = body.slice(..body.len().min(8));
                Response::from_parts(
                    parts,
                    Body::from_stream(Drops {
                        left: Some(first),
                        ends: false,
                    }),
                )
            }
            Self::Address(to) => {
                let text = String::from_utf8_lossy(&body).into_owned();
                let mut value: Value = serde_json::from_str(&text).unwrap_or_default();
                lead(&mut value, &to);
                parts.headers.remove("content-length");
                Response::from_parts(parts, Body::from(value.to_string()))
            }
            _ => Response::from_parts(parts, Body::from(body)),
        }
    }
}

/// Every address of a picture in a reply becomes another.
fn lead(value: &mut Value, to: &str) {
    match value {
        Value::String(text) if text.contains("/files/") || text.contains("/media/") => {
            to.clone_into(text);
        }
        Value::Array(all) => all.iter_mut().for_each(|one| lead(one, to)),
        Value::Object(all) => all.values_mut().for_each(|one| lead(one, to)),
        _ => {}
    }
}

/// Some bytes, and then an error or nothing more.
struct Drops {
    left: Option<Bytes>,
    ends: bool,
}

impl futures::Stream for Drops {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        match self.left.take() {
            Some(bytes) => std::task::Poll::Ready(Some(Ok(bytes))),
            None if self.ends => {
                let cut = std::io::Error::other("told to break off");
                std::task::Poll::Ready(Some(Err(cut)))
            }
            None => std::task::Poll::Pending,
        }
    }
}

/// A picture of 64 by 36 pixels, whose colour is of what was asked: the same for the same.
pub fn png(input: &Value) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    drawing(input, 0)
        .write_to(&mut out, image::ImageFormat::Png)
        .expect("a PNG in memory");
    out.into_inner()
}

/// A clip of ten such pictures, a second long.
pub fn gif(input: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut out);
    let frames = (0..10).map(|n| {
        let picture = image::DynamicImage::from(drawing(input, n * 6)).into_rgba8();
        let tenth = image::Delay::from_numer_denom_ms(100, 1);
        image::Frame::from_parts(picture, 0, 0, tenth)
    });
    encoder.encode_frames(frames).expect("a GIF in memory");
    drop(encoder);
    out
}

/// A picture as large as it was asked for: squares of the colour of what was asked, or nothing but black.
pub(crate) fn painting(input: &Value, blank: bool) -> Vec<u8> {
    let side = |name: &str| input["image_size"][name].as_u64().unwrap_or(512) as u32;
    let small = drawing(input, 0);
    let mut image = image::RgbImage::new(side("width"), side("height"));
    if !blank {
        for (x, y, pixel) in image.enumerate_pixels_mut() {
            let square = (x / 32 + y / 32).is_multiple_of(2);
            *pixel = if square {
                *small.get_pixel(x % 64, y % 36)
            } else {
                image::Rgb([200; 3])
            };
        }
    }
    let mut out = std::io::Cursor::new(Vec::new());
    image
        .write_to(&mut out, image::ImageFormat::Png)
        .expect("a PNG in memory");
    out.into_inner()
}

fn drawing(input: &Value, shift: u32) -> image::RgbImage {
    let asked = format!("{} {}", input["prompt"], input["seed"]);
    let mut mixed: u32 = 2_166_136_261;
    for byte in asked.bytes() {
        mixed = (mixed ^ u32::from(byte)).wrapping_mul(16_777_619);
    }
    let [r, g, b, _] = mixed.to_be_bytes();
    let mut image = image::RgbImage::new(64, 36);
    for (x, y, pixel) in image.enumerate_pixels_mut() {
        *pixel = image::Rgb([
            r,
            g.wrapping_add(((x + shift) * 2) as u8),
            b.wrapping_add((y * 3) as u8),
        ]);
    }
    image
}
