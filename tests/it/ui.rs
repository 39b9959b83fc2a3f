/// Each file in `ui/` has a fault; what the compiler says of it stands beside it.
///
/// `TRYBUILD=overwrite cargo test -p datajoint-tests --test it ui` records it anew.
#[test]
fn faults_do_not_compile() {
    trybuild::TestCases::new().compile_fail("ui/*.rs");
}
