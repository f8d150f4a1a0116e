// Command tables makes the tables of characters that package gazetteer embeds, out of the Unihan database as the Debian
// package unicode-data installs it (version 15.0.0; Unicode licence, see NOTICE):
//
//	characters.gen.tsv  the 8,105 of 《通用规范汉字表》 in its order (kTGH) with their readings (kTGHZ2013), the most common (kMandarin) first
//	forms.gen.tsv       traditional and variant forms outside it with the standard forms they stand for
//	strokes.gen.txt     numbers of strokes (kTotalStrokes), one byte a character: '0' and the number, 74 for more
//
// Run it by go generate in gazetteer; -unihan says where the files lie.
package main

import (
	"bufio"
	"compress/bzip2"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

func main() {
	unihan := flag.String("unihan", "/usr/share/unicode", "folder of Unihan_*.txt.bz2")
	out := flag.String("out", ".", "folder to write to")
	flag.Parse()
	log.SetFlags(0)

	order := field(*unihan, "OtherMappings", "kTGH")
	write(*out, "characters.gen.tsv", characters(order, field(*unihan, "Readings", "kTGHZ2013"), field(*unihan, "Readings", "kMandarin")))
	write(*out, "forms.gen.tsv", forms(order, *unihan))
	write(*out, "strokes.gen.txt", strokes(field(*unihan, "IRGSources", "kTotalStrokes")))
}

// field reads one field of a Unihan file: the value of each character.
func field(folder, file, name string) map[rune]string {
	f, err := os.Open(filepath.Join(folder, "Unihan_"+file+".txt.bz2"))
	if err != nil {
		log.Fatalf("%v\ninstall the Debian package unicode-data, or say with -unihan where its files lie", err)
	}
	defer f.Close()
	values := map[rune]string{}
	lines := bufio.NewScanner(bzip2.NewReader(f))
	for lines.Scan() {
		cols := strings.Split(lines.Text(), "\t")
		if len(cols) == 3 && cols[1] == name {
			values[codePoint(cols[0])] = cols[2]
		}
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
	return values
}

func codePoint(s string) rune {
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "U+"), 16, 32)
	if err != nil {
		log.Fatalf("no code point: %q", s)
	}
	return rune(n)
}

// characters has a line for each character in the order of the table: character, readings with tone numbers.
func characters(order, dictionary, common map[rune]string) string {
	table := make([]rune, len(order))
	for r, v := range order {
		n, err := strconv.Atoi(strings.TrimPrefix(v, "2013:"))
		if err != nil || n < 1 || n > len(table) {
			log.Fatalf("kTGH of %c: %q", r, v)
		}
		table[n-1] = r
	}
	var b strings.Builder
	for _, r := range table {
		fmt.Fprintf(&b, "%c\t%s\n", r, strings.Join(readings(dictionary[r], common[r]), " "))
	}
	return b.String()
}

// readings reads "109.010:dà 059.070:dài", each once, the one that common begins with first. One that only common has
// is added at the end: where the two sources disagree, nothing is settled.
func readings(dictionary, common string) []string {
	var all []string
	for _, entry := range strings.Fields(dictionary) {
		_, list, _ := strings.Cut(entry, ":")
		for _, s := range strings.Split(list, ",") {
			if s = numbered(s); !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	first, _, _ := strings.Cut(common, " ")
	switch i := slices.Index(all, numbered(first)); {
	case i > 0:
		all = slices.Insert(slices.Delete(all, i, i+1), 0, numbered(first))
	case i < 0 && first != "":
		all = append(all, numbered(first))
	}
	return all
}

// numbered writes a syllable with its tone as a number, 5 for the light one, and v for ü.
func numbered(s string) string {
	tone := 5
	var letters strings.Builder
	for _, r := range norm.NFD.String(s) {
		switch r {
		case '\u0304', '\u0301', '\u030C', '\u0300':
			tone = map[rune]int{'\u0304': 1, '\u0301': 2, '\u030C': 3, '\u0300': 4}[r]
		case '\u0302': // ê
		case '\u0308':
			u := strings.TrimSuffix(letters.String(), "u")
			letters.Reset()
			letters.WriteString(u + "v")
		default:
			letters.WriteRune(r)
		}
	}
	return letters.String() + strconv.Itoa(tone)
}

// forms has a line for each character outside the table that stands for characters inside: character, those, and t for a
// traditional form, v for a variant.
func forms(inside map[rune]string, folder string) string {
	type form struct {
		standard []rune
		kind     string
	}
	all := map[rune]form{}
	for _, source := range []struct{ field, kind string }{{"kSimplifiedVariant", "t"}, {"kSemanticVariant", "v"}, {"kZVariant", "v"}} {
		for r, value := range field(folder, "Variants", source.field) {
			if _, standard := inside[r]; standard || all[r].kind != "" {
				continue
			}
			f := form{kind: source.kind}
			for _, v := range strings.Fields(value) {
				code, _, _ := strings.Cut(v, "<")
				if s := codePoint(code); inside[s] != "" && !slices.Contains(f.standard, s) {
					f.standard = append(f.standard, s)
				}
			}
			if f.standard != nil {
				all[r] = f
			}
		}
	}
	var b strings.Builder
	for _, r := range sorted(all) {
		fmt.Fprintf(&b, "%c\t%s\t%s\n", r, string(all[r].standard), all[r].kind)
	}
	return b.String()
}

// strokes has a line for each unbroken run of characters: the first one's code point, then a byte for each.
func strokes(total map[rune]string) string {
	var b strings.Builder
	last := rune(-1)
	for _, r := range sorted(total) {
		first, _, _ := strings.Cut(total[r], " ") // the second is the form in Taiwan
		n, err := strconv.Atoi(first)
		if err != nil || n < 1 {
			log.Fatalf("kTotalStrokes of %c: %q", r, total[r])
		}
		if r != last+1 {
			if last >= 0 {
				b.WriteByte('\n')
			}
			fmt.Fprintf(&b, "%X ", r)
		}
		b.WriteByte(byte('0' + min(n, 'z'-'0')))
		last = r
	}
	b.WriteByte('\n')
	return b.String()
}

func sorted[T any](m map[rune]T) []rune {
	keys := make([]rune, 0, len(m))
	for r := range m {
		keys = append(keys, r)
	}
	slices.Sort(keys)
	return keys
}

func write(folder, name, text string) {
	const head = "// Code generated by gazetteer/internal/tables from Unihan 15.0.0 (Unicode licence, see NOTICE). DO NOT EDIT.\n"
	if err := os.WriteFile(filepath.Join(folder, name), []byte(head+text), 0o644); err != nil {
		log.Fatal(err)
	}
}
