// Package web embeds the built pages: the desk at / and the field pages at /field/.
//
// It leans on nothing but the standard library. The pages themselves are TypeScript under src, built by
// "npm run build" into dist, which is not committed; .gitkeep alone keeps this package compiling before the first build,
// and then both file systems are empty.
//
// Why (2026-11-24): the pages are a client like any other and share no code with the server, only the JSON that
// openapi.yaml describes; embedding them keeps the program one file. Desk and field are two builds, because the field
// pages must load offline and small while the desk carries the map.
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
