//! Series out of the files of registries: counts are added up, rates are taken as they stand, never added.

use myeloma_epi::joinpoint::{AnnualSeries, ErrorVariance, LogLinearTrend};
use myeloma_epi::readers::{Export, Quantity, ReadOptions, Unit, from_bytes};

fn export(text: &str) -> Export {
    from_bytes("sample", text.as_bytes()).unwrap()
}

fn values(series: &AnnualSeries) -> Vec<(i32, f64)> {
    series.values().collect()
}

/// In the layout of the Global Burden of Disease study.
const GBD: &str = "\
measure,location,sex,age,cause,metric,year,val,upper,lower
Incidence,Atlantis,Male,All ages,Multiple myeloma,Number,2020,70,80,60
Incidence,Atlantis,Female,All ages,Multiple myeloma,Number,2020,60,70,50
Incidence,Atlantis,Male,All ages,Multiple myeloma,Number,2019,65,75,55
Incidence,Atlantis,Female,All ages,Multiple myeloma,Number,2019,58,68,48
Incidence,Atlantis,Both,Age-standardized,Multiple myeloma,Rate,2019,2.1,2.4,1.8
Incidence,Atlantis,Male,Age-standardized,Multiple myeloma,Rate,2019,2.5,2.8,2.2
Deaths,Atlantis,Both,Age-standardized,Multiple myeloma,Rate,2019,1.1,1.4,0.8
Incidence,Atlantis,Both,Age-standardized,Multiple myeloma,Rate,2020,2.2,2.5,1.9
";

#[test]
fn numbers_are_added_up_and_rates_are_not() {
    let gbd = export(GBD);
    let counts = AnnualSeries::from_export(&gbd, Unit::Number).unwrap();
    assert!(counts.is_of_counts());
    assert_eq!(values(&counts), [(2019, 123.0), (2020, 130.0)]);
    let rates = AnnualSeries::from_export(&gbd, Unit::StandardisedRate).unwrap();
    assert!(!rates.is_of_counts());
    assert_eq!(values(&rates), [(2019, 2.1), (2020, 2.2)]);
}

#[test]
fn what_is_no_series_is_refused() {
    let refused = |text: &str, unit| {
        let error = AnnualSeries::from_export(&export(text), unit);
        error.unwrap_err().to_string()
    };
    let several = "region,year,rate\nA,2019,1.5\nB,2019,2.5\n";
    assert!(refused(several, Unit::Rate).contains("has 2 (A, …): choose one"));
    let none = refused(GBD, Unit::Rate);
    assert!(none.contains("no such rate: it has") && none.contains("incidence age-standardised"));
    let parts = "year,sex,rate\n2019,male,1.5\n2019,female,1.25\n";
    assert!(refused(parts, Unit::Rate).contains("none of both sexes and all ages"));
    let one_sex = export("year,sex,rate,standard error\n2020,male,1.5,0.1\n2019,male,1.25,0.1\n");
    let series = AnnualSeries::from_export(&one_sex, Unit::Rate).unwrap();
    assert_eq!(values(&series), [(2019, 1.25), (2020, 1.5)]);
    assert!(series.has_standard_errors());
}

/// A projection is no observation, and what is not of new cases in everybody is in the name.
#[test]
fn rates_are_observed_and_say_what_they_are_of() {
    let rates = "region,year,rate,status\nA,2018,4.1,registered\nA,2019,4.3,registered\nA,2040,20,projection\n";
    let series = AnnualSeries::from_export(&export(rates), Unit::Rate).unwrap();
    assert_eq!(
        (values(&series), series.name()),
        (vec![(2018, 4.1), (2019, 4.3)], "A")
    );
    let deaths = GBD
        .lines()
        .filter(|line| line.starts_with("measure") || line.starts_with("Deaths"));
    let deaths = deaths
        .collect::<Vec<_>>()
        .join("\n")
        .replace("Both", "Male");
    let series = AnnualSeries::from_export(&export(&deaths), Unit::StandardisedRate).unwrap();
    assert_eq!(
        series.name(),
        "Atlantis, deaths age-standardised rate per 100,000, male"
    );
}

/// Relative errors of rates are their standard errors: by weighted least squares of the logarithms, 4.79697 % a year (by numpy).
#[test]
fn relative_errors_of_rates_are_used() {
    let export = export(
        "region,year,rate,relative_error\nX,2010,10,1%\nX,2011,10.5,30%\nX,2012,11.2,1%\nX,2013,12.9,30%\nX,2014,12.1,1%\n\
         X,2015,12.7,1%\n",
    );
    let series = AnnualSeries::from_export(&export, Unit::Rate).unwrap();
    let trend =
        LogLinearTrend::least_squares(&series, ErrorVariance::StandardErrors, 0.95).unwrap();
    let change = trend.annual_percent_change().percent();
    assert!((change - 4.796_969_917).abs() < 1e-8, "{change}");
}

/// A session of SEER*Stat by site, sex and year has no variable of ages: its rates and its counts are of the same rows.
#[test]
fn a_session_without_ages_is_of_all_of_them() {
    let text = "\
Site recode ICD-O-3/WHO 2008,Sex,Year of diagnosis,Age-Adjusted Rate,Count,Population
Myeloma,Male and female,2018,6.1,300,4000000
Myeloma,Male and female,2019,6.4,320,4010000
Myeloma,Male,2018,7.1,160,1990000
Myeloma,Male,2019,7.4,170,1995000
Myeloma,Female,2018,5.1,140,2010000
Myeloma,Female,2019,5.4,150,2015000
";
    let export = export(text);
    assert!(
        export.notes.join(" ").contains("no variable of ages"),
        "{:?}",
        export.notes
    );
    for (unit, values) in [
        (Unit::StandardisedRate, [(2018, 6.1), (2019, 6.4)]),
        (Unit::Number, [(2018, 300.0), (2019, 320.0)]),
    ] {
        let series = AnnualSeries::from_export(&export, unit).unwrap();
        assert_eq!(series.values().collect::<Vec<_>>(), values);
    }
}

/// A year with rates of men and of women alone has none of both, and is no gap.
#[test]
fn a_year_without_the_rate_of_both_sexes_is_named() {
    let text =
        "region,year,sex,rate\nA,2018,both,4\nA,2019,male,5\nA,2019,female,4\nA,2020,both,5\n";
    let error = AnnualSeries::from_export(&export(text), Unit::Rate).unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("no rate of both sexes and all ages for 2019"),
        "{error}"
    );
}

/// Of several measures new cases are taken, and others where they are chosen.
#[test]
fn of_several_measures_one_is_chosen() {
    let row = |measure: &str, value: f64| {
        format!("{measure},Atlantis,Both,Age-standardized,Multiple myeloma,Rate,2019,{value},9,0\n")
    };
    let text = |measures: &[(&str, f64)]| {
        let rows: String = measures
            .iter()
            .map(|(name, value)| row(name, *value))
            .collect();
        format!("measure,location,sex,age,cause,metric,year,val,upper,lower\n{rows}")
    };
    let of = |text: &str, quantity| {
        let options = ReadOptions {
            quantity,
            ..ReadOptions::default()
        };
        let export = options.from_bytes("gbd.csv", text.as_bytes()).unwrap();
        AnnualSeries::from_export(&export, Unit::StandardisedRate)
    };
    let two = text(&[("Deaths", 1.0), ("Prevalence", 7.0)]);
    let error = of(&two, None).unwrap_err().to_string();
    assert!(
        error.contains("rates of deaths, prevalence: choose one with --measure"),
        "{error}"
    );
    let all = text(&[("Deaths", 1.0), ("Prevalence", 7.0), ("Incidence", 2.0)]);
    for (quantity, name, value) in [
        (None, "incidence", 2.0),
        (Some(Quantity::Deaths), "deaths", 1.0),
        (Some(Quantity::Prevalence), "prevalence", 7.0),
    ] {
        let series = of(&all, quantity).unwrap();
        assert_eq!(series.values().collect::<Vec<_>>(), [(2019, value)]);
        let title = format!("Atlantis, {name} age-standardised rate per 100,000");
        assert_eq!(series.name(), title);
    }
}
