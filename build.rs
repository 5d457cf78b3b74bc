//! Says in plain words what is missing when libpcap's development files are not there.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=LIBPCAP_LIBDIR");
    let live = std::env::var_os("CARGO_FEATURE_LIVE").is_some();
    let told = std::env::var_os("LIBPCAP_LIBDIR").is_some();
    let unix = std::env::var_os("CARGO_CFG_UNIX").is_some();
    if live && unix && !told && pkg_config::probe_library("libpcap").is_err() {
        println!("cargo::error=libpcap's development files were not found. Install them:");
        println!("cargo::error=  Debian, Ubuntu: apt-get install -y libpcap-dev pkg-config");
        println!("cargo::error=  Fedora: dnf install libpcap-devel pkgconf · Arch: pacman -S libpcap pkgconf");
        println!("cargo::error=or build without live capture: cargo build --no-default-features --features zstd");
    }
}
