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
