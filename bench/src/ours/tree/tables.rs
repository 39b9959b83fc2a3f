//! A hundred tables in a binary tree of foreign keys, with eight attributes each.

use datajoint::prelude::*;

schema!("bench_ours_tree");

/// Tables with these lines for their keys.
macro_rules! tables {
    ($($name:ident: $($key:tt),+;)+) => { $(
        #[table(Manual)]
        $(#[doc = $key])+
        /// ---
        /// a0 : float64  # attribute 0
        /// a1 : float64  # attribute 1
        /// a2 : float64  # attribute 2
        /// a3 : float64  # attribute 3
        /// a4 : float64  # attribute 4
        /// a5 : float64  # attribute 5
        /// a6 : float64  # attribute 6
        /// a7 : float64  # attribute 7
        pub(super) struct $name;
    )+ };
}

tables! {
    T0: "k0 : int32";
    T1: "-> T0", "k1 : int32";
    T2: "-> T0", "k2 : int32";
    T3: "-> T1", "k3 : int32";
    T4: "-> T1", "k4 : int32";
    T5: "-> T2", "k5 : int32";
    T6: "-> T2", "k6 : int32";
    T7: "-> T3", "k7 : int32";
    T8: "-> T3", "k8 : int32";
    T9: "-> T4", "k9 : int32";
    T10: "-> T4", "k10 : int32";
    T11: "-> T5", "k11 : int32";
    T12: "-> T5", "k12 : int32";
    T13: "-> T6", "k13 : int32";
    T14: "-> T6", "k14 : int32";
    T15: "-> T7", "k15 : int32";
    T16: "-> T7";
    T17: "-> T8";
    T18: "-> T8";
    T19: "-> T9";
    T20: "-> T9";
    T21: "-> T10";
    T22: "-> T10";
    T23: "-> T11";
    T24: "-> T11";
    T25: "-> T12";
    T26: "-> T12";
    T27: "-> T13";
    T28: "-> T13";
    T29: "-> T14";
    T30: "-> T14";
    T31: "-> T15";
    T32: "-> T15";
    T33: "-> T16";
    T34: "-> T16";
    T35: "-> T17";
    T36: "-> T17";
    T37: "-> T18";
    T38: "-> T18";
    T39: "-> T19";
    T40: "-> T19";
    T41: "-> T20";
    T42: "-> T20";
    T43: "-> T21";
    T44: "-> T21";
    T45: "-> T22";
    T46: "-> T22";
    T47: "-> T23";
    T48: "-> T23";
    T49: "-> T24";
    T50: "-> T24";
    T51: "-> T25";
    T52: "-> T25";
    T53: "-> T26";
    T54: "-> T26";
    T55: "-> T27";
    T56: "-> T27";
    T57: "-> T28";
    T58: "-> T28";
    T59: "-> T29";
    T60: "-> T29";
    T61: "-> T30";
    T62: "-> T30";
    T63: "-> T31";
    T64: "-> T31";
    T65: "-> T32";
    T66: "-> T32";
    T67: "-> T33";
    T68: "-> T33";
    T69: "-> T34";
    T70: "-> T34";
    T71: "-> T35";
    T72: "-> T35";
    T73: "-> T36";
    T74: "-> T36";
    T75: "-> T37";
    T76: "-> T37";
    T77: "-> T38";
    T78: "-> T38";
    T79: "-> T39";
    T80: "-> T39";
    T81: "-> T40";
    T82: "-> T40";
    T83: "-> T41";
    T84: "-> T41";
    T85: "-> T42";
    T86: "-> T42";
    T87: "-> T43";
    T88: "-> T43";
    T89: "-> T44";
    T90: "-> T44";
    T91: "-> T45";
    T92: "-> T45";
    T93: "-> T46";
    T94: "-> T46";
    T95: "-> T47";
    T96: "-> T47";
    T97: "-> T48";
    T98: "-> T48";
    T99: "-> T49";
}

pipeline! {
    pub(super) struct Tree {
        T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18, T19,
        T20, T21, T22, T23, T24, T25, T26, T27, T28, T29, T30, T31, T32, T33, T34, T35, T36, T37, T38, T39,
        T40, T41, T42, T43, T44, T45, T46, T47, T48, T49, T50, T51, T52, T53, T54, T55, T56, T57, T58, T59,
        T60, T61, T62, T63, T64, T65, T66, T67, T68, T69, T70, T71, T72, T73, T74, T75, T76, T77, T78, T79,
        T80, T81, T82, T83, T84, T85, T86, T87, T88, T89, T90, T91, T92, T93, T94, T95, T96, T97, T98, T99,
    }
}
