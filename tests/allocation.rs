//! A fit allocates nothing.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use myeloma_epi::fit::solver::{Bounds, Objective, SolverOptions, Term, minimise};

struct Counting;

thread_local! {
    // Per thread: the test harness allocates on its own.
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

#[expect(
    unsafe_code,
    reason = "an allocator cannot be written without; this one only counts"
)]
// SAFETY: every call is passed on unchanged to the system allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Exponential growth with an oscillating disturbance.
struct Growth {
    terms: usize,
}

impl Objective for Growth {
    fn parameters(&self) -> usize {
        2
    }

    fn terms(&self) -> usize {
        self.terms
    }

    fn term(&self, i: usize, theta: &[f64], row: &mut [f64]) -> Term {
        let x = i as f64 / self.terms as f64;
        let f = (theta[0] + theta[1] * x).exp();
        row.copy_from_slice(&[f, x * f]);
        let residual = (1.0 + 2.0 * x).exp() * (1.0 + 0.1 * (40.0 * x).sin()) - f;
        Term {
            loss: 0.5 * residual * residual,
            residual,
        }
    }
}

#[test]
fn a_fit_of_any_length_allocates_nothing() {
    let bounds = Bounds::new(&[(-10.0, 10.0), (0.0, 10.0)]).expect("valid bounds");
    for terms in [5, 21, 32, 33, 1000] {
        let objective = Growth { terms };
        let before = COUNT.with(Cell::get);
        let fit = minimise(&objective, &[0.0, 0.5], &bounds, &SolverOptions::default());
        let after = COUNT.with(Cell::get);
        assert!(fit.is_ok(), "{fit:?}");
        assert_eq!(after - before, 0, "{terms} terms");
    }
    // The counter counts.
    let before = COUNT.with(Cell::get);
    std::hint::black_box(Box::new(1));
    assert_eq!(COUNT.with(Cell::get) - before, 1);
}
