package geo

import "math"

// The CGCS2000 ellipsoid (GB 22021-2008): equatorial radius in metres and flattening.
const (
	equatorialRadiusM = 6378137
	flattening        = 1 / 298.257222101
	eccentricity2     = flattening * (2 - flattening)
)

// krugerSeries is the transverse Mercator projection by Krüger's series to the sixth order of the third flattening n,
// scale 1 on the central meridian. Within 3,000 km of the meridian it is good to nanometres.
// Source: C. F. F. Karney, "Transverse Mercator with an accuracy of a few nanometers", J. Geodesy 85 (2011), eqs. 35 and 36.
type krugerSeries struct {
	radiusM     float64 // of the rectifying sphere
	alpha, beta [6]float64
	e           float64 // first eccentricity
}

var kruger = newKrugerSeries()

func newKrugerSeries() krugerSeries {
	const n = flattening / (2 - flattening)
	const n2, n3, n4, n5, n6 = n * n, n * n * n, n * n * n * n, n * n * n * n * n, n * n * n * n * n * n
	return krugerSeries{
		radiusM: equatorialRadiusM / (1 + n) * (1 + n2/4 + n4/64 + n6/256),
		e:       math.Sqrt(eccentricity2),
		alpha: [6]float64{
			n/2 - 2*n2/3 + 5*n3/16 + 41*n4/180 - 127*n5/288 + 7891*n6/37800,
			13*n2/48 - 3*n3/5 + 557*n4/1440 + 281*n5/630 - 1983433*n6/1935360,
			61*n3/240 - 103*n4/140 + 15061*n5/26880 + 167603*n6/181440,
			49561*n4/161280 - 179*n5/168 + 6601661*n6/7257600,
			34729*n5/80640 - 3418889*n6/1995840,
			212378941 * n6 / 319334400,
		},
		beta: [6]float64{
			n/2 - 2*n2/3 + 37*n3/96 - n4/360 - 81*n5/512 + 96199*n6/604800,
			n2/48 + n3/15 - 437*n4/1440 + 46*n5/105 - 1118711*n6/3870720,
			17*n3/480 - 37*n4/840 - 209*n5/4480 + 5569*n6/90720,
			4397*n4/161280 - 11*n5/504 - 830251*n6/7257600,
			4583*n5/161280 - 108847*n6/3991680,
			20648693 * n6 / 638668800,
		},
	}
}

// forward returns metres east of the central meridian and north of the equator for a longitude from that meridian and a
// latitude, both in degrees.
func (k *krugerSeries) forward(dLon, lat float64) (x, y float64) {
	sinLon, cosLon := math.Sincos(dLon * math.Pi / 180)
	tau := math.Tan(lat * math.Pi / 180)
	conformal := k.conformalTan(tau)
	xi := math.Atan2(conformal, cosLon)
	eta := math.Asinh(sinLon / math.Hypot(conformal, cosLon))
	x, y = eta, xi
	for j, a := range k.alpha {
		m := float64(2 * (j + 1))
		x += a * math.Cos(m*xi) * math.Sinh(m*eta)
		y += a * math.Sin(m*xi) * math.Cosh(m*eta)
	}
	return k.radiusM * x, k.radiusM * y
}

// inverse is the reverse of forward.
func (k *krugerSeries) inverse(x, y float64) (dLon, lat float64) {
	xi, eta := y/k.radiusM, x/k.radiusM
	xiP, etaP := xi, eta
	for j, b := range k.beta {
		m := float64(2 * (j + 1))
		xiP -= b * math.Sin(m*xi) * math.Cosh(m*eta)
		etaP -= b * math.Cos(m*xi) * math.Sinh(m*eta)
	}
	sinhEta, cosXi := math.Sinh(etaP), math.Cos(xiP)
	conformal := math.Sin(xiP) / math.Hypot(sinhEta, cosXi)
	return math.Atan2(sinhEta, cosXi) * 180 / math.Pi, math.Atan(k.geographicTan(conformal)) * 180 / math.Pi
}

// conformalTan returns the tangent of the conformal latitude for the tangent of the geographic one.
func (k *krugerSeries) conformalTan(tau float64) float64 {
	sigma := math.Sinh(k.e * math.Atanh(k.e*tau/math.Hypot(1, tau)))
	return tau*math.Hypot(1, sigma) - sigma*math.Hypot(1, tau)
}

// geographicTan inverts conformalTan by Newton's method; two rounds reach full precision, the rest is a bound.
func (k *krugerSeries) geographicTan(conformal float64) float64 {
	tau := conformal / (1 - eccentricity2)
	for range 5 {
		got := k.conformalTan(tau)
		step := (conformal - got) / math.Hypot(1, got) *
			(1 + (1-eccentricity2)*tau*tau) / ((1 - eccentricity2) * math.Hypot(1, tau))
		tau += step
		if math.Abs(step) < 1e-15*math.Max(1, math.Abs(tau)) {
			break
		}
	}
	return tau
}
