//! The tables of METHODS.md that simulations make, and shares of fewer runs against them.

/// The rows of the table that begins with this header, cell by cell.
pub(super) fn rows(header: &str) -> Vec<Vec<String>> {
    let rows = include_str!("../../METHODS.md")
        .lines()
        .skip_while(|line| !line.starts_with(header))
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let cells = |row: &str| {
        let cells = row.trim_matches('|').split('|');
        cells.map(|cell| cell.trim().to_owned()).collect()
    };
    let rows: Vec<Vec<String>> = rows.map(cells).collect();
    assert!(!rows.is_empty(), "no table {header}");
    rows
}

/// As many of so many runs as the published per cent of more of them says, from below and from above: within four standard errors of
/// the binomial distribution, one run, and what the published number is rounded by.
pub(super) fn check(what: &str, (published, of): (f64, f64), (share, runs): (f64, f64)) {
    let p = published / 100.0;
    let variance = p * (1.0 - p) * (1.0 / runs + 1.0 / of);
    let allowed = 4.0 * variance.sqrt() + 1.0 / runs + 0.0005;
    assert!(
        (share - p).abs() <= allowed,
        "{what}: {:.1} % of {runs} runs, {published} % published",
        100.0 * share
    );
}
