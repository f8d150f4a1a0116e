package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Desk holds the files served at "/"; it has no index.html until the pages are built.
var Desk = built("desk")

// Field holds the files served at "/field/"; it has no index.html until the pages are built.
var Field = built("field")

func built(name string) fs.FS {
	sub, err := fs.Sub(dist, "dist/"+name)
	if err != nil {
		panic(err) // the name is a constant and valid
	}
	return sub
}
