package schema

// The accessors of internal/fb are generated from lce.fbs by flatc 2.0.8 and
// committed; run go generate after each change of lce.fbs. A new table, union
// member or enum value also needs its row in layout.go, model.go or enums.go, and
// in the tables of read, write and check; the tests compare these with lce.fbs.

//go:generate flatc --go -o internal lce.fbs
//go:generate gofmt -w internal/fb
