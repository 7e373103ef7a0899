//! What a user gives: figures, series, files, requests; the right ones come back as they were, the
//! wrong ones are refused with their place.

mod bad_input;
mod large;
mod random;
mod series;
mod written_files;
