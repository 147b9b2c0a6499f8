//! Who is at work in an hour: teams of one skill, and teams that can do anything.

use crate::scenario::{RepairResources, Shift, Skill};

/// Teams of a shift that are not at work yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Crews {
    all: [u32; Skill::ALL.len()],
    skilled: [u32; Skill::ALL.len()],
    any: u32,
}

impl Crews {
    /// The shift of an hour of the clock.
    pub fn at(resources: &RepairResources, clock_hour: u32) -> Self {
        let day = is_day(resources, clock_hour);
        let of = |shift: Shift| if day { shift.day } else { shift.night };
        let any = of(Shift { day: resources.teams_day, night: resources.teams_night });
        let skilled = resources.recovery.skilled.map(of);
        Self { all: skilled.map(|n| n.saturating_add(any)), skilled, any }
    }

    /// Teams of the whole shift that can do it, free or not.
    pub fn in_shift(&self, skill: Skill) -> u32 {
        self.all[skill as usize]
    }

    /// Teams that are free for it.
    pub fn free(&self, skill: Skill) -> u32 {
        self.skilled[skill as usize].saturating_add(self.any)
    }

    /// Sends `n` of the free teams, those of the one skill first.
    pub fn send(&mut self, skill: Skill, n: u32) {
        let own = &mut self.skilled[skill as usize];
        let of_skill = n.min(*own);
        *own -= of_skill;
        self.any -= (n - of_skill).min(self.any);
    }
}

fn is_day(resources: &RepairResources, clock_hour: u32) -> bool {
    let (from, to) = (resources.day_from_h, resources.day_to_h);
    let hour = clock_hour % 24;
    match from.cmp(&to) {
        std::cmp::Ordering::Less => from <= hour && hour < to,
        std::cmp::Ordering::Equal => true,
        std::cmp::Ordering::Greater => hour >= from || hour < to,
    }
}

#[cfg(test)]
mod tests {
    use super::super::work::tests::resources;
    use super::*;

    #[test]
    fn shifts_by_the_clock() {
        let mut r = resources(5, 2);
        let teams = |r: &RepairResources, h| Crews::at(r, h).free(Skill::Line);
        assert_eq!([6, 7, 18, 19, 31].map(|h| teams(&r, h)), [2, 5, 5, 2, 5]);
        (r.day_from_h, r.day_to_h) = (19, 7);
        assert_eq!([6, 7, 18, 19].map(|h| teams(&r, h)), [5, 2, 2, 5]);
        r.day_from_h = 7;
        assert_eq!([6, 7].map(|h| teams(&r, h)), [5, 5]);
        (r.day_from_h, r.day_to_h) = (0, 24);
        assert_eq!([0, 23].map(|h| teams(&r, h)), [5, 5]);
    }

    #[test]
    fn those_of_the_skill_go_first() {
        let mut r = resources(3, 3);
        r.recovery.skilled[Skill::Pipe as usize] = Shift { day: 2, night: 0 };
        let mut crews = Crews::at(&r, 12);
        assert_eq!((crews.free(Skill::Pipe), crews.free(Skill::Line)), (5, 3));
        crews.send(Skill::Pipe, 3);
        assert_eq!((crews.free(Skill::Pipe), crews.free(Skill::Line)), (2, 2));
        crews.send(Skill::Line, 2);
        assert_eq!((crews.free(Skill::Pipe), crews.free(Skill::Line)), (0, 0));
        assert_eq!(crews.in_shift(Skill::Pipe), 5);
        assert_eq!(Crews::at(&r, 2).free(Skill::Pipe), 3);
    }
}
