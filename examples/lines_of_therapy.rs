//! Patients by line of therapy and calendar year, from a model file.
//!
//!     cargo run --release --example lines_of_therapy [-- MODEL.json]
//!
//! Prints the flow by line and writes `target/lines_of_therapy/`: `by_year.csv`, `prevalence.svg` and
//! `states.svg`. Without a model it runs `examples/four_lines_weibull.json`.

use std::path::Path;

use myeloma_epi::{TherapyModel, report};

fn main() {
    if let Err(error) = run() {
        eprintln!("lines_of_therapy: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let model = match std::env::args().nth(1) {
        Some(path) => TherapyModel::read(path)?,
        None => TherapyModel::from_json(
            "four_lines_weibull.json",
            include_str!("four_lines_weibull.json"),
        )?,
    };
    let flow = model.flow()?;
    let draws = flow.diagnosed().len();
    println!(
        "{}, {draws} draw{}",
        model.region(),
        if draws == 1 { "" } else { "s" }
    );
    print!("{flow}");
    let folder = Path::new("target/lines_of_therapy");
    std::fs::create_dir_all(folder)?;
    let mut files = vec![("by_year.csv", report::flow_csv(&flow)?)];
    files.extend([
        (
            "prevalence.svg",
            report::chart::prevalence(&flow, model.region())?,
        ),
        (
            "states.svg",
            report::chart::states(model.pathway(), model.last_year())?,
        ),
    ]);
    for (name, content) in files.drain(..) {
        let path = folder.join(name);
        std::fs::write(&path, content)?;
        println!("wrote {}", path.display());
    }
    Ok(())
}
