package board

import (
	"strconv"
	"strings"
	"testing"
)

func alarmPath(alarm int64) string { return "/alarm/" + strconv.FormatInt(alarm, 10) }

// What a caller may not see is on no page of theirs: not its name, not its number.
func TestScope(t *testing.T) {
	r := newRig(t)
	r.fall("r1", "r3")
	hanoi, nation := alarmPath(r.alarmOf("r1").ID), alarmPath(r.alarmOf("r3").ID)
	lan, noc := r.login("lan"), r.login("noc")
	for _, p := range []string{"/", "/wall", "/?kpi=sys-man-e", "/?kpi=coverage", "/alarms", "/alarms?state=all", "/shift", "/maintenance", "/search?q=r", "/outages.csv", "/scorecards", "/province/48", "/device/r2"} {
		a := lan.get(p)
		if a.status != 200 && p != "/search?q=r" {
			t.Errorf("%s: %d", p, a.status)
		}
		for _, hidden := range []string{"/device/r1", "/device/r3", ">r1<", ">r3<", ",r1,", ",r3,", hanoi + `"`, nation + `"`, "/province/01", "/province/vn", "VN2"} {
			if strings.Contains(a.text, hidden) && (p != "/maintenance" || hidden != "VN2") { // the names of systems are no secret
				t.Errorf("%s shows %q", p, hidden)
			}
		}
	}
	for p, want := range map[string]int{
		"/province/01": 403, "/province/vn": 403, "/province/99": 403, "/device/r1": 403, "/device/r3": 403, "/device/nothing": 404, hanoi: 403, nation: 403,
		"/alarm/999999": 404, "/alarm/x": 404, "/outages.csv?province=01": 403, "/outages.csv?province=vn": 403, "/outages.csv?province=48": 200,
		"/scorecards/2026-09/1/01.vi.json": 403, "/scorecards/2026-09/1/vn.vi.json": 403, "/scorecards/2026-09/1/48.vi.json": 404,
		"/scorecards/2026-09/1/48.xx.json": 404, "/scorecards/2026-09/0/48.vi.json": 404, "/scorecards/2026-09/1/48.vi.exe": 404, "/audit": 403,
	} {
		if a := lan.get(p); a.status != want {
			t.Errorf("%s: %d, want %d", p, a.status, want)
		}
	}
	for _, act := range []string{"take", "acknowledge", "assign", "note"} {
		if a := lan.post(hanoi+"/"+act, "text", "x"); a.status != 403 {
			t.Errorf("%s of another province's alarm: %d", act, a.status)
		}
	}
	if a := noc.get("/"); !strings.Contains(a.text, ">r1<") || !strings.Contains(a.text, "/province/vn") {
		t.Errorf("who sees all sees not r1")
	}
	if a := lan.get("/"); !strings.Contains(a.text, "Hà Nội") || !strings.Contains(a.text, "Hoàng Sa") {
		t.Errorf("the country is not whole for who sees one province")
	}
}

// Each action for each role.
func TestWhoMayDoWhat(t *testing.T) {
	r := newRig(t)
	r.fall("r2")
	id := alarmPath(r.alarmOf("r2").ID)
	window := []string{"kind", "device", "key", "r2", "start", "2026-10-07T01:00", "end", "2026-10-07T02:00", "reason", "đổi nguồn"}
	callers := []string{"noc", "lan", "truong", "sếp"}
	for action, want := range map[string][]int{
		id + "/note":                {403, 303, 303, 303},
		id + "/take":                {403, 303, 303, 303},
		id + "/assign":              {403, 303, 303, 303},
		id + "/nothing":             {403, 404, 404, 404},
		"/alarm/999999/take":        {403, 404, 404, 404},
		"/maintenance":              {403, 303, 303, 303},
		"/maintenance/none/approve": {403, 403, 404, 404},
		"/maintenance/none/cancel":  {403, 404, 404, 404},
	} {
		for i, who := range callers {
			form := append([]string{"text", "xem"}, window...)
			if a := r.login(who).post(action, form...); a.status != want[i] {
				t.Errorf("%s as %s: %d, want %d", action, who, a.status, want[i])
			}
		}
	}
	for i, who := range callers {
		if a := r.login(who).get("/audit"); a.status != []int{403, 403, 200, 200}[i] {
			t.Errorf("audit as %s: %d", who, a.status)
		}
	}
	if a := r.stranger().post(id + "/take"); a.status != 401 {
		t.Errorf("a stranger takes: %d", a.status)
	}
}

// Taking an alarm puts a name on it, on every page, and in the trail.
func TestTake(t *testing.T) {
	r := newRig(t)
	r.fall("r2")
	id := alarmPath(r.alarmOf("r2").ID)
	lan := r.login("lan")
	if a := lan.get("/"); !strings.Contains(a.text, `action="`+id+`/take"`) || !strings.Contains(a.text, `data-unowned="1"`) {
		t.Error("nothing to take")
	}
	if a := r.login("noc").get("/"); strings.Contains(a.text, `action="`+id+`/take"`) {
		t.Error("a viewer may take")
	}
	lan.post(id + "/take")
	lan.post(id+"/note", "text", "đã gọi trạm <b>")
	if a := lan.get("/"); !strings.Contains(a.text, "<strong>lan</strong>") || !strings.Contains(a.text, `data-unowned="0"`) {
		t.Error("nobody has it")
	}
	if a := lan.get(id); !strings.Contains(a.text, "đã gọi trạm &lt;b&gt;") {
		t.Errorf("no note: %s", a.text)
	}
	if a := lan.post(id+"/note", "text", " "); a.status != 400 {
		t.Errorf("an empty note: %d", a.status)
	}
	acts, err := r.Store.Trail(t.Context(), 2)
	if err != nil || len(acts) != 2 || acts[1].Action != "alarm_note" || acts[1].Detail != "đã gọi trạm <b>" {
		t.Errorf("trail: %+v %v", acts, err)
	}
}

// A window is entered by one, and counts when another approves it.
func TestMaintenance(t *testing.T) {
	r := newRig(t)
	r.fall()
	lan, truong := r.login("lan"), r.login("truong")
	enter := func(b *browser, key, end string) int {
		return b.post("/maintenance", "kind", "device", "key", key, "start", "2026-10-07T01:00", "end", end, "reason", "đổi nguồn").status
	}
	if got := enter(lan, "r1", "2026-10-07T02:00"); got != 403 {
		t.Errorf("another province's device: %d", got)
	}
	if got := enter(lan, "r2", "2026-10-06T02:00"); got != 400 {
		t.Errorf("an end before the start: %d", got)
	}
	if got := enter(lan, "r2", "soon"); got != 400 {
		t.Errorf("no time: %d", got)
	}
	if got := enter(lan, "r2", "2026-10-07T02:00"); got != 303 || r.replanned.Load() != 1 {
		t.Errorf("a window: %d, %d replans", got, r.replanned.Load())
	}
	if got := enter(truong, "r1", "2026-10-07T02:00"); got != 303 {
		t.Errorf("a window: %d", got)
	}
	const own, others = "/maintenance/MW-20261007-02/approve", "/maintenance/MW-20261007-01/approve"
	page := truong.get("/maintenance").text
	if !strings.Contains(page, `action="`+others) || strings.Contains(page, `action="`+own) {
		t.Error("what may be approved is not offered, or what may not is")
	}
	if a := truong.post(own); a.status != 403 {
		t.Errorf("one's own window: %d", a.status)
	}
	if a := truong.post(others); a.status != 303 {
		t.Errorf("another's window: %d %s", a.status, a.text)
	}
	if a := truong.post(others); a.status != 409 {
		t.Errorf("twice: %d", a.status)
	}
	if a := lan.get("/maintenance"); !strings.Contains(a.text, "Đã duyệt") || strings.Contains(a.text, "MW-20261007-02") {
		t.Errorf("what lan sees: %s", a.text)
	}
	if a := lan.post("/maintenance/MW-20261007-01/cancel"); a.status != 303 {
		t.Errorf("cancel: %d", a.status)
	}
}

// The file of outages holds what the pages show, and no formula.
func TestOutagesCSV(t *testing.T) {
	r := newRig(t)
	r.fall("r1", "r2")
	a := r.login("noc").get("/outages.csv")
	if !strings.HasPrefix(a.text, "\ufefflevel,name,") || !strings.Contains(a.text, "\r\ndevice,r1,man-e,01,2026-10-06T09:5") || !strings.Contains(a.text, "device,r2,man-e,48,") {
		t.Errorf("%q", a.text)
	}
	if !strings.Contains(a.header.Get("Content-Disposition"), "outages-2026-10.csv") {
		t.Errorf("%v", a.header)
	}
	if a := r.login("noc").get("/outages.csv?province=48"); strings.Contains(a.text, ",r1,") || !strings.Contains(a.text, ",r2,") {
		t.Errorf("of 48: %q", a.text)
	}
	for name, want := range map[string]string{"=1+1": "'=1+1", "-x": "'-x", "r1": "r1", "": ""} {
		if got := text(name); got != want {
			t.Errorf("%q is written as %q", name, got)
		}
	}
}

// Search finds what is meant, whatever one types.
func TestSearch(t *testing.T) {
	r := newRig(t)
	r.fall()
	noc := r.login("noc")
	for query, want := range map[string]string{"da nang": "/province/48", "ĐÀ NẴNG": "/province/48", "hoang sa": "/province/48", "hà  nội": "/province/01", "hai chau": "/device/r2", "R3": "/device/r3"} {
		a := noc.get("/search?q=" + strings.ReplaceAll(query, " ", "+"))
		if a.status != 303 || a.header.Get("Location") != want {
			t.Errorf("%s leads to %d %s, want %s", query, a.status, a.header.Get("Location"), want)
		}
	}
	if a := noc.get("/search?q=r"); a.status != 200 || strings.Count(a.text, `href="/device/r`) != 3 {
		t.Errorf("r: %d %s", a.status, a.text)
	}
	if a := noc.get("/search?q=%3Cscript%3E+xyz"); !strings.Contains(a.text, "&lt;script&gt; xyz") {
		t.Errorf("nothing found: %s", a.text)
	}
	if a := noc.get("/search"); a.status != 200 {
		t.Errorf("nothing asked: %d", a.status)
	}
}
