//! Each view is seen at three sizes, and leads where it says.

use super::*;
use crate::tui::pane::{Form, LedgerPage, NamesPage};
use crate::tui::roll::Target;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (40, 10)];

/// A view at every size, each with its classes.
fn seen(fixture: &str, keys: &str) -> String {
    let seen = |size| User::opens(fixture, size, FULL).types(keys).sees_in_colour();
    SIZES.map(seen).join("\n================\n")
}

#[test]
fn flows() {
    insta::assert_snapshot!(seen("demo.pcapng", "2"));
}

#[test]
fn the_lanes_of_a_flow() {
    insta::assert_snapshot!(seen("https-tls13.pcapng", "2<enter>"));
}

#[test]
fn the_lanes_of_a_flow_whose_window_closes() {
    let mut user = User::opens("tcp-zero-window.pcap", (120, 200), FULL);
    user.types("2<enter>");
    let screen = user.sees();
    assert!(screen.contains("window closed") && screen.contains("silence"), "{screen}");
}

#[test]
fn a_conversation() {
    insta::assert_snapshot!(seen("http-page.pcap", "2<enter>]"));
}

#[test]
fn a_conversation_as_digits_and_of_one_side() {
    let mut user = User::opens("http-page.pcap", (120, 40), FULL);
    user.types(":6<enter>f");
    assert_eq!((user.app.view, user.page()), (View::Flows, Some(FlowPage::Conversation)));
    assert!(user.sees().contains("GET / HTTP/1.1"));
    user.types("x");
    assert!(user.sees().contains("47 45 54 20"), "{}", user.sees());
    assert_eq!(user.app.opened.as_ref().map(|opened| opened.form), Some(Form::Hex));
    user.types("xz");
    assert!(!user.sees().contains("200 OK"), "only the client speaks: {}", user.sees());
    user.types("z");
    assert!(!user.sees().contains("GET / HTTP/1.1"), "only the server speaks: {}", user.sees());
}

#[test]
fn the_session_card() {
    insta::assert_snapshot!(seen("https-tls12.pcap", "2S"));
}

#[test]
fn units() {
    insta::assert_snapshot!(seen("http-page.pcap", "2u"));
}

#[test]
fn a_unit_leads_to_its_bytes() {
    let mut user = User::opens("http-page.pcap", (80, 24), FULL);
    user.types("2u");
    let target = user.app.opened.as_ref().and_then(crate::tui::pane::Opened::target);
    let Some(Target::Bytes(packet, bytes)) = target else { panic!("{target:?}") };
    user.types("<enter>");
    assert_eq!((user.packet(), user.app.focus, user.byte()), (Some(packet), Focus::Hex, bytes.start));
}

#[test]
fn the_journey_of_one_site() {
    insta::assert_snapshot!(seen("happy-eyeballs.pcap", "4"));
}

#[test]
fn the_journey_of_all_sites_and_of_one() {
    let mut user = User::opens("demo.pcapng", (120, 24), FULL);
    user.types("4");
    let all = user.sees();
    assert!(all.contains("news.example") && all.contains("shop.example"), "{all}");
    user.types("j<enter>");
    let one = user.sees();
    assert!(one.contains("TLS 1.3, 1 round trip") && !one.contains("news.example"), "{one}");
    user.types("<enter>");
    assert_eq!((user.app.view, user.packet()), (View::Packets, Some(21)));
    user.types("4<esc>");
    assert!(user.sees().contains("news.example"));
}

#[test]
fn questions() {
    insta::assert_snapshot!(seen("demo.pcapng", "5"));
}

#[test]
fn addresses_and_neighbours() {
    let mut user = User::opens("demo.pcapng", (120, 24), FULL);
    user.types("5]");
    assert_eq!(user.app.names.page, NamesPage::Addresses);
    let addresses = user.sees();
    assert!(addresses.contains("2001:db8:2::7  via gateway"), "{addresses}");
    user.types("]");
    let link = user.sees();
    insta::assert_snapshot!([addresses, link].join("\n----\n"));
    user.types("<enter>");
    assert_eq!(user.app.listing.filter(), Some("eth.addr == 00:00:5e:00:53:01"));
}

#[test]
fn exposure() {
    insta::assert_snapshot!(seen("demo.pcapng", "6"));
}

#[test]
fn exposure_by_name_host_and_over_time() {
    let mut user = User::opens("demo.pcapng", (80, 24), FULL);
    user.types("6]");
    let names = user.sees();
    let hosts = user.types("]").sees();
    let time = user.types("]").sees();
    assert_eq!(user.app.ledger.page, LedgerPage::Time);
    insta::assert_snapshot!([names, hosts, time].join("\n----\n"));
    user.types("]<enter>");
    assert_eq!(user.app.listing.filter(), Some("tcp"));
}

#[test]
fn a_tab_of_a_page_can_be_clicked() {
    let mut user = User::opens("http-page.pcap", (120, 24), FULL);
    user.types("2<enter>");
    let pages = user.app.areas().pages;
    let row = user.row_of("conversation");
    assert_eq!(row, usize::from(pages.y));
    let column = user.sees().lines().nth(row).and_then(|line| line.find("units")).expect("the tab");
    // Rules are three bytes each and one column wide.
    let line = user.sees().lines().nth(row).map(str::to_owned).unwrap_or_default();
    let x = line[..column].chars().count() as u16;
    user.clicks(x, pages.y);
    assert_eq!(user.page(), Some(FlowPage::Units));
}

#[test]
fn the_notebook_of_an_observer() {
    let mut user = User::opens("demo.pcapng", (120, 40), FULL);
    user.types("3");
    let mine = user.app.leaks.notebook().map_or(0, |notebook| notebook.known.len());
    while user.app.leaks.observer().is_some_and(|observer| observer.name != "isp") {
        user.types("o");
    }
    let theirs = user.app.leaks.notebook().map_or(0, |notebook| notebook.known.len());
    assert!(0 < theirs && theirs < mine, "{theirs} of {mine}");
    insta::assert_snapshot!(user.sees());
    // What the internet provider does not get is dark among the packets, too: the ARP question, link addresses.
    user.types("1gg");
    assert!(user.sees().contains("does not pass them"));
    user.types(":33<enter><tab>g");
    let screen = user.sees();
    assert!(!screen.contains("00:00:5e:00:53:01") && screen.contains("shop.example"), "{screen}");
    user.types("<esc>3g<enter>");
    assert_eq!((user.app.view, user.app.focus), (View::Packets, Focus::Hex));
}

#[test]
fn a_flow_is_followed_from_every_view() {
    let mut user = User::opens("demo.pcapng", (120, 40), FULL);
    // What is typed before, and the flow that is followed from there.
    for (keys, flow) in
        [("1:15<enter>", 3), ("2gjjj", 3), ("3gjj", 0), ("4gj", 10), ("5gj", 1), ("5]gj", 10), ("6]gj", 3)]
    {
        user.types(keys).types("f");
        let opened = user.app.opened.as_ref().map(|opened| (opened.flow, opened.page));
        assert_eq!(opened, Some((flow, FlowPage::Conversation)), "{keys}");
        user.types("<esc>1");
    }
    // Of many flows none is followed, and it is said.
    user.types("6").types("[[[[]]f");
    assert!(user.sees().contains("this is not about one flow"), "{}", user.sees());
    // Only its packets, from the notebook.
    user.types("3gjjF");
    assert_eq!((user.app.view, user.app.listing.flow()), (View::Packets, Some(0)));
}

#[test]
fn leaks() {
    insta::assert_snapshot!(seen("demo.pcapng", "3oooooo"));
}

#[test]
fn what_an_observer_does_not_see_is_dark_in_every_view() {
    let mut user = User::opens("demo.pcapng", (120, 40), FULL);
    user.types("5");
    assert!(user.sees().contains("news.example"));
    while user.app.leaks.observer().is_some_and(|observer| observer.name != "isp") {
        user.types("o");
    }
    // The router answers DNS itself: the provider hears no question.
    assert_eq!(user.app.names.len(), 0, "{}", user.sees());
    user.types("2");
    let flows: Vec<(u32, bool)> = user.app.flows.lines.iter().map(|line| (line.number, line.passes)).collect();
    assert!(flows.contains(&(0, false)) && flows.contains(&(3, true)), "{flows:?}");
    assert!(user.sees().contains("does not pass them"), "{}", user.sees());
    assert!(user.app.flows.lines.iter().filter(|line| line.passes).all(|line| line.ledger.of(Class::Link) == 0));
    user.types("4");
    let steps = user.sees();
    assert!(steps.contains("shop.example") && !steps.contains("AAAA?"), "{steps}");
    user.types("6");
    assert!(user.sees().contains("that pass whoever looks and are dark"), "{}", user.sees());
    let rows = |user: &User| user.app.ledger.rows().iter().map(|row| row.label.clone()).collect::<Vec<_>>();
    assert!(!rows(&user).contains(&"dns".to_owned()), "{:?}", rows(&user));
    // And with one's own eyes again everything is there.
    while user.app.leaks.is_other() {
        user.types("o");
    }
    assert!(rows(&user).contains(&"dns".to_owned()), "{:?}", rows(&user));
}

#[test]
fn what_is_said_in_a_flow_is_dark_to_who_has_no_key_of_the_link() {
    let mut user = User::opens("http-page.pcap", (120, 40), FULL);
    while user.app.leaks.observer().is_some_and(|observer| observer.name != "wifi") {
        user.types("o");
    }
    user.types("2f");
    assert!(!user.sees().contains("GET / HTTP/1.1"), "{}", user.sees());
    user.types("1");
    while user.app.leaks.is_other() {
        user.types("O");
    }
    user.types("2f");
    assert!(user.sees().contains("GET / HTTP/1.1"), "{}", user.sees());
}
