//! Index newtypes. Outside the engine an asset is its user's string; inside it is
//! one of these, valid for exactly one [`Region`](super::Region).

macro_rules! index_types {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// The position in the table, as a slice index.
            #[must_use]
            pub const fn i(self) -> usize {
                self.0 as usize
            }

            /// The index of table position `i`.
            ///
            /// # Panics
            /// When `i` does not fit 32 bits: no machine holds a table of 2³² rows of some hundred
            /// bytes, and files are bounded far below.
            #[must_use]
            pub fn new(i: usize) -> Self {
                Self(u32::try_from(i).expect("a table of fewer than 2^32 rows"))
            }
        }
    )*};
}

index_types! {
    /// A row of [`Grid::buses`](super::Grid::buses).
    BusIdx;
    /// A row of [`Grid::branches`](super::Grid::branches).
    BranchIdx;
    /// A row of [`Grid::generators`](super::Grid::generators).
    GeneratorIdx;
    /// A row of [`Grid::loads`](super::Grid::loads).
    LoadIdx;
    /// A node of the water network: junctions first, then reservoirs, then tanks.
    WaterNodeIdx;
    /// A row of [`Water::pipes`](super::Water::pipes).
    PipeIdx;
    /// A row of [`Water::pumps`](super::Water::pumps).
    PumpIdx;
    /// A row of [`Water::valves`](super::Water::valves).
    ValveIdx;
    /// A row of [`Heat::junctions`](super::Heat::junctions).
    HeatJunctionIdx;
    /// A row of [`Heat::pipes`](super::Heat::pipes).
    HeatPipeIdx;
    /// A row of [`Heat::plants`](super::Heat::plants).
    PlantIdx;
    /// A row of [`Heat::substations`](super::Heat::substations).
    HeatSubstationIdx;
    /// A row of [`Places::areas`](super::Places::areas).
    AreaIdx;
    /// A row of [`Places::kinds`](super::Places::kinds).
    BuildingKindIdx;
    /// A row of [`Places::sites`](super::Places::sites).
    SiteIdx;
    /// A row of [`Region::facilities`](super::Region::facilities).
    FacilityIdx;
}
