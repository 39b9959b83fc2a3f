use datajoint::prelude::*;

schema!("lab");

#[table(Manual)]
/// session : int16
/// ---
/// weight  : float64
pub struct Session;

#[table(Computed)]
/// -> Session
/// ---
/// root    : float64
pub struct Root;

impl PlainMake for Root {
    async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
        let SessionRow { session, weight } = cx.upstream::<Session>().fetch_one().await?;
        if weight < 0.0 {
            return Err(format!("{weight} g is no weight").into());
        }
        cx.insert(RootRow { session, root: weight.sqrt() }).await
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dj = Instance::connect(Settings::embedded(":memory:")).await?;
    // The example.
    Ok(())
}
