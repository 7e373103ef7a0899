//! A pathway with its uncertainty resolved: at the centre, or in one draw.

use rand_distr::{Beta, Distribution, StandardNormal};

use super::super::share::Share;
use super::super::sojourn::SojournTime;
use super::{Line, Pathway};
use crate::error::{Error, ErrorKind, Result};
use crate::pathway::cohorts::Layout;
use crate::random::{BLOCK, Seed, Stream, check_draw};

impl Pathway {
    /// The same pathway with every uncertain share and sojourn time at its central value.
    ///
    /// # Errors
    ///
    /// None for a pathway that has been constructed.
    pub fn at_central_values(&self) -> Result<Self> {
        self.with_each(
            |share| Ok(share.at_central_values()),
            |time| time.clone().with_relative_error(0.0),
        )
    }

    /// The pathway **of one draw**: the shares and sojourn times that draw `draw` of
    /// [`Pathway::flow`] has with this seed, as known numbers.
    ///
    /// ```
    /// use myeloma_epi::Seed;
    /// use myeloma_epi::pathway::{Line, Pathway, Share, SojournTime};
    ///
    /// let pathway = Pathway::of_lines([
    ///     Line::new(SojournTime::exponential(3.0)?.with_relative_error(0.1)?, Share::counted(583.0, 917.0)?),
    ///     Line::new(SojournTime::exponential(1.0)?, Share::new(0.0)?),
    /// ])?;
    /// let drawn = pathway.of_draw(Seed::new(1), 17)?;
    /// assert!(!drawn.is_uncertain());
    /// assert_ne!(drawn.groups()[0].lines()[0].sojourn_time().mean(), 3.0);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where the shares of a line sum above 1 in the draw, or the number of the draw is 2⁵⁰ or above.
    pub fn of_draw(&self, seed: Seed, draw: usize) -> Result<Self> {
        check_draw(draw)?;
        let (block, position) = (draw / BLOCK, draw % BLOCK);
        let drawn = self.drawn_shares(seed, block, position + 1)?;
        let mut drawn = drawn.into_iter();
        let mut names = self.sojourn_times().map(|(name, _)| name);
        self.with_each(
            |share| match drawn.next().flatten() {
                Some(values) => Share::new(values[position]),
                None => Ok(share.clone()),
            },
            |time| {
                let (name, error) = (names.next().unwrap_or_default(), time.relative_error());
                if error == 0.0 {
                    return Ok(time.clone());
                }
                let stream = stream_of_time(seed, &name);
                let factors = time_scale_factors(stream, error, block, position + 1);
                time.scaled(factors[position])?.with_relative_error(0.0)
            },
        )
    }

    /// The share of those diagnosed who ever start a line, a draw each, or once at the central values
    /// if `draws` is 0. Time off treatment counts as a way to the next line. An error where shares change with the
    /// year of diagnosis: there is no one share.
    pub(in crate::pathway) fn ultimate_shares(
        &self,
        line: usize,
        seed: Seed,
        draws: usize,
    ) -> Result<Vec<f64>> {
        if let Some((name, _)) = self.shares().find(|(_, share)| share.changes()) {
            return Err(Error::unsuitable(format!(
                "{name} changes with the year of diagnosis: there is no one share who ever start line {line}"
            )));
        }
        let central = self.central_shares(2000).into_iter();
        let mut values: Vec<Vec<f64>> = central.map(|share| vec![share; draws.max(1)]).collect();
        for block in 0..draws.div_ceil(BLOCK) {
            let from = block * BLOCK;
            let drawn = self.drawn_shares(seed, block, BLOCK.min(draws - from))?;
            for (values, drawn) in values.iter_mut().zip(drawn) {
                if let Some(drawn) = drawn {
                    values[from..from + drawn.len()].copy_from_slice(&drawn);
                }
            }
        }
        let layout = Layout::new(self);
        (0..draws.max(1))
            .map(|draw| {
                let shares: Vec<f64> = values.iter().map(|values| values[draw]).collect();
                layout.share_starting(line, &shares)
            })
            .collect()
    }

    /// The shares in the draws of one block, in the order of [`Pathway::shares`]; `None` where a share is the same in
    /// all.
    pub(in crate::pathway) fn drawn_shares(
        &self,
        seed: Seed,
        block: usize,
        draws: usize,
    ) -> Result<Vec<Option<Vec<f64>>>> {
        let shares: Vec<(String, &Share)> = self.shares().collect();
        let stream = |name: &str| seed.stream(&format!("pathway/share/{name}"));
        let mut drawn = Vec::with_capacity(shares.len());
        for exits in shares.chunk_by(|(a, _), (b, _)| state_left(a) == state_left(b)) {
            let mut all = counted_together(exits);
            let mut left = vec![1.0; draws];
            for (name, share) in exits {
                let Some(((events, _), together)) = share.count().zip(all) else {
                    drawn.push(share.block(stream(name), block, draws)?);
                    continue;
                };
                // Part by part: each is a beta-distributed part of what the ones before it leave.
                let others = together - events - 0.5;
                all = Some(others);
                let beta = Beta::new(events + 0.5, others)
                    .map_err(|error| ErrorKind::Unsuitable(error.to_string()))?;
                let parts = beta.sample_iter(stream(name).block(block));
                let values = left.iter_mut().zip(parts).map(|(left, part): (_, f64)| {
                    let value = *left * part;
                    *left -= value;
                    value
                });
                drawn.push(Some(values.collect()));
            }
        }
        Ok(drawn)
    }

    /// The same pathway with each share and each sojourn time replaced, in the order of [`Pathway::shares`] and of
    /// [`Pathway::sojourn_times`].
    fn with_each(
        &self,
        mut of_share: impl FnMut(&Share) -> Result<Share>,
        mut of_time: impl FnMut(&SojournTime) -> Result<SojournTime>,
    ) -> Result<Self> {
        let mut pathway = self.clone();
        let mut share = |share: &mut Share| of_share(share).map(|new| *share = new);
        let mut time = |time: &mut SojournTime| of_time(time).map(|new| *time = new);
        for group in &mut pathway.groups {
            share(&mut group.weight)?;
            share(&mut group.never_treated)?;
            group
                .never_treated_survival
                .iter_mut()
                .try_for_each(&mut time)?;
            group.lost_survival.iter_mut().try_for_each(&mut time)?;
            for line in &mut group.lines {
                line.with_each(&mut share, &mut time)?;
                if let Some((goes_off, off)) = line.off_treatment.as_deref_mut() {
                    share(goes_off)?;
                    off.with_each(&mut share, &mut time)?;
                }
            }
            group.check()?;
        }
        pathway.check()?;
        Ok(pathway)
    }
}

impl Line {
    /// Replaces its own shares and sojourn times.
    fn with_each(
        &mut self,
        mut share: impl FnMut(&mut Share) -> Result<()>,
        mut time: impl FnMut(&mut SojournTime) -> Result<()>,
    ) -> Result<()> {
        share(&mut self.next)?;
        self.death.iter_mut().try_for_each(share)?;
        time(&mut self.sojourn_time)?;
        self.time_to_next.iter_mut().try_for_each(&mut time)?;
        self.time_to_death.iter_mut().try_for_each(time)
    }
}

/// The state that a share is a way out of, by the name of the share.
fn state_left(name: &str) -> Option<&str> {
    let (state, way) = name.rsplit_once('/')?;
    ["next", "death", "off_treatment"]
        .contains(&way)
        .then_some(state)
}

/// All parameters of the Dirichlet distribution of those ways out of a state that were counted in the same patients;
/// `None` where there are not two of them.
fn counted_together(exits: &[(String, &Share)]) -> Option<f64> {
    let counts: Vec<(f64, f64)> = exits
        .iter()
        .filter_map(|(_, share)| share.count())
        .collect();
    let (_, of) = *counts.first()?;
    let same = counts.len() > 1 && counts.iter().all(|(_, other)| (other - of).abs() < 0.5);
    same.then(|| of + 0.5 * (counts.len() + 1) as f64)
}

/// The random numbers of a sojourn time of a pathway, by its name.
pub(in crate::pathway) fn stream_of_time(seed: Seed, name: &str) -> Stream {
    // Older than the word, and kept: the name of the stream fixes the draws of a seed.
    seed.stream(&format!("pathway/stay/{name}"))
}

/// The factors on the time scale of an uncertain sojourn time, for the draws of a block.
pub(in crate::pathway) fn time_scale_factors(
    stream: Stream,
    relative_error: f64,
    block: usize,
    draws: usize,
) -> Vec<f64> {
    StandardNormal
        .sample_iter(stream.block(block))
        .take(draws)
        .map(|z: f64| (relative_error * z).exp())
        .collect()
}
