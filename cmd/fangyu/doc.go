// Command fangyu is the one binary: the server and every tool around it.
//
// main.go reads the command line (kong, with FANGYU_… from the environment), open.go opens what a command works on, and
// each command has a file of its own. Exit codes: 0 fine, 1 a refusal or findings that block, 2 wrong use.
//
// Why (2026-11-24): commands that work on files need no database, so that a surveyor can check a track on a laptop;
// everything else joins the private cluster, whether a server runs or not.
package main
