//! An outlook, or any answer, as one page for a browser.
//!
//! A page is one file: style, script, pictures and the files for download are inside, and a policy in its head forbids the
//! browser to fetch anything. It works without its script, which sorts and copies tables; what is switched (the question, the
//! curves, the share) is switched by the style alone.

use std::fmt::Write;

use super::chart::incidence_under;
use super::headline::{answer, explained, other_question};
use super::remarks::{assumptions, remarks};
use super::{chart, sources};
use crate::draws::YearSummary;
use crate::error::Result;
use crate::figures::Figure;
use crate::files::of_csv;
use crate::outlook::{Outlook, Question, RegionOutlook};
use crate::plain_text::{capital, count, markup, percent};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

impl Outlook {
    /// An outlook as one page for a browser, to be sent to somebody: a single HTML file that asks for nothing from
    /// the network.
    ///
    /// Headline, charts whose numbers stand under the pointer, tables that can be sorted and copied, the figures with their
    /// sources, what was assumed, and [`Outlook::to_csv`] and [`Outlook::summary_json`] for download. The question, the growth
    /// curves and the share that reaches third line can be switched, without a script, too. `command` says how the page
    /// was made; it may be empty.
    ///
    /// # Errors
    ///
    /// Those of [`chart::incidence`].
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::{IncidenceSeries, Outlook, OutlookOptions};
    ///
    /// let atlantis = IncidenceSeries::from_counts("Atlantis", [(2019, 1200.0), (2024, 1400.0)])?;
    /// let options = OutlookOptions { draws: 100, to: 2030, ..OutlookOptions::default() };
    /// let page = Outlook::of_series(&[atlantis], &options)?.to_html("")?;
    /// assert!(page.starts_with("<!doctype html>") && page.contains("Atlantis"));
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    pub fn to_html(&self, command: &str) -> Result<String> {
        let question = self.options().question;
        let mut body = String::new();
        let names: Vec<&str> = self.regions().iter().map(|r| r.series().region()).collect();
        let title = format!(
            "New cases and third line to {}: {}",
            self.options().to,
            names.join(", ")
        );
        let _ = write!(
            body,
            "<header><h1>{}</h1>\n<p class=\"lead\">{}</p></header>\n",
            text(&title),
            text(&capital(&question.to_string()))
        );
        section(&mut body, "answer", "The answer");
        answer_as_it_is(&mut body, &answer(self));
        for sentence in explained(self).iter().chain([&other_question(self)]) {
            let _ = writeln!(body, "<p>{}</p>", text(&capital(sentence)));
        }
        body.push_str("</section>\n");
        self.charts(&mut body)?;
        self.tables(&mut body);
        self.files_and_notes(&mut body, command);
        Ok(document(&title, &body))
    }

    /// The chart of new cases under either question, with the curves and without, of which the style shows one; and that of
    /// third line.
    fn charts(&self, body: &mut String) -> Result<()> {
        let caption = sources(self);
        let asked = self.options().question;
        let questions = [
            (Question::ThisSource, "q0"),
            (Question::TrueIncidence, "q1"),
        ];
        section(body, "charts", "New cases a year");
        body.push_str("<fieldset><legend>The question, and what is drawn</legend>\n");
        for (question, id) in questions {
            let label = capital(&question.to_string());
            radio(body, "question", id, question == asked, &label);
        }
        body.push_str(
            "<label><input type=\"checkbox\" id=\"curves\" checked>Growth curves</label></fieldset>\n<div class=\"charts\">\n",
        );
        for (question, q) in questions {
            for (curves, c) in [(false, 0), (true, 1)] {
                let svg = incidence_under(self, (question, curves), &caption)?;
                let _ = writeln!(
                    body,
                    "<figure class=\"{q} c{c}\" tabindex=\"0\">{svg}</figure>"
                );
            }
        }
        body.push_str("</div></section>\n");
        let heading = "Patients diagnosed in the year who will ever reach third line";
        section(body, "third", heading);
        let svg = chart::third_line(self, &caption)?;
        let _ = writeln!(body, "<figure tabindex=\"0\">{svg}</figure></section>");
        Ok(())
    }

    fn tables(&self, body: &mut String) {
        section(body, "numbers", "The numbers");
        let share = &self.options().share;
        let ends = [share.low(), share.high()].map(|end| format!("{} %", percent(end)));
        let drawn = format!("{} to {}, as drawn", ends[0], ends[1]);
        body.push_str("<fieldset><legend>Share who ever reach third line</legend>\n");
        for (label, id) in [(&drawn, "s0"), (&ends[0], "s1"), (&ends[1], "s2")] {
            radio(body, "share", id, id == "s0", label);
        }
        body.push_str("</fieldset>\n");
        for region in self.regions() {
            self.table(region, body);
        }
        body.push_str("</section>\n");
    }

    fn table(&self, region: &RegionOutlook, body: &mut String) {
        let question = self.options().question;
        let headings = [
            "Year".to_owned(),
            format!("New cases: {question}"),
            format!("New cases: {}", question.other()),
            "Of them ever in third line".to_owned(),
            "Start third line in the year".to_owned(),
            "Linear pool of the curves".to_owned(),
        ];
        let share = region.share();
        let rows = region.new_cases_summary().iter().map(|summary| {
            let year = summary.year;
            let at = |of: &[YearSummary]| shown(of.iter().find(|s| s.year == year));
            let by = |end: f64| count(end * summary.median);
            let third = format!(
                "<span class=\"s0\">{}</span><span class=\"s1\">{}</span><span class=\"s2\">{}</span>",
                at(region.third_line_summary()),
                by(share.low()),
                by(share.high())
            );
            let starts = region.third_line_starts_summary();
            let cells = [
                shown(Some(summary)),
                at(region.summary_under(question.other())),
                third,
                starts.map_or_else(String::new, at),
                at(region.pool_summary()),
            ];
            let cells = cells.map(|cell| format!("<td>{cell}</td>"));
            format!("<th scope=\"row\">{year}</th>{}", cells.concat())
        });
        let name = region.series().region();
        let caption = format!("{name}, people a year: median (95 %)");
        table(
            body,
            name,
            &caption,
            headings.iter().map(|h| capital(h)),
            rows,
        );
    }

    fn files_and_notes(&self, body: &mut String, command: &str) {
        section(body, "figures", "The figures");
        body.push_str("<ul>\n");
        for figure in self.regions().iter().flat_map(RegionOutlook::figures) {
            let _ = writeln!(body, "<li>{}</li>", text(&described(figure)));
        }
        body.push_str("</ul></section>\n");
        section(body, "notes", "What to know");
        for region in self.regions() {
            let name = text(region.series().region());
            let _ = writeln!(body, "<details open><summary>{name}</summary><ul>");
            for remark in remarks(region) {
                let _ = writeln!(body, "<li>{}</li>", text(&remark));
            }
            body.push_str("</ul></details>\n");
        }
        let _ = writeln!(body, "<p>{}</p></section>", text(&assumptions(self)));
        let (csv, json) = (self.to_csv(), self.summary_json());
        downloads(body, &[("outlook.csv", &csv), ("outlook.json", &json)]);
        let seed = self.options().seed.number();
        let draws = count(self.options().draws as f64);
        footer(body, command, &format!(", seed {seed}, {draws} draws"));
    }
}

/// The beginning of a section with its heading.
fn section(body: &mut String, id: &str, heading: &str) {
    let _ = writeln!(
        body,
        "<section aria-labelledby=\"{id}\"><h2 id=\"{id}\">{heading}</h2>"
    );
}

/// An answer as a terminal shows it.
fn answer_as_it_is(body: &mut String, answer: &str) {
    let _ = writeln!(
        body,
        "<pre tabindex=\"0\" role=\"region\" aria-label=\"The answer\">{}</pre>",
        text(answer)
    );
}

/// One of several choices.
fn radio(body: &mut String, of: &str, id: &str, is_chosen: bool, label: &str) {
    let checked = if is_chosen { " checked" } else { "" };
    let _ = writeln!(
        body,
        "<label><input type=\"radio\" name=\"{of}\" id=\"{id}\"{checked}>{}</label>",
        text(label)
    );
}

/// A table, of whose rows the cells are given between their tags.
fn table(
    body: &mut String,
    name: &str,
    caption: &str,
    headings: impl Iterator<Item = String>,
    rows: impl Iterator<Item = String>,
) {
    let (name, caption) = (text(name), text(caption));
    let _ = write!(
        body,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{name}\"><table><caption>{caption}</caption><thead><tr>"
    );
    for heading in headings {
        let _ = write!(body, "<th scope=\"col\">{}</th>", text(&heading));
    }
    body.push_str("</tr></thead><tbody>\n");
    for cells in rows {
        let _ = writeln!(body, "<tr>{cells}</tr>");
    }
    body.push_str("</tbody></table></div>\n");
}

/// **Any answer as one page** for a browser, to be sent to somebody: a single HTML file that asks for nothing from the
/// network.
///
/// `answer` stands first, as it is; then come the charts and tables among the files, by the ends of their names (`.svg`, `.csv`),
/// and the files for download. A table of more than 1,000 rows is only there for download, and a file of more than 2 MiB is left
/// out; the page says so. `command`
/// says how the page was made; it may be empty. An outlook has a page of its own, [`Outlook::to_html`].
///
/// # Errors
///
/// [`ErrorKind::Parse`](crate::ErrorKind::Parse) for a table whose rows differ in length.
///
/// # Example
///
/// ```
/// use myeloma_epi::report;
///
/// let files = [("cases.csv", "year,cases\n2024,1400\n")];
/// let page = report::page("Atlantis", "1,400 new cases in 2024", files, "")?;
/// assert!(page.contains("<th scope=\"col\">cases</th>") && page.contains("download=\"cases.csv\""));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub fn page<'a>(
    title: &str,
    answer: &str,
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
    command: &str,
) -> Result<String> {
    let files: Vec<_> = files.into_iter().collect();
    let mut body = format!("<header><h1>{}</h1></header>\n", text(title));
    answer_as_it_is(&mut body, answer);
    for (name, content) in &files {
        if kind(name) == "svg" {
            let _ = writeln!(body, "<figure tabindex=\"0\">{content}</figure>");
        }
    }
    for (name, content) in &files {
        if kind(name) == "csv" {
            table_of_file(&mut body, name, content)?;
        }
    }
    let (large, inside): (Vec<_>, Vec<_>) =
        (files.into_iter()).partition(|(_, content)| encoded(content).len() > MOST_BYTES);
    downloads(&mut body, &inside);
    for (name, content) in large {
        let megabytes = content.len().div_ceil(1 << 20);
        let _ = writeln!(
            body,
            "<p>{} is not in this page: it has {megabytes} MB.</p>",
            text(name)
        );
    }
    footer(&mut body, command, "");
    Ok(document(title, &body))
}

/// What comes after the last point of a name.
fn kind(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, kind)| kind)
}

/// The most bytes of a file inside the page, as it is written there: of JSON twice its own.
const MOST_BYTES: usize = 2 << 20;

/// The most rows of a table that is shown.
const MOST_ROWS: usize = 1_000;

/// A file of comma-separated values as a table, or, where it is long, that it is one.
fn table_of_file(body: &mut String, name: &str, content: &str) -> Result<()> {
    let mut reader = csv::Reader::from_reader(content.as_bytes());
    let wrong = |error| of_csv(name, error);
    let header = reader.headers().map_err(wrong)?.clone();
    let rows: Vec<csv::StringRecord> = (reader.records())
        .collect::<std::result::Result<_, _>>()
        .map_err(wrong)?;
    if rows.len() > MOST_ROWS {
        let (name, rows) = (text(name), count(rows.len() as f64));
        let _ = writeln!(body, "<p>{name}: {rows} rows, for download below.</p>");
        return Ok(());
    }
    let rows = rows.iter().map(|row| {
        let cells = row.iter().map(|cell| {
            let side = if cell.parse::<f64>().is_ok() {
                ""
            } else {
                " class=\"words\""
            };
            format!("<td{side}>{}</td>", text(cell))
        });
        cells.collect::<String>()
    });
    table(body, name, name, header.iter().map(str::to_owned), rows);
    Ok(())
}

/// Files inside the page, for download.
fn downloads(body: &mut String, files: &[(&str, &str)]) {
    section(body, "files", "Files");
    body.push_str("<p>");
    for (name, content) in files {
        let kind = match kind(name) {
            "csv" => "text/csv",
            "json" => "application/json",
            "svg" => "image/svg+xml",
            _ => "text/plain",
        };
        let (name, content) = (text(name), encoded(content));
        let _ = writeln!(
            body,
            "<a download=\"{name}\" href=\"data:{kind};charset=utf-8,{content}\">{name}</a>"
        );
    }
    body.push_str("</p></section>\n");
}

/// How the page was made.
fn footer(body: &mut String, command: &str, of_what: &str) {
    let made = if command.is_empty() {
        String::new()
    } else {
        format!(" by <code>{}</code>", text(command))
    };
    let version = env!("CARGO_PKG_VERSION");
    let _ = writeln!(
        body,
        "<footer><p>Made{made} with myeloma-epi {version}{of_what}.</p></footer>"
    );
}

/// A whole page.
fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         script-src 'unsafe-inline'; img-src data:\">\n\
         <link rel=\"icon\" href=\"data:,\"><title>{}</title>\n<style>\n{STYLE}</style></head>\n\
         <body><main>\n{body}</main>\n<script>\n{SCRIPT}</script></body></html>\n",
        text(title)
    )
}

/// A figure and what is known of it, in a line.
fn described(figure: &Figure) -> String {
    let source = match figure.source() {
        "" => "no source given",
        source => source,
    };
    let definition = figure
        .icd10()
        .map_or(String::new(), |codes| format!(", ICD-10 {codes}"));
    format!(
        "{} {}: {} ({}{definition}; {source})",
        figure.region(),
        figure.year(),
        count(figure.cases()),
        figure.status()
    )
}

/// Median and interval of a cell.
fn shown(summary: Option<&YearSummary>) -> String {
    summary.map_or_else(String::new, |s| {
        let interval = s.interval95().map(|ends| ends.map(count));
        let interval = interval.map(|[lower, upper]| format!(" ({lower}–{upper})"));
        count(s.median) + &interval.unwrap_or_default()
    })
}

/// Text between tags and in attributes.
fn text(plain: &str) -> String {
    let lines = plain.split('\n').map(markup);
    lines.collect::<Vec<_>>().join("\n").replace('\'', "&#39;")
}

/// A text as the data of an address: [RFC 3986](https://www.rfc-editor.org/rfc/rfc3986), section 2.1.
fn encoded(plain: &str) -> String {
    let mut address = String::with_capacity(plain.len() * 5 / 4);
    for byte in plain.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names and cells from files are text, a quoted comma is one cell, and of a long table nothing is shown but its length.
    #[test]
    fn a_page_of_any_answer() {
        let long = "n\n".to_owned() + &"1\n".repeat(MOST_ROWS + 1);
        let files = [
            ("a.csv", "region,cases\n\"<b>, \"\"x\"\"\",3\n"),
            ("long.csv", &long),
            ("a.svg", "<svg></svg>"),
        ];
        let made = page("A & B", "1 < 2", files, "me \"x\"").unwrap();
        for part in [
            "<h1>A &amp; B</h1>",
            "1 &lt; 2",
            "<td class=\"words\">&lt;b&gt;, &quot;x&quot;</td><td>3</td>",
            "long.csv: 1,001 rows",
            "<figure tabindex=\"0\"><svg></svg></figure>",
            "<code>me &quot;x&quot;</code>",
            "href=\"data:text/csv;charset=utf-8,region%2Ccases%0A",
        ] {
            assert!(made.contains(part), "{part}");
        }
        let large = "1".repeat(MOST_BYTES + 1);
        let without = page("", "", [("draws.json", &*large)], "").unwrap();
        assert!(
            without.len() < 20_000
                && without.contains("draws.json is not in this page: it has 3 MB")
        );
        // A quotation mark is %22.
        let quotes = "\"".repeat(MOST_BYTES / 3 + 1);
        let without = page("", "", [("a.json", &*quotes)], "").unwrap();
        assert!(without.len() < 20_000 && without.contains("a.json is not in this page"));
        assert_eq!(made.matches("<td").count(), 2);
        let uneven = page("", "", [("a.csv", "a,b\n1\n")], "");
        assert!(uneven.unwrap_err().to_string().contains("a.csv"));
    }

    #[test]
    fn texts_are_no_tags_and_addresses_no_quotes() {
        assert_eq!(
            text("<b>\"A&B's\"</b>\u{1b}"),
            "&lt;b&gt;&quot;A&amp;B&#39;s&quot;&lt;/b&gt; "
        );
        assert_eq!(encoded("a,\"ü\"\n"), "a%2C%22%C3%BC%22%0A");
    }
}
