pub mod lab {
    use datajoint::prelude::*;

    schema!("lab");

    #[table(Lookup)]
    /// ---
    /// limit=5              : int32
    pub struct Options;

    #[table(Manual)]
    /// query                : varchar(8)
    /// ---
    /// row                  : varchar(8)
    pub struct Query;

    #[table(Manual)]
    /// # Animals in "the" colony
    /// subject_id           : int32                        # it's \ a number
    /// ---
    /// sex                  : enum('M', 'F')
    /// born=null            : date
    /// weight=20.5          : float64
    /// note=""              : varchar(40)
    /// seen=CURRENT_TIMESTAMP : datetime
    /// UNIQUE INDEX (note, born)
    pub struct Subject;

    #[table(Manual)]
    /// -> Subject.proj(first="subject_id")
    /// -> Subject.proj(second="subject_id")
    pub struct Pair;

    #[table(Manual)]
    /// -> Subject
    /// session              : int16
    /// ---
    /// -> [nullable] super::rig::Camera
    /// -> super::rig::Type.proj(setup="type")
    /// settings=null        : json
    /// INDEX (setup, session)
    pub struct Session;

    #[part(Session)]
    /// -> master
    /// ---
    /// file                 : <attach>
    pub struct Note;

    #[part(Session)]
    /// -> master
    /// trial                : int16
    /// ---
    /// onset                : decimal(8, 3)
    /// trace                : <blob>
    pub struct SessionTrial;

    #[table(Imported, external_make)]
    /// -> Session
    /// ---
    /// raw                  : longblob
    /// counts               : int unsigned
    pub struct Import;

    #[table(Computed, external_make, allow_new_key)]
    /// -> Import
    /// unit                 : int32
    /// ---
    /// rate                 : float32
    pub struct Spikes;

    #[part(Spikes)]
    /// -> master
    /// -> SessionTrial
    /// ---
    /// id                   : uuid
    pub struct SpikesWave;

    #[table(Manual)]
    /// -> Session
    /// ---
    /// text                 : varchar(2000)
    pub struct SessionNote;

    #[table(Manual)]
    /// -> super::rig::Camera
    /// -> Session
    /// ---
    /// when                 : datetime(3)
    pub struct Viewed;
}

pub mod rig {
    use datajoint::prelude::*;

    schema!("rig");

    #[table(Lookup, types(kind = String))]
    /// # Cameras
    /// camera               : varchar(12)
    /// ---
    /// kind                 : enum('CMOS', 'cmos')
    pub struct Camera;

    #[table(Manual)]
    /// type                 : int16
    /// ---
    /// match                : int8
    /// self=null            : int8
    pub struct Type;
}

datajoint::pipeline! {
    /// Every table of these schemas.
    pub struct Pulled {
        lab::{Options, Query, Subject, Pair, Session, Note, SessionTrial, Import, Spikes, SpikesWave, SessionNote, Viewed},
        rig::{Camera, Type},
    }
}
