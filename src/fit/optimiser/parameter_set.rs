//! Sets of parameters.

use super::triangle::{MAX_PARAMETERS, Vector};

/// A set of parameters, by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ParameterSet(u16);

impl ParameterSet {
    /// The parameters from 0 to `k − 1` for which `keep` holds.
    #[inline]
    pub(crate) fn filtered(k: usize, keep: impl Fn(usize) -> bool) -> Self {
        (0..k).fold(Self(0), |set, j| Self(set.0 | u16::from(keep(j)) << j))
    }

    pub(crate) fn insert(&mut self, j: usize) {
        if j < MAX_PARAMETERS {
            self.0 |= 1 << j;
        }
    }

    /// Whether parameter `j` belongs to the set.
    pub(crate) fn contains(self, j: usize) -> bool {
        j < MAX_PARAMETERS && self.0 & (1 << j) != 0
    }

    /// Whether the set is empty.
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Number of parameters in the set.
    pub(crate) fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The indices, ascending.
    #[inline]
    pub(crate) fn iter(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let next = rest.trailing_zeros() as usize;
            // Clears the lowest bit.
            rest &= rest.checked_sub(1)?;
            Some(next)
        })
    }

    /// The entries of a vector that belong to the set, moved to the front.
    #[inline]
    pub(crate) fn gather<const K: usize>(self, all: &Vector<K>) -> Vector<K> {
        let mut part = [0.0; K];
        for (to, from) in part.iter_mut().zip(self.iter()) {
            *to = all[from];
        }
        part
    }
}
