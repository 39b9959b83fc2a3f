//! What the settings let pass.

use datajoint_config::Settings;

use crate::{Action, Answer, Ask, Confirmation, Error, Plan, Result, Stamp, bytes_text};

/// What may be done, as the settings say.
///
/// ```
/// use datajoint_config::Settings;
/// use datajoint_guard::{Confirmation, Going, Plan, Policy, Terminal, Verb};
///
/// let policy = Policy::of(&Settings::default());
/// let going = Going { table: "lab.session".to_owned(), rows: 3, ..Going::default() };
/// let plan = Plan::new(Verb::Delete, "localhost", vec![going]);
/// assert!(policy.check(&plan, &Confirmation::Given, &Terminal).is_ok());
/// assert!(policy.check(&plan, &Confirmation::Plan("of another day".to_owned()), &Terminal).is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    safemode: bool,
    max_rows: Option<u64>,
    max_bytes: Option<u64>,
    environment: Option<String>,
    /// Where the settings above come from.
    origins: [String; 3],
}

impl Policy {
    /// The policy of some settings.
    pub fn of(settings: &Settings) -> Self {
        let origin = |key: &str| settings.origin(key).to_string();
        Self {
            safemode: settings.safemode,
            max_rows: settings.guard.max_rows,
            max_bytes: settings.guard.max_bytes,
            environment: settings.environment().map(str::to_owned),
            origins: [origin("safemode"), origin("guard.max_rows"), origin("guard.max_bytes")],
        }
    }

    /// True when it has to be known what would go, before it does.
    pub fn needs_plan(&self, confirmation: &Confirmation) -> bool {
        match confirmation {
            Confirmation::Ask => self.safemode || self.has_limits(),
            Confirmation::Given => self.has_limits(),
            Confirmation::Plan(_) => true,
        }
    }

    const fn has_limits(&self) -> bool {
        self.max_rows.is_some() || self.max_bytes.is_some()
    }

    /// Fails unless a plan may be carried out. Waits for an answer when somebody is there to give one.
    pub fn check(&self, plan: &Plan, confirmation: &Confirmation, ask: &dyn Ask) -> Result<()> {
        if plan.is_empty() {
            return Ok(());
        }
        self.check_limits(plan)?;
        match confirmation {
            Confirmation::Given => Ok(()),
            Confirmation::Plan(hash) if *hash == plan.hash() => Ok(()),
            Confirmation::Plan(hash) => {
                Err(Error::OtherPlan { plan: Box::new(plan.clone()), given: hash.clone() })
            }
            Confirmation::Ask if !self.safemode => Ok(()),
            Confirmation::Ask => match ask.ask(plan) {
                Answer::Yes => Ok(()),
                Answer::No => Err(Error::Declined { plan: Box::new(plan.clone()) }),
                Answer::NobodyThere => {
                    Err(Error::Unconfirmed { plan: Box::new(plan.clone()), origin: self.origins[0].clone() })
                }
            },
        }
    }

    fn check_limits(&self, plan: &Plan) -> Result<()> {
        let (rows, bytes) = (plan.rows(), plan.bytes());
        let too_much = |found: String, setting: &'static str, limit: String, origin: &String| {
            Err(Error::TooMuch { verb: plan.verb, found, setting, limit, origin: origin.clone() })
        };
        match (self.max_rows, self.max_bytes) {
            (Some(limit), _) if rows > limit => too_much(
                datajoint_definition::count(rows, "row"),
                "guard.max_rows",
                limit.to_string(),
                &self.origins[1],
            ),
            (_, Some(limit)) if bytes > limit => {
                too_much(bytes_text(bytes), "guard.max_bytes", bytes_text(limit), &self.origins[2])
            }
            _ => Ok(()),
        }
    }

    /// Fails when schemas are stamped for another environment than the settings name, for what a stamp does not let pass.
    pub fn check_environment<'a>(
        &self,
        action: Action,
        stamps: impl IntoIterator<Item = (&'a String, &'a Stamp)>,
    ) -> Result<()> {
        for (schema, stamp) in stamps {
            let Some(stamped) = &stamp.environment else { continue };
            if !action.passes_stamps() && stamp.is_of_nobody() {
                let message = "it names no environment".to_owned();
                return Err(Error::UnreadableStamp { schema: schema.clone(), message });
            }
            if !action.passes_stamps() && self.environment.as_ref() != Some(stamped) {
                return Err(Error::OtherEnvironment {
                    schema: schema.clone(),
                    stamped: stamped.clone(),
                    named: self.environment.clone(),
                    action,
                });
            }
        }
        Ok(())
    }
}
