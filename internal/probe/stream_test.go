package probe

import (
	"testing"
	"time"

	"bbconnect/model"
)

func TestAStreamReportsEveryChangeOnceAndNoneAfterItsEnd(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	now := func() time.Time { clock = clock.Add(time.Second); return clock }
	var said []model.Check
	s := newStream(now, func(c model.Check) { said = append(said, c) }, []model.Check{{ID: checkGit, Title: "Git"}, {ID: checkREST, Title: "REST"}})
	s.start(checkGit)
	s.start(checkGit)
	if !s.end(checkGit, model.CheckPass, "Git as jdoe", "well") || s.end(checkGit, model.CheckFail, "", "") {
		t.Error("a check ends once")
	}
	s.start(checkGit)
	s.start("unknown")
	s.end("unknown", model.CheckPass, "", "")
	s.skipRest("not tried")
	checks := s.close()
	s.blame(checkGit, model.CheckFail, &model.Problem{})
	want := []model.Check{
		{ID: checkGit, Title: "Git", Status: model.CheckRunning},
		{ID: checkGit, Title: "Git as jdoe", Status: model.CheckPass, Detail: "well", Duration: time.Second},
		{ID: checkREST, Title: "REST", Status: model.CheckSkip, Detail: "not tried"},
	}
	if len(said) != len(want) {
		t.Fatalf("reported %+v", said)
	}
	for i := range want {
		if said[i] != want[i] {
			t.Errorf("report %d is %+v, want %+v", i, said[i], want[i])
		}
	}
	if len(checks) != 2 || checks[0] != want[1] || checks[1] != want[2] {
		t.Errorf("the result is %+v", checks)
	}
}

func TestThePlanIsAnnouncedOnceInItsOrderAndLeavesNoTrace(t *testing.T) {
	t.Parallel()
	var said []model.Check
	s := newStream(time.Now, func(c model.Check) { said = append(said, c) }, []model.Check{{ID: checkReach, Title: "Reach"}, {ID: checkGit, Title: "Git"}, {ID: checkREST, Title: "REST"}})
	s.end(checkGit, model.CheckSkip, "", "not tried")
	said = nil
	s.announce()
	want := []model.Check{{ID: checkReach, Title: "Reach", Status: model.CheckPending}, {ID: checkREST, Title: "REST", Status: model.CheckPending}}
	if len(said) != 2 || said[0] != want[0] || said[1] != want[1] {
		t.Errorf("announced %+v", said)
	}
	s.start(checkReach)
	if s.status(checkReach) != model.CheckRunning || s.status(checkREST) != "" {
		t.Errorf("reach is %q, REST %q", s.status(checkReach), s.status(checkREST))
	}
	for _, c := range s.close() {
		if c.Status == model.CheckPending {
			t.Errorf("%s ended as pending", c.ID)
		}
	}
	before := len(said)
	if s.announce(); len(said) != before {
		t.Error("a closed stream announced something")
	}
}
