//! How each outage is answered.

use super::*;

impl Base<'_> {
    pub(super) fn plan(&self, outage: u32, element: Element) -> Plan {
        let change = self.change(outage);
        match element {
            Element::Branch(l) => self.plan_branch(change, l.i()),
            Element::Generator(g) => self.plan_generator(change, g.i()),
            Element::DcLine(_) => Plan::Full,
        }
    }

    /// The answer where `bus` lies, unless it has to be computed.
    fn settled(&self, bus: usize, row: OutageRow) -> Option<Plan> {
        match self.layout.kinds.get(self.flow.island[bus] as usize) {
            None | Some(units::Before::Dark) => Some(Plan::Nothing(row)),
            Some(units::Before::Slow) => Some(Plan::Full),
            Some(units::Before::Quick) => None,
        }
    }

    fn plan_branch(&self, mut change: Change, l: usize) -> Plan {
        let (f, t) = self.model.ends(l);
        let cut = self.layout.forest.cut[l];
        change.row.islands_formed = u32::from(cut != NONE);
        if self.layout.line_of[l] == NONE {
            return Plan::Nothing(change.row);
        }
        if let Some(plan) = self.settled(f, change.row) {
            return plan;
        }
        if f == t {
            return Plan::Full;
        }
        let reference = self.flow.islands[self.flow.island[f] as usize].reference.0;
        (change.lost, change.line) = (l as u32, self.layout.line_of[l]);
        change.closing[0].0 = reference;
        change.hardness = self.flow.branch_p_from_mw[l].hypot(self.flow.branch_q_from_mvar[l]);
        if cut != NONE {
            let beyond = self.layout.units.below(cut);
            if let Some(closes) = beyond.closes() {
                let held = self.position(closes as usize);
                if self.state.active[held as usize] != [1.0, 0.0] {
                    // A bus that did not regulate will.
                    return Plan::Full;
                }
                change.held = held;
                change.closing[1].0 = closes;
            } else if beyond.dc_ends > 0 {
                return Plan::Full;
            } else {
                change.dark = cut;
                self.before.darken(&mut change.row, &self.layout.forest, cut);
            }
        }
        Plan::Quick(Box::new(change))
    }

    fn plan_generator(&self, mut change: Change, g: usize) -> Plan {
        let bus = self.grid.generators[g].bus.i();
        if !self.at.generator_in_service[g] || self.flow.island[bus] == NONE {
            return Plan::Nothing(change.row);
        }
        if let Some(plan) = self.settled(bus, change.row) {
            return plan;
        }
        let reference = self.flow.islands[self.flow.island[bus] as usize].reference.0;
        let (layout, base_mva) = (&self.layout, self.model.base_mva);
        let left = layout.units.without(self.grid, self.at, &layout.forest, reference, g);
        if left.closes() != Some(reference) {
            return Plan::Full;
        }
        let position = self.position(bus);
        let generators = self.grid.generators.iter().enumerate();
        let last = generators
            .filter(|(o, u)| *o != g && u.bus.i() == bus && self.at.generator_in_service[*o])
            .map(|(o, _)| o)
            .next_back();
        let regulates = self.state.active[position as usize][1] == 0.0;
        change.given.push((position, 0, -self.at.generator_p_mw[g] / base_mva));
        if !regulates {
            change.given.push((position, 1, -self.at.generator_q_mvar[g] / base_mva));
        } else if layout.units.at(bus).dc_ends > 0 {
            return Plan::Full;
        } else if let Some(last) = last {
            let [re, im] = self.state.v[position as usize];
            let ratio = self.at.generator_vm_pu[last] / re.hypot(im);
            change.scaled = ((ratio - 1.0).abs() > 1e-12).then_some((position, ratio));
        } else {
            change.freed = position;
        }
        let at_reference = bus == reference as usize;
        let lost_mw = if at_reference { self.flow.generator_p_mw[g] } else { 0.0 };
        change.closing[0] = (reference, lost_mw);
        change.hardness = self.flow.generator_p_mw[g].abs();
        Plan::Quick(Box::new(change))
    }
}
