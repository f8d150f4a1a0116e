package main

import (
	"fmt"
	"runtime/debug"
)

type versionCommand struct{}

// Run prints the version the build recorded.
func (c *versionCommand) Run(e *env) error {
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" && info.Main.Version != "(devel)" {
			version = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				version += " " + s.Value
			}
		}
		version += " " + info.GoVersion
	}
	fmt.Fprintln(e.out, "fangyu", version)
	return nil
}
