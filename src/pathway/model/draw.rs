//! A pathway with its uncertainty resolved: at the centre, or in one draw.

use super::layout::Layout;
use super::{Line, Pathway};
use crate::draws::{YearlyDraws, of_few_draws};
use crate::error::{Error, Result};
use crate::pathway::share::Share;
use crate::pathway::sojourn::SojournTime;
use crate::random::{BLOCK, Seed, check_draw};

/// That the numbers are of a single draw of what is uncertain, or of few.
pub(in crate::pathway) fn few_draws(diagnosed: &YearlyDraws, is_uncertain: bool) -> Vec<String> {
    let caution = match diagnosed.len() {
        1 => is_uncertain.then(|| {
            "shares or sojourn times are uncertain, and the numbers are those of one draw of them, not of their centre: \
             give the incidence as many draws as are wanted"
                .to_owned()
        }),
        draws => of_few_draws(draws).filter(|_| is_uncertain || diagnosed.vary()),
    };
    Vec::from_iter(caution)
}

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
    /// Where the shares of a line sum above 1 in nearly all draws, or the number of the draw is 2⁵⁰ or above.
    pub fn of_draw(&self, seed: Seed, draw: usize) -> Result<Self> {
        check_draw(draw)?;
        let (block, position) = (draw / BLOCK, draw % BLOCK);
        let layout = Layout::new(self);
        let mut shares = layout.drawn_shares(seed, block, position + 1)?.into_iter();
        let mut scales = layout
            .drawn_time_scales(seed, block, position + 1)
            .into_iter();
        self.with_each(
            |share| match shares.next().flatten() {
                Some(values) => Share::new(values[position]),
                None => Ok(share.clone()),
            },
            |time| match scales.next().flatten() {
                Some(factors) => time.scaled(factors[position])?.with_relative_error(0.0),
                None => Ok(time.clone()),
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
        let layout = Layout::new(self);
        if let Some((name, _)) = layout.shares.iter().find(|(_, share)| share.changes()) {
            return Err(Error::unsuitable(format!(
                "{name} changes with the year of diagnosis: there is no one share who ever start line {line}"
            )));
        }
        let central = layout.central_shares(2000);
        if draws == 0 {
            return Ok(vec![layout.share_starting(line, &central)?]);
        }
        let mut all = Vec::with_capacity(draws);
        for block in 0..draws.div_ceil(BLOCK) {
            let size = BLOCK.min(draws - all.len());
            let drawn = layout.drawn_shares(seed, block, size)?;
            for draw in 0..size {
                let shares = drawn.iter().zip(&central);
                let shares =
                    shares.map(|(drawn, known)| drawn.as_ref().map_or(*known, |d| d[draw]));
                all.push(layout.share_starting(line, &shares.collect::<Vec<f64>>())?);
            }
        }
        Ok(all)
    }

    /// The same pathway with each share and each sojourn time replaced, in the order of a [`Layout`].
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
            let survival = [&mut group.never_treated_survival, &mut group.lost_survival];
            survival.into_iter().flatten().try_for_each(&mut time)?;
            for line in &mut group.lines {
                line.with_each(&mut share, &mut time)?;
                if let Some(off) = line.off_treatment.as_deref_mut() {
                    share(&mut off.share)?;
                    off.line.with_each(&mut share, &mut time)?;
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
