//! Files are written whole or not at all.

use std::fs;
use std::path::{Path, PathBuf};

use myeloma_epi::{ErrorKind, report};

/// An empty folder of its own for each test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let all = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = all
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn files_are_replaced_and_nothing_else_is_left() {
    let folder = folder("replaced").join("made/here");
    let paths = report::write(&folder, &[("a.csv", "1"), ("b.csv", "2")]).unwrap();
    assert_eq!(paths, [folder.join("a.csv"), folder.join("b.csv")]);
    report::write(&folder, &[("a.csv", "three")]).unwrap();
    assert_eq!(fs::read_to_string(&paths[0]).unwrap(), "three");
    assert_eq!(fs::read_to_string(&paths[1]).unwrap(), "2");
    assert_eq!(names(&folder), ["a.csv", "b.csv"]);
}

/// The last of three files cannot be written: the first two stay as they were.
#[test]
fn what_cannot_be_written_leaves_all_as_it_was() {
    let folder = folder("left");
    report::write(&folder, &[("a", "old"), ("b", "old")]).unwrap();
    fs::create_dir(folder.join("c")).unwrap();
    let long = "x".repeat(300);
    let read_only = folder.join("d");
    fs::write(&read_only, "old").unwrap();
    let mut permissions = fs::metadata(&read_only).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&read_only, permissions).unwrap();
    for last in ["c", &long, "no/folder", "d"] {
        let error = report::write(&folder, &[("a", "new"), ("b", "new"), (last, "new")]);
        let error = error.unwrap_err();
        let ErrorKind::Io { path, .. } = error.kind() else {
            panic!("{error}")
        };
        assert_eq!(path, &folder.join(last));
        for name in ["a", "b", "d"] {
            assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), "old");
        }
        assert_eq!(names(&folder), ["a", "b", "c", "d"]);
    }
    let error = report::write(folder.join("a"), &[("b", "new")]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn a_link_is_replaced_and_permissions_are_kept() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = folder("link");
    let elsewhere = folder.join("elsewhere");
    fs::write(&elsewhere, "precious").unwrap();
    symlink(&elsewhere, folder.join("a")).unwrap();
    fs::write(folder.join("b"), "secret").unwrap();
    fs::set_permissions(folder.join("b"), fs::Permissions::from_mode(0o600)).unwrap();
    report::write(&folder, &[("a", "new"), ("b", "new")]).unwrap();
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "precious");
    assert!(fs::symlink_metadata(folder.join("a")).unwrap().is_file());
    let mode = fs::metadata(folder.join("b")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// Programs that write to one folder at the same time: what is there in the end is from one of them.
#[test]
fn files_of_two_writers_are_not_mixed() {
    let folder = folder("two_writers");
    std::thread::scope(|scope| {
        for content in ["one", "two", "three", "four"] {
            let folder = &folder;
            scope.spawn(move || {
                for _ in 0..20 {
                    report::write(folder, &[("a", content), ("b", content)]).unwrap();
                }
            });
        }
    });
    let read = |name| fs::read_to_string(folder.join(name)).unwrap();
    assert_eq!(names(&folder), ["a", "b"]);
    if cfg!(target_os = "linux") {
        assert_eq!(read("a"), read("b"));
    }
}
