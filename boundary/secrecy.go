package boundary

import "fangyu/gazetteer"

// GradesOn reports whether the actor grades the markers of a line to which its office has the standing: an approver or
// superior of the civil-affairs bureau above both parties. What one side alone withheld would be missing from the common
// record of both.
func GradesOn(a gazetteer.Actor, s Standing) bool {
	return s == Above && a.OfficeKind == "civil-affairs" && a.Has(gazetteer.Approver, gazetteer.Superior)
}
