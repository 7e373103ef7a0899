//! A pathway in words.

use std::fmt;

use super::{Group, Line, Pathway, Share};
use crate::plain_text::{percent, printable};

impl fmt::Display for Pathway {
    /// A paragraph a group: its weight, and a row a state with its sojourn time and the events that end it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for group in &self.groups {
            write_group(f, group)?;
        }
        Ok(())
    }
}

fn write_group(f: &mut fmt::Formatter<'_>, group: &Group) -> fmt::Result {
    writeln!(
        f,
        "{}: {} of those diagnosed",
        printable(&group.name),
        Described(&group.weight)
    )?;
    if !group.never_treated.is_zero() {
        write!(f, "  never treated: {}", Described(&group.never_treated))?;
        if let Some(survival) = &group.never_treated_survival {
            write!(f, "; to death {survival}")?;
        }
        writeln!(f)?;
    }
    for (number, line) in (1..).zip(&group.lines) {
        write!(f, "  line {number}: {}", line.sojourn_time)?;
        let off = line.off_treatment();
        write_exits(f, line, off.map(|(share, _)| share))?;
        if let Some((_, off)) = off {
            let time = &off.sojourn_time;
            write!(f, "  off treatment after line {number}: {time}")?;
            write_exits(f, off, None)?;
        }
    }
    if let Some(survival) = &group.lost_survival {
        writeln!(f, "  lost to further therapy: to death {survival}")?;
    }
    Ok(())
}

fn write_exits(f: &mut fmt::Formatter<'_>, exits: &Line, off: Option<&Share>) -> fmt::Result {
    write!(f, "; next line {}", Described(&exits.next))?;
    if let Some(time) = &exits.time_to_next {
        write!(f, " after {time}")?;
    }
    if let Some(off) = off {
        write!(f, ", off treatment {}", Described(off))?;
    }
    match &exits.death {
        Some(death) => write!(f, ", death {}", Described(death))?,
        None => write!(f, ", all others die")?,
    }
    if let Some(time) = &exits.time_to_death {
        write!(f, " after {time}")?;
    }
    match &exits.death {
        Some(_) => writeln!(f, ", all others lost to further therapy"),
        None => writeln!(f),
    }
}

/// A share as a percentage; what is uncertain or changes is marked.
struct Described<'a>(&'a Share);

impl fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = self.0;
        let of_year = |year| percent((share.central(year) * 1e3).round() / 1e3);
        let mut years = share.years();
        match (years.next(), years.last()) {
            (Some(first), Some(last)) => write!(
                f,
                "{} % ({first}) to {} % ({last})",
                of_year(first),
                of_year(last)
            ),
            (Some(first), None) => write!(f, "{} %", of_year(first)),
            _ if share.is_uncertain() => write!(f, "about {} %", of_year(0)),
            _ => write!(f, "{} %", of_year(0)),
        }
    }
}
