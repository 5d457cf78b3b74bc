//! Keys in, what they do out: searching, copying, marking, writing, dragging.

use super::*;
use crate::tui::app::Errand;
use crate::tui::ask::Question;

impl User {
    fn copied(&mut self) -> String {
        use base64::Engine as _;
        let Some(Errand::Copy(sequence)) = self.app.errand.take() else { panic!("nothing was copied") };
        let coded = sequence.strip_prefix("\x1b]52;c;").and_then(|rest| rest.strip_suffix('\x07')).expect("OSC 52");
        let bytes = base64::engine::general_purpose::STANDARD.decode(coded).expect("base64");
        String::from_utf8(bytes).expect("text")
    }

    fn asked(&self) -> Option<Question> {
        match &self.app.overlay {
            Overlay::Ask(prompt) => Some(prompt.question),
            _ => None,
        }
    }
}

#[test]
fn text_is_found_in_lines_layers_and_bytes() {
    let mut user = User::opens("demo.pcapng", (80, 24), FULL);
    user.types("\\clienthello<enter>");
    assert_eq!(user.packet(), Some(32), "a part of it is the first");
    user.types("n");
    assert_eq!(user.packet(), Some(33));
    // In the layers.
    user.types("<tab>\\cipher suites length<enter>");
    assert_eq!(user.field(), "tls.handshake.cipher_suites_length");
    // In the bytes of other packets.
    user.types("<tab>\\0x474554<enter>");
    assert_eq!((user.packet(), user.app.focus), (Some(15), Focus::Hex));
    user.types("n");
    assert_eq!(user.packet(), Some(19));
    user.types("N");
    assert_eq!(user.packet(), Some(15));
    user.types("\\/no such thing/<enter>");
    assert!(user.sees().contains("is not there"));
    user.types("\\/(/<enter>");
    assert_eq!(user.asked(), Some(Question::Search), "a wrong expression stays to be mended");
}

#[test]
fn a_filter_is_applied_while_it_is_typed_and_taken_back() {
    let mut user = User::opens("demo.pcapng", (80, 24), FULL);
    let all = user.app.listing.len();
    user.types("/dns");
    assert!(user.app.listing.len() < all);
    user.types("<esc>");
    assert_eq!(user.app.listing.len(), all);
}

#[test]
fn names_of_fields_go_on_with_tab_and_filters_come_again() {
    let mut user = User::opens("demo.pcapng", (80, 24), FULL);
    user.types("/tls.handshake.extensions_server_n");
    assert!(user.sees().contains("tls.handshake.extensions_server_name"), "{}", user.sees());
    user.types("<tab> == ");
    assert!(user.sees().contains("\"shop.example\""), "{}", user.sees());
    user.types("<tab><enter>");
    assert_eq!(user.packet(), Some(33));
    user.types("<esc>/<up>");
    let Overlay::Ask(prompt) = &user.app.overlay else { panic!("the question is open") };
    assert_eq!(prompt.input.value(), "tls.handshake.extensions_server_name == \"shop.example\"");
}

#[test]
fn the_selected_field_becomes_a_filter() {
    let mut user = User::opens("demo.pcapng", (80, 24), FULL);
    user.types(":3<enter><tab>\\udp.dstport<enter>=<enter>");
    assert_eq!(user.app.listing.filter(), Some("udp.dstport == 53"));
}

#[test]
fn bytes_are_copied_in_every_form() {
    let mut user = User::opens("demo.pcapng", (80, 24), FULL);
    user.types(":3<enter><tab>\\udp.dstport<enter>");
    for (words, copied) in [
        ("value", "53"),
        ("field as a filter", "udp.dstport == 53"),
        ("hexadecimal", "00 35"),
        ("rust", "const BYTES: [u8; 2] = [\n    0x00, 0x35,\n];\n"),
        ("c array", "unsigned char bytes[2] = {\n    0x00, 0x35,\n};\n"),
        ("as text", "\\x005"),
    ] {
        user.types(&format!("y{words}<enter>"));
        assert_eq!(user.copied(), copied, "{words}");
    }
    user.types("yjson<enter>");
    assert!(user.copied().lines().all(|line| line.starts_with("{\"v\":1,\"kind\":\"node\"")));
}

#[test]
fn the_list_of_commands() {
    let mut user = User::opens("demo.pcapng", (80, 24), FULL);
    user.types(":");
    insta::assert_snapshot!(user.sees());
    user.types("journey<enter>");
    assert_eq!(user.app.view, View::Journey);
    user.types(":44<enter>");
    assert_eq!((user.app.view, user.packet()), (View::Packets, Some(44)));
}

#[test]
fn a_field_is_explained() {
    let mut user = User::opens("demo.pcapng", (80, 40), FULL);
    user.types(":3<enter><tab>\\ip.ttl<enter>e");
    insta::assert_snapshot!(user.sees());
    user.types("<esc>");
    assert!(matches!(user.app.overlay, Overlay::None));
}

#[test]
fn marks_notes_and_the_way_between_them() {
    let mut user = User::opens("demo.pcapng", (80, 24), FULL);
    user.types(":5<enter>m:9<enter>Mthe first try<enter>");
    assert!(user.sees().contains("« the first try »"), "{}", user.sees());
    user.types("gg'");
    assert_eq!(user.packet(), Some(5));
    user.types("'");
    assert_eq!(user.packet(), Some(9));
    user.types("'m");
    assert_eq!(user.app.jottings.packets().collect::<Vec<_>>(), [9]);
}

#[test]
fn marked_packets_are_written_with_their_notes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out.pcapng");
    let mut user = User::opens("demo.pcapng", (80, 24), FULL);
    user.types(":5<enter>m:9<enter>Mlook here<enter>W");
    let Overlay::Ask(prompt) = &mut user.app.overlay else { panic!("a file is asked for") };
    prompt.input = path.display().to_string().into();
    user.types("<enter>");
    assert!(user.sees().contains("2 packets written"), "{}", user.sees());
    let mut pass = crate::trace::Pass::new(Source::open(&path).expect("what was written"));
    assert_eq!(pass.run().rows().len(), 2);
    let comments: Vec<_> = pass.source().comments().iter().map(|comment| comment.text.clone()).collect();
    assert_eq!(comments, ["look here"]);
    // What is there is not overwritten.
    user.types("W");
    let Overlay::Ask(prompt) = &mut user.app.overlay else { panic!("a file is asked for") };
    prompt.input = path.display().to_string().into();
    user.types("<enter>");
    assert!(user.sees().contains("cannot be written"), "{}", user.sees());
}

#[test]
fn times_count_from_a_packet_and_are_told_otherwise() {
    let mut user = User::opens("https-tls13.pcapng", (80, 24), FULL);
    assert!(user.sees().contains("0.0171"));
    user.types(":4<enter>r");
    assert!(user.sees().contains(" 0.0000"), "{}", user.sees());
    user.types("rt");
    assert!(user.sees().contains("Delta"));
    user.types("t");
    assert!(user.sees().contains("Time (UTC)"));
}

#[test]
fn the_rules_between_panes_can_be_dragged() {
    let mut user = User::opens("demo.pcapng", (120, 40), FULL);
    let before = user.app.areas();
    user.drags((10, before.titles.y), (10, 10));
    assert_eq!(user.app.areas().titles.y, 10);
    let before = user.app.areas();
    user.drags((before.tree.right(), before.tree.y + 1), (40, before.tree.y + 1));
    let after = user.app.areas();
    assert!(after.tree.width < before.tree.width && after.hex.width > before.hex.width);
    // A byte is still where it is drawn.
    user.clicks(after.hex.x + 7 + 3, after.hex.y);
    assert_eq!(user.byte(), 1);
}

#[test]
fn what_was_put_together_leads_to_the_packet_that_brought_it() {
    let mut user = User::opens("demo.pcapng", (120, 40), FULL);
    user.types(":33<enter><tab><tab>g");
    let detail = user.app.detail.as_ref().expect("a packet");
    assert_eq!((detail.source, detail.origin().map(|(packet, _)| packet)), (1, Some(32)));
    user.types("<enter>");
    assert_eq!(user.packet(), Some(32));
}

#[test]
fn themes_go_round_and_the_last_has_no_colour() {
    let mut user = User::opens("https-tls13.pcapng", (80, 24), FULL);
    let names = ["light", "high-contrast", "colour-blind", "mono", "dark"];
    for name in names {
        user.types("T");
        assert!(user.sees().contains(&format!("theme: {name}")), "{}", user.sees());
    }
}

#[test]
fn going_to_the_shell_is_asked_of_the_terminal() {
    let mut user = User::opens("https-tls13.pcapng", (80, 24), FULL);
    user.app.event(&Event::Key(KeyEvent::new(KeyCode::Char('z'), KeyModifiers::CONTROL)));
    assert_eq!(user.app.errand.take(), Some(Errand::Suspend));
}

#[test]
fn wide_characters_stay_in_their_columns() {
    let mut user = User::opens("demo.pcapng", (80, 24), FULL);
    user.types("M日本語の注釈<enter>");
    let screen = user.sees();
    assert!(screen.contains("日"), "{screen}");
    user.types("/http.host == \"日本\"");
    assert!(user.sees().contains("日"), "{}", user.sees());
}

#[test]
fn packets_are_sorted_by_a_column_the_other_way_and_no_more() {
    let mut user = User::opens("demo.pcapng", (120, 40), FULL);
    let lengths = |user: &User| user.app.lines.iter().map(|line| line.length).collect::<Vec<_>>();
    user.types("slength<enter>");
    assert!(lengths(&user).is_sorted_by(|a, b| a >= b), "{:?}", lengths(&user));
    assert!(user.sees().contains("Len▾"), "{}", user.sees());
    assert_eq!(user.packet(), Some(32), "the first of the longest");
    user.types("slength<enter>");
    assert!(lengths(&user).is_sorted(), "{:?}", lengths(&user));
    // A packet that was found so stays selected among its neighbours.
    user.types("g");
    let shortest = user.packet().expect("a packet");
    user.types("slength<enter>");
    assert_eq!((user.packet(), user.app.listing.order()), (Some(shortest), None));
    assert!(user.app.lines.iter().is_sorted_by_key(|line| line.number));
}

#[test]
fn text_and_addresses_are_sorted_and_what_is_filtered_too() {
    let mut user = User::opens("demo.pcapng", (120, 40), FULL);
    user.types("/dns<enter>ssource<enter>");
    let sources: Vec<String> = user.app.lines.iter().map(|line| line.source.clone()).collect();
    assert_eq!(sources.len(), 12);
    assert!(
        sources.iter().position(|source| source == "192.168.1.23") > sources.iter().rposition(|s| s == "192.168.1.1")
    );
    let begins = |user: &User| {
        let begin = |what: &str| what.chars().take(16).collect::<String>().to_lowercase();
        user.app.lines.iter().map(|line| begin(&line.what)).collect::<Vec<_>>()
    };
    user.types("swhat<enter>");
    assert!(begins(&user).is_sorted(), "{:?}", begins(&user));
    // Without the filter the order stays.
    user.types("<esc>");
    assert_eq!(user.app.listing.len(), 106);
    user.types("g");
    assert!(begins(&user).is_sorted(), "{:?}", begins(&user));
    user.types(":33<enter>");
    assert_eq!(user.packet(), Some(33));
}

#[test]
fn a_click_on_a_title_sorts() {
    let mut user = User::opens("demo.pcapng", (120, 40), FULL);
    let head = user.app.areas().list_head;
    let x = |user: &User, title: &str| {
        let line = user.sees().lines().nth(head.y.into()).map(str::to_owned).unwrap_or_default();
        line.split(title).next().map_or(0, |before| before.chars().count()) as u16
    };
    let at = x(&user, "Len");
    user.clicks(at, head.y);
    assert!(user.sees().contains("Len▾"), "{}", user.sees());
    user.types("2");
    let (head, at) = (user.app.areas().rows_head, x(&user, "Bytes"));
    user.clicks(at, head.y);
    assert!(user.sees().contains("Bytes▾"), "{}", user.sees());
    assert_eq!(user.app.flows.selected_flow(11), Some(10), "the largest flow");
}

#[test]
fn flows_are_sorted_and_open_from_where_they_stand() {
    let mut user = User::opens("demo.pcapng", (120, 40), FULL);
    user.types("2sname<enter>");
    let names: Vec<_> =
        user.app.flows.lines.iter().filter_map(|line| line.name.clone()).map(|(name, _)| name).collect();
    assert_eq!(names, ["news.example", "news.example", "shop.example"]);
    user.types("jj<enter>");
    assert_eq!(user.app.opened.as_ref().map(|opened| opened.flow), Some(10));
    // The flow of a packet is found in the sorted list.
    user.types("1:15<enter>f<esc>");
    assert_eq!(user.app.flows.selected_flow(11), Some(3));
}

#[test]
fn a_filter_that_rows_answer_finds_what_reading_finds() {
    let mut user = User::opens("demo.pcapng", (80, 24), FULL);
    let long: Vec<u32> = {
        let trace = user.shared.trace();
        (1..).zip(trace.rows()).filter(|(_, row)| row.length > 1000).map(|(number, _)| number).collect()
    };
    user.types("/frame.len > 1000");
    assert_eq!(user.app.listing.shown(), Some(long.as_slice()));
    // The same, but bytes must be read to know it.
    user.types(" and frame<enter>");
    assert_eq!(user.app.listing.shown(), Some(long.as_slice()));
    // What only the whole capture tells: which request has a cookie.
    user.types("<esc>/leak.http.cookie<enter>");
    assert_eq!(user.app.listing.shown(), Some([19].as_slice()), "{}", user.sees());
}

#[test]
fn the_columns_are_those_of_the_settings() {
    let text = "columns = [\"length\", \"protocol\", \"flow\", \"what\"]";
    let config = Config::parse(text, Path::new("config.toml")).expect("settings");
    let user = User::with(config, "demo.pcapng", (80, 24), FULL);
    let head = user.sees().lines().nth(1).map(str::to_owned).unwrap_or_default();
    assert_eq!(head.split_whitespace().collect::<Vec<_>>(), ["Len", "Proto", "Flow", "What"]);
    assert!(user.sees().contains("  72 DNS        0 query HTTPS? news.example"), "{}", user.sees());
}

#[test]
fn the_wheel_scrolls_and_another_size_is_drawn_anew() {
    let mut user = User::opens("demo.pcapng", (80, 24), FULL);
    let turn = |user: &mut User, kind| {
        user.app.event(&Event::Mouse(MouseEvent { kind, column: 10, row: 5, modifiers: KeyModifiers::NONE }));
        user.looks();
    };
    turn(&mut user, MouseEventKind::ScrollDown);
    assert_eq!(user.packet(), Some(4));
    turn(&mut user, MouseEventKind::ScrollUp);
    assert_eq!(user.packet(), Some(1));
    user.app.event(&Event::Resize(40, 10));
    user.looks();
    assert_eq!(user.sees().lines().map(|line| line.chars().count()).max(), Some(40));
    assert!(user.sees().contains("query HTTPS? news.example"), "{}", user.sees());
}
