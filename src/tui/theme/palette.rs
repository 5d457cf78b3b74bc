//! The colours of each theme, for terminals of any, 256 and 16 colours.

use ratatui::style::Color;

/// One colour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tone {
    pub(super) rgb: u32,
    pub(super) sixteen: Color,
}

const fn tone(rgb: u32, sixteen: Color) -> Tone {
    Tone { rgb, sixteen }
}

/// A theme's colours.
#[derive(Debug)]
pub(super) struct Palette {
    /// In the order of the ledger.
    pub(super) classes: [Tone; 10],
    pub(super) quiet: Tone,
    pub(super) rule: Tone,
    pub(super) accent: Tone,
    /// Text on the accent.
    pub(super) on_accent: Tone,
    /// Ground of the selected row in the focused pane.
    pub(super) selected: Tone,
    /// Ground of the selected row elsewhere.
    pub(super) chosen: Tone,
}

const DARK_SIXTEEN: [Color; 10] = [
    Color::DarkGray,
    Color::Blue,
    Color::Cyan,
    Color::Yellow,
    Color::LightRed,
    Color::Magenta,
    Color::Green,
    Color::LightGreen,
    Color::DarkGray,
    Color::Gray,
];

const LIGHT_SIXTEEN: [Color; 10] = [
    Color::DarkGray,
    Color::Blue,
    Color::Cyan,
    Color::Red,
    Color::LightRed,
    Color::Magenta,
    Color::Green,
    Color::LightGreen,
    Color::Gray,
    Color::DarkGray,
];

#[allow(clippy::indexing_slicing)] // at compile time: a wrong index is an error of the build
const fn classes(rgb: [u32; 10], sixteen: [Color; 10]) -> [Tone; 10] {
    let mut tones = [tone(0, Color::Reset); 10];
    let mut at = 0;
    while at < tones.len() {
        tones[at] = tone(rgb[at], sixteen[at]);
        at += 1;
    }
    tones
}

pub(super) static DARK: Palette = Palette {
    classes: classes(
        [
            0x70_7d_94, 0x6f_9b_e8, 0x5f_c4_d0, 0xec_c0_5c, 0xf0_7a_5e, 0xe0_82_c4, 0x74_b8_6a, 0xa6_d8_8c,
            0x5a_60_68, 0x9a_a0_a8,
        ],
        DARK_SIXTEEN,
    ),
    quiet: tone(0x7a_82_8e, Color::DarkGray),
    rule: tone(0x46_4c_56, Color::DarkGray),
    accent: tone(0xc3_b4_ff, Color::Reset),
    on_accent: tone(0x10_10_18, Color::Black),
    selected: tone(0x3d_36_63, Color::Reset),
    chosen: tone(0x2b_2b_38, Color::Reset),
};

pub(super) static LIGHT: Palette = Palette {
    classes: classes(
        [
            0x5c_68_7d, 0x2a_5d_b8, 0x0f_7f_8f, 0x9a_64_00, 0xc0_38_1c, 0xa8_32_88, 0x2f_7d_2b, 0x5a_9a_3a,
            0xa0_a6_ae, 0x74_7a_82,
        ],
        LIGHT_SIXTEEN,
    ),
    quiet: tone(0x6a_72_7e, Color::DarkGray),
    rule: tone(0xc0_c6_ce, Color::Gray),
    accent: tone(0x5b_3f_c8, Color::Reset),
    on_accent: tone(0xff_ff_ff, Color::White),
    selected: tone(0xd9_d0_fb, Color::Reset),
    chosen: tone(0xe8_e8_ee, Color::Reset),
};

pub(super) static HIGH_DARK: Palette = Palette {
    classes: classes(
        [
            0xb8_c4_d8, 0x7f_b2_ff, 0x3f_f0_ff, 0xff_d7_00, 0xff_7a_50, 0xff_8c_f0, 0x50_ff_50, 0xc0_ff_90,
            0x90_98_a0, 0xff_ff_ff,
        ],
        DARK_SIXTEEN,
    ),
    quiet: tone(0xc8_cc_d4, Color::Gray),
    rule: tone(0x90_98_a4, Color::Gray),
    accent: tone(0xff_ff_ff, Color::Reset),
    on_accent: tone(0x00_00_00, Color::Black),
    selected: tone(0x00_34_a8, Color::Reset),
    chosen: tone(0x40_40_50, Color::Reset),
};

pub(super) static HIGH_LIGHT: Palette = Palette {
    classes: classes(
        [
            0x30_3a_4c, 0x00_30_b0, 0x00_58_68, 0x70_40_00, 0xa0_10_00, 0x80_00_70, 0x00_58_00, 0x2c_60_00,
            0x58_60_68, 0x00_00_00,
        ],
        LIGHT_SIXTEEN,
    ),
    quiet: tone(0x38_3e_48, Color::DarkGray),
    rule: tone(0x60_68_74, Color::DarkGray),
    accent: tone(0x38_00_a0, Color::Reset),
    on_accent: tone(0xff_ff_ff, Color::White),
    selected: tone(0xff_e4_70, Color::Reset),
    chosen: tone(0xdc_dc_e4, Color::Reset),
};

// Okabe and Ito's colours, which differ for all common kinds of sight; sealed is blue, readable warm.
pub(super) static BLIND_DARK: Palette = Palette {
    classes: classes(
        [
            0x78_80_8c, 0xa8_b0_bc, 0xd8_dc_e4, 0xe6_9f_00, 0xd5_5e_00, 0xcc_79_a7, 0x56_b4_e9, 0xa8_d8_f4,
            0x58_5e_66, 0x98_98_80,
        ],
        [
            Color::DarkGray,
            Color::Gray,
            Color::White,
            Color::Yellow,
            Color::LightRed,
            Color::Magenta,
            Color::LightBlue,
            Color::LightCyan,
            Color::DarkGray,
            Color::Gray,
        ],
    ),
    quiet: tone(0x84_8c_98, Color::DarkGray),
    rule: tone(0x46_4c_56, Color::DarkGray),
    accent: tone(0xf0_e4_42, Color::Reset),
    on_accent: tone(0x10_10_10, Color::Black),
    selected: tone(0x4c_46_18, Color::Reset),
    chosen: tone(0x2e_2e_30, Color::Reset),
};

pub(super) static BLIND_LIGHT: Palette = Palette {
    classes: classes(
        [
            0x8a_92_9e, 0x62_6a_76, 0x3a_42_4e, 0xb0_70_00, 0xb8_40_00, 0xa8_4c_80, 0x00_72_b2, 0x3a_9c_d8,
            0xb4_ba_c2, 0x7c_7c_68,
        ],
        LIGHT_SIXTEEN,
    ),
    quiet: tone(0x68_70_7c, Color::DarkGray),
    rule: tone(0xc0_c6_ce, Color::Gray),
    accent: tone(0x5c_50_00, Color::Reset),
    on_accent: tone(0xff_ff_ff, Color::White),
    selected: tone(0xf6_ee_a0, Color::Reset),
    chosen: tone(0xe8_e8_e0, Color::Reset),
};

/// The nearest of the 256 colours: of the cube of 6 x 6 x 6, or of the 24 greys.
pub(super) fn indexed(rgb: u32) -> u8 {
    const STEPS: [i32; 6] = [0, 95, 135, 175, 215, 255];
    let [_, r, g, b] = rgb.to_be_bytes().map(i32::from);
    let nearest = |value: i32| {
        let steps = STEPS.into_iter().zip(0..);
        steps.map(|(step, at)| (at, step)).min_by_key(|(_, step)| (step - value).abs()).unwrap_or((0, 0))
    };
    let away = |x: i32, y: i32, z: i32| (x - r).pow(2) + (y - g).pow(2) + (z - b).pow(2);
    let ((ri, rs), (gi, gs), (bi, bs)) = (nearest(r), nearest(g), nearest(b));
    let grey = (((r + g + b) / 3 - 8).max(0) / 10).min(23);
    let level = 8 + 10 * grey;
    let number = if away(level, level, level) < away(rs, gs, bs) { 232 + grey } else { 16 + 36 * ri + 6 * gi + bi };
    u8::try_from(number).unwrap_or(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_come_near_in_256() {
        assert_eq!(indexed(0x00_00_00), 16);
        assert_eq!(indexed(0xff_ff_ff), 231);
        assert_eq!(indexed(0xff_00_00), 196);
        assert_eq!(indexed(0x80_80_80), 244);
    }
}
