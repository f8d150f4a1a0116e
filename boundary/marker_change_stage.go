package boundary

import (
	"slices"

	"github.com/google/uuid"
)

// ChangeStage is one of the stages a case goes through from its application to its filing, as whoever reads it is told.
type ChangeStage struct {
	Name  string           // apply, agree, approve, survey, place, file
	State ChangeStageState // whether it is done
	By    ChangeStageBy    // who takes it
	Waits []uuid.UUID      // the sides that have still to take it, where it is the one that comes next
	done  bool             // as the record shows, whatever came before
}

// ChangeStageState is how far a stage is.
type ChangeStageState string

// The states of a stage. A case that was declined or withdrawn stopped at one.
const (
	StageDone    ChangeStageState = "done"
	StageCurrent ChangeStageState = "current"
	StageComing  ChangeStageState = "coming"
	StageStopped ChangeStageState = "stopped"
)

// ChangeStageBy is who takes a stage.
type ChangeStageBy string

// The takers.
const (
	StageByApplicant ChangeStageBy = "applicant" // the side that applied
	StageBySides     ChangeStageBy = "sides"     // every side
	StageBySuperior  ChangeStageBy = "superior"  // the bureau above them all
	StageByOneSide   ChangeStageBy = "one-side"  // any side
	StageByAny       ChangeStageBy = "any"       // any side, or the bureau above
)

// Stages are the stages of the case in order, from what the record shows of them: a retirement is not surveyed.
func (c MarkerChange) Stages() []ChangeStage {
	all := []ChangeStage{
		{Name: "apply", By: StageByApplicant, done: c.State != ChangeDraft && c.State != ChangeReturned && (c.State != ChangeWithdrawn || len(c.Confirmations) > 0)},
		{Name: "agree", By: StageBySides, Waits: c.missing("agree", c.ContentSHA256)},
		{Name: "approve", By: StageBySuperior, done: c.Approved},
		{Name: "survey", By: StageBySides, Waits: c.missing("survey", c.SurveySHA256)},
		{Name: "place", By: StageByOneSide, done: c.Archived},
		{Name: "file", By: StageByAny, done: c.State == ChangeFiled},
	}
	if c.SurveySHA256 == "" {
		all[3].By, all[3].Waits = StageByOneSide, nil
	}
	all[1].done, all[3].done = len(all[1].Waits) == 0, c.SurveySHA256 != "" && len(all[3].Waits) == 0
	if c.Kind == Retirement {
		all = slices.Delete(all, 3, 4)
	}
	next := StageCurrent
	if c.State == ChangeDeclined || c.State == ChangeWithdrawn || c.State != ChangeFiled && (c.LineEnded || c.Retired) {
		next = StageStopped
	}
	for i := range all {
		s := &all[i]
		switch {
		case s.done && (i == 0 || all[i-1].State == StageDone):
			s.State, s.Waits = StageDone, nil
		case i == 0 || all[i-1].State == StageDone:
			s.State = next
		default:
			s.State, s.Waits = StageComing, nil
		}
		if s.State == StageStopped {
			s.Waits = nil
		}
	}
	return all
}

// missing are the sides that have not confirmed what has that digest.
func (c MarkerChange) missing(stage, sha256 string) (sides []uuid.UUID) {
	for _, p := range c.Parties {
		if !c.confirmedBy(stage, sha256, p) {
			sides = append(sides, p)
		}
	}
	return sides
}
