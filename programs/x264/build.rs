//! Links libx264 where it can be built against, and says so to the program; without it the program
//! builds too, and tells at run time what to install.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(have_x264)");
    println!("cargo::rerun-if-changed=src/shim.c");
    let Ok(library) = pkg_config::Config::new()
        .atleast_version("0.148")
        .probe("x264")
    else {
        println!(
            "cargo::warning=libx264 was not found: chunks are encoded by ffmpeg alone (apt install libx264-dev pkg-config)"
        );
        return;
    };
    cc::Build::new()
        .file("src/shim.c")
        .includes(&library.include_paths)
        .warnings(true)
        .compile("shim");
    println!("cargo::rustc-cfg=have_x264");
}
