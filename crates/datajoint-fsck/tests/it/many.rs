//! As many objects as a laboratory has, in little memory.

use std::time::{Duration, Instant};

use datajoint_fsck::Fsck;
use datajoint_sql::Statement;

use super::Lab;

/// The most that this process ever had in memory, in bytes; `None` where the system does not tell.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}

/// The name of an object, as its contents would give one: the number in letters.
fn name(number: u64) -> String {
    format!("{number:026}").bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
}

/// So many objects, of which each thousandth has no row. `DATAJOINT_OBJECTS=1000000` takes as many as a laboratory has.
#[tokio::test]
async fn many_objects_are_compared_in_little_memory() {
    #[expect(clippy::disallowed_methods, reason = "a longer form of the test")]
    let objects =
        std::env::var("DATAJOINT_OBJECTS").ok().and_then(|text| text.parse().ok()).unwrap_or(2000_u64);
    let lab = Lab::new().await;
    let folder = lab.folder.path().join("_hash/lab");
    std::fs::create_dir_all(&folder).unwrap();
    for number in 0..objects {
        std::fs::write(folder.join(name(number)), b"abc").unwrap();
    }
    let letters = (0..10_u8).fold("printf('%026d', n)".to_owned(), |text, digit| {
        format!("replace({text}, '{digit}', '{}')", char::from(b'a' + digit))
    });
    let sql = format!(
        "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {objects}) \
         INSERT INTO \"lab.scan\" (id, raw) SELECT n, json_object('hash', {letters}, 'path', '_hash/lab/' || {letters}, \
         'schema', 'lab', 'store', 'main', 'size', 3) FROM numbers WHERE n % 1000 <> 0"
    );
    let mut connection = lab.dj.database().acquire().await.unwrap();
    connection.execute(&Statement::plain(sql)).await.unwrap();
    drop(connection);
    let (before, begun) = (peak(), Instant::now());
    let report = Fsck::of(&lab.dj).older_than(Duration::ZERO).run().await.unwrap();
    let leftovers = objects.div_ceil(1000);
    assert_eq!(
        (report.objects, report.references, report.fault_count, report.orphan_count),
        (objects, objects - leftovers, 0, leftovers),
        "{report}"
    );
    eprintln!("{objects} objects in {:.1?}: {before:?} bytes before, {:?} at most", begun.elapsed(), peak());
    if let Some(peak) = peak() {
        assert!(peak < 200 << 20, "{peak} bytes");
    }
}
