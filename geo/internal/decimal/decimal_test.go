package decimal_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"fangyu/geo/internal/decimal"
)

func TestParseAgreesWithStrconv(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	texts := []string{
		"0", "-0", "+1", "106.5", ".5", "5.", "-.25", "1e3", "1E-3", "1.5e+2", "123456789012345", "1234567890123456", "0.1234567890123456789",
		"000000000000000000000001.5", "0.00000000000000000000000001", "9007199254740993", "1e308", "1e-400", "179.99999999999997",
	}
	for range 5000 {
		texts = append(texts, strconv.FormatFloat((r.Float64()-0.5)*math.Pow(10, float64(r.IntN(12))), 'f', r.IntN(20), 64))
	}
	for _, s := range texts {
		want, err := strconv.ParseFloat(s, 64)
		got, ok := decimal.Parse([]byte(s))
		if !ok || err != nil || got != want || math.Signbit(got) != math.Signbit(want) {
			t.Errorf("%q: %v, %v; want %v, %v", s, got, ok, want, err)
		}
	}
}

func TestParseRefusesWhatIsNoNumber(t *testing.T) {
	for _, s := range []string{
		"", " ", "-", "+", ".", "1 ", " 1", "1,5", "1.5.2", "NaN", "nan", "Inf", "-inf", "infinity", "0x10", "1_000", "1e", "1e+", "1e400", "e5", "1d5", "１",
	} {
		if v, ok := decimal.Parse([]byte(s)); ok {
			t.Errorf("%q: %v", s, v)
		}
	}
}

func TestAppend7(t *testing.T) {
	for want, v := range map[string]float64{
		"0": 0, "106.5": 106.5, "-0.0000001": -1e-7, "29.1234568": 29.12345675, "100": 99.99999999, "899999999.5": 899999999.5,
	} {
		if got := string(decimal.Append7(nil, v)); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	text := []byte("106.5512345")
	b.Run("decimal", func(b *testing.B) {
		for range b.N {
			decimal.Parse(text)
		}
	})
	b.Run("strconv", func(b *testing.B) {
		for range b.N {
			_, _ = strconv.ParseFloat(string(text), 64)
		}
	})
}

func ExampleParse() {
	fmt.Println(decimal.Parse([]byte("29.6")))
	fmt.Println(decimal.Parse([]byte("29,6")))
	// Output:
	// 29.6 true
	// 0 false
}
