//! Pages that need a place of their own. They hold no code.

// These pages are prose: names of tools and data sets stand without backticks.
#![allow(clippy::doc_markdown)]

/// A page of `docs/`, whose links to other pages lead to modules here and to files there.
macro_rules! page {
    ($(#[doc = $what:literal])* $name:ident = $file:literal) => {
        $(#[doc = $what])*
        ///
        /// [book]: book
        /// [first-answer]: first_answer
        /// [own-figures]: own_figures
        /// [own-population]: own_population
        /// [own-study]: own_study
        /// [own-model]: own_model
        /// [intervals]: intervals
        /// [sensitivity]: sensitivity
        /// [exports]: exports
        /// [formats]: file_formats
        /// [dictionary]: dictionary
        /// [cookbook]: cookbook
        /// [comparison]: comparison
        /// [methods]: methods
        /// [design]: design
        #[doc = include_str!($file)]
        pub mod $name {}
    };
}

page!(/// The pages, by what one has and wants.
    book = "../docs/README.md");
page!(/// The answer of the program, line by line.
    first_answer = "../docs/first-answer.md");
page!(/// Tables of one's own, as the outlook, fits and trends take them.
    own_figures = "../docs/own-figures.md");
page!(/// People by age of one's own.
    own_population = "../docs/own-population.md");
page!(/// Shares of patients by line of therapy from a publication.
    own_study = "../docs/own-study.md");
page!(/// Lines of therapy in a file.
    own_model = "../docs/own-model.md");
page!(/// Which question an interval answers, what is in it and what is not.
    intervals = "../docs/intervals.md");
page!(/// Which assumption matters, and what it would be worth to know.
    sensitivity = "../docs/sensitivity.md");
page!(/// Exports of the sites that publish cancer statistics, as programs.
    exports = "../docs/exports.md");
page!(/// Every file that is read or written.
    file_formats = "../docs/file-formats.md");
page!(/// Every column of every table that is written.
    dictionary = "../docs/dictionary.md");
page!(/// Six tasks as programs.
    cookbook = "../docs/cookbook.md");
page!(/// nordpred, Joinpoint, Cancer Tomorrow, hesim.
    comparison = "../docs/comparison.md");
page!(/// Why the crate is as it is, and what its words mean.
    design = "../DESIGN.md");
page!(/// What is computed, from which sources, and how it was checked.
    methods = "../METHODS.md");
page!(/// What changed for users.
    changelog = "../CHANGELOG.md");
