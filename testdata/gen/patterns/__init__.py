"""The cases of testdata/patterns. Each module is a topic and has a function cases()."""
