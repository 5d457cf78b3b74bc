//! The selected packet: its tree as rows, its bytes, and the link between a field and its bytes.

use std::collections::BTreeSet;

use crate::bytes::{Class, Findings, Kind, Node, Tree};
use crate::explain::Explained;
use crate::protocols::{self, NONE, Outline};
use crate::trace::{Row, Trace};
use crate::tui::hunt::Pattern;

/// Reads a packet's headers, without its flow: quick, for rows, and for a first look.
pub(super) fn headers(trace: &Trace, number: u32, row: &Row, bytes: &[u8], tree: &mut Tree) -> (Findings, Outline) {
    let mut findings = Findings::keeping();
    let outline = trace.walk(number, row, bytes, &mut findings, Some(tree));
    (findings, outline)
}

/// A first look at a packet: its headers alone, until it is explained.
pub(super) fn first_look(trace: &Trace, number: u32, row: &Row, bytes: Vec<u8>) -> Explained {
    let mut tree = Tree::new();
    let (findings, outline) = headers(trace, number, row, &bytes, &mut tree);
    let mut classes = vec![Class::Unknown; bytes.len()];
    for claim in findings.claims.ranges() {
        if let Some(range) = classes.get_mut(claim.start as usize..claim.end as usize) {
            range.fill(claim.class);
        }
    }
    Explained { number, bytes, classes, tree, outline }
}

/// The place in THE LIST of the protocol whose heading this is.
pub(super) fn layer_of(node: &Node) -> Option<u8> {
    let at = protocols::LIST.iter().position(|protocol| protocol.heading == *node.field)?;
    u8::try_from(at).ok().filter(|place| *place != NONE)
}

/// Which headings the user folded or unfolded, kept between packets.
#[derive(Debug, Default)]
pub(super) struct Folds {
    open: BTreeSet<&'static str>,
    shut: BTreeSet<&'static str>,
}

impl Folds {
    /// Whether a heading is open; `open` is what it is when nobody has said.
    fn is_open(&self, name: &'static str, open: bool) -> bool {
        if open { !self.shut.contains(name) } else { self.open.contains(name) }
    }

    fn set(&mut self, name: &'static str, open: bool) {
        let (to, from) = if open { (&mut self.open, &mut self.shut) } else { (&mut self.shut, &mut self.open) };
        from.remove(name);
        to.insert(name);
    }
}

/// What of a tree's node is drawn before its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A heading whose fields are shown.
    Open,
    /// A heading whose fields are hidden.
    Shut,
    /// A field.
    Leaf,
}

/// One visible row of the tree.
#[derive(Clone, Debug)]
pub(super) struct TreeRow {
    /// Which node.
    pub(super) node: usize,
    /// The classes of the layers around it, outermost first: each is drawn as an envelope's edge.
    pub(super) around: Vec<Class>,
    /// Nesting within the innermost layer.
    pub(super) inner: usize,
    /// Fold.
    pub(super) mark: Mark,
    /// Whether it is a layer's heading.
    pub(super) layer: Option<u8>,
}

/// The selected packet.
pub(super) struct Detail {
    /// What is known of it.
    pub(super) explained: Explained,
    /// Whether its flow was replayed; else only its headers were read.
    pub(super) whole: bool,
    /// The tree's visible rows.
    pub(super) rows: Vec<TreeRow>,
    /// The selected node.
    pub(super) node: usize,
    /// The source whose bytes are shown: 0 is the packet.
    pub(super) source: u8,
    /// The byte under the cursor, in that source.
    pub(super) byte: u32,
    /// First visible row of the tree.
    pub(super) tree_top: usize,
    /// First visible row of bytes.
    pub(super) hex_top: usize,
}

impl Detail {
    /// Shows `explained`, with the selection where it was in the packet before: on the same field.
    pub(super) fn new(explained: Explained, whole: bool, folds: &Folds, before: Option<&Detail>) -> Detail {
        let nodes = explained.tree.nodes();
        let uppermost = nodes.iter().rposition(|node| layer_of(node).is_some());
        let same_field = before.and_then(|before| {
            let field = before.selected()?.field;
            let earlier = before.explained.tree.nodes().get(..before.node)?;
            let nth = earlier.iter().filter(|node| node.field == field).count();
            // A selected layer stays the uppermost one.
            let was_top = layer_of(before.selected()?).is_some() && before.uppermost() == Some(before.node);
            let mut same = nodes.iter().enumerate().filter(|(_, node)| node.field == field);
            if was_top { None } else { same.nth(nth).map(|(at, _)| at) }
        });
        let mut detail = Detail {
            explained,
            whole,
            rows: Vec::new(),
            node: 0,
            source: 0,
            byte: 0,
            tree_top: before.map_or(0, |before| before.tree_top),
            hex_top: 0,
        };
        detail.fold(folds);
        detail.select(same_field.or(uppermost).unwrap_or(0));
        if let Some(before) = before.filter(|before| before.explained.number == detail.explained.number) {
            // The same packet, better known: what one looks at stays.
            if usize::from(before.source) <= detail.explained.tree.derived().len() {
                (detail.source, detail.byte, detail.hex_top) = (before.source, before.byte, before.hex_top);
            }
        }
        detail
    }

    /// The selected node.
    pub(super) fn selected(&self) -> Option<&Node> {
        self.explained.tree.nodes().get(self.node)
    }

    fn uppermost(&self) -> Option<usize> {
        self.explained.tree.nodes().iter().rposition(|node| layer_of(node).is_some())
    }

    /// The bytes that are shown.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes_of(self.source)
    }

    fn bytes_of(&self, source: u8) -> &[u8] {
        match usize::from(source).checked_sub(1) {
            None => &self.explained.bytes,
            Some(at) => self.explained.tree.derived().get(at).map_or(&[], |derived| &derived.bytes),
        }
    }

    /// The class of each byte that is shown. Derived bytes are of their fields' classes.
    pub(super) fn classes(&self) -> Vec<Class> {
        if self.source == 0 {
            return self.explained.classes.clone();
        }
        let mut classes = vec![Class::Unknown; self.bytes().len()];
        for node in self.explained.tree.nodes().iter().filter(|node| node.source == self.source) {
            if let Some(range) = classes.get_mut(node.start as usize..node.end as usize) {
                range.fill(node.field.class);
            }
        }
        classes
    }

    /// The class of a field's bytes; of one that stands in no byte of the packet its own.
    pub(super) fn class_of(&self, node: &Node) -> Class {
        let here = if node.source == 0 && node.start < node.end {
            self.explained.classes.get(node.start as usize)
        } else {
            None
        };
        here.copied().unwrap_or(node.field.class)
    }

    /// The layer of each byte that is shown, counted from outside; none where no layer was recognised.
    pub(super) fn layers(&self) -> Vec<Option<usize>> {
        let mut layers = vec![None; self.bytes().len()];
        let nodes = self.explained.tree.nodes().iter();
        for (n, node) in nodes.filter(|node| layer_of(node).is_some()).enumerate() {
            if node.source == self.source
                && let Some(range) = layers.get_mut(node.start as usize..node.end as usize)
            {
                range.fill(Some(n));
            }
        }
        layers
    }

    /// The bytes of the selected field, if they are among those shown.
    pub(super) fn marked(&self) -> std::ops::Range<usize> {
        match self.selected() {
            Some(node) if node.source == self.source => node.start as usize..node.end as usize,
            _ => 0..0,
        }
    }

    /// The bytes of the selected field, wherever they are; of a field that stands in no byte none.
    pub(super) fn chosen_bytes(&self) -> &[u8] {
        let Some(node) = self.selected() else { return &[] };
        self.bytes_of(node.source).get(node.start as usize..node.end as usize).unwrap_or_default()
    }

    /// The packet that brought the byte under the cursor of bytes that were put together, and its place there.
    pub(super) fn origin(&self) -> Option<(u32, u32)> {
        let derived = self.explained.tree.derived().get(usize::from(self.source).checked_sub(1)?)?;
        let at = u64::from(self.byte);
        let piece = derived.origins.iter().find_map(|piece| piece.within(at, at + 1))?;
        Some((piece.packet, piece.at))
    }

    /// Makes the visible rows anew.
    pub(super) fn fold(&mut self, folds: &Folds) {
        self.rows = rows(&self.explained.tree, folds);
    }

    /// The visible row of the selected node, or of the heading that hides it.
    pub(super) fn row(&self) -> usize {
        self.rows.partition_point(|row| row.node <= self.node).saturating_sub(1)
    }

    /// Selects a node; its bytes come into view.
    pub(super) fn select(&mut self, node: usize) {
        self.node = node;
        let Some(node) = self.selected() else { return };
        if node.start < node.end {
            (self.source, self.byte) = (node.source, node.start);
        }
    }

    /// Selects the row `by` further down or up.
    pub(super) fn step(&mut self, by: isize) {
        let last = self.rows.len().saturating_sub(1);
        let row = self.row().saturating_add_signed(by).min(last);
        if let Some(node) = self.rows.get(row).map(|row| row.node) {
            self.select(node);
        }
    }

    /// Moves the cursor to a byte and selects the smallest field that stands there, unfolding what hides it.
    pub(super) fn go_to_byte(&mut self, byte: u32, folds: &mut Folds) {
        let last = (self.bytes().len() as u32).saturating_sub(1);
        self.byte = byte.min(last);
        let (source, at) = (self.source, self.byte);
        let nodes = self.explained.tree.nodes().iter().enumerate();
        let here = nodes.filter(|(_, node)| node.source == source && (node.start..node.end).contains(&at));
        // The innermost: the smallest span; of equal ones the first, which is the whole and not a part of its bits.
        let Some((found, _)) = here.min_by_key(|(_, node)| (node.end - node.start, heading(node))) else { return };
        self.node = found;
        self.reveal(folds);
    }

    /// Selects the next field whose label or value has what was searched for, or the one before; once around.
    pub(super) fn find(&mut self, pattern: &Pattern, forward: bool, folds: &mut Folds) -> bool {
        let tree = &self.explained.tree;
        let count = tree.nodes().len();
        let has = |node: &Node| {
            let text = format!("{} {} {}", node.field.name, node.field.label, tree.text(node, &self.explained.bytes));
            pattern.find(text.as_bytes()).is_some()
        };
        let places = (1..=count).map(|n| if forward { self.node + n } else { self.node + count - n } % count);
        let Some(found) = places.into_iter().find(|at| tree.nodes().get(*at).is_some_and(has)) else { return false };
        self.select(found);
        self.reveal(folds);
        true
    }

    /// Unfolds what hides the selected node.
    fn reveal(&mut self, folds: &mut Folds) {
        let nodes = self.explained.tree.nodes();
        let Some(mut depth) = self.selected().map(|node| node.depth) else { return };
        let earlier = nodes.get(..self.node).unwrap_or_default();
        for node in earlier.iter().rev() {
            if node.depth < depth {
                depth = node.depth;
                if heading(node) {
                    folds.set(node.field.name, true);
                }
                if layer_of(node).is_some() {
                    break;
                }
            }
        }
        self.fold(folds);
    }

    /// Folds or unfolds the selected heading; `None` turns it. On a field, folding goes to its heading.
    pub(super) fn set_fold(&mut self, open: Option<bool>, folds: &mut Folds) {
        let at = self.row();
        let Some(row) = self.rows.get(at) else { return };
        let (node, mark) = (row.node, row.mark);
        let name = self.explained.tree.nodes().get(node).map_or("", |node| node.field.name);
        match (mark, open) {
            (Mark::Shut, Some(true) | None) => folds.set(name, true),
            (Mark::Open, Some(false) | None) => folds.set(name, false),
            (Mark::Open, Some(true)) => return self.step(1),
            (Mark::Leaf | Mark::Shut, Some(false)) => return self.go_to_heading(at),
            (Mark::Leaf, _) => return,
        }
        self.node = node;
        self.fold(folds);
    }

    /// Selects the heading above a row.
    fn go_to_heading(&mut self, at: usize) {
        let weight = |row: &TreeRow| (row.around.len(), row.inner);
        let Some(here) = self.rows.get(at).map(weight) else { return };
        let above = self.rows.get(..at).unwrap_or_default().iter().rposition(|row| weight(row) < here);
        if let Some(node) = above.and_then(|row| self.rows.get(row)).map(|row| row.node) {
            self.select(node);
        }
    }

    /// Shows the next source of bytes, or the one before.
    pub(super) fn turn_source(&mut self, forward: bool) {
        let count = self.explained.tree.derived().len() as u8 + 1;
        self.source = if forward { (self.source + 1) % count } else { (self.source + count - 1) % count };
        let marked = self.marked();
        self.byte = marked.start as u32;
        self.hex_top = 0;
    }

    /// Scrolls so that selection and cursor are visible.
    pub(super) fn scroll(&mut self, tree_height: usize, hex_height: usize, hex_columns: usize) {
        self.tree_top = scrolled(self.tree_top, self.row(), tree_height, self.rows.len());
        let columns = hex_columns.max(1);
        let rows = self.bytes().len().div_ceil(columns);
        self.hex_top = scrolled(self.hex_top, self.byte as usize / columns, hex_height, rows);
    }
}

/// The first visible row, so that `at` is visible: as little moves as possible, but what is far away comes into the
/// middle, among its neighbours.
pub(super) fn scrolled(top: usize, at: usize, height: usize, count: usize) -> usize {
    let far = at + height < top || at >= top + height * 2;
    if far {
        return at.saturating_sub(height / 2).min(count.saturating_sub(height));
    }
    let lowest = at.saturating_sub(height.saturating_sub(1));
    top.clamp(lowest, at.max(lowest)).min(count.saturating_sub(height))
}

fn heading(node: &Node) -> bool {
    node.field.kind == Kind::Group
}

/// The visible rows. Layers' headings are always visible: folding a layer hides its fields, not what it carries.
fn rows(tree: &Tree, folds: &Folds) -> Vec<TreeRow> {
    let nodes = tree.nodes();
    let uppermost = nodes.iter().rposition(|node| layer_of(node).is_some());
    let mut rows = Vec::new();
    // Of each node around: its depth, its class if it is a layer, and whether it is open.
    let mut around: Vec<(u8, Option<Class>, bool)> = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        // The circumstances of the frame stand in the pane's title.
        if node.field.name.starts_with("frame.") && around.is_empty() {
            continue;
        }
        around.retain(|(depth, _, _)| *depth < node.depth);
        let layer = layer_of(node);
        // What a node is hidden by: the groups around it, up to its layer; a layer is not hidden by the layer around it.
        let within = around.iter().rposition(|(_, class, _)| class.is_some());
        let groups = around.get(within.map_or(0, |at| at + usize::from(layer.is_some()))..).unwrap_or_default();
        let visible = groups.iter().all(|(_, _, open)| *open);
        let parent = heading(node) || nodes.get(at + 1).is_some_and(|next| next.depth > node.depth);
        // Of the uppermost layer fields are shown, and headings of one level.
        let by_default = match layer {
            Some(_) => Some(at) == uppermost,
            None => around.iter().rev().take_while(|(_, class, _)| class.is_none()).count() < 1,
        };
        let open = folds.is_open(node.field.name, by_default);
        if visible {
            rows.push(TreeRow {
                node: at,
                around: around.iter().filter_map(|(_, class, _)| *class).collect(),
                inner: around.iter().rev().take_while(|(_, class, _)| class.is_none()).count(),
                mark: match (parent, open) {
                    (false, _) => Mark::Leaf,
                    (true, true) => Mark::Open,
                    (true, false) => Mark::Shut,
                },
                layer,
            });
        }
        if parent {
            around.push((node.depth, layer.map(|_| node.field.class), open));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrolling_moves_as_little_as_it_can() {
        assert_eq!(scrolled(0, 5, 10, 100), 0);
        assert_eq!(scrolled(0, 10, 10, 100), 1);
        assert_eq!(scrolled(50, 45, 10, 100), 45);
        assert_eq!(scrolled(50, 10, 10, 100), 5, "from far away into the middle");
        assert_eq!(scrolled(0, 99, 10, 100), 90, "the end stays at the end");
        assert_eq!(scrolled(95, 99, 10, 100), 90);
        assert_eq!(scrolled(7, 3, 0, 4), 3);
    }
}
