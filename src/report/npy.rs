//! Draws for other programs: every draw as CSV, or as an array file of `NumPy`.

use std::fmt::Write;

use crate::draws::YearlyDraws;
use crate::outlook::{Outlook, RegionOutlook};
use crate::report::{Digits, dictionary};

/// Draws of one quantity of a region, where there are any.
type Quantity = fn(&RegionOutlook) -> Option<&YearlyDraws>;

/// In the order of the columns and of the first axis.
const QUANTITIES: [(&str, Quantity); 3] = [
    ("new_cases", |region| Some(region.new_cases())),
    ("third_line", |region| Some(region.third_line())),
    ("third_line_starts", RegionOutlook::third_line_starts),
];

impl Outlook {
    /// Every draw as one tidy table: a row a region, year and draw, with the columns of
    /// [`draws.csv`](crate::documentation::dictionary). Draw *k* is one world, in every year and region.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::report::Digits;
    /// use myeloma_epi::{IncidenceSeries, Outlook, OutlookOptions};
    ///
    /// let atlantis = IncidenceSeries::from_counts("Atlantis", [(2019, 1200.0), (2024, 1400.0)])?;
    /// let options = OutlookOptions { draws: 100, to: 2030, ..OutlookOptions::default() };
    /// let outlook = Outlook::of_series(&[atlantis], &options)?;
    /// let table = outlook.draws_csv(Digits::Six);
    /// assert!(table.starts_with("region,year,draw,new_cases,third_line,third_line_starts\nAtlantis,2024,0,"));
    /// assert_eq!(table.lines().count(), 1 + 7 * 100);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[must_use]
    pub fn draws_csv(&self, digits: Digits) -> String {
        let rows = self.regions().iter().flat_map(|region| {
            let views = QUANTITIES.map(|(_, of)| of(region).map(YearlyDraws::view));
            let draws = region.new_cases().len();
            region
                .new_cases()
                .years()
                .enumerate()
                .flat_map(move |(i, year)| {
                    (0..draws).map(move |k| {
                        let mut row = vec![
                            region.series().region().to_owned(),
                            year.to_string(),
                            k.to_string(),
                        ];
                        let numbers = views.iter().map(|view| view.map(|view| view[(i, k)]));
                        row.extend(numbers.map(|number| digits.optional(number)));
                        row
                    })
                })
        });
        dictionary::table("draws.csv", rows)
    }

    /// Every draw as one array in [NumPy's format](https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html),
    /// version 1.0, of 8-byte floating-point numbers: `numpy.load("draws.npy")` in Python, `RcppCNPy` in R. Its axes are
    /// quantity (`new_cases`, `third_line`, and `third_line_starts` where there is a delay), region, year and draw; years before
    /// the last figure of a region are NaN. The second value says so as JSON: the names along each axis, for a file beside the array.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::{IncidenceSeries, Outlook, OutlookOptions};
    ///
    /// let atlantis = IncidenceSeries::from_counts("Atlantis", [(2019, 1200.0), (2024, 1400.0)])?;
    /// let options = OutlookOptions { draws: 100, to: 2030, delay: None, ..OutlookOptions::default() };
    /// let (array, axes) = Outlook::of_series(&[atlantis], &options)?.draws_npy();
    /// assert_eq!(&array[..6], b"\x93NUMPY");
    /// assert!(String::from_utf8_lossy(&array[..128]).contains("'shape': (2, 1, 7, 100)"));
    /// assert!(axes.contains("\"region\": [\n    \"Atlantis\"\n  ]"));
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[must_use]
    pub fn draws_npy(&self) -> (Vec<u8>, String) {
        let regions = self.regions();
        let quantities: Vec<&(&str, Quantity)> = QUANTITIES
            .iter()
            .filter(|(_, of)| regions.iter().any(|region| of(region).is_some()))
            .collect();
        let years = regions.iter().map(|region| region.new_cases().first_year());
        let years = years.min().unwrap_or(0)..=self.options().to;
        let draws = self.options().draws;
        let shape = [
            quantities.len(),
            regions.len(),
            years.clone().count(),
            draws,
        ];
        let mut values = Vec::with_capacity(shape.iter().product());
        for (_, of) in &quantities {
            for region in regions {
                let of_region = of(region);
                for year in years.clone() {
                    match of_region.and_then(|draws| draws.year(year).ok()) {
                        Some(row) => values.extend(row.iter().copied()),
                        None => values.extend(std::iter::repeat_n(f64::NAN, draws)),
                    }
                }
            }
        }
        let names: Vec<&str> = quantities.iter().map(|(name, _)| *name).collect();
        let region_names: Vec<&str> = regions.iter().map(|r| r.series().region()).collect();
        let axes = serde_json::json!({
            "quantity": names,
            "region": region_names,
            "year": years.collect::<Vec<_>>(),
            "draws": draws,
        });
        (npy(&shape, &values), super::ordered::text(&axes))
    }
}

/// An array in C order, as `NumPy` writes it.
fn npy(shape: &[usize], values: &[f64]) -> Vec<u8> {
    let mut lengths = String::new();
    for (i, length) in shape.iter().enumerate() {
        let _ = write!(lengths, "{}{length}", if i > 0 { ", " } else { "" });
    }
    // A tuple of one has a comma at its end.
    let comma = if shape.len() == 1 { "," } else { "" };
    let mut header =
        format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({lengths}{comma}), }}");
    // The numbers begin at a multiple of 64 bytes, after a line feed.
    let before = 10 + header.len() + 1;
    header.push_str(&" ".repeat(before.next_multiple_of(64) - before));
    header.push('\n');
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    let length = u16::try_from(header.len()).expect("broken invariant: an array of a hundred axes");
    file.extend(length.to_le_bytes());
    file.extend(header.as_bytes());
    file.reserve(8 * values.len());
    file.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    file
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::npy;

    /// Files that `NumPy` wrote; `tests/data/npy.py` made them.
    #[test]
    fn arrays_are_those_of_numpy() {
        let reference: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/data/npy.json")).unwrap();
        let cases = reference.as_object().unwrap();
        assert_eq!(cases.len(), 3);
        for case in cases.values() {
            let numbers =
                |key: &str| serde_json::from_value::<Vec<f64>>(case[key].clone()).unwrap();
            let shape: Vec<usize> = serde_json::from_value(case["shape"].clone()).unwrap();
            let mut hex = String::new();
            for byte in npy(&shape, &numbers("values")) {
                let _ = write!(hex, "{byte:02x}");
            }
            assert_eq!(hex, case["hex"]);
        }
    }
}
