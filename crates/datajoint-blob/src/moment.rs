//! Dates and times.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use crate::{Error, FromBlob, Item, Result, ToBlob, Writer, code, reader::Reader};

/// What the format has one code for.
pub(crate) enum Moment {
    Date(NaiveDate),
    Time(NaiveTime),
    DateTime(NaiveDateTime),
}

/// Stands for no date and for no time.
const ABSENT: i8 = -1;

impl Moment {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let (days, ticks) = (i32::from_le_bytes(reader.array()?), i64::from_le_bytes(reader.array()?));
        let date = (days != ABSENT.into()).then(|| date(days)).transpose()?;
        let time = (ticks != ABSENT.into()).then(|| time(ticks)).transpose()?;
        match (date, time) {
            (Some(date), Some(time)) => Ok(Self::DateTime(date.and_time(time))),
            (Some(date), None) => Ok(Self::Date(date)),
            (None, Some(time)) => Ok(Self::Time(time)),
            (None, None) => Err(Error::invalid("date or time", "neither a date nor a time")),
        }
    }

    fn of(item: Item<'_>, wanted: &str) -> Result<Self> {
        item.only(wanted, code::TIME, Self::read)
    }
}

fn date(days: i32) -> Result<NaiveDate> {
    let fault = || Error::invalid("date", days.to_string());
    let number = u32::try_from(days).map_err(|_| fault())?;
    let date = NaiveDate::from_ymd_opt(days / 10_000, number / 100 % 100, number % 100);
    date.filter(|date| (1..=9999).contains(&date.year())).ok_or_else(fault)
}

fn time(ticks: i64) -> Result<NaiveTime> {
    let fault = || Error::invalid("time of day", ticks.to_string());
    let ticks = u64::try_from(ticks).map_err(|_| fault())?;
    let (clock, micros) =
        (u32::try_from(ticks / 1_000_000).map_err(|_| fault())?, (ticks % 1_000_000) as u32);
    NaiveTime::from_hms_micro_opt(clock / 10_000, clock / 100 % 100, clock % 100, micros).ok_or_else(fault)
}

fn write(date: Option<NaiveDate>, time: Option<NaiveTime>, writer: &mut Writer) -> Result<()> {
    let mut days = i32::from(ABSENT);
    if let Some(date) = date {
        if !(1..=9999).contains(&date.year()) {
            let what = format!("the date {date}");
            return Err(Error::Unrepresentable { what, advice: "use a year from 1 to 9999" });
        }
        days = date.year() * 10_000 + (date.month() * 100 + date.day()).cast_signed();
    }
    let mut ticks = i64::from(ABSENT);
    if let Some(time) = time {
        let nanos = time.nanosecond();
        if nanos >= 1_000_000_000 || !nanos.is_multiple_of(1000) {
            let what = format!("the time {time}");
            let advice = "round it to microseconds, for one with `chrono::SubsecRound::trunc_subsecs(6)`";
            return Err(Error::Unrepresentable { what, advice });
        }
        let clock = (time.hour() * 100 + time.minute()) * 100 + time.second();
        ticks = i64::from(clock) * 1_000_000 + i64::from(nanos / 1000);
    }
    writer.code(code::TIME);
    writer.bytes(&days.to_le_bytes());
    writer.bytes(&ticks.to_le_bytes());
    Ok(())
}

impl ToBlob for NaiveDate {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        write(Some(*self), None, writer)
    }
}

impl ToBlob for NaiveTime {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        write(None, Some(*self), writer)
    }
}

impl ToBlob for NaiveDateTime {
    fn write_blob(&self, writer: &mut Writer) -> Result<()> {
        write(Some(self.date()), Some(self.time()), writer)
    }
}

impl FromBlob for NaiveDate {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        match Moment::of(item, "a date")? {
            Moment::Date(date) => Ok(date),
            Moment::Time(_) => Err(Error::mismatch("a date", "a time of day")),
            Moment::DateTime(_) => Err(Error::mismatch("a date", "a date with a time")),
        }
    }
}

impl FromBlob for NaiveTime {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        match Moment::of(item, "a time of day")? {
            Moment::Time(time) => Ok(time),
            Moment::Date(_) => Err(Error::mismatch("a time of day", "a date")),
            Moment::DateTime(_) => Err(Error::mismatch("a time of day", "a date with a time")),
        }
    }
}

impl FromBlob for NaiveDateTime {
    fn read_blob(item: Item<'_>) -> Result<Self> {
        match Moment::of(item, "a date with a time")? {
            Moment::DateTime(both) => Ok(both),
            Moment::Date(_) => Err(Error::mismatch("a date with a time", "a date")),
            Moment::Time(_) => Err(Error::mismatch("a date with a time", "a time of day")),
        }
    }
}
