//! Round numbers for axes, and how they are written.

use super::lettering::width;
use crate::plain_text::grouped;

/// A marked place on an axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    pub(super) at: f64,
    pub(super) label: String,
}

/// An axis from 0 to its last tick.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Counts {
    pub(super) ticks: Vec<Tick>,
    pub(super) end: f64,
    /// What the abbreviation in the labels means.
    pub(super) unit: Option<&'static str>,
}

/// The most steps of an axis of counts.
const MOST_STEPS: f64 = 6.0;

/// An axis of counts that reaches at least to `greatest`, with 2 to 6 steps; `None` where that is
/// not a number to draw.
pub(super) fn counts(greatest: f64) -> Option<Counts> {
    let greatest = if greatest == 0.0 { 1.0 } else { greatest };
    if !(greatest.is_finite() && greatest > 0.0) {
        return None;
    }
    // The step is the least of 1, 2, 5, 10 times a power of ten that needs few enough
    // steps.
    let mut power = (greatest / MOST_STEPS).log10().floor();
    let mut mantissa = 1.0;
    while mantissa * 10f64.powf(power) * MOST_STEPS < greatest {
        (mantissa, power) = match mantissa {
            1.0 => (2.0, power),
            2.0 => (5.0, power),
            _ => (1.0, power + 1.0),
        };
        if power > 308.0 {
            return None;
        }
    }
    // People are counted in whole numbers.
    if greatest >= 2.0 && power < 0.0 {
        (mantissa, power) = (1.0, 0.0);
    }
    let step = multiple(mantissa, power);
    let steps = (greatest / step - 1e-9).ceil().max(1.0);
    let end = steps * step;
    if !(step > 0.0 && end.is_finite()) {
        return None;
    }

    let (divisor, suffix, unit) = match end {
        e if e <= 1e6 => (0.0, "", None),
        e if e <= 1e9 => (6.0, " M", Some("M: million")),
        e if e <= 1e12 => (9.0, " bn", Some("bn: billion, 10⁹")),
        _ => (f64::NAN, "", None),
    };
    let scientific = divisor.is_nan() || power < -3.0;
    let decimals = [0.0, 1.0, 2.0]
        .iter()
        .take_while(|&&shift| power - divisor + shift < 0.0)
        .count();
    let ticks = (0..=6)
        .map(f64::from)
        .take_while(|&i| i <= steps)
        .map(|i| {
            let label = match i {
                0.0 => "0".to_owned(),
                i if scientific => format!("{:e}", multiple(i * mantissa, power)),
                i => {
                    let value = multiple(i * mantissa, power - divisor);
                    format!("{}{suffix}", grouped(value, decimals))
                }
            };
            Tick {
                at: i * step,
                label,
            }
        })
        .collect();
    Some(Counts { ticks, end, unit })
}

/// Round numbers from below the lower end to above the upper one; `None` where they are no numbers to draw.
pub(super) fn between(low: f64, high: f64) -> Option<Vec<Tick>> {
    let step = counts(high - low)?.ticks.get(1)?.at;
    let (first, last) = ((low / step).floor(), (high / step).ceil());
    let furthest = first.abs().max(last.abs());
    if furthest.is_nan() || furthest >= 1e9 {
        return None;
    }
    // Steps are counted, since sums of them are not exact.
    let ticks = (0..=20).map(|i| first + f64::from(i));
    let ticks = ticks.take_while(|i| *i <= last.max(first + 1.0)).map(|i| {
        let at = i * step;
        Tick {
            at,
            label: number(at),
        }
    });
    Some(ticks.collect())
}

/// A number in three or four digits.
pub(super) fn number(x: f64) -> String {
    let size = x.abs();
    if size >= 1e9 || (size < 1e-4 && size > 0.0) {
        return format!("{x:.2e}");
    }
    let decimals = match size {
        s if s >= 100.0 || s == 0.0 => 0,
        s if s >= 10.0 => 1,
        s if s >= 1.0 => 2,
        s if s >= 0.1 => 3,
        s if s >= 0.01 => 4,
        _ => 5,
    };
    let text = grouped(size, decimals);
    let text = if decimals > 0 {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    if x < 0.0 {
        format!("−{text}")
    } else {
        text.to_owned()
    }
}

/// `mantissa` times ten to the power, without the error of a negative power of ten.
fn multiple(mantissa: f64, power: f64) -> f64 {
    if power < 0.0 && power > -300.0 {
        mantissa / 10f64.powf(-power)
    } else {
        mantissa * 10f64.powf(power)
    }
}

/// Ticks of calendar years whose labels fit side by side on an axis of `pixels`.
pub(super) fn years(first: f64, last: f64, pixels: f64, size: f64) -> Vec<Tick> {
    if !(first.is_finite() && last.is_finite() && first <= last) {
        return Vec::new();
    }
    let year = |year: f64| format!("{year:.0}");
    let widest = width(&year(first), size, false).max(width(&year(last), size, false));
    let room = ((last - first).max(1.0) / pixels) * (widest + 1.2 * size);
    let step = (0..12)
        .flat_map(|power| [1.0, 2.0, 5.0].map(|m| m * 10f64.powi(power)))
        .find(|&step| step >= room)
        .unwrap_or(1e12);
    let start = (first / step).ceil();
    // No axis has room for more labels than these.
    (0..1_000)
        .map(|i| (start + f64::from(i)) * step)
        .take_while(|&at| at <= last)
        .map(|at| Tick {
            at,
            label: year(at),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(greatest: f64) -> Vec<String> {
        let axis = counts(greatest).unwrap();
        axis.ticks.into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn labels_of_counts() {
        assert_eq!(labels(0.9), ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(3.0), ["0", "1", "2", "3"]);
        assert_eq!(labels(12.0), ["0", "2", "4", "6", "8", "10", "12"]);
        assert_eq!(
            labels(341_000.0),
            ["0", "100,000", "200,000", "300,000", "400,000"]
        );
        assert_eq!(labels(1.9e6), ["0", "0.5 M", "1.0 M", "1.5 M", "2.0 M"]);
        assert_eq!(
            labels(3e9),
            [
                "0", "0.5 bn", "1.0 bn", "1.5 bn", "2.0 bn", "2.5 bn", "3.0 bn"
            ]
        );
        assert_eq!(
            labels(2.5e17),
            ["0", "5e16", "1e17", "1.5e17", "2e17", "2.5e17"]
        );
        assert_eq!(labels(0.0).last().unwrap(), "1.0");
    }

    #[test]
    fn every_axis_is_short_even_and_long_enough() {
        for exponent in -300..308 {
            for mantissa in [1.0, 1.2, 2.0, 3.0, 5.999, 6.0, 6.001, 9.99] {
                let greatest = mantissa * 10f64.powi(exponent);
                let axis = counts(greatest).unwrap();
                assert!((3..=7).contains(&axis.ticks.len()), "{greatest}: {axis:?}");
                assert!(axis.end >= greatest * (1.0 - 1e-8), "{greatest}: {axis:?}");
                assert!(axis.end < greatest * 1.7, "{greatest}: {axis:?}");
                let mut labels: Vec<_> = axis.ticks.iter().map(|tick| &tick.label).collect();
                labels.dedup();
                assert_eq!(labels.len(), axis.ticks.len(), "{greatest}: {axis:?}");
            }
        }
        for greatest in [-1.0, f64::NAN, f64::INFINITY, f64::MAX] {
            assert_eq!(counts(greatest), None);
        }
    }

    #[test]
    fn years_stand_side_by_side() {
        let at = |first, last, pixels| -> Vec<String> {
            let ticks = years(first, last, pixels, 10.0);
            ticks.into_iter().map(|tick| tick.label).collect()
        };
        assert_eq!(
            at(2019.0, 2040.0, 200.0),
            ["2020", "2025", "2030", "2035", "2040"]
        );
        assert_eq!(at(2024.0, 2025.0, 200.0), ["2024", "2025"]);
        assert_eq!(at(2019.0, 2240.0, 240.0), ["2050", "2100", "2150", "2200"]);
        assert_eq!(at(2024.0, 2024.0, 240.0), ["2024"]);
        assert!(at(2024.0, 2019.0, 240.0).is_empty());
        assert!(!at(f64::from(i32::MIN), f64::from(i32::MAX), 240.0).is_empty());
    }
}
