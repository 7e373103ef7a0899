//! What is shown of results: charts and files, read back.

mod charts;
mod decomposition_chart;
mod examples;
mod numbers;
mod page;
mod readme;
mod svg;
mod text;
mod values;
